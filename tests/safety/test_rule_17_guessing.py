"""SAFETY 17: guessing is throttled without any visible sign, and a worker hears of it."""

from __future__ import annotations

from tests.properties.walks import DURESS, SIGNAL
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
