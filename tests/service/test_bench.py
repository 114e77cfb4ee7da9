"""The benchmark of leaving judges what it saw; the judge is judged here, without a server."""

from __future__ import annotations

import pytest

from bot.bench import leaving
from bot.bench.leaving import RAISERS, WARMING, WORKER, dialogues, judged
from bot.bench.people import DIALOGUE, number


@pytest.fixture
def cover() -> str:
    programme = leaving.read_content()
    return programme.covers[programme.rules.cover].replies[0][1]


def test_somebody_leaves_all_the_time_and_everybody_keeps_the_order() -> None:
    said = dialogues(DIALOGUE)
    of_one = [text for who, text in said if who == number(7)]
    assert of_one == list(DIALOGUE)
    middle = said[len(said) // 2 :][:1000]
    for text in DIALOGUE:
        assert sum(one == text for _, one in middle) > 100


def test_an_exit_is_timed_to_the_next_cover_for_that_number(cover: str) -> None:
    her, other, start = number(1), number(2), 100.0
    said = [(her, "x"), (her, "x"), (her, "x"), (other, "x")]
    posted = [start, start + WARMING + 1, start + WARMING + 9, start + WARMING + 9]
    asked = [
        (start + 1, her, cover),  # of the exit that is not measured
        (start + WARMING + 1.2, her, "Are you safe?"),
        (start + WARMING + 1.4, her, cover),
        (start + WARMING + 9.1, other, cover),
    ]
    left = judged(said, posted, asked)
    assert (left.exits, left.missing) == (3, 1)
    assert (round(left.p50), round(left.p99)) == (400, 400)


def test_pages_are_told_only_where_each_has_its_answer(cover: str) -> None:
    raiser = number(leaving.PEOPLE)
    said, posted = [(raiser, "3")] * RAISERS, [float(n) for n in range(RAISERS)]
    pages = [(at + 0.3, WORKER, "P0 ABC. To take it, reply A ABC") for at in posted]
    assert judged(said, posted, pages).pages == pytest.approx(300)
    assert judged(said, posted, pages[1:]).pages is None
