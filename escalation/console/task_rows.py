"""What the case page shows of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from escalation.tasks import BY_HAND, LONGEST_WORDS, Kind, Task


@dataclass(frozen=True, slots=True)
class Board:
    """Those to be done, and those done lately. `soonest`: what the form has first, tomorrow at the same hour."""

    standing: tuple[Task, ...]
    done: tuple[Task, ...]
    kinds: tuple[Kind, ...] = BY_HAND
    soonest: str = ""
    longest: int = LONGEST_WORDS


def board(tasks: Sequence[Task], now: datetime, zone: str) -> Board:
    tomorrow = (now.astimezone(ZoneInfo(zone)) + timedelta(days=1)).replace(minute=0)
    return Board(
        tuple(task for task in tasks if task.done_at is None),
        tuple(task for task in tasks if task.done_at is not None),
        soonest=f"{tomorrow:%Y-%m-%dT%H:%M}",
    )
