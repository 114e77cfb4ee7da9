"""What the case page shows of tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from escalation.tasks import BY_HAND, BY_ITS_ACT, LONGEST_WORDS, Kind, Task

# The door behind which it is done, of those that the service makes for an act.
PLACES: Mapping[Kind, str] = {
    "sign": "decisions",
    "rewrite": "decisions",
    "receipt": "decisions",
    "debrief": "my_load",
    "talk": "supervision",
    "sample": "supervision",
}
# Their words are the number of an entry among the decisions.
NUMBERED: frozenset[Kind] = frozenset({"sign", "rewrite", "receipt"})


@dataclass(frozen=True, slots=True)
class Board:
    """Those to be done, and those done lately. `soonest`: what the form has first, tomorrow at the same hour."""

    standing: tuple[Task, ...]
    done: tuple[Task, ...]
    kinds: tuple[Kind, ...] = BY_HAND
    soonest: str = ""
    longest: int = LONGEST_WORDS
    by_its_act: frozenset[Kind] = BY_ITS_ACT
    numbered: frozenset[Kind] = NUMBERED


def board(tasks: Sequence[Task], now: datetime, zone: str) -> Board:
    tomorrow = (now.astimezone(ZoneInfo(zone)) + timedelta(days=1)).replace(minute=0)
    return Board(
        tuple(task for task in tasks if task.done_at is None),
        tuple(task for task in tasks if task.done_at is not None),
        soonest=f"{tomorrow:%Y-%m-%dT%H:%M}",
    )
