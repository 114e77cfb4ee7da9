"""The service watches itself: a synthetic message through each channel, an alarm to the operator, a sign of life.

Who is told when nothing gets out any more? Nobody, from here. So the sign of life goes to a watcher outside (a dead
man's switch), and only while all is well: silence is what alarms there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from bot import health
from bot.app import Service
from storage import canaries, telling

log = structlog.get_logger()

EVERY = 30.0  # seconds between two looks
PATIENCE = timedelta(seconds=60)  # what mends itself within a minute, as after a restart, is no alarm
ANSWER_SECONDS = 10.0  # of whoever is asked for a sign of life
BEAT = timedelta(seconds=60)  # between two signs of life; watchers outside count in minutes


class Watching:
    """Safe on any replica: throttles in the database see to it that an alarm is told once."""

    def __init__(self, service: Service, heartbeat: str = "") -> None:
        """`heartbeat`: the address that is asked for while all is well, '' for none."""
        self._service, self._heartbeat = service, heartbeat
        self._since: datetime | None = None  # not well since
        self._beat_at: datetime | None = None

    async def once(self) -> None:
        await self.look()
        await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """One round."""
        service = self._service
        now = service.clock.now()
        if await service.database.write(canaries.send, service.vault, now):
            service.bell.ring("outbox")
        report = await health.escalation(service)
        if report.well:
            self._since = None
            await self._beat(now)
            return
        self._since = self._since or now
        causes = [cause for cause in report.causes if cause != health.NOBODY_ANSWERS]  # the ladder's own: it pages all
        if causes and now - self._since >= PATIENCE:
            await self._alarm(causes, now)

    async def _alarm(self, causes: Sequence[str], now: datetime) -> None:
        service = self._service
        told = await service.database.write(telling.alarm, service.vault, causes, now)
        if told is not None:
            service.bell.ring("outbox")
            log.error("watching.alarm", count=told)

    async def _beat(self, now: datetime) -> None:
        if not self._heartbeat or (self._beat_at is not None and timedelta(0) <= now - self._beat_at < BEAT):
            return
        self._beat_at = now
        import aiohttp  # only where there is somebody to ask

        request = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with aiohttp.ClientSession(timeout=request) as client, client.get(self._heartbeat) as answer:
                answer.raise_for_status()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:  # its address is a secret: only the kind is told
            log.warning("watching.no_heartbeat", error_class=type(error).__name__)
