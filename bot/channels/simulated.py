"""Phones in memory, for the demo, `rowan chat` and tests: what stands on each screen, and a Channel for either kind.

They behave as the real ones do where it matters for safety: a Telegram chat can be wiped on both sides, an SMS phone
keeps everything until its owner deletes it herself; options are buttons on one and numbered lines on the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from weakref import WeakSet

from bot.channels.base import (
    Option,
    Outgoing,
    Receipt,
    SendFailed,
    SentAlready,
    Unknown,
    Unreachable,
    numbered_wording,
)
from storage.inbox import Inbound


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as a screen shows it. On an SMS phone the text holds the options already."""

    id: str
    from_us: bool
    text: str
    at: datetime
    options: tuple[Option, ...] = ()
    media: tuple[str, ...] = ()
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """Something is new on this phone's screen: read the conversation again."""

    channel: str
    address: str


class Phones:
    """All simulated phones. `now` is the demo's own clock, aware UTC; `sleep` lets tests delay without waiting."""

    def __init__(
        self,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        first: int = 1,
    ) -> None:
        """`first` is where message ids begin: a database kept from an earlier run has seen the low ones."""
        self._now, self._sleep = now, sleep
        self._screens: dict[tuple[str, str], list[Bubble]] = {}
        self._ids = count(first)
        self._updates = count(first)
        self._watchers: WeakSet[Changes] = WeakSet()
        self._blocked: set[tuple[str, str]] = set()
        self._seconds = 0.0
        self._failures: dict[str, list[SendFailed]] = {}

    def channel(self, name: str) -> SimulatedChannel:
        """The Channel 'sms' or 'telegram' that ends at these phones."""
        return SimulatedChannel(name, self)

    def conversation(self, channel: str, address: str) -> tuple[Bubble, ...]:
        """All bubbles of a phone, oldest first; deleted ones are marked, their text is gone."""
        return tuple(self._screens.get((channel, address), ()))

    def screen(self, channel: str, address: str) -> tuple[Bubble, ...]:
        """What can still be read on the phone."""
        return tuple(bubble for bubble in self.conversation(channel, address) if not bubble.deleted)

    def say(self, channel: str, address: str, text: str) -> Inbound:
        """She types a message (blank for an empty text): it stands on her screen; give the Inbound to the service."""
        return self._from_her(channel, address, text, ())

    def send_media(self, channel: str, address: str, kind: str, caption: str = "") -> Inbound:
        """She sends a picture, a voice note or the like, of a kind that `Inbound.media` knows."""
        return self._from_her(channel, address, caption, (kind,))

    def send_photo(self, channel: str, address: str, caption: str = "") -> Inbound:
        return self.send_media(channel, address, "photo", caption)

    def press(self, address: str, token: str) -> Inbound:
        """She presses a button on Telegram. Any token may be given: old buttons can be pressed too."""
        update = f"update:{next(self._updates)}"
        return Inbound(channel="telegram", provider_id=update, address=address, at=self._now(), button=token)

    def delete_on_phone(self, channel: str, address: str, bubble_id: str) -> None:
        """She deletes a message from her own screen."""
        self._delete(channel, address, {bubble_id})

    def block(self, channel: str, address: str, blocked: bool = True) -> None:
        """She blocks us (or lets us in again): sends fail with Unreachable."""
        (self._blocked.add if blocked else self._blocked.discard)((channel, address))

    def delay(self, seconds: float) -> None:
        """From now on a send takes so long."""
        self._seconds = seconds

    def fail_next(self, channel: str, *failures: SendFailed) -> None:
        """The next sends on this channel fail in this order. After Unknown the message stands on the phone all the
        same: the case that must not be sent twice."""
        self._failures.setdefault(channel, []).extend(failures)

    def subscribe(self) -> Changes:
        """From now on each phone whose screen changed, once however often it did while the reader was busy:
        `async for changed in phones.subscribe()`. Forgotten as soon as nobody holds it."""
        changes = Changes()
        self._watchers.add(changes)
        return changes

    async def take(self, outgoing: Outgoing, text: str) -> Receipt:
        """A message from us arrives, or fails as told to. For SimulatedChannel."""
        await self._sleep(self._seconds)
        if (outgoing.channel, outgoing.address) in self._blocked:
            raise Unreachable("21610" if outgoing.channel == "sms" else "403")
        queued = self._failures.get(outgoing.channel)
        failure = queued.pop(0) if queued else None
        if failure is not None and not isinstance(failure, Unknown):
            raise failure
        bubble = Bubble(f"{next(self._ids)}", True, text, self._now(), outgoing.options)
        self._show(outgoing.channel, outgoing.address, bubble)
        if failure is not None:
            raise failure
        return Receipt(bubble.id, "delivered" if outgoing.channel == "sms" else "sent")

    def wipe(self, address: str, message_ids: Sequence[str]) -> tuple[str, ...]:
        """Take messages off a Telegram phone, both sides' alike. Ids it never had count as gone."""
        self._delete("telegram", address, set(message_ids))
        return ()

    def _from_her(self, channel: str, address: str, text: str, media: tuple[str, ...]) -> Inbound:
        bubble = Bubble(f"{next(self._ids)}", False, text, self._now(), media=media)
        self._show(channel, address, bubble)
        if channel == "telegram":
            provider_id, on_phone = f"update:{next(self._updates)}", bubble.id
        else:
            provider_id, on_phone = f"SM{int(bubble.id):032x}", None
        words = text if text.strip() else ""
        return Inbound(channel, provider_id, address, bubble.at, words, media=media, phone_message=on_phone)

    def _show(self, channel: str, address: str, bubble: Bubble) -> None:
        self._screens.setdefault((channel, address), []).append(bubble)
        self._tell(Changed(channel, address))

    def _delete(self, channel: str, address: str, ids: set[str]) -> None:
        screen = self._screens.get((channel, address), [])
        for place, bubble in enumerate(screen):
            if bubble.id in ids:
                screen[place] = replace(bubble, text="", options=(), media=(), deleted=True)
        self._tell(Changed(channel, address))

    def _tell(self, changed: Changed) -> None:
        for changes in self._watchers:
            changes.tell(changed)


class SimulatedChannel:
    """A Channel whose provider is this process's own memory."""

    def __init__(self, name: str, phones: Phones) -> None:
        if name not in ("sms", "telegram"):
            raise ValueError("a simulated channel is 'sms' or 'telegram'")
        self.name, self.remembers = name, name == "sms"
        self._phones = phones

    def wording(self, outgoing: Outgoing) -> str:
        return numbered_wording(outgoing) if self.name == "sms" else outgoing.text

    async def send(self, outgoing: Outgoing) -> Receipt:
        return await self._phones.take(outgoing, self.wording(outgoing))

    def sends_from(self, sender: str) -> bool:
        """These phones know no numbers of ours."""
        return True

    async def wipe(self, address: str, message_ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(message_ids) if self.name == "sms" else self._phones.wipe(address, message_ids)

    async def sent_since(self, address: str, since: datetime) -> Sequence[SentAlready]:
        if not self.remembers:
            return ()
        ours = (bubble for bubble in self._phones.conversation("sms", address) if bubble.from_us and bubble.at >= since)
        return [SentAlready(bubble.text, bubble.id, "delivered") for bubble in ours]

    async def inbound_since(self, at: datetime) -> Sequence[Inbound]:
        """Nothing is ever missed here."""
        return ()

    async def delete_copy(self, provider_id: str) -> None:
        """There is no other copy."""

    async def answer_callback(self, callback: str) -> None:
        """There is no spinner."""

    async def close(self) -> None:
        """There is no connection."""


class Changes:
    """One reader's unread changes: each phone at most once, so a slow reader never holds much."""

    def __init__(self) -> None:
        self._changed: dict[Changed, None] = {}
        self._some = asyncio.Event()

    def tell(self, changed: Changed) -> None:
        self._changed[changed] = None
        self._some.set()

    def __aiter__(self) -> Changes:
        return self

    async def __anext__(self) -> Changed:
        while not self._changed:
            self._some.clear()
            await self._some.wait()
        changed = next(iter(self._changed))
        del self._changed[changed]
        return changed
