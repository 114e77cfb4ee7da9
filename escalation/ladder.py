"""The ladder: who is paged for an alert, and when. A pure function of (policy, when it began, steps taken).

It never ends in silence: behind the last rung it pages everybody again and again until somebody claims. The times are
the programme's own choice (no standard fixes them); the field's figure to beat is five minutes to a first answer for
high risk (FACTS.md, Crisis Text Line).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from escalation.ports import Duty
from flows.engine.model import Tier

At = TypeVar("At", int, datetime)  # the storage counts milliseconds, the desk has datetimes

minutes = timedelta(minutes=1)
hours = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rung:
    """`after` counts from the raise (or the last lift); `who` is paged by all their methods."""

    after: timedelta
    who: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """`within`: by when somebody must have claimed. `lease`: how long a claim lasts without any act of its holder."""

    within: timedelta
    lease: timedelta
    rungs: tuple[Rung, ...]
    again: timedelta


URGENT: tuple[Tier, ...] = ("P0", "P1")  # they need an outcome and a note, and what is new in them a page
OTHERS_PAGED = 2  # steps of the ladder: the first after a rise goes to the holder alone
EVERYBODY: tuple[Duty, ...] = ("on_call", "backup", "supervisor")
LADDER: Mapping[Tier, Policy] = {
    "P0": Policy(
        2 * minutes,
        15 * minutes,
        (Rung(0 * minutes, ("on_call",)), Rung(2 * minutes, ("on_call", "backup")), Rung(4 * minutes, EVERYBODY)),
        4 * minutes,
    ),
    "P1": Policy(
        5 * minutes,
        15 * minutes,
        (Rung(0 * minutes, ("on_call",)), Rung(5 * minutes, ("on_call", "backup")), Rung(10 * minutes, EVERYBODY)),
        10 * minutes,
    ),
    "P2": Policy(
        4 * hours, 60 * minutes, (Rung(0 * minutes, ("on_call",)), Rung(3 * hours, ("on_call", "backup"))), 2 * hours
    ),
    "P3": Policy(24 * hours, 4 * hours, (Rung(20 * hours, ("on_call",)),), 24 * hours),
}


def breach_after(tier: Tier) -> timedelta:
    return LADDER[tier].within


def page_due(tier: Tier, began: datetime, level: int) -> datetime:
    """When the page number `level` (from 0) goes out if nobody claims before."""
    policy = LADDER[tier]
    if level < len(policy.rungs):
        return began + policy.rungs[level].after
    return began + policy.rungs[-1].after + policy.again * (level - len(policy.rungs) + 1)


def is_risen(next_page: At | None, until: At | None) -> bool:
    """Of a claimed alert: the ladder goes on. A claim, or an act of its holder, puts the next page off to its end."""
    return next_page is not None and until is not None and next_page < until


def unanswered(level: int, next_page: At | None, until: At | None) -> bool:
    """Of a claimed alert: its holder let the pages of a rise pass, so that others were paged and may take it over."""
    return level >= OTHERS_PAGED and is_risen(next_page, until)


def last_rung(tier: Tier) -> int:
    """The number of the page that everybody on duty gets, and all after it."""
    return len(LADDER[tier].rungs)


def who(tier: Tier, level: int) -> tuple[Duty, ...]:
    """Whom page number `level` goes to; behind the last rung everybody."""
    rungs = LADDER[tier].rungs
    return rungs[level].who if level < len(rungs) else EVERYBODY
