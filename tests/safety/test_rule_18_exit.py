"""SAFETY 18: one token exits, in every state and language, and takes everything with it in the same turn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.conversation import Conversation
from flows.engine.effects import Cancel, CancelSends, Noted, Wipe
from flows.engine.events import Heard, WorkerJoined
from flows.engine.step import step
from tests.properties.test_any_life import lived, sends
from tests.properties.test_fine_path import QUESTIONS, standing
from tests.properties.walks import DURESS, LANGUAGES, LIVES, SIGNAL, Act, beginnings, mac, programme
from tests.safety.phone import EXIT, Phone

TOKENS = ("x", "X", " x ", "xx", "x!", "❌", "X.", "✖️", "Х", "x x x")


@given(beginnings(), LIVES, st.sampled_from(TOKENS))
def test_exit_works_in_every_state(begin: Conversation, acts: list[Act], token: str) -> None:
    last, at = lived(begin, acts)
    if last.contact.opted_out:
        return
    turn = step(programme(), last, Heard(at, token, mac(token), "f" * 28))
    assert turn.conversation.session is None
    assert any(isinstance(effect, CancelSends) for effect in turn.effects)
    assert any(isinstance(effect, Wipe) for effect in turn.effects) == (last.session is not None)
    assert {send.kind for send in sends(turn.effects)} <= {"cover"}
    assert len(sends(turn.effects)) == (0 if last.contact.exit_silent else 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_every_question_in_the_same_turn(language: str) -> None:
    for number, (flow, name, _) in enumerate(QUESTIONS):
        phone = Phone()
        phone.now = standing(flow, name, language)
        assert phone.now.session is not None
        session = phone.now.session.id
        phone.says(TOKENS[number % len(TOKENS)])
        for effect in (CancelSends(), Cancel("lock", session), Wipe(session), Noted("exit")):
            assert effect in phone.effects
        assert phone.now.session is None
        assert phone.shows_only_the_cover
        assert phone.raised == []


@pytest.mark.parametrize("word", [EXIT, "BANANA!", " b-anana", "bananas", "banan", "bannana"])
def test_her_own_word_and_its_near_misses_exit_too(word: str) -> None:
    phone = Phone()
    phone.says(SIGNAL, word)
    assert phone.now.session is None


def test_her_own_word_exits_beside_one_that_was_chosen_while_somebody_watched() -> None:
    phone = Phone()
    phone.says(SIGNAL, DURESS, "menu", "7", "9", SIGNAL, "3", "teapots")
    for word in ("teapots", EXIT, "bananas"):
        phone.says(word)
        assert phone.now.session is None, word
        phone.says(SIGNAL)


def test_where_she_chose_silence_nothing_comes_and_nothing_is_asked_afterwards() -> None:
    phone = Phone(exit_silent=True)
    assert phone.says(SIGNAL, "1", "x") == []
    assert phone.rings("lock", "s" * 28, after=3600) == []
    assert [effect for effect in phone.effects if not isinstance(effect, Noted)] == []


def test_with_a_worker_in_the_chat() -> None:
    phone = Phone("telegram")
    phone.says(SIGNAL)
    phone.meets(WorkerJoined(phone.at, "ana", "f" * 28))
    assert phone.now.mode == "worker"
    phone.says("x")
    assert phone.now.session is None
    assert phone.shows_only_the_cover
