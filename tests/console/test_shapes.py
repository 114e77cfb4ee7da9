"""The pure parts: the banner, the clocks, the hours in words, the chart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.console import safe_hours
from escalation.console.banner import banner, confirmed
from escalation.console.charts import (
    BOTTOM,
    LEFT,
    POINTS,
    RIGHT,
    TOP,
    TREND_HEIGHT,
    TREND_WIDTH,
    chart,
    goal_trend,
)
from escalation.console.clocks import Clock, about, span
from escalation.console.strings import Strings
from escalation.ports import Case
from flows.engine.conversation import Contact, Goal, Score, Window
from flows.safety.hours import PRESETS
from tests.console.examples import CONTACT, NOW

WORDS = Strings()
CLOCK = Clock(NOW, "Europe/London", WORDS)
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
MONTH = timedelta(days=30)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (9, "0:09"), (258, "4:18"), (3599, "59:59"), (3600, "1 h 00 min"), (11_400, "3 h 10 min"),
     (86_399, "23 h 59 min"), (86_400, "1 d 0 h"), (273_600, "3 d 4 h"), (-75, "1:15")],
)  # fmt: skip
def test_a_length_of_time(seconds: int, text: str) -> None:
    assert span(seconds, WORDS) == text


def test_in_a_sentence_a_length_of_time_cannot_be_taken_for_a_time_of_day() -> None:
    assert about(1180, WORDS) == "19 min"
    assert about(7200, WORDS) == "2 h 00 min"


@pytest.mark.parametrize(
    ("hours", "text"), [(1, "21:40"), (10, "tomorrow 06:40"), (60, "Mon 23 Nov, 08:40"), (-30, "Thu 19 Nov, 14:40")]
)
def test_a_moment_says_its_day_when_it_is_not_today(hours: int, text: str) -> None:
    assert CLOCK.at(NOW + timedelta(hours=hours)) == text


def test_tomorrow_is_tomorrow_where_she_is() -> None:
    """At 20:40 in London it is already the next day in Karachi."""
    assert CLOCK.at(NOW + timedelta(hours=1), "Asia/Karachi") == "02:40"
    assert CLOCK.at(NOW + timedelta(hours=5), "Europe/London") == "tomorrow 01:40"


def test_the_exact_time_names_seconds_and_zone() -> None:
    assert CLOCK.exact(NOW, "Europe/Madrid") == "2026-11-20 21:40:00 Europe/Madrid"


@pytest.mark.parametrize(
    ("windows", "text"),
    [
        ((), "None agreed"),
        (PRESETS["always"], "every day, at any hour"),
        (PRESETS["school_hours"], "Mon to Fri 09:30–14:30"),
        ((Window(EVERY_DAY, 22 * 60, 6 * 60),), "every day 22:00–06:00"),
        ((Window((5, 0), 540, 600), Window((2,), 0, 60)), "Mon, Sat 09:00–10:00; Wed 00:00–01:00"),
        ((Window((3, 4), 540, 1440),), "Thu, Fri 09:00–00:00"),
    ],
)
def test_safe_hours_in_words(windows: tuple[Window, ...], text: str) -> None:
    assert safe_hours.in_words(windows, WORDS) == text


def but(**values: object) -> Contact:
    """Her record with some fields changed."""
    return msgspec.structs.replace(CONTACT, **values)


def a_case(**values: object) -> Case:
    """A recipient in an open session, in her safe hours; `values` replace its fields."""
    case = Case(
        ref="P-K2A",
        contact=CONTACT,
        mode="open",
        suspect=False,
        joined_at=None,
        last_heard_at=None,
        writable_until=NOW + timedelta(minutes=20),
        opens_next_at=None,
        plan=(),
        assessments=(),
        alerts=(),
    )
    return replace(case, **values)  # type: ignore[arg-type]


def told(**values: object) -> list[tuple[str, str]]:
    case = replace(a_case(mode="closed"), **values)  # type: ignore[arg-type]
    return [(notice.kind, notice.text) for notice in banner(case, CLOCK).notices]


def test_inside_her_hours_it_says_until_when() -> None:
    assert told() == [("go", "Safe to write until 22:00 her time.")]


def test_outside_her_hours_it_says_when_they_open() -> None:
    opens = NOW + timedelta(hours=12)
    assert told(writable_until=None, opens_next_at=opens) == [
        ("wait", "Not safe to write now. Her next safe hours open: tomorrow 09:40 her time.")
    ]


def test_at_any_hour_it_names_no_end() -> None:
    assert told(writable_until=NOW + timedelta(minutes=1440)) == [("go", "Safe to write at any hour.")]


def test_without_agreed_hours_it_is_not_safe() -> None:
    assert told(writable_until=None) == [("wait", "Not safe to write. No safe hours are agreed.")]


def test_who_stopped_or_paused_is_not_written_to_whatever_the_hour() -> None:
    stopped = but(opted_out=True, paused_until=NOW + timedelta(days=1))
    assert told(contact=stopped) == [("stop", "She stopped all messages. Nothing may be sent.")]
    paused = but(paused_until=NOW + timedelta(days=1))
    assert told(contact=paused)[0][1].startswith("She paused the line until tomorrow 21:40 her time.")


def test_suspicion_stands_before_everything() -> None:
    assert [kind for kind, _ in told(suspect=True)] == ["danger", "go"]
    assert banner(a_case(suspect=True), CLOCK).kind == "danger"


@pytest.mark.parametrize("shared", ["unknown", "yes"])
def test_not_knowing_whether_the_phone_is_shared_counts_as_shared(shared: str) -> None:
    told = banner(a_case(contact=but(shared_phone=shared)), CLOCK)
    facts = {fact.label: fact.value for fact in told.facts}
    assert "shared" in facts["Phone"].lower()


def test_contact_that_was_not_confirmed_for_a_month_is_asked_again() -> None:
    fresh = but(confirmed_at=NOW - timedelta(days=29))
    stale = but(confirmed_at=NOW - timedelta(days=31))
    assert "again" not in confirmed(a_case(contact=fresh), CLOCK, MONTH)
    assert "ask her again" in confirmed(a_case(contact=stale), CLOCK, MONTH)
    assert confirmed(a_case(contact=but(confirmed_at=None)), CLOCK, MONTH) == "Never. Ask her when it is safe."


MINUTES = st.integers(0, 10 * 365 * 24 * 60)


@given(st.lists(st.tuples(MINUTES, st.integers(0, 10)), min_size=1, max_size=40))
def test_every_point_stands_inside_the_drawing(history: list[tuple[int, int]]) -> None:
    drawn = chart([(NOW + timedelta(minutes=at), points, None) for at, points in sorted(history)], 10, (0, 5, 10))
    assert len(drawn.points) <= POINTS, "the last of them"
    assert drawn.last.value == max(history)[1]
    for point in drawn.points:
        assert LEFT <= point.x <= RIGHT
        assert TOP <= point.y <= BOTTOM


def scored(*values: int) -> Goal:
    return Goal("one", "sleep well", NOW, tuple(Score(v, NOW + timedelta(days=91 * i)) for i, v in enumerate(values)))


@pytest.mark.parametrize(("values", "change"), [((3, 2, 6), "up"), ((6, 8, 2), "down"), ((4, 9, 4), "same")])
def test_a_goal_tells_where_it_leads_from_the_first_answer_on(values: tuple[int, ...], change: str) -> None:
    trend = goal_trend(scored(*values))
    assert trend is not None
    assert (trend.first, trend.last, trend.change) == (values[0], values[-1], change)
    left, middle, right = trend.points
    assert middle[0] - left[0] == right[0] - middle[0]
    assert (left[1] > middle[1]) == (values[1] > values[0]), "more stands higher"


@given(st.lists(st.integers(0, 10), min_size=1, max_size=60))
def test_every_number_of_a_goal_stands_inside_its_line(values: list[int]) -> None:
    trend = goal_trend(scored(*values))
    assert trend is not None
    assert len(trend.points) <= POINTS
    assert all(0 < x < TREND_WIDTH and 0 < y < TREND_HEIGHT for x, y in trend.points)


def test_a_goal_without_a_number_has_no_line() -> None:
    assert goal_trend(scored()) is None
