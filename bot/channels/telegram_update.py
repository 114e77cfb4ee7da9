"""What Telegram hands us, read without trust: an update becomes a message, a change of reach, or nothing.

Updates are read as plain JSON, not through a library's classes: whatever comes, reading never raises, and the update
can always be acknowledged. Only private chats are ours. Media are not looked at, only their kind is noted.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.channels.base import TOKEN_BYTES, Added, Ignored, Reach
from storage.inbox import Inbound

KINDS = ("message", "edited_message", "callback_query", "my_chat_member")  # all that is asked for when listening
POLL_MOST = 100  # Telegram's limit for one getUpdates
TEXT_LONGEST = 4096  # characters; Telegram's limit, so what is longer did not come from a phone
LATEST = 1 << 35  # seconds; the year 3058: later is no time of a message
LONGEST_WAIT = timedelta(hours=24)  # Telegram keeps no update for us any longer
ID_LIMIT = 1 << 52  # Telegram: ids have at most 52 significant bits

# The first that is present names the kind: Telegram marks an animation as a document too, a venue as a location.
_MEDIA = {
    "photo": "photo",
    "voice": "voice",
    "audio": "voice",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "document": "document",
    "location": "location",
    "venue": "location",
    "sticker": "sticker",
    "contact": "contact",
}
# Said by Telegram, not by her: an answer to one of these would be out of place.
_SERVICE = frozenset(
    {
        "pinned_message",
        "message_auto_delete_timer_changed",
        "write_access_allowed",
        "chat_background_set",
        "connected_website",
        "proximity_alert_triggered",
        "boost_added",
        "successful_payment",
        "refunded_payment",
        "users_shared",
        "chat_shared",
        "passport_data",
        "giveaway_created",
        "giveaway_completed",
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "new_chat_photo",
        "delete_chat_photo",
    }
)
_GONE = frozenset({"kicked", "left", "restricted"})
_HERE = frozenset({"member", "administrator", "creator"})
_CROWDS = frozenset({"group", "supergroup", "channel"})
_INSIDE = frozenset({"member", "administrator", "creator"})


def secret_ok(header: str | None, secret: str) -> bool:
    """Whether a webhook post carries our secret, in constant time. No secret set: nothing is ours."""
    if not header or not secret:
        return False
    return hmac.compare_digest(header.encode("utf-8", "replace"), secret.encode())


def read_update(update: object, at: datetime, clear: datetime | None = None) -> Inbound | Reach | Added | Ignored:
    """One update as decoded JSON; `at` is now, aware UTC. Never raises.

    A pressed button carries no time. It is no older than its question, and no older than `clear`, when nothing waited
    for us at Telegram: it counts as pressed at the later of the two, so late rather than fresh where that is not known.
    """
    number = update_id(update)
    if number is None or not isinstance(update, dict):
        return Ignored("malformed")
    key = f"update:{number}"
    if "callback_query" in update:
        return _pressed(update["callback_query"], key, at, clear or at - LONGEST_WAIT)
    if "my_chat_member" in update:
        return _reach(update["my_chat_member"], key)
    for kind in ("message", "edited_message"):
        if kind in update:
            return _said(update[kind], key, at, edited=kind == "edited_message")
    return Ignored("kind")


def update_id(update: object) -> int | None:
    """The update's number, None where it has none."""
    return _number(update.get("update_id"), least=0) if isinstance(update, dict) else None


def callback_id(update: object) -> str | None:
    """The id to give to `answer_callback`, where this update is a pressed button."""
    identity = _at(_at(update, "callback_query"), "id")
    return identity if isinstance(identity, str) and 0 < len(identity) <= TOKEN_BYTES else None


def next_offset(updates: Iterable[object], offset: int | None) -> int | None:
    """The offset that acknowledges all of these, ignored and malformed ones too. Only for after the commit."""
    numbers = [number for update in updates if (number := update_id(update)) is not None]
    return max(numbers) + 1 if numbers else offset


def _said(message: object, key: str, at: datetime, *, edited: bool) -> Inbound | Ignored:
    address = _private(message)
    if isinstance(address, Ignored) or not isinstance(message, dict):
        return address if isinstance(address, Ignored) else Ignored("malformed")
    if _SERVICE & message.keys():
        return Ignored("service")
    if edited and "location" in message:
        return Ignored("live location")  # it moves by itself, many times; the first message told that one came
    text = _text(message.get("text", message.get("caption")))
    kind = next((_MEDIA[name] for name in _MEDIA if name in message), None)
    if kind is None and "text" not in message:
        kind = "other"
    number = _number(message.get("message_id"), least=1)
    return Inbound(
        channel="telegram",
        provider_id=key,
        address=address,
        at=at,
        text=text,
        media=(kind,) if kind else (),
        phone_message=str(number) if number is not None else None,
        edited=edited,
        said=_moment(message.get("edit_date" if edited else "date")),
    )


def _pressed(query: object, key: str, at: datetime, clear: datetime) -> Inbound | Ignored:
    address = _private(_at(query, "message"), speaker=_at(query, "from"))
    if isinstance(address, Ignored):
        return address
    token = _at(query, "data")
    if not isinstance(token, str) or not 1 <= len(token.encode("utf-8", "replace")) <= TOKEN_BYTES:
        return Ignored("malformed")
    asked = _moment(_at(_at(query, "message"), "date"))  # none where the question is gone from the phone
    said = max(asked, clear) if asked else clear
    return Inbound(channel="telegram", provider_id=key, address=address, at=at, button=_whole(token), said=said)


def _reach(change: object, key: str) -> Reach | Added | Ignored:
    address = _private(change)
    if isinstance(address, Ignored):
        return _added(change) or address
    status = _at(_at(change, "new_chat_member"), "status")
    if not isinstance(status, str) or status not in _GONE | _HERE:
        return Ignored("malformed")
    return Reach(address, status in _HERE, "telegram", key)


def _added(change: object) -> Added | None:
    """Where the bot now is in a group or channel; None where it is in none or has left."""
    chat, now = _at(change, "chat"), _at(change, "new_chat_member")
    number, kind, status = _at(chat, "id"), _at(chat, "type"), _at(now, "status")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < abs(number) < ID_LIMIT:
        return None
    if not isinstance(kind, str) or not isinstance(status, str) or kind not in _CROWDS:
        return None
    inside = status in _INSIDE or (status == "restricted" and _at(now, "is_member") is True)
    return Added(str(number)) if inside else None


def _private(holder: object, speaker: object = None) -> str | Ignored:
    """The chat id as text, where the holder's chat is a private one with a person."""
    chat = _at(holder, "chat")
    kind = _at(chat, "type")
    if not isinstance(kind, str):
        return Ignored("malformed")
    if kind != "private":
        return Ignored("not private")
    if _at(speaker or _at(holder, "from"), "is_bot") is True:
        return Ignored("bot")
    number = _number(_at(chat, "id"), least=1)
    return Ignored("malformed") if number is None else str(number)


def _at(holder: object, key: str) -> object:
    return holder.get(key) if isinstance(holder, dict) else None


def _moment(value: object) -> datetime | None:
    """Seconds since 1970 as Telegram writes them; None where there are none (0: it does not tell)."""
    seconds = _number(value, least=1)
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and seconds < LATEST else None


def _number(value: object, least: int) -> int | None:
    good = isinstance(value, int) and not isinstance(value, bool) and least <= value < ID_LIMIT
    return value if good and isinstance(value, int) else None


def _text(value: object) -> str:
    text = _whole(value[:TEXT_LONGEST]) if isinstance(value, str) else ""
    return text if text.strip() else ""


def _whole(text: str) -> str:
    """Halves of characters (lone surrogates) become U+FFFD: they could be neither stored nor sent."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
