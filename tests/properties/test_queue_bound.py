"""Nobody starves in the queue: whatever comes in, what waits is taken within the bound of `escalation.order`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.ladder.file import shipped
from escalation.order import AGES, FRESH, longest_wait, place
from escalation.ports import Alert
from flows.engine.model import Tier

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TIERS: tuple[Tier, ...] = ("P0", "P1", "P2", "P3")


def an_alert(ref: str, tier: Tier, breach: datetime, raised: datetime) -> Alert:
    return Alert(ref, "HER", tier, "risk", "open", raised, breach, "sms", "en", "")


@dataclass
class Night:
    """A queue that is filled and emptied minute by minute. `x` is the alert that is watched."""

    x: Alert
    waiting: list[Alert]
    taken: list[Alert] = field(default_factory=list)
    now: datetime = NOON
    _numbers: count[int] = field(default_factory=count)

    def comes(self, tier: Tier) -> None:
        raised = an_alert(f"N{next(self._numbers):05d}", tier, shipped().breach(tier, self.now), self.now)
        self.waiting.append(raised)

    def goes_before(self, what: int) -> None:
        """One that may come in before `x`: a P0, one that is lifted, one that is given back under its old breach."""
        others = [one for one in self.waiting if one is not self.x]
        if what == 0 and self.x.tier != "P0":
            self.comes("P0")
        elif what == 1 and others:
            lifted = others[len(others) // 2]
            self.waiting.remove(lifted)
            breach = min(lifted.breach_at, shipped().breach("P1", self.now))
            self.waiting.append(replace(lifted, tier=min(lifted.tier, "P1"), breach_at=breach))
        elif what == 2 and self.taken:
            self.waiting.append(self.taken.pop())

    def one_is_taken(self) -> None:
        if self.waiting:
            first = min(self.waiting, key=lambda one: place(one, self.now))
            self.waiting.remove(first)
            self.taken.append(first)

    @property
    def before(self) -> int:
        """How many stand before `x`."""
        return sum(place(one, self.now) < place(self.x, self.now) for one in self.waiting)


def deadline(alert: Alert) -> datetime:
    """D of the proof."""
    return alert.breach_at + (AGES[alert.tier] + FRESH if alert.tier in AGES else timedelta())


@settings(max_examples=60, deadline=None)
@given(
    watched=st.sampled_from(TIERS),
    standing=st.lists(st.tuples(st.sampled_from(TIERS), st.integers(-60 * 60, 60 * 24)), max_size=12),
    every=st.integers(4, 20),  # minutes between two that are taken
    slower=st.integers(2, 6),  # as many times rarer is what comes in before it
    above=st.lists(st.integers(0, 2), min_size=1, max_size=5),
    others=st.lists(st.sampled_from(TIERS[1:]), min_size=1, max_size=7),
)
def test_whoever_waits_is_taken_within_the_bound(
    watched: Tier,
    standing: list[tuple[Tier, int]],
    every: int,
    slower: int,
    above: list[int],
    others: list[Tier],
) -> None:
    breach = NOON + 7 * MINUTE - (AGES[watched] + FRESH if watched in AGES else timedelta())
    x = an_alert("XXX", watched, breach, breach - shipped().policy(watched, NOON).within)
    there = [
        an_alert(f"S{place_:02d}", tier, NOON + MINUTE * late, NOON - timedelta(hours=90))
        for place_, (tier, late) in enumerate(standing)
    ]
    night = Night(x, [x, *there])
    limit = None
    for minute in range(100_000):
        night.now = NOON + MINUTE * minute
        night.comes(others[minute % len(others)])  # one of another tier each minute: far more than are taken
        if minute % (every * slower) == 0:
            night.goes_before(above[minute % len(above)])
        if limit is None and night.now >= deadline(x):
            # what comes at regular times is one more than its rate, at most
            limit = deadline(x) + longest_wait(night.before, 60 / every, 60 / (every * slower), burst=1)
        if minute % every == 0:
            night.one_is_taken()
        if x in night.taken:
            break
        assert limit is None or night.now <= limit
    assert x in night.taken


def test_a_p2_is_taken_though_p1s_come_as_fast_as_they_are_taken() -> None:
    """By tier alone it would wait for ever."""
    x = an_alert("XXX", "P2", NOON, NOON - timedelta(hours=4))
    night = Night(x, [x])
    for minute in range(0, 60 * 24, 5):
        night.now = NOON + MINUTE * minute
        night.comes("P1")
        night.one_is_taken()
        if x in night.taken:
            break
    assert timedelta() <= night.now - NOON - AGES["P2"] <= FRESH + longest_wait(1, 12, 0)


def test_a_p0_is_first_whatever_has_waited_for_however_long() -> None:
    long_ago = NOON - timedelta(days=90)
    aged = [an_alert(tier, tier, long_ago, long_ago) for tier in TIERS[1:]]
    duress = an_alert("NEW", "P0", NOON + 2 * MINUTE, NOON)
    assert min([*aged, duress], key=lambda one: place(one, NOON)) is duress


def test_what_has_aged_stands_behind_the_p1s_that_wait_and_before_those_that_come() -> None:
    aged = an_alert("OLD", "P3", NOON - AGES["P3"], NOON - timedelta(hours=48))
    fresh = an_alert("NEW", "P1", NOON + 4 * MINUTE, NOON - MINUTE)
    later = an_alert("NXT", "P1", NOON + 6 * MINUTE, NOON + MINUTE)
    low = an_alert("LOW", "P2", NOON - MINUTE, NOON - timedelta(hours=4))
    assert [one.ref for one in sorted([aged, low, later, fresh], key=lambda one: place(one, NOON))] == [
        *("NEW", "OLD", "NXT", "LOW"),
    ]


def test_where_as_many_come_before_it_as_are_taken_there_is_no_bound() -> None:
    assert longest_wait(before=3, claims=6, above=2) == timedelta(hours=1)
    with pytest.raises(ValueError, match="as many"):
        longest_wait(before=0, claims=2, above=2)
