"""Telegram through the Bot API, by python-telegram-bot's Bot on our own HTTP client.

Its Updater is not used: that acknowledges updates before they are handled, and a crash would lose them. `poll` returns
plain updates; the caller commits them and only then moves the offset. Telegram has neither an idempotency key nor a
list of what was sent: an Unknown send stays unknown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

import structlog
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import TelegramError

from bot.channels.base import (
    Broken,
    Option,
    Outgoing,
    Receipt,
    SendFailed,
    SentAlready,
    Unknown,
    Unreachable,
    numbered_wording,
)
from bot.channels.telegram_request import Failed, Request
from bot.channels.telegram_setup import Difference, Profile, differences, pictures, put_right
from bot.channels.telegram_update import KINDS, POLL_MOST
from bot.channels.wire import DEADLINE_SECONDS, Wire
from storage.inbox import Inbound

API = "https://api.telegram.org"
WIPE_MOST = 100  # Telegram's limit for one deleteMessages
ROW_ROOM = 24  # characters of labels side by side that a narrow phone still shows whole
ROW_MOST = 4

T = TypeVar("T")
log = structlog.get_logger()


class TelegramChannel:
    """The Bot API as a Channel, and as the way updates come in. `base_url` may be a local Bot API server."""

    name = "telegram"
    remembers = False

    def __init__(self, token: str, *, base_url: str = API, deadline: float = DEADLINE_SECONDS) -> None:
        self._wire = Wire(deadline)
        self._request = Request(self._wire)
        root = base_url.rstrip("/")
        self._bot = Bot(
            token,
            base_url=root if root.endswith("/bot") else f"{root}/bot",
            request=self._request,
            get_updates_request=self._request,
        )

    @property
    def their_time(self) -> datetime | None:
        """The provider's clock as of the last answer (`rowan doctor`)."""
        return self._wire.their_time

    def wording(self, outgoing: Outgoing) -> str:
        """The text alone: options are buttons."""
        return outgoing.text

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Send one message, without sound, preview, forwarding or markup.

        Where Telegram refuses the form (nothing was sent then), the words go once more as plain numbered text."""
        try:
            receipt = await self._say(outgoing.address, outgoing.text, outgoing.options)
        except Broken as failure:
            if failure.code not in ("keyboard", "parse"):
                raise
            receipt = await self._say(outgoing.address, numbered_wording(outgoing))
        if outgoing.reply_to_callback:
            await self._settle(outgoing.reply_to_callback)
        return receipt

    async def answer_callback(self, callback: str) -> None:
        """Stop the pressed button's spinner. 'query is too old' is harmless and ignored."""
        try:
            await _asked(self._bot.answer_callback_query(callback))
        except Broken as failure:
            if failure.code != "old_query":
                raise

    def sends_from(self, sender: str) -> bool:
        """There is one bot."""
        return True

    async def wipe(self, address: str, message_ids: Sequence[str]) -> tuple[str, ...]:
        """Delete on both sides, 100 at a time; what a refused batch holds is tried one by one.

        Returns the ids Telegram will not delete (48 hours old, or the chat is blocked). TryLater and Unknown are
        raised: give the whole list again."""
        asked = list(dict.fromkeys(message_ids))
        kept = [identity for identity in asked if not identity.isascii() or not identity.isdigit()]
        wanted = [int(identity) for identity in asked if identity not in set(kept)]
        for start in range(0, len(wanted), WIPE_MOST):
            kept.extend(await self._wiped(_chat(address), wanted[start : start + WIPE_MOST]))
        return tuple(kept)

    async def sent_since(self, address: str, since: datetime) -> Sequence[SentAlready]:
        """Nothing: the Bot API cannot tell."""
        return ()

    async def inbound_since(self, at: datetime) -> Sequence[Inbound]:
        """Nothing: what was not acknowledged comes again by itself, for 24 hours."""
        return ()

    async def delete_copy(self, provider_id: str) -> None:
        """Nothing: Telegram's copy is the message itself, and `wipe` deletes it."""

    async def poll(self, offset: int | None, timeout: int) -> list[dict[str, object]]:  # noqa: ASYNC109  Telegram's
        """Updates from `offset` on, waiting up to `timeout` seconds for the first. Asking acknowledges those below.

        After a week without updates Telegram numbers them afresh: start from None then; seen ones fall to the inbox.
        Raises Broken('409') where a webhook is set or another process polls."""
        asked: dict[str, object] = {"timeout": timeout, "limit": POLL_MOST, "allowed_updates": list(KINDS)}
        if offset is not None:
            asked["offset"] = offset
        found = await self._request.raw(f"{self._bot.base_url}/getUpdates", asked, patience=timeout)
        if not isinstance(found, list):
            raise Unknown("answer")
        return [update for update in found if isinstance(update, dict)]

    async def use_webhook(self, url: str, secret: str) -> None:
        """Have updates posted to us; `secret` (1 to 256 of A-Z a-z 0-9 _ -) comes back in a header."""
        await _asked(self._bot.set_webhook(url, secret_token=secret, allowed_updates=KINDS))

    async def waiting(self) -> int:
        """How many updates Telegram holds for the webhook, those that it is posting just now among them."""
        return (await _asked(self._bot.get_webhook_info())).pending_update_count

    async def use_polling(self) -> None:
        """Take a webhook away; what waits there is kept for `poll`."""
        await _asked(self._bot.delete_webhook(drop_pending_updates=False))

    async def setup(self, profile: Profile) -> tuple[Difference, ...]:
        """Make the bot look neutral (SAFETY 9); only what differs is written. Returns what only its owner can mend."""
        await put_right(self._bot, await self.check_setup(profile), _asked)
        return await self.check_setup(profile)

    async def check_setup(self, profile: Profile) -> tuple[Difference, ...]:
        """Where the bot's public face is not as the profile says."""
        return await differences(self._bot, profile, _asked)

    async def pictures(self) -> int:
        """How many pictures the bot has."""
        return await pictures(self._bot, _asked)

    async def leave(self, chat: str) -> None:
        """Out of a group or channel, without a word. One that we are not in is fine."""
        try:
            await _asked(self._bot.leave_chat(int(chat)))
        except (Broken, Unreachable) as failure:
            log.info("group.not_left", channel="telegram", code=failure.code)

    async def close(self) -> None:
        await self._wire.close()

    async def _say(self, address: str, text: str, options: Sequence[Option] = ()) -> Receipt:
        message = await _asked(
            self._bot.send_message(
                _chat(address),
                text,
                protect_content=True,
                disable_notification=True,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=_keyboard(options) if options else None,
            )
        )
        return Receipt(str(message.message_id), "sent")

    async def _settle(self, callback: str) -> None:
        with suppress(SendFailed):  # the message is out: a spinner that goes on is no reason to send it twice
            await self.answer_callback(callback)

    async def _wiped(self, chat: int, batch: list[int]) -> list[str]:
        try:
            await _asked(self._bot.delete_messages(chat, batch))
            return []
        except Unreachable:
            return [str(identity) for identity in batch]
        except Broken as failure:
            if failure.code not in ("400", "not_deletable", "not_found"):
                raise
        return [str(identity) for identity in batch if not await self._wiped_one(chat, identity)]

    async def _wiped_one(self, chat: int, identity: int) -> bool:
        try:
            await _asked(self._bot.delete_message(chat, identity))
        except Unreachable:
            return False
        except Broken as failure:
            if failure.code not in ("400", "not_deletable", "not_found"):
                raise
            return failure.code == "not_found"  # gone already, which is what was wanted
        return True


def _chat(address: str) -> int:
    if not (address.isascii() and address.isdigit()):
        raise Broken("address")
    return int(address)


def _keyboard(options: Sequence[Option]) -> InlineKeyboardMarkup:
    """Buttons side by side while short, else one a row."""
    buttons = [InlineKeyboardButton(option.label, callback_data=option.token) for option in options]
    short = len(options) <= ROW_MOST and sum(len(option.label) for option in options) <= ROW_ROOM
    return InlineKeyboardMarkup([buttons] if short else [[button] for button in buttons])


async def _asked(call: Awaitable[T]) -> T:
    """The library's call with our failures: what it cannot read in an answer is Unknown, for it may have been done."""
    try:
        return await call
    except Failed as failed:
        failure = failed.failure
    except (TelegramError, ValueError, TypeError, KeyError, AttributeError):
        failure = Unknown("answer")
    raise failure
