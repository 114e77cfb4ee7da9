"""She chooses her words anew, in the chat, by the word that stands. Forgotten: test_forgotten_words.py."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flows.engine import conversation as codec
from flows.engine.effects import Answered, ContactChanged
from flows.engine.events import Heard, WorkerCleared
from flows.engine.step import step
from tests.properties.walks import DURESS, LANGUAGES, SIGNAL, mac, programme
from tests.safety.phone import EXIT, HERS, PLAN, Phone

TO_WORDS = ("menu", "7", "9")
FIRST, OTHER, HIDES = "1", "2", "3"  # which of them, once the word that stands was written
WORDS = st.text(max_size=30) | st.sampled_from(
    (
        SIGNAL,
        DURESS,
        EXIT,
        "sunflowers",
        "Marigold!",
        "bananas",
        "bluebird",
        "menu",
        "عصفور أزرق",
        "słonecznik",
        "🌻🌻🌻🌻",
    )
)


def ids(phone: Phone) -> list[str]:
    return [send.message for send in phone.sends]


def is_open(phone: Phone) -> bool:
    return phone.now.session is not None


def changed(phone: Phone, which: str, word: str, now: str = SIGNAL) -> list[str]:
    """From a closed chat, and closed again. The ids of what came to the word's second writing."""
    phone.says(now, *TO_WORDS, now, which, word, word)
    came = ids(phone)
    phone.says("x")
    return came


# in the chat


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_word_opens_in_any_language_and_the_old_one_is_a_word_like_any_other(language: str) -> None:
    phone = Phone(language=language)
    assert changed(phone, FIRST, "عصفور أزرق") == ["my_words/changed"]
    phone.says(SIGNAL)
    assert phone.shows_only_the_cover
    assert not is_open(phone)
    phone.says("عصفور أزرق")
    assert is_open(phone)


def test_it_stands_nowhere_in_clear_and_is_told_to_nobody() -> None:
    phone = Phone()
    phone.says(SIGNAL, *TO_WORDS)
    for word in (SIGNAL, FIRST, "Blue Bird", "bluebirb", "bluebird"):
        phone.now = codec.read(codec.write(phone.now))
        phone.at += timedelta(seconds=20)
        turn = step(programme(), phone.now, Heard(phone.at, word, mac(word), "f" * 28))
        phone.now, phone.effects = turn.conversation, turn.effects
        assert word == FIRST or turn.hide == "(signal word)", "the transcript has this in its place"
        assert not any("bird" in text.casefold() for text in phone.shown)
        assert phone.raised == []
        assert all(effect.value is None for effect in turn.effects if isinstance(effect, Answered) and word != FIRST)
    (change,) = [effect for effect in phone.effects if isinstance(effect, ContactChanged)]
    assert (change.by, change.changed, change.contact.signal) == ("her", ("signal",), mac("bluebird"))


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("dog", "unfit"),
        ("19840611", "unfit"),
        ("seven", "taken"),
        ("harvest", "taken"),
        ("omelette", "taken"),
        (SIGNAL, "alike"),
    ],
)
@pytest.mark.parametrize("which", [FIRST, OTHER])
def test_what_cannot_serve_is_refused_as_in_joining(which: str, word: str, why: str) -> None:
    phone = Phone()
    before = phone.now.contact
    phone.says(SIGNAL, *TO_WORDS, SIGNAL, which)
    asked = ids(phone)
    phone.says(word)
    assert ids(phone) == [f"engine/word_{why}", *asked]
    assert phone.now.contact == before


def test_one_that_is_refused_for_being_like_another_of_hers_is_hidden_as_well() -> None:
    phone = Phone()
    phone.says(SIGNAL, *TO_WORDS, SIGNAL, OTHER)
    turn = step(programme(), phone.now, Heard(phone.at, SIGNAL, mac(SIGNAL), "f" * 28))
    assert turn.hide == "(duress word)"


def test_who_has_no_other_word_sets_one_later_and_it_warns() -> None:
    phone = Phone(duress="")
    phone.says(DURESS)
    assert phone.raised == []
    changed(phone, OTHER, DURESS)
    phone.says(DURESS)
    assert [one.tier for one in phone.raised] == ["P0"]
    assert phone.shows_only_the_cover


def test_the_other_word_of_before_warns_as_well_as_the_new_one() -> None:
    """She writes it out of habit, or somebody who has watched her does."""
    phone = Phone()
    changed(phone, OTHER, "teapots")
    for word in (DURESS, "teapots"):
        phone.says(word)
        assert [one.kind for one in phone.raised] == ["duress"], word
        assert phone.shows_only_the_cover


def test_her_exit_word_is_another_from_then_on() -> None:
    phone = Phone()
    phone.says(SIGNAL, *TO_WORDS, SIGNAL, HIDES, "teapots")
    assert ids(phone) == ["my_words/changed"]
    phone.says("teapots")
    assert not is_open(phone)
    phone.says(SIGNAL, EXIT)
    assert is_open(phone), "the old one is a word like any other"


def test_the_second_writing_must_be_the_same_and_one_may_choose_again() -> None:
    phone = Phone()
    phone.says(SIGNAL, *TO_WORDS, SIGNAL, FIRST, "bluebird", "bluebirds")
    assert ids(phone) == ["engine/word_differs", "my_words/signal_again"]
    phone.says("-")
    assert ids(phone) == ["my_words/signal"]
    phone.says("-")
    assert ids(phone) == ["my_words/as_it_was"]
    assert phone.now.contact.signal == mac(SIGNAL)


def test_an_exit_in_the_middle_leaves_all_as_it_was() -> None:
    phone = Phone()
    phone.says(SIGNAL, *TO_WORDS, SIGNAL, FIRST, "bluebird", "x", "bluebird")
    assert not is_open(phone)
    phone.says(SIGNAL, *TO_WORDS)
    assert ids(phone) == ["my_words/now"], "the word that stands is asked for in each session anew"


def test_who_finds_the_chat_open_and_does_not_know_the_word_changes_nothing() -> None:
    phone = Phone()
    phone.says(SIGNAL, *TO_WORDS, "rosebush", "tulip tree")
    assert ids(phone) == ["engine/word_wrong", "my_words/now"]
    phone.says("daisies")
    assert ids(phone) == ["my_words/as_it_was"]
    assert [one.key for one in phone.raised] == ["task.unreadable"], "a worker looks"
    assert phone.now.contact == Phone().now.contact
    assert len(phone.now.memory.tries) == 3, "they count as on a closed chat"


def test_no_flow_leads_past_the_word_that_stands() -> None:
    """Not even one whose author forgot to ask for it."""
    phone = Phone()
    phone.says(SIGNAL, *TO_WORDS)
    session = phone.now.session
    assert session is not None
    at_once = tuple(
        codec.replace(frame, step="signal") if frame.flow == "my_words" else frame for frame in session.stack
    )
    phone.now = codec.replace(phone.now, session=codec.replace(session, stack=at_once))
    phone.says("bluebird")
    assert ids(phone) == ["engine/again", "my_words/signal"]
    assert phone.now.contact == Phone().now.contact


def test_while_it_must_be_verified_who_it_is_a_person_does_it() -> None:
    phone = Phone()
    phone.rings("checkin")
    phone.rings("missed", after=86_400)
    phone.says(SIGNAL, *TO_WORDS)
    assert ids(phone) == ["my_words/person_first"]
    phone.says("1")
    assert [one.kind for one in phone.raised] == ["talk"]
    assert phone.now.contact == Phone().now.contact


@given(WORDS, st.sampled_from(LANGUAGES))
@example("s t r e e t l a m p", "en")
@example("ストリート", "ur")
def test_any_text_is_refused_or_opens_afterwards(word: str, language: str) -> None:
    """Whatever is taken as her word is one by which the gate lets her in: nobody is shut out by their own choice."""
    phone = Phone("telegram", language=language)
    before = phone.now.contact
    phone.says(SIGNAL, *TO_WORDS, SIGNAL, FIRST, word, word, "x")
    if phone.now.contact.signal == before.signal:
        assert phone.now.contact == before
        return
    assert phone.now.contact.signal == mac(word)
    phone.says(word)
    assert is_open(phone)
    assert not phone.now.suspect
    phone.says("x", SIGNAL)
    assert is_open(phone) is (mac(word) == mac(SIGNAL))


# while somebody else may be writing


def doubted(phone: Phone, which: str, *words: str) -> None:
    """Under her duress word somebody has her words changed in the open chat, and hides it."""
    phone.says(SIGNAL, DURESS, *TO_WORDS, SIGNAL, which, *words, "x")


def test_words_that_are_chosen_then_open_the_stand_in_and_hers_go_on_to_work() -> None:
    phone = Phone(plan=PLAN)
    before = phone.now.contact
    doubted(phone, FIRST, "bluebird", "bluebird")
    for word in ("bluebird", SIGNAL):
        phone.says(word)
        assert is_open(phone), word
        seen = [text for step_ in ("menu", "2", "2") for text in phone.says(step_)]
        assert HERS not in str(seen)
        phone.says("x")
    phone.says(DURESS)
    assert [one.kind for one in phone.raised] == ["duress"]
    phone.meets(WorkerCleared(phone.at, "ana", "f" * 28))
    assert phone.now.contact == before
    phone.says("bluebird")
    assert phone.shows_only_the_cover
    phone.says(SIGNAL)
    assert is_open(phone)


def test_her_duress_word_stands_for_the_word_that_opens_where_somebody_has_it_changed() -> None:
    """Forced to write the word that stands, she warns by it, and it looks right."""
    phone = Phone()
    phone.says(SIGNAL, *TO_WORDS, DURESS)
    assert ids(phone) == ["my_words/which"]
    assert [one.tier for one in phone.raised] == ["P0"]
    phone.says(FIRST, "bluebird", "bluebird")
    assert ids(phone) == ["my_words/changed"]
    assert phone.now.contact == Phone().now.contact


def test_her_word_that_opens_does_so_even_where_it_was_made_the_one_that_warns() -> None:
    phone = Phone()
    doubted(phone, FIRST, "bluebird", "bluebird")
    phone.says("bluebird", *TO_WORDS, "bluebird", OTHER, SIGNAL, SIGNAL)
    assert ids(phone) == ["my_words/changed"]
    phone.says("x", SIGNAL)
    assert is_open(phone)
    assert [one.tier for one in phone.raised] == ["P0"]


@given(st.sampled_from((FIRST, OTHER, HIDES)), WORDS, WORDS)
def test_whatever_is_chosen_then_takes_the_place_of_none_of_hers(which: str, first: str, second: str) -> None:
    phone = Phone("telegram", plan=PLAN)
    before = phone.now
    doubted(phone, which, first, first)
    doubted(phone, HIDES, second)
    assert (phone.now.contact, phone.now.plan) == (before.contact, before.plan)
    phone.says(SIGNAL)
    assert is_open(phone)
    assert phone.now.suspect
    phone.says(EXIT)
    assert not is_open(phone)
    phone.says(DURESS)
    assert "duress" in [one.kind for one in phone.raised]
    phone.says("x")
    phone.meets(WorkerCleared(phone.at, "ana", "f" * 28))
    for word in (first, second):
        phone.says(word, after=4000)
        assert is_open(phone) is (mac(word) == mac(SIGNAL))
        phone.says("x")


def test_a_state_of_an_older_release_reads_as_before() -> None:
    phone = Phone()
    phone.says(SIGNAL)
    written = codec.write(phone.now)
    for new in (b',"words":""', b',"chosen":""', b',"reset":null', b',"duress_before":""'):
        assert new in written
        written = written.replace(new, b"")
    assert codec.read(written) == phone.now
