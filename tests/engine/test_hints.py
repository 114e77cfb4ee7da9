"""Where a hint counts: in what she says unasked, not in own words that a question asked for, nor with a worker."""

from __future__ import annotations

from dataclasses import replace as with_

import pytest
from msgspec.structs import replace

from bot.app import read_content
from flows.engine.conversation import Conversation
from flows.engine.effects import Raise
from flows.engine.programme import Programme
from flows.safety.danger import HINT, Reader
from flows.safety.danger_hints import Hints
from tests.engine.test_goals import says, standing

WORDS = "the lantern is lit on the stairs"


@pytest.fixture(scope="module")
def programme() -> Programme:
    """The shipped flows; the reader knows one word that hints."""
    return with_(read_content(), reader=Reader(hints=Hints({" lantern ": 9.0})))


def alarms(programme: Programme, before: Conversation, text: str = WORDS) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (e.tier, e.rules) for e in says(programme, before, text).effects if isinstance(e, Raise) and e.kind == "risk"
    ]


def test_a_hint_in_an_unasked_message_pages_also_when_the_chat_is_closed(programme: Programme) -> None:
    open_chat = standing(programme, "menu", "choose")
    assert alarms(programme, open_chat) == [("P1", (HINT.id,))]
    assert alarms(programme, replace(open_chat, session=None)) == [("P1", (HINT.id,))]


def test_words_of_her_own_that_a_question_asks_for_are_no_hint(programme: Programme) -> None:
    assert alarms(programme, standing(programme, "goals", "goal_one")) == []


def test_with_a_worker_who_reads_along_there_is_no_hint(programme: Programme) -> None:
    before = standing(programme, "menu", "choose")
    assert before.session is not None
    assert alarms(programme, replace(before, session=replace(before.session, worker="ana"))) == []


def test_a_phrase_counts_everywhere() -> None:
    shipped = read_content()
    for before in (standing(shipped, "goals", "goal_one"), standing(shipped, "menu", "choose")):
        assert [tier for tier, _ in alarms(shipped, before, "he has a knife at my throat")] == ["P0"]
