"""What a ladder says of a moment: by when somebody must claim, who is paged next and when. Pure: time comes in.

The times are the programme's own choice (no standard fixes them); the field's figure to beat is five minutes to a first
answer for high risk (FACTS.md, Crisis Text Line).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from escalation.methods import Method
from escalation.ports import Duty, Staff
from flows.engine.model import Tier
from flows.safety.hours import zone

At = TypeVar("At", int, datetime)  # the storage counts milliseconds, the desk has datetimes

URGENT: tuple[Tier, ...] = ("P0", "P1")  # they need an outcome and a note, and what is new in them a page
OTHERS_PAGED = 2  # steps of the ladder: the first after a rise goes to the holder alone
EVERYBODY: tuple[Duty, ...] = ("on_call", "backup", "supervisor")
MINUTE = timedelta(minutes=1)
NO_TIME = timedelta()
UNHEARD = MINUTE  # no phone of anybody takes a page: looked at again, in case one opens


@dataclass(frozen=True, slots=True)
class Step:
    """`after` counts from the raise (or the last lift). `methods` in order of trying; none: all phones."""

    after: timedelta
    who: tuple[Duty, ...]
    methods: tuple[Method, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """`within`: by when somebody must have claimed. `lease`: how long a claim lasts without any act of its holder.

    `repeat`: how often the last of `steps`, of which there is at least one, is taken again.
    """

    within: timedelta
    lease: timedelta
    steps: tuple[Step, ...]
    repeat: timedelta


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes of the wall clock, `start` within and `end` not; over midnight where `end` is the smaller."""

    start: int
    end: int

    def hold(self, local: datetime) -> bool:
        minute = local.hour * 60 + local.minute
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


@dataclass(frozen=True, slots=True)
class OfTier:
    """`by_hour` comes before `always`. `quiet`: hours in which nobody is paged; never of a tier in URGENT."""

    always: Policy
    by_hour: tuple[tuple[Hours, Policy], ...] = ()
    quiet: Hours | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """Every tier is in `tiers`; its hours are those of the wall clock in `zone` (tz database)."""

    zone: str
    tiers: Mapping[Tier, OfTier]

    def policy(self, tier: Tier, at: datetime) -> Policy:
        """What holds for this tier at that moment."""
        of, local = self.tiers[tier], at.astimezone(self._zone)
        return next((policy for hours, policy in of.by_hour if hours.hold(local)), of.always)

    def breach(self, tier: Tier, raised: datetime) -> datetime:
        """By when somebody must have claimed it. In quiet hours nobody is paged, so that time does not count."""
        quiet, left, at = self._quiet(tier), self.policy(tier, raised).within, raised
        if quiet is None:
            return at + left
        while left > NO_TIME:
            at = self.awake(tier, at)
            spent = min(left, _to_the_minute(at))
            at, left = at + spent, left - spent
        return at

    def lease(self, tier: Tier, claimed: datetime) -> timedelta:
        return self.policy(tier, claimed).lease

    def first(self, tier: Tier, raised: datetime) -> datetime:
        """When the first page goes out; for a tier in URGENT at once."""
        return self.awake(tier, raised + self.policy(tier, raised).steps[0].after)

    def after(self, tier: Tier, level: int, paged: datetime) -> datetime:
        """When the next page goes out if nobody claims, page number `level` (from 0) having gone at `paged`."""
        return self.awake(tier, self.due(tier, level, paged))

    def due(self, tier: Tier, level: int, paged: datetime) -> datetime:
        """The same before quiet hours put it off.

        The distance is that of the hours in which the page went; missed pages are not made up for.
        """
        policy = self.policy(tier, paged)
        if level + 1 < len(policy.steps):
            return paged + policy.steps[level + 1].after - policy.steps[level].after
        return paged + policy.repeat

    def step(self, tier: Tier, level: int, at: datetime) -> Step:
        """Whom page number `level` goes to, and how; behind the last step that one again."""
        steps = self.policy(tier, at).steps
        return steps[min(level, len(steps) - 1)]

    def last(self, tier: Tier, at: datetime) -> int:
        """The number of the page that the ladder ends in, and all after it."""
        return len(self.policy(tier, at).steps) - 1

    def awake(self, tier: Tier, at: datetime) -> datetime:
        """`at`, or the end of the quiet hours that it falls into."""
        quiet = self._quiet(tier)
        while quiet is not None and quiet.hold(at.astimezone(self._zone)):
            at += _to_the_minute(at)  # minute by minute: however the clocks change meanwhile, the wall clock decides
        return at

    def _quiet(self, tier: Tier) -> Hours | None:
        """None for a P0 and P1 whatever is said: the file refuses it, and what is not in a file does not count."""
        return None if tier in URGENT else self.tiers[tier].quiet

    @property
    def _zone(self) -> ZoneInfo:
        return zone(self.zone)


def _to_the_minute(at: datetime) -> timedelta:
    """To the next full one; zones differ by whole minutes."""
    return MINUTE - timedelta(seconds=at.second, microseconds=at.microsecond)


def is_risen(next_page: At | None, until: At | None) -> bool:
    """Of a claimed alert: the ladder goes on. A claim, or an act of its holder, puts the next page off to its end."""
    return next_page is not None and until is not None and next_page < until


def unanswered(level: int, next_page: At | None, until: At | None) -> bool:
    """Of a claimed alert: its holder let the pages of a rise pass, so that others were paged and may take it over."""
    return level >= OTHERS_PAGED and is_risen(next_page, until)


Rung = Callable[[int], Sequence[Staff]]  # who is on the rung of page number so and so
PageThem = Callable[[int, Sequence[Staff]], int]  # write that page for them; returns how many phones it goes to


def climb(level: int, last: int, rung: Rung, whoever: Sequence[Staff], page: PageThem) -> tuple[int, int]:
    """Page the rung of `level`. One that nobody can be reached on is left for the next at once, up to the last: no time
    is lost on phones that are shut. Then `whoever` can be reached is paged, before nobody is.

    Returns the page's number and how many phones it went to.
    """
    written = page(level, rung(level))
    while not written and level < last:
        level += 1
        written = page(level, rung(level))
    return level, written or page(level, whoever)
