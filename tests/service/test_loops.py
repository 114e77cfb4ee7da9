"""The loops end when they are told to, whatever happens at that moment."""

from __future__ import annotations

import asyncio

import pytest

from bot.bell import Bell
from bot.clock import Clock
from bot.loops import Loops
from bot.metrics import Metrics


@pytest.mark.parametrize("steps", range(5))
async def test_a_bell_that_rings_while_the_service_stops_does_not_keep_a_loop_alive(steps: int) -> None:
    bell, loops = Bell(), Loops(Clock(), Metrics())
    loops.start("clockwork", lambda: bell.wait("timers", 60))
    await asyncio.sleep(0)
    bell.ring("timers")
    for _ in range(steps):  # at every moment between the ring and the loop's hearing of it
        await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await loops.stop()


async def test_a_loop_that_ended_or_never_began_is_known_by_name() -> None:
    bell, loops = Bell(), Loops(Clock(), Metrics())
    loops.start("clockwork", lambda: bell.wait("timers", 60))
    assert loops.stopped() == []
    assert loops.stopped("clockwork", "turns") == ["turns"]
    await loops.stop()
    assert loops.stopped() == ["clockwork"]
