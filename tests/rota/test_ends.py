"""When a shift ends by the rota and who has it then: calendars, covers, duties set by hand, a night of summer time."""

from __future__ import annotations

from datetime import timedelta

from escalation.rota import Cover, Rota, Shift
from escalation.rota.ends import changing, ends_at, followers, gone_since
from tests.rota.calendars import at

SIX, TWO, TEN = at("2026-11-20 06:00"), at("2026-11-20 14:00"), at("2026-11-20 22:00")
ROTA = Rota(
    (Shift("ana", "on_call", 0, SIX, TWO), Shift("ben", "on_call", 0, TWO, TEN)), by_hand={"ruth": "supervisor"}
)
QUARTER = timedelta(minutes=15)


def test_it_ends_where_the_next_begins_and_a_duty_set_by_hand_has_no_end() -> None:
    assert (ends_at(ROTA, "ana", SIX), followers(ROTA, "ana", SIX)) == (TWO, ("ben",))
    assert (ends_at(ROTA, "ben", TWO), followers(ROTA, "ben", TWO)) == (TEN, ()), "then there is a hole"
    assert ends_at(ROTA, "ruth", SIX) is None
    assert (ends_at(ROTA, "ben", SIX), followers(ROTA, "ben", SIX)) == (None, ()), "not on duty yet"


def test_two_events_one_after_the_other_are_one_shift() -> None:
    rota = Rota((*ROTA.shifts, Shift("ana", "on_call", 1, TWO, TEN)))
    assert ends_at(rota, "ana", SIX) == TEN
    assert changing(rota, TWO - QUARTER, QUARTER) == (frozenset(), frozenset())


def test_who_stands_in_follows_and_both_are_seen_a_quarter_of_an_hour_before() -> None:
    cover = Cover("c1", "override", "cas", "ben", TWO, TEN, accepted_at=SIX)
    rota = Rota(ROTA.shifts, (cover,))
    assert followers(rota, "ana", SIX) == ("cas",)
    assert changing(rota, TWO - QUARTER - timedelta(seconds=1), QUARTER) == (frozenset(), frozenset())
    assert changing(rota, TWO - QUARTER, QUARTER) == ({"ana"}, {"cas"})
    assert changing(rota, TWO, QUARTER) == (frozenset(), frozenset())


def test_whose_shift_is_over_is_known_for_a_while() -> None:
    day = timedelta(hours=24)
    assert not gone_since(ROTA, "ana", SIX, day)
    assert gone_since(ROTA, "ana", TWO, day)
    assert not gone_since(ROTA, "ana", TWO + day, day)
    assert not gone_since(ROTA, "cas", TWO, day), "never on duty"
