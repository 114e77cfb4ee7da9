"""The slow loop: what is kept too long is deleted, old chats are wiped, gauges are read, keys are let go of."""

from __future__ import annotations

import time

from bot.bell import Bell
from bot.clock import Clock
from bot.metrics import Metrics
from storage import retention
from storage.database import Database
from storage.vault import Vault

EVERY = 60.0  # seconds between two rounds; nothing here is urgent


class Upkeep:
    """Each round is safe to run twice, and on any replica."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, metrics: Metrics, bell: Bell) -> None:
        self._database, self._vault, self._clock, self._metrics, self._bell = database, vault, clock, metrics, bell

    async def once(self) -> None:
        now = self._clock.now()
        swept = await self._database.write(retention.sweep, self._vault, now)
        if swept.wipes:
            self._bell.ring("outbox")
        depth, oldest = await self._database.read(retention.backlog, now)
        self._metrics.outbox(depth, oldest)
        self._metrics.open_alerts(await self._database.read(retention.open_alerts))
        self._vault.keys.forget_expired(time.monotonic())
        await self._bell.wait("sweep", EVERY)
