"""SAFETY 17: guessing is throttled without any visible sign, and a worker hears of it."""

from __future__ import annotations

from datetime import timedelta

from flows.engine.events import WorkerResetWords
from tests.properties.walks import DURESS, SIGNAL, mac
from tests.safety.phone import Phone

GUESSED = [f"guess{letter}" for letter in "abcdefgh"]


def test_after_many_wrong_words_the_right_one_is_answered_like_another_wrong_one() -> None:
    phone, other = Phone(), Phone()
    seen = [phone.says(word, after=5) for word in [*GUESSED, SIGNAL]]
    assert seen == [other.says(word, after=5) for word in [*GUESSED, "one more"]]
    assert phone.now.session is None
    phone.says(SIGNAL, after=301)
    assert phone.now.session is not None, "her patience counts"


def test_a_worker_is_told_once() -> None:
    phone = Phone()
    tasks = []
    for word in [*GUESSED, *GUESSED]:
        phone.says(word, after=5)
        tasks += [raised.key for raised in phone.raised]
    assert tasks == ["task.wrong_words"]


def test_who_errs_a_few_times_is_let_in() -> None:
    phone = Phone()
    phone.says(*GUESSED[:7], SIGNAL, after=5)
    assert phone.now.session is not None


def test_neither_exit_nor_duress_is_ever_throttled() -> None:
    phone = Phone()
    phone.says(*GUESSED, after=5)
    phone.says(DURESS, after=1)
    assert [raised.kind for raised in phone.raised] == ["duress"]


def test_a_code_for_new_words_is_throttled_as_a_word_is() -> None:
    phone, other = Phone(), Phone()
    phone.meets(WorkerResetWords(phone.at, "ana", mac("2A4C-7HJK"), phone.at + timedelta(hours=24), "f" * 28))
    seen = [phone.says(word, after=5) for word in [*GUESSED, "2A4C-7HJK"]]
    assert seen == [other.says(word, after=5) for word in [*GUESSED, "one more"]]
    assert phone.now.session is None
    phone.says("2A4C-7HJK", after=301)
    assert phone.now.session is not None


def test_guessing_the_word_in_an_open_chat_to_change_it_counts_as_on_a_closed_one() -> None:
    phone = Phone()
    phone.says(SIGNAL)
    tasks = []
    for _ in range(3):  # each time the question is left after three
        phone.says("menu", "7", "9", after=5)
        for word in GUESSED[:3]:
            phone.says(word, after=5)
            tasks += [raised.key for raised in phone.raised if raised.key == "task.wrong_words"]
    refused = phone.says("menu", "7", "9", "one more", after=5)
    assert phone.says(SIGNAL, after=5)[0] == refused[0], "the right one too is answered as a wrong one, for a while"
    phone.says("x", after=5)
    assert tasks == ["task.wrong_words"]
    phone.says(SIGNAL, after=5)
    assert phone.now.session is None, "the closed chat is deaf as well"
