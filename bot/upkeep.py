"""The slow loop: what is kept too long is deleted, old chats are wiped, gauges are read, keys are let go of."""

from __future__ import annotations

import time
from datetime import datetime

from bot.bell import Bell
from bot.clock import Clock
from bot.metrics import Metrics
from flows.engine.programme import Programme
from storage import answering, expiring, retention
from storage.database import Database
from storage.vault import Vault

BATCHES = 20  # of one round: some thousand people
EVERY = 60.0  # seconds between two rounds; nothing here is urgent


class Upkeep:
    """Each round is safe to run twice, and on any replica."""

    def __init__(
        self, database: Database, vault: Vault, programme: Programme, clock: Clock, metrics: Metrics, bell: Bell
    ) -> None:
        self._database, self._vault, self._programme, self._clock = database, vault, programme, clock
        self._metrics, self._bell = metrics, bell
        self._words_after = self._contacts_after = ""  # how far this day's walk through all people has come

    async def once(self) -> None:
        now, keep = self._clock.now(), self._programme.rules.keep
        swept = await self._database.write(retention.sweep, self._vault, now, keep)
        if swept.wipes:
            self._bell.ring("outbox")
        await self.expire(now)
        depth, oldest = await self._database.read(retention.backlog, now)
        self._metrics.outbox(depth, oldest)
        self._metrics.open_alerts(await self._database.read(retention.open_alerts))
        self._metrics.late(await self._database.read(answering.how_late, now))
        self._vault.keys.forget_expired(time.monotonic())
        await self._bell.wait("sweep", EVERY)

    async def expire(self, now: datetime) -> None:
        """Her words, out of what is kept for longer. A transaction a batch, some batches a round."""
        keep, write, vault = self._programme.rules.keep, self._database.write, self._vault
        for _ in range(BATCHES):
            more = await write(expiring.what_raised, vault, keep.words, now) == expiring.REASONS
            self._words_after = await write(expiring.words, vault, self._programme, now, self._words_after)
            if keep.contact_history is not None:
                days, after = keep.contact_history, self._contacts_after
                self._contacts_after = await write(expiring.contact_history, vault, days, now, after)
            if not (more or self._words_after or self._contacts_after):
                return
