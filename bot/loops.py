"""Runs the service's loops for ever: one that fails is logged, counted and turned again; each shows that it turns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.metrics import Metrics

log = structlog.get_logger()
AFTER_FAILURE = 1.0  # seconds before a failed loop turns again: enough not to hammer, little for one who waits


class Loops:
    """Named loops, and when each last finished a turn (`/health/escalation` reads it)."""

    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self._clock, self._metrics = clock, metrics
        self.turned: dict[str, datetime] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, once: Callable[[], Awaitable[None]]) -> None:
        """`once` does what there is to do, then waits for more; it may be called again at any point."""
        self.turned[name] = self._clock.now()
        self._tasks[name] = asyncio.create_task(self._forever(name, once), name=f"rowan-{name}")

    def stopped(self, *names: str) -> list[str]:
        """Which of these do not run: their task has ended, or was never started. Without names: of all started."""
        wanted = names or tuple(self._tasks)
        return [name for name in wanted if name not in self._tasks or self._tasks[name].done()]

    async def _forever(self, name: str, once: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await once()
                self.turned[name] = self._clock.now()
                self._metrics.loop_turned(name, self.turned[name])
            except Exception as error:  # whatever it is, the loop must turn again
                self._metrics.loop_failed(name)
                log.error("loop.failed", loop=name, error_class=type(error).__name__, exc_info=error)
                await asyncio.sleep(AFTER_FAILURE)

    async def stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
