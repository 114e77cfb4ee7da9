"""Who is on duty: layers, covers, swaps, hands, holes; and the same after export and import."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from escalation.ports import Duty
from escalation.rota import Cover, Rota, Shift, gaps, nobody_on_call, on_duty, spans
from escalation.rota.calendar import read_calendar
from escalation.rota.duty import HEAVIEST
from escalation.rota.export import export, served
from tests.rota.calendars import NAMES, TEAM, at

MONDAY = at("2026-11-02 00:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def shift(staff: str, day: int, hours: int = 24, layer: int = 0, duty: Duty = "on_call") -> Shift:
    start = MONDAY + day * DAY
    return Shift(staff, duty, layer, start, start + hours * HOUR)


def cover(id: str, staff: str, instead: str, day: int, days: int = 1, **more: object) -> Cover:
    start = MONDAY + day * DAY
    given = Cover(id, "override", staff, instead, start, start + days * DAY, accepted_at=MONDAY - DAY)
    return replace(given, **more)  # type: ignore[arg-type]


def noon(day: int) -> datetime:
    return MONDAY + day * DAY + 12 * HOUR


def test_a_shift_begins_with_its_first_moment_and_ends_before_its_last() -> None:
    rota = Rota((shift("ana", 0), shift("ben", 1)))
    assert on_duty(rota, MONDAY) == {"ana": "on_call"}
    assert on_duty(rota, MONDAY + DAY) == {"ben": "on_call"}
    assert on_duty(rota, MONDAY + 2 * DAY) == on_duty(rota, MONDAY - HOUR) == {}


def test_the_highest_layer_of_each_duty_is_in_force_and_the_lower_shows_where_it_ends() -> None:
    rota = Rota((shift("ana", 0), shift("ben", 0, 6, layer=2), shift("cat", 0, duty="backup")))
    assert on_duty(rota, MONDAY) == {"ben": "on_call", "cat": "backup"}
    assert on_duty(rota, noon(0)) == {"ana": "on_call", "cat": "backup"}


def test_a_duty_set_by_hand_counts_where_no_calendar_has_that_duty() -> None:
    rota = Rota((shift("ana", 0),), by_hand={"ben": "on_call", "cat": "backup", "dot": "off"})
    assert on_duty(rota, noon(0)) == {"ana": "on_call", "cat": "backup"}
    assert on_duty(rota, noon(1)) == {"ben": "on_call", "cat": "backup"}


def test_the_alarm_contact_stands_beside_any_calendar() -> None:
    rota = Rota((shift("ruth", 0, duty="supervisor"),), by_hand={"alarm": "supervisor", "una": "supervisor"})
    assert on_duty(rota, noon(0)) == {"ruth": "supervisor"}
    assert on_duty(replace(rota, standing=frozenset({"alarm"})), noon(0)) == {
        "ruth": "supervisor",
        "alarm": "supervisor",
    }


def test_whoever_has_two_duties_is_called_by_the_heavier() -> None:
    assert on_duty(Rota((shift("ana", 0), shift("ana", 0, duty="backup"))), noon(0)) == {"ana": "on_call"}


def test_a_cover_takes_over_what_the_other_has_and_nothing_where_the_other_has_nothing() -> None:
    rota = Rota((shift("ana", 0), shift("ana", 1, duty="backup")), (cover("c", "ben", "ana", 0, 3),))
    assert on_duty(rota, noon(0)) == {"ben": "on_call"}
    assert on_duty(rota, noon(1)) == {"ben": "backup"}
    assert on_duty(rota, noon(2)) == {}


def test_a_cover_that_nobody_accepted_changes_nothing() -> None:
    rota = Rota((shift("ana", 0),), (cover("c", "ben", "ana", 0, accepted_at=None),))
    assert on_duty(rota, noon(0)) == {"ana": "on_call"}


def test_a_cover_beside_adds_and_one_of_nobody_takes_away() -> None:
    rota = Rota((shift("ana", 0), shift("ana", 1)), (cover("c", "ben", "", 0, duty="backup"), cover("d", "", "ana", 1)))
    assert on_duty(rota, noon(0)) == {"ana": "on_call", "ben": "backup"}
    assert on_duty(rota, noon(1)) == {}


def test_both_halves_of_a_swap_count_together() -> None:
    """At the same hours too: each has what the other had."""
    both = (cover("c", "ana", "ben", 0, pair="p"), cover("d", "ben", "ana", 0, pair="p"))
    rota = Rota((shift("ana", 0), shift("ben", 0, duty="backup")), both)
    assert on_duty(rota, noon(0)) == {"ben": "on_call", "ana": "backup"}


def test_a_later_promise_is_made_of_the_earlier() -> None:
    first, then = cover("z", "ben", "ana", 0), cover("a", "cat", "ben", 0, accepted_at=MONDAY - HOUR)
    rota = Rota((shift("ana", 0),), (then, first))
    assert on_duty(rota, noon(0)) == {"cat": "on_call"}
    late = replace(first, accepted_at=MONDAY)
    assert on_duty(replace(rota, covers=(then, late)), noon(0)) == {"ben": "on_call"}


def test_who_is_off_cover_hides_nobody() -> None:
    """Not the layer below, not the one to be covered, not who is set by hand."""
    rota = Rota((shift("ana", 0), shift("ben", 0, layer=2)), by_hand={"cat": "on_call"})
    assert on_duty(replace(rota, off_cover=frozenset({"ben"})), noon(0)) == {"ana": "on_call"}
    assert on_duty(replace(rota, off_cover=frozenset({"ana", "ben"})), noon(0)) == {"cat": "on_call"}
    covered = Rota((shift("ana", 0),), (cover("c", "ben", "ana", 0),), off_cover=frozenset({"ben"}))
    assert on_duty(covered, noon(0)) == {"ana": "on_call"}


def test_an_empty_rota_has_nobody_on_call() -> None:
    assert on_duty(Rota(), MONDAY) == {}
    assert nobody_on_call(TEAM)
    assert nobody_on_call([replace(TEAM[2], duty="on_call"), replace(TEAM[3], duty="on_call")]), "none takes pages"
    assert not nobody_on_call([replace(TEAM[0], duty="on_call")])


# holes


def test_a_hole_is_found_with_its_ends() -> None:
    rota = Rota(tuple(shift("ana", day) for day in range(-7, 20) if day not in (3, 4)))
    (gap,) = gaps(rota, MONDAY)
    assert (gap.start, gap.end, gap.by_hand) == (MONDAY + 3 * DAY, MONDAY + 5 * DAY, ())


def test_a_hole_that_stands_keeps_its_beginning_as_time_goes_by() -> None:
    rota = Rota(tuple(shift("ana", day) for day in range(-7, 20) if day != 0))
    found = {gaps(rota, MONDAY + passed * HOUR)[0] for passed in range(24)}
    assert [(gap.start, gap.end) for gap in found] == [(MONDAY, MONDAY + DAY)]
    assert gaps(rota, MONDAY + DAY) == []


def test_where_a_calendar_plans_a_duty_set_by_hand_fills_no_hole() -> None:
    planned = Rota((shift("ana", 0), shift("ana", -6, 6 * 24)), by_hand={"ben": "on_call"})
    (gap,) = gaps(planned, MONDAY)
    assert (gap.start, gap.end, gap.by_hand) == (MONDAY + DAY, MONDAY + 14 * DAY, ("ben",))
    assert gaps(Rota(by_hand={"ben": "on_call"}), MONDAY) == [], "without a calendar it is the rota"
    assert gaps(Rota(), MONDAY)[0].end == MONDAY + 14 * DAY


def test_a_cover_of_nobody_makes_a_hole_and_one_by_a_colleague_fills_it() -> None:
    rota = Rota((shift("ana", -7, 24 * 30),), (cover("c", "", "ana", 2),))
    assert [gap.start for gap in gaps(rota, MONDAY)] == [MONDAY + 2 * DAY]
    filled = replace(rota, covers=(*rota.covers, cover("d", "ben", "", 2)))
    assert gaps(filled, MONDAY) == []


def test_who_is_off_cover_today_is_taken_to_be_back_for_the_holes() -> None:
    assert gaps(Rota((shift("ana", -7, 24 * 30),), off_cover=frozenset({"ana"})), MONDAY) == []


# any rota

PEOPLE = st.sampled_from(["s1", "s2"])
HOURS = st.integers(-30, 24 * 6).map(lambda hours: MONDAY + hours * HOUR)
TIMES = st.tuples(HOURS, st.integers(1, 80)).map(lambda pair: (pair[0], pair[0] + pair[1] * HOUR))
SHIFTS = st.builds(
    lambda who, duty, layer, when: Shift(who, duty, layer, *when),
    PEOPLE,
    st.sampled_from(HEAVIEST),
    st.integers(0, 2),
    TIMES,
)
COVERS = st.builds(
    lambda id, who, instead, when, duty, pair, at: Cover(str(id), "swap", who, instead, *when, duty, pair, "", at),
    st.integers(0, 5),
    st.sampled_from(["s1", "s2", ""]),
    st.sampled_from(["s1", "s2", ""]),
    TIMES,
    st.sampled_from(HEAVIEST),
    st.sampled_from(["", "p"]),
    st.none() | HOURS,
)
ROTAS = st.builds(
    Rota,
    st.lists(SHIFTS, max_size=6).map(tuple),
    st.lists(COVERS, max_size=4).map(tuple),
    st.dictionaries(PEOPLE, st.sampled_from([*HEAVIEST, "off"]), max_size=2),
    st.just(frozenset()),
    st.frozensets(PEOPLE, max_size=1),
)


@given(rota=ROTAS, now=HOURS)
def test_any_rota_answers_and_nobody_off_cover_is_named(rota: Rota, now: datetime) -> None:
    found = on_duty(rota, now)
    assert set(found.values()) <= set(HEAVIEST)
    assert not found.keys() & rota.off_cover
    assert "" not in found


@given(rota=ROTAS, now=HOURS)
def test_spans_say_for_each_moment_what_on_duty_says(rota: Rota, now: datetime) -> None:
    found = spans(rota, MONDAY - 2 * DAY, MONDAY + 7 * DAY)
    assert [to for _, to, _ in found[:-1]] == [from_ for from_, _, _ in found[1:]], "no holes, no overlaps"
    (has,) = [has for from_, to, has in found if from_ <= now < to]
    assert has == on_duty(rota, now)


@given(rota=ROTAS, now=HOURS)
def test_the_same_are_on_duty_after_export_and_import(rota: Rota, now: datetime) -> None:
    start, end = MONDAY - 2 * DAY, MONDAY + 7 * DAY
    names = {"s1": "Ana Reyes", "s2": "Ben Okoro"}
    shifts: list[Shift] = []
    for duty in HEAVIEST:
        text = export(rota, names, start, end, MONDAY, duties=(duty,))
        turns = read_calendar(text, "America/New_York", NAMES, start, end).turns
        shifts += [Shift(turn.staff, duty, 0, turn.start, turn.end) for turn in turns]
    assert on_duty(Rota(tuple(shifts)), now) == on_duty(rota, now)


def test_an_export_of_one_person_has_no_line_of_another() -> None:
    rota = Rota((shift("s1", 0), shift("s2", 1)))
    text = export(rota, {"s1": "Ana Reyes", "s2": "Ben Okoro"}, MONDAY, MONDAY + 7 * DAY, MONDAY, of=("s1",))
    assert "Ana Reyes" in text
    assert "Ben" not in text
    assert [one.staff for one in served(rota, MONDAY, MONDAY + 7 * DAY)] == ["s1", "s2"]
