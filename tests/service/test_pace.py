"""The provider's pace: ordinary requests queue up, urgent ones wait for their like only, and all of it is paid back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pace import Pace


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def pace(overall: float = 10, chat: float = 1) -> tuple[Pace, Time]:
    time = Time()
    return Pace({"telegram": (overall, chat)}, time), time


def test_a_channel_without_a_rate_never_waits() -> None:
    paced, _ = pace()
    assert {paced.wait("simulated", "1") for _ in range(100)} == {0.0}
    paced.give_back("simulated", "1")


def test_what_is_urgent_goes_past_a_queue_and_the_queue_pays() -> None:
    paced, _ = pace()
    for n in range(30):
        paced.wait("telegram", str(n))
    assert paced.wait("telegram", "31") == pytest.approx(2.1)
    assert paced.wait("telegram", "her", urgent=True) == 0
    assert paced.wait("telegram", "32") == pytest.approx(2.3), "one token went to her"


def test_her_own_chat_does_not_hold_her_cover_up() -> None:
    paced, _ = pace()
    waits = [paced.wait("telegram", "her") for _ in range(7)]
    assert waits[-1] == pytest.approx(3)
    assert paced.wait("telegram", "her", urgent=True) == 0


def test_urgent_requests_wait_for_one_another() -> None:
    paced, _ = pace(overall=100)
    waits = [paced.wait("telegram", "ana", urgent=True) for _ in range(6)]
    assert waits == [0, 0, 0, 0, pytest.approx(1), pytest.approx(2)]


@pytest.mark.parametrize("urgent", [False, True])
def test_a_token_that_was_not_used_is_given_back(urgent: bool) -> None:
    paced, _ = pace(overall=100)
    waits = [paced.wait("telegram", "her", urgent) for _ in range(5)]
    paced.give_back("telegram", "her", urgent)
    assert paced.wait("telegram", "her", urgent) == waits[-1]


@given(st.lists(st.tuples(st.floats(0, 0.5), st.booleans(), st.sampled_from("abc")), min_size=1, max_size=200))
def test_no_provider_is_asked_faster_than_its_rate_but_for_two_bursts(asked: list[tuple[float, bool, str]]) -> None:
    """Counted over any span that begins with the first request."""
    paced, time = pace(overall=5, chat=2)
    made = []
    for gap, urgent, chat in asked:
        time.now += gap
        made.append(time.now + paced.wait("telegram", chat, urgent))
    for n, at in enumerate(sorted(made), start=1):
        assert n <= 5 * at + 2 * 5 + 1e-6


def test_what_goes_at_once_waits_for_no_other_to_the_same_chat_but_they_pay_for_it() -> None:
    paced, _ = pace(overall=100, chat=1)
    waits = [paced.wait("telegram", "1", urgent=True) for _ in range(8)]
    assert waits[-1] > 0
    assert paced.wait("telegram", "1", urgent=True, at_once=True) == 0.0
    assert paced.wait("telegram", "1", urgent=True) > waits[-1] + 1
