"""What is due: a person's timer becomes a turn like any message, an alert's timer a step of the ladder."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.exc import OperationalError

from bot.bell import Bell
from bot.clock import Clock
from bot.metrics import Metrics
from bot.turn import Turns
from storage import paging, receipts, tasks, timers
from storage.database import Database
from storage.failpoint import reach
from storage.paging import AGAIN
from storage.timers import PageTimer, ReceiptTimer, TaskTimer
from storage.vault import Vault

log = structlog.get_logger()
LONGEST_SLEEP = 1.0  # seconds: another replica, or an operator's clock, may have changed what is due


class Clockwork:
    """One per process; two may run: whoever deletes a timer's row has fired it."""

    def __init__(
        self, database: Database, vault: Vault, turns: Turns, clock: Clock, bell: Bell, metrics: Metrics
    ) -> None:
        self._database, self._vault, self._turns = database, vault, turns
        self._clock, self._bell, self._metrics = clock, bell, metrics

    async def once(self) -> None:
        if await self.fire():
            return
        due = await self._database.read(timers.next_due)
        seconds = (due - self._clock.now()).total_seconds() if due else LONGEST_SLEEP
        await self._bell.wait("timers", min(max(seconds, 0.01), LONGEST_SLEEP))

    async def fire(self) -> int:
        """What is due now, not all of it where it is much; returns how many. An alert's step comes first: somebody is
        waiting."""
        people, pages = await self._database.read(timers.due, self._clock.now())
        for page in pages:
            await self._page(page)
        late = await self._database.read(timers.receipts, self._clock.now())
        for receipt in late:
            await self._receipt(receipt)
        waited = await self._database.read(timers.tasks, self._clock.now())
        for task in waited:
            await self._task(task)
        if people:
            reach("timers.fired")
            await asyncio.gather(*(self._turns.take(timer) for timer in people))
        return len(people) + len(pages) + len(late) + len(waited)

    async def _page(self, timer: PageTimer) -> None:
        """One that fails holds up no other; the database's own trouble is everybody's, and the loop turns again."""
        reach("ladder.before")
        try:
            await self._database.write(paging.advance, self._vault, timer.id, timer.alert, self._clock.now())
        except OperationalError:
            raise
        except Exception as error:  # whatever it is: kept, told, and tried again
            log.error("page.failed", error_class=type(error).__name__, exc_info=error)
            self._metrics.loop_failed("ladder")
            await self._set_aside(timer)
        reach("ladder.written")
        self._bell.ring("outbox")
        self._bell.ring("desk", "alerts")

    async def _receipt(self, timer: ReceiptTimer) -> None:
        """One that fails is taken off: the ladder goes on by itself."""
        reach("receipt.before")
        try:
            late = await self._database.write(receipts.missing, self._vault, timer.id, timer.page, self._clock.now())
        except OperationalError:
            raise
        except Exception as error:  # whatever it is: told, and no other waits for it
            log.error("receipt.failed", error_class=type(error).__name__, exc_info=error)
            self._metrics.loop_failed("ladder")
            await self._database.write(timers.forget, timer.id)
            return
        reach("receipt.written")
        if late:
            self._bell.ring("outbox")

    async def _task(self, timer: TaskTimer) -> None:
        """One that fails is tried again each minute, and holds up no other."""
        try:
            told = await self._database.write(tasks.fall_due, self._vault, timer.id, timer.task, self._clock.now())
        except OperationalError:
            raise
        except Exception as error:  # whatever it is: told, and tried again
            log.error("task.failed", error_class=type(error).__name__, exc_info=error)
            self._metrics.loop_failed("ladder")
            await self._database.write(timers.again, timer.id, self._clock.now() + AGAIN)
            return
        if told:
            self._bell.ring("outbox")
            self._bell.ring("desk", "alerts")

    async def _set_aside(self, timer: PageTimer) -> None:
        try:
            await self._database.write(paging.set_aside, self._vault, timer.id, timer.alert, self._clock.now())
        except OperationalError:
            raise
        except Exception as error:  # not even told: its row stays as it was, and the others go on
            log.error("page.not_set_aside", error_class=type(error).__name__, exc_info=error)
