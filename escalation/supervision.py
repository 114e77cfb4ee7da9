"""What a supervisor looks over: who carries how much, and how soon people were answered. Pure, with the port of it.

Counts as small as these tell who they are of: they are for supervisors alone, and for each worker their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, get_args

from flows.engine.model import Tier

TIERS: tuple[Tier, ...] = get_args(Tier)
WEEK, FOUR_WEEKS = timedelta(days=7), timedelta(days=28)
WORKED = ("alert.claim", "alert.renew", "alert.resolve")  # acts in the audit by which somebody worked on an alert
DEBRIEF_AFTER: tuple[Tier, ...] = ("P0",)  # whoever held one is talked with once it is closed (PRODUCT 3)
DEBRIEF_WITHIN = timedelta(days=3)  # our own choice: soon, and after a night's sleep


@dataclass(frozen=True, slots=True)
class Exposure:
    """P0 and P1 that somebody worked on in the last 7 and 28 days, each alert once."""

    week: int = 0
    four_weeks: int = 0


@dataclass(frozen=True, slots=True)
class Load:
    """`live`: how many alerts they hold now under a claim that runs, by tier."""

    live: Mapping[Tier, int] = field(default_factory=dict)
    exposure: Exposure = Exposure()


@dataclass(frozen=True, slots=True)
class Handled:
    """One alert for counting. `claimed_at`, `answered_at`: as of `escalation.ports.Alert`. `over`: it is closed."""

    tier: Tier
    raised_at: datetime
    breach_at: datetime
    claimed_at: datetime | None = None
    answered_at: datetime | None = None
    over: bool = False

    def late(self, now: datetime) -> bool:
        """Nobody took it in the time that the ladder gives. Of one that an older release closed nobody knows."""
        known = self.claimed_at is not None or not self.over
        return known and (self.claimed_at or now) > self.breach_at


@dataclass(frozen=True, slots=True)
class Waited:
    """How long it took those for whom it happened: the middle and the longest, in seconds."""

    count: int
    middle: float
    longest: float


@dataclass(frozen=True, slots=True)
class Times:
    """Alerts of one tier that were raised in a span. `claimed`, `answered`: None where it happened to none of them."""

    tier: Tier
    raised: int
    late: int
    claimed: Waited | None
    answered: Waited | None


@dataclass(frozen=True, slots=True)
class Overview:
    """`loads` by staff id, of those who hold or have held something; `handled`: all raised in the last 28 days."""

    loads: Mapping[str, Load]
    handled: Sequence[Handled]


@dataclass(frozen=True, slots=True)
class Debrief:
    """A P0 that a worker held was closed `at`, and is to be talked through. `staff` an id; `own`: they say that it
    has been, `other`: a supervisor does. What both have said is not listed any more."""

    ref: str
    staff: str
    at: datetime
    own: bool = False
    other: bool = False

    @property
    def due_at(self) -> datetime:
        return self.at + DEBRIEF_WITHIN


class Supervision(Protocol):
    """None of it names a recipient of aggression."""

    async def overview(self, now: datetime) -> Overview: ...

    async def exposure(self, staff: str, now: datetime) -> Exposure:
        """A worker's own."""

    async def debriefs(self, staff: str = "") -> Sequence[Debrief]:
        """Those that are not done, oldest first: all, or a worker's own."""

    async def talked(self, ref: str, staff: str, by: str, now: datetime) -> None:
        """That it has been talked through: said by the worker, or by another who supervises. Done with both, or with
        the worker's own word where nobody else supervises. Raises Unknown, Refused."""


def times(handled: Iterable[Handled], since: datetime, now: datetime) -> tuple[Times, ...]:
    """By tier, of those raised since then."""
    recent = [one for one in handled if one.raised_at >= since]
    return tuple(_times(tier, [one for one in recent if one.tier == tier], now) for tier in TIERS)


def _times(tier: Tier, handled: Sequence[Handled], now: datetime) -> Times:
    claimed = [one.claimed_at - one.raised_at for one in handled if one.claimed_at is not None]
    answered = [one.answered_at - one.raised_at for one in handled if one.answered_at is not None]
    return Times(tier, len(handled), sum(one.late(now) for one in handled), _waited(claimed), _waited(answered))


def _waited(spans: Sequence[timedelta]) -> Waited | None:
    seconds = [span.total_seconds() for span in spans]
    from statistics import median  # which nothing else here needs

    return Waited(len(seconds), median(seconds), max(seconds)) if seconds else None


def exposures(worked: Iterable[tuple[str, str, datetime]], now: datetime) -> Mapping[str, Exposure]:
    """Of (staff id, ref of a P0 or P1, when): by staff id."""
    weeks: dict[str, set[str]] = {}
    all_of: dict[str, set[str]] = {}
    for staff, ref, at in worked:
        if at >= now - FOUR_WEEKS:
            all_of.setdefault(staff, set()).add(ref)
        if at >= now - WEEK:
            weeks.setdefault(staff, set()).add(ref)
    return {staff: Exposure(len(weeks.get(staff, ())), len(refs)) for staff, refs in all_of.items()}
