"""How messages come in beside webhooks: Telegram's updates, polled; texts missed while we were away, asked for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.app import Service
from bot.channels.base import Added, Channel, Ignored, Reach, SendFailed, TryLater
from bot.channels.telegram_update import POLL_MOST, callback_id, next_offset, read_update
from storage import reach as reaching
from storage import watermarks
from storage.failpoint import reach
from storage.inbox import Inbound
from storage.turns import untaken

if TYPE_CHECKING:
    from bot.channels.telegram import TelegramChannel

log = structlog.get_logger()

LONG_POLL = 25  # seconds Telegram holds an empty answer back
AFTER_REFUSAL = 3.0  # seconds before Telegram is asked again when it refused or did not answer
ANNOUNCE_EVERY = 3600.0  # seconds; Telegram remembers, so this only mends
WATCH_EVERY = 30.0  # seconds: well within the shortest idle lock, after which a press is late
RECONCILE_EVERY = 60.0  # seconds: Twilio by default sends a failed webhook no second time (FACTS.md)
FIRST_LOOK_BACK = timedelta(hours=24)  # before the first watermark: longer than any restart


class Updates:
    """Telegram's updates, from either way in. Every one is read, committed, and only then acknowledged."""

    def __init__(self, service: Service, channel: TelegramChannel | None) -> None:
        self._service, self._channel = service, channel
        self._offset: int | None = None
        self._polling = False
        self._clear: datetime | None = None

    async def take_body(self, body: bytes) -> None:
        """One update as posted to the webhook. Malformed ones are ours to ignore, not Telegram's to repeat."""
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            log.warning("update.malformed", channel="telegram")
            return
        await self.take(update)

    def cleared(self, at: datetime) -> None:
        """Nothing waited for us at that moment: what Telegram brings from now on was done after it."""
        self._clear = at

    async def take(self, update: object) -> None:
        read = read_update(update, self._service.clock.now(), self._clear)
        if isinstance(read, Inbound):
            await self._service.turns.take(read)
            callback = callback_id(update)
            if callback and self._channel is not None:
                await self._stop_spinner(self._channel, callback)
        elif isinstance(read, Reach):
            await self._service.database.write(reaching.changed, self._service.vault, read, self._service.clock.now())
            self._service.bell.ring("timers")
        elif isinstance(read, Added):
            await self._leave(read)
        elif isinstance(read, Ignored):
            log.info("update.ignored", channel="telegram", reason=read.reason)

    async def _leave(self, added: Added) -> None:
        """What others write in a group is none of our business, and nothing there may show whose bot it is."""
        log.warning("group.left", channel="telegram")
        try:
            if self._channel is not None:
                await self._channel.leave(added.chat)
        except SendFailed as failed:
            log.warning("group.not_left", channel="telegram", code=failed.code)

    async def _stop_spinner(self, channel: TelegramChannel, callback: str) -> None:
        try:
            await channel.answer_callback(callback)
        except SendFailed as failed:
            log.info("callback.unanswered", channel="telegram", code=failed.code)

    async def poll(self, channel: TelegramChannel) -> None:
        """One long poll: all updates committed, side by side, then the offset moves with the next poll."""
        try:
            if not self._polling:  # a webhook that is still set would refuse us (409)
                await channel.use_polling()
                self._polling = True
            began = self._service.clock.now()
            updates = await channel.poll(self._offset, LONG_POLL)
        except SendFailed as failed:
            log.warning("poll.refused", channel="telegram", code=failed.code)
            wait = failed.retry_after if isinstance(failed, TryLater) else None
            await asyncio.sleep(max(wait or 0.0, AFTER_REFUSAL))
            return
        reach("offset.moved")
        await asyncio.gather(*(self.take(update) for update in updates))
        self._offset = next_offset(updates, self._offset)
        if len(updates) < POLL_MOST:  # else more may wait behind these
            self.cleared(began)


class Announcer:
    """Tells Telegram where the webhook is; again each hour, so that an outage at start mends itself."""

    def __init__(self, channel: TelegramChannel, url: str, secret: str) -> None:
        self._channel, self._url, self._secret = channel, url, secret

    async def once(self) -> None:
        try:
            await self._channel.use_webhook(self._url, self._secret)
        except SendFailed as failed:
            log.warning("webhook.refused", channel="telegram", code=failed.code)
            await asyncio.sleep(AFTER_REFUSAL)
            return
        await asyncio.sleep(ANNOUNCE_EVERY)


class Watch:
    """Asks Telegram whether anything waits for the webhook: only so is the age of a pressed button known."""

    def __init__(self, service: Service, channel: TelegramChannel, updates: Updates) -> None:
        self._service, self._channel, self._updates = service, channel, updates

    async def once(self) -> None:
        await self.look()
        await asyncio.sleep(WATCH_EVERY)

    async def look(self) -> None:
        began = self._service.clock.now()
        try:
            if await self._channel.waiting() == 0:
                self._updates.cleared(began)
        except SendFailed as failed:
            log.info("watch.refused", channel="telegram", code=failed.code)


class Reconciler:
    """Asks a provider for what came in since the watermark: what is known already falls to the inbox."""

    def __init__(self, service: Service, channel: Channel) -> None:
        self._service, self._channel = service, channel

    async def once(self) -> None:
        await self.look()
        await asyncio.sleep(RECONCILE_EVERY)

    async def look(self) -> int:
        """How many messages were taken that no webhook had brought. Raises what the database raises."""
        name = f"inbound.{self._channel.name}"
        database, began = self._service.database, self._service.clock.now()
        since = await database.read(watermarks.read, name) or began - FIRST_LOOK_BACK
        try:
            found = await self._channel.inbound_since(since)
        except SendFailed as failed:
            log.warning("reconcile.refused", channel=self._channel.name, code=failed.code)
            return 0
        missed = await self._take(found)
        await database.write(watermarks.write, name, began)
        if missed:
            log.warning("reconcile.missed", channel=self._channel.name, count=missed)
        return missed

    async def _take(self, found: Sequence[Inbound]) -> int:
        """In order, for they may be one person's.

        A day's list is long and nearly all of it is known. That is sorted out first, so that a service which is stopped
        again and again still gets to the end of it.
        """
        new = await self._service.database.read(untaken, self._service.vault, found)
        taken = [await self._service.turns.take(inbound) for inbound in new]
        return sum(one.outcome != "duplicate" for one in taken)
