"""What raised on the way and what the whole check-in said are one point on the worker's chart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from escalation.ports import Assessment
from storage.cases import _whole

AT = datetime(2026, 11, 20, 18, 2, tzinfo=UTC)


def test_a_partial_assessment_is_taken_up_in_the_whole_one() -> None:
    partial = Assessment(AT, "P1", ("fear.high",), {"safe_now": "yes", "fear": 9}, "first")
    whole = Assessment(AT + timedelta(minutes=2), "P1", ("fear.high",), {"safe_now": "yes", "fear": 9, "w": 1}, "up")
    assert _whole((partial, whole)) == (whole,)


def test_an_answer_she_stopped_after_stays_and_so_does_another_day() -> None:
    stopped = Assessment(AT, "P1", ("fear.high",), {"fear": 9}, "first")
    next_week = Assessment(AT + timedelta(days=7), None, (), {"fear": 9, "want": "x"}, "down")
    other = Assessment(AT + timedelta(minutes=5), "P0", ("unsafe_now",), {"safe_now": "no"}, "up")
    assert _whole((stopped, next_week)) == (stopped, next_week)
    assert _whole((stopped, other)) == (stopped, other)
    assert _whole(()) == ()
