"""Her word is forgotten: a worker's code lets her choose anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows.engine import conversation as codec
from flows.engine.effects import CodeMade, Noted, Turn
from flows.engine.events import WorkerCleared, WorkerResetWords
from flows.engine.her_words import CODE_LIFE, NO_CONSENT, NO_WORD, VERIFY_FIRST, refuses_reset
from flows.engine.step import step
from tests.engine.test_changing_words import FIRST, TO_WORDS, changed, ids, is_open
from tests.properties.walks import DURESS, SIGNAL, mac, programme
from tests.safety.phone import EXIT, HERS, PLAN, Phone

CODE = "2A4C-7HJK"


def resets(phone: Phone, code: str = CODE) -> None:
    assert phone.meets(WorkerResetWords(phone.at, "ana", mac(code), phone.at + CODE_LIFE, "f" * 28)) == []


def test_a_code_changes_nothing_until_it_is_written_and_lets_her_in_once() -> None:
    phone = Phone(plan=PLAN)
    resets(phone)
    assert phone.now.contact == Phone().now.contact
    phone.says(SIGNAL, "x")
    assert phone.shows_only_the_cover
    phone.says("2a4c 7hjk")
    assert ids(phone) == ["my_words/signal"]
    phone.says("bluebird", "bluebird", "teapots", "teapots", "-")
    assert ids(phone) == ["my_words/changed"]
    phone.says("x", CODE)
    assert phone.shows_only_the_cover
    assert not is_open(phone)
    phone.says(SIGNAL)
    assert phone.shows_only_the_cover
    phone.says("bluebird")
    assert is_open(phone)
    contact = phone.now.contact
    assert (contact.signal, contact.duress, contact.exit) == (mac("bluebird"), mac("teapots"), EXIT)


def test_whoever_has_code_and_phone_sees_nothing_of_hers_until_a_worker_has_asked_again() -> None:
    phone = Phone(plan=PLAN)
    resets(phone)
    phone.says(CODE)
    assert [one.key for one in phone.raised] == ["task.verify"]
    assert Noted("words_by_code", "ana") in phone.effects
    assert CODE not in str(phone.effects)
    phone.says("bluebird", "bluebird", "-", "-", "menu", "2", "2")
    assert HERS not in str(phone.shown)
    phone.meets(WorkerCleared(phone.at, "ana", "f" * 28))
    assert HERS in str(phone.says("menu", "2", "2"))


def test_who_chooses_none_is_told_that_the_old_word_stays() -> None:
    phone = Phone()
    resets(phone)
    phone.says(CODE, "-")
    assert ids(phone) == ["my_words/without"]
    phone.says("2", "-", "-")
    assert ids(phone) == ["my_words/changed"]
    assert phone.now.contact == Phone().now.contact


@pytest.mark.parametrize(("after", "opens"), [(CODE_LIFE, True), (CODE_LIFE + timedelta(seconds=1), False)])
def test_it_is_good_for_a_day(after: timedelta, opens: bool) -> None:
    phone = Phone()
    resets(phone)
    phone.says(CODE, after=int(after.total_seconds()))
    assert is_open(phone) is opens
    assert phone.shows_only_the_cover is not opens


def test_a_second_code_and_a_word_that_she_remembers_end_the_first() -> None:
    phone = Phone()
    resets(phone)
    resets(phone, "9999-AAAA")
    phone.says(CODE)
    assert not is_open(phone)
    changed(phone, FIRST, "bluebird")
    phone.says("9999-AAAA")
    assert not is_open(phone)


def test_in_an_open_chat_and_changed_afterwards_it_does_nothing() -> None:
    phone = Phone("telegram")
    resets(phone)
    phone.says(SIGNAL, *TO_WORDS, CODE)
    assert ids(phone) == ["engine/word_wrong", "my_words/now"]
    phone.says("x", CODE, edited=True)
    assert not is_open(phone)


def test_after_a_duress_word_it_is_a_word_like_any_other_and_a_worker_is_told() -> None:
    phone, plain = Phone(), Phone()
    resets(phone)
    assert phone.says(DURESS, CODE) == plain.says(DURESS, "flour")
    assert [one.key for one in phone.raised] == ["task.words"]
    assert not is_open(phone)
    phone.meets(WorkerCleared(phone.at, "ana", "f" * 28))
    phone.says(CODE)
    assert is_open(phone), "it was not used up"


def test_no_code_is_made_while_it_may_not_be_her_or_where_it_would_open_nothing() -> None:
    fine, memory = Phone().now.contact, Phone().now.memory
    assert refuses_reset(fine, memory, suspect=False) == ""
    assert refuses_reset(fine, memory, suspect=True) == VERIFY_FIRST
    assert refuses_reset(fine, codec.replace(memory, verify_first=True), suspect=False) == VERIFY_FIRST
    assert refuses_reset(codec.replace(fine, consent=""), memory, suspect=False) == NO_CONSENT
    assert refuses_reset(codec.replace(fine, signal=""), memory, suspect=False) == NO_WORD
    phone = Phone()
    phone.says(DURESS)
    turn: Turn = step(
        programme(), phone.now, WorkerResetWords(phone.at, "ana", mac(CODE), phone.at + CODE_LIFE, "f" * 28)
    )
    assert turn.conversation.memory.reset is None
    assert turn.effects == (Noted("words_not_reset", "ana"),)


def test_no_word_of_the_phone_asks_for_one() -> None:
    """From the phone nothing makes a code, and nothing there says that one can be made."""
    phone = Phone()
    for text in ("forgotten", "forgot my word", "reset", "new word", "I have lost my word"):
        assert phone.says(text)
        assert phone.shows_only_the_cover
        assert phone.now.memory.reset is None
        assert not any(isinstance(effect, CodeMade) for effect in phone.effects)
