"""What an operator's monitoring sees when a part of the service is dead."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.journeys.house import House


@pytest.mark.parametrize("name", ["turns", "delivery", "clockwork"])
async def test_a_service_whose_loop_has_died_takes_no_traffic(tmp_path: Path, name: str) -> None:
    async with House(tmp_path) as house, httpx.AsyncClient(base_url=house.url, trust_env=False) as operator:
        assert (await operator.get("/readyz")).json() == {"ready": True}
        (loop,) = [task for task in asyncio.all_tasks() if task.get_name() == f"rowan-{name}"]
        loop.cancel()
        await asyncio.wait([loop])

        ready = await operator.get("/readyz")
        assert (ready.status_code, ready.json()["ready"]) == (503, False)
        assert name in ready.json()["why"]
        seen = (await operator.get("/health/escalation")).json()
        assert (seen["well"], seen["stuck"]) == (False, [name])
