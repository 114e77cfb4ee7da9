"""From an arrival to a committed turn. What waits at one moment is committed together, then each caller is answered."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial

import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from bot.bell import Bell
from bot.metrics import Metrics
from flows.engine.programme import Programme
from flows.engine.rescue import rescue
from flows.engine.step import step
from flows.text.canonical import canonical
from storage import copies
from storage.arrivals import Arrival, Taken
from storage.database import Database
from storage.failpoint import reach
from storage.inbox import Inbound
from storage.people import Joining
from storage.refusing import refuse
from storage.turns import take
from storage.vault import Vault

log = structlog.get_logger()

MOST = 128  # turns a group: beyond it the commit's share of a turn is small and the last one waits too long (FACTS.md)
# After a group of BUSY as many are about to come in: without a moment's patience the first of them would be committed
# alone and the rest kept waiting for it (measured: groups of 1 and 63 in turn; a sixth less CPU a message with it).
BUSY = 5  # turns, as PostgreSQL's commit_siblings
LINGER = 0.001  # seconds, at most
OUTCOMES = {"done": "committed", "duplicate": "repeated", "stranger": "unknown_sender", "failed": "failed"}


class Turns:
    """The one door for whatever happens to a conversation. `take` returns when the turn is durable."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        programme: Programme,
        bell: Bell,
        metrics: Metrics,
        copied: Collection[str] = (),
    ) -> None:
        """`copied`: the channels whose provider's copies are deleted."""
        self._copied = copied
        self._database, self._vault, self._bell, self._metrics = database, vault, bell, metrics
        rules = programme.rules
        self._decide, self._rescue = partial(step, programme), partial(rescue, programme)
        self._joining = Joining(canonical(rules.keyword), rules.language, rules.zone, rules.idle_lock)
        self.observers: list[Callable[[Taken], None]] = []  # told of every committed turn: the terminal and the demo
        self._waiting: list[tuple[Arrival, asyncio.Future[Taken]]] = []
        self._came, self._as_many = asyncio.Event(), asyncio.Event()
        self._last = 0  # turns of the last group: `_as_many` is set when so many wait

    async def take(self, arrival: Arrival) -> Taken:
        """Raises what the database raised: then nothing was kept, and the provider must send again.

        A caller that goes away takes nothing back: its turn is committed with its group.
        """
        began = time.perf_counter()
        future: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, future))
        self._came.set()
        if len(self._waiting) >= self._last:
            self._as_many.set()
        taken = await future
        channel = arrival.channel if isinstance(arrival, Inbound) else "console"
        seconds = time.perf_counter() - began
        self._metrics.turn(channel, OUTCOMES.get(taken.outcome, "committed"), seconds)
        if taken.left and isinstance(arrival, Inbound):
            self._metrics.exit("cancel", seconds)
        return taken

    async def run(self) -> None:
        """Group commit: everything that waits becomes one transaction."""
        while True:
            await self._came.wait()
            if BUSY <= self._last > len(self._waiting):
                await self._linger()
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            if not self._waiting:
                self._came.clear()
            self._last = len(group)
            self._as_many.clear()
            await self._commit(group)

    async def _linger(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                await self._as_many.wait()

    async def _commit(self, group: Sequence[tuple[Arrival, asyncio.Future[Taken]]]) -> None:
        reach("turn.before")
        try:
            taken = await self._database.write_here(self._take, [arrival for arrival, _ in group])
        except Exception as error:  # noqa: BLE001 - sorted and told in _apart
            await self._apart(group, error)
            return
        reach("turn.committed")
        self._metrics.group(len(group))
        for (_, future), one in zip(group, taken, strict=True):
            if not future.done():
                future.set_result(one)
        self._wake(taken)

    def _take(self, conn: Connection, arrivals: Sequence[Arrival]) -> list[Taken]:
        taken = take(conn, self._vault, arrivals, self._decide, self._rescue, self._joining)
        if self._copied:
            new = [one for one, how in zip(arrivals, taken, strict=True) if how.outcome != "duplicate"]
            texts = [one for one in new if isinstance(one, Inbound) and not one.call]
            copies.came_in(conn, self._vault, [one for one in texts if one.channel in self._copied])
        return taken

    async def _apart(self, group: Sequence[tuple[Arrival, asyncio.Future[Taken]]], error: Exception) -> None:
        """A group that failed is taken one by one, so that one bad arrival cannot keep the others out."""
        log.error("turn.group_failed", error_class=type(error).__name__, count=len(group))
        if len(group) > 1:
            for one in group:
                await self._commit([one])
            return
        arrival, future = group[0]
        try:
            if isinstance(error, OperationalError):
                raise error  # the database itself: full disk, gone, locked. Nothing is answered, the provider repeats.
            taken = await self._database.write(refuse, self._vault, arrival)
        except Exception as broken:  # noqa: BLE001 - the caller must hear of it, whatever it is
            if not future.done():
                future.set_exception(broken)
            return
        if not future.done():
            future.set_result(taken)
        self._wake([taken])

    def _wake(self, taken: Sequence[Taken]) -> None:
        """Committed: the loops may look. Ringing costs nothing, so all of it is rung."""
        self._bell.ring("outbox")
        self._bell.ring("timers")
        for one in taken:
            for tell in self.observers:
                tell(one)
            if one.error is not None:
                self._metrics.engine_error()
                log.error("turn.failed", error_class=type(one.error).__name__)
            if one.person:
                self._bell.ring("desk", one.person)
