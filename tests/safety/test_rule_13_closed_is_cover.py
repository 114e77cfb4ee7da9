"""SAFETY 13: each session needs the signal word. Anything else keeps the cover going, without any sign."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.conversation import Conversation
from flows.engine.events import Heard, WorkerResetWords
from flows.text.canonical import canonical
from tests.properties.walks import DURESS, SIGNAL, TEXTS, Act, beginnings, live, mac
from tests.safety.phone import Phone

TRIED = (
    "sunflowers", "sunflowr", "sun flowers", "menu", "help", "talk", "harvest", "1", "1234", "wrong PIN?", "/start",
    "who is this", "he has a knife", "", " ", "\u200f", "sunflower marigold", "🌻", "ڈر 9",
)  # fmt: skip


@given(beginnings(), st.lists(TEXTS, min_size=1, max_size=20))
def test_only_the_signal_word_opens(begin: Conversation, texts: list[str]) -> None:
    """A near miss, a menu word, an old button: nothing else does (a duress word may, where she chose so)."""
    for before, event, turn in live(begin, [Act("heard", text) for text in texts]):
        assert isinstance(event, Heard)
        if before.session is None and turn.conversation.session is not None:
            opened_by_duress = before.contact.duress_opens and canonical(event.text) == DURESS
            assert canonical(event.text) == SIGNAL or opened_by_duress


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize("text", TRIED)
def test_whatever_is_tried_is_answered_as_any_word_is(text: str, channel: str) -> None:
    assert Phone(channel).says(text) == Phone(channel).says("flour")


@pytest.mark.parametrize("more", [{"button": "abcdef1:1"}, {"media": ("photo",)}, {"media": ("voice",)}])
def test_an_old_button_or_a_picture_too(more: dict[str, object]) -> None:
    phone = Phone("telegram")
    phone.says(SIGNAL, "x")
    as_any_word = Phone("telegram")
    as_any_word.says(SIGNAL, "x")
    assert phone.says("", **more) == as_any_word.says("flour")


def test_the_right_word_opens_in_any_dress() -> None:
    for word in ("Sunflower", " SUNFLOWER! ", "sun-flower", "s u n f l o w e r"):
        phone = Phone()
        assert "safe" in phone.says(word)[0], word


def test_a_new_word_opens_in_place_of_the_old_one_and_a_code_opens_once() -> None:
    phone = Phone()
    phone.says(SIGNAL, "menu", "7", "9", SIGNAL, "1", "bluebird", "bluebird", "x")
    assert phone.says(SIGNAL)
    assert phone.shows_only_the_cover
    phone.meets(WorkerResetWords(phone.at, "ana", mac("2A4C-7HJK"), phone.at + timedelta(hours=24), "f" * 28))
    assert phone.sends == []
    for text, opens in (("2A4C-7HJL", False), ("2A4C-7HJK", True), ("2A4C-7HJK", False), ("bluebird", True)):
        phone.says(text)
        assert (phone.now.session is not None) is opens, text
        phone.says("x")
