"""SAFETY 7: sensitive text stands only inside an open session, in every flow and language."""

from __future__ import annotations

import pytest
from hypothesis import given

from flows.engine.conversation import Conversation
from tests.properties.test_any_life import cover_ids, sends
from tests.properties.test_fine_path import QUESTIONS, standing
from tests.properties.walks import LANGUAGES, LIVES, SIGNAL, Act, beginnings, live
from tests.safety.phone import Phone


@given(beginnings(), LIVES)
def test_a_closed_chat_never_leaves_the_cover(begin: Conversation, acts: list[Act]) -> None:
    for before, _, turn in live(begin, acts):
        if before.session is None and turn.conversation.session is None:
            assert {send.kind for send in sends(turn.effects)} <= {"cover"}
            assert {send.message for send in sends(turn.effects)} <= cover_ids(before)


@pytest.mark.parametrize("flow", sorted({flow for flow, *_ in QUESTIONS}))
def test_wherever_she_was_what_comes_after_the_lock_is_the_cover(flow: str) -> None:
    """Each question of the flow, in one language after the other: what stood in her session stays in it."""
    for number, (_, name, _) in enumerate(each for each in QUESTIONS if each[0] == flow):
        phone = Phone()
        phone.now = standing(flow, name, LANGUAGES[number % len(LANGUAGES)])
        assert phone.now.session is not None
        assert phone.rings("lock", phone.now.session.id, after=301) == []
        for text in ("1", "yes", "menu", "-"):
            phone.says(text)
            assert phone.sends
            assert phone.shows_only_the_cover


def test_an_answer_that_comes_after_the_session_is_answered_by_the_cover() -> None:
    phone = Phone()
    assert "safe" in phone.says(SIGNAL)[0]
    phone.says("1", after=600)  # nobody locked it meanwhile: the service was down
    assert phone.sends
    assert phone.shows_only_the_cover
