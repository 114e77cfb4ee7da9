"""What a conversation costs: the talks are whole ones, and each text is counted as it goes out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.app import read_content
from flows.authoring.costs import TALKS, Talk, cell, costs, play_talk
from flows.engine.programme import Programme

ENDS = {
    "steady": ["checkin/close", "cover"],
    "elevated": ["checkin/worker", "engine/worker_here", "engine/worker_left", "checkin/close", "cover"],
    "joining": ["delete_texts/offer", "join/close", "cover"],
    "cover": ["cover"],
}


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read_content()


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk.name)
def test_a_talk_comes_to_its_end(talk: Talk, programme: Programme) -> None:
    for language in programme.catalogues.languages:
        said = [send.message for _, sends in play_talk(programme, language, talk) for send in sends]
        said = ["cover" if message.startswith("cover.") else message for message in said]
        assert said[-len(ENDS[talk.name]) :] == ENDS[talk.name]


def test_every_language_is_counted_with_its_choices(programme: Programme) -> None:
    found = {(cost.language, cost.talk): cost for cost in costs(programme)}
    assert len(found) == len(programme.catalogues.languages) * len(TALKS)
    english, arabic = found["en", "steady"], found["ar", "steady"]
    # Five questions, the last words and the cover: one segment each in English; Arabic has 70 letters to a segment.
    assert (english.sent, english.received) == (7, 7)
    assert arabic.sent > english.sent
    assert arabic.received == english.received
    assert {cost.sent for cost in found.values() if cost.talk == "cover"} == {1}


def test_the_price_is_of_all_segments(programme: Programme) -> None:
    steady = costs(programme)[0]
    assert cell(steady, Decimal(1)) == "7 + 7 = 14"
    assert cell(steady, Decimal("0.05")) == "7 + 7 = 0.70"
