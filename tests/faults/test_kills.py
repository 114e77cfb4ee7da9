"""The real service, killed under load at every crash point and at random: nothing lost, nothing doubled, order kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.campaign import ALL_POINTS, Campaign

KILLS, SOAK_KILLS = 60, 300


@pytest.mark.alone
async def test_nothing_is_lost_or_doubled_however_often_the_service_is_killed(tmp_path: Path, soak: bool) -> None:
    figures = await Campaign(tmp_path, SOAK_KILLS if soak else KILLS, print).run()

    print(figures)
    assert figures.verdict.faults == ()
    assert {point for point in ALL_POINTS if not figures.hits[point]} == set(), "some crash point was never hit"
