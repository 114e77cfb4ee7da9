"""The rota's loop: feeds are asked, calendars read again as time goes on, holes told of."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from bot.bell import Bell
from bot.clock import Clock
from escalation.ports import Refused, Staff
from escalation.rota.reading import BadCalendar
from storage import calendars, rota_alarms
from storage.calendars import Given, Kept
from storage.database import Database
from storage.vault import Vault

if TYPE_CHECKING:
    from bot.outward import Door

log = structlog.get_logger()
EVERY = 60.0  # seconds between two rounds


class Calendars:
    """Safe on any replica: what comes of a calendar is written where it is still the same, an alarm once."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        bell: Bell,
        contact: str = "",
        called: Mapping[str, str] | None = None,
        door: Door | None = None,
    ) -> None:
        """`contact`: the username of whom a hole in the rota is told; '' for whoever supervises. `called`: what the
        programme says people are called in calendars."""
        self._database, self._vault, self._clock, self._bell = database, vault, clock, bell
        self._contact, self._called, self._door = contact, called, door

    async def once(self) -> None:
        await asyncio.sleep(EVERY)
        await self.look()

    async def look(self) -> int:
        """One round. Returns how many alarms were told."""
        read, vault = self._database.read, self._vault
        feeds, staff = await read(calendars.to_fetch, vault, self._clock.now())
        for feed in feeds:
            await self._fetch(feed, staff)
        aged, staff = await read(calendars.to_read, vault, self._clock.now())
        for kept in aged:
            await self._read_again(kept, staff)
        told = await self._database.write(rota_alarms.look, self._vault, self._contact, self._clock.now())
        if told:
            self._bell.ring("outbox")
        return told

    async def ask(self, address: str) -> str:
        """What a feed says now, for somebody who would take it. Raises Refused."""
        from bot.feeds import Feed, FeedFailed, fetch

        try:
            return (await fetch(Feed(address), self._door)).text or ""
        except FeedFailed as failed:
            raise Refused(failed.why) from None

    async def _fetch(self, kept: Kept, staff: list[Staff]) -> None:
        from bot.feeds import Feed, FeedFailed, fetch  # and with it aiohttp: only where there is a feed

        given = kept.given
        try:
            got = await fetch(Feed(given.source, given.etag, given.modified), self._door)
            if got.text is not None:
                after = replace(given, text=got.text, etag=got.etag, modified=got.modified)
                await self._read(kept, after, staff)
        except (FeedFailed, BadCalendar) as failed:
            log.info("rota.feed_failed", calendar=kept.id, error_class=type(failed).__name__)  # the console says why
            await self._database.write(calendars.not_fetched, kept, self._clock.now())
        else:
            await self._database.write(calendars.fetched, kept, self._clock.now())

    async def _read_again(self, kept: Kept, staff: list[Staff]) -> None:
        try:
            await self._read(kept, kept.given, staff)
        except BadCalendar as bad:
            log.warning("rota.not_read", calendar=kept.id, error_class=type(bad).__name__)
            await self._database.write(calendars.not_read, self._vault, kept, bad.why, self._clock.now())

    async def _read(self, kept: Kept, given: Given, staff: list[Staff]) -> None:
        """In a thread: a large calendar takes a second, and pages must not wait for it. Raises BadCalendar."""
        now = self._clock.now()
        reading = await asyncio.to_thread(calendars.read, given, staff, now, self._called)
        if await self._database.write(calendars.keep, self._vault, kept, given, reading, now):
            self._bell.ring("desk", "alerts")
