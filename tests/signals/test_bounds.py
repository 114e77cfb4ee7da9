"""No text, however hostile, takes more than its bounds of work. Counted, not timed."""

from __future__ import annotations

import random
from array import array
from bisect import bisect_left

import pytest

from flows.safety import danger_spelling
from flows.safety.danger import MAX_ASIDE, MAX_CHARS, MAX_GUESSES, MAX_STEPS, MAX_WORDS, Reader, worst
from flows.safety.danger_phrase import MAX_PARTS
from flows.safety.danger_spelling import LONGEST_WORD


def vocabulary(reader: Reader) -> list[str]:
    return sorted(reader._index.table)


def near_misses(reader: Reader) -> str:
    """Words that are each one letter from a danger word, all different."""
    words = [w for w in vocabulary(reader) if w.isascii() and w.isalpha() and len(w) > 5]
    return " ".join(w[:place] + "q" + w[place + 1 :] for place in (1, 3) for w in words)


def shuffled(reader: Reader) -> str:
    words = vocabulary(reader)
    random.Random(7).shuffle(words)  # the same each time
    return " ".join(words)


HOSTILE = {
    "a million letters": "a" * 1_000_000,
    "a million words": "kill me not " * 100_000,
    "pronouns": "he " * 50_000,
    "marks": "\u0301" * 10_000,
    "marks on a letter": "k" + "\u0301\u0323" * 5_000,
    "one long word": "strangle" * 10_000,
    "held down": "he" + "e" * 100_000 + "lp me",
    "denials": "no knife " * 10_000,
    "the past": "last year he had a knife. " * 5_000,
    "idioms": "this traffic is killing me " * 5_000,
    "full stops": "a." * 50_000,
    "knives": "🔪" * 50_000,
    "surrogates": "\ud83d" * 5_000 + "\udd2a" * 5_000,
    "nothing": "\x00" * 10_000,
    "spaces": " " * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_work_is_bounded(reader: Reader, name: str) -> None:
    reading = reader.weigh(HOSTILE[name])
    assert reading.guesses <= MAX_GUESSES
    assert reading.steps <= MAX_STEPS + 2 * MAX_PARTS


@pytest.mark.parametrize("flood", [near_misses, shuffled])
def test_work_is_bounded_where_the_text_is_made_of_our_own_words(reader: Reader, flood: object) -> None:
    text = flood(reader)  # type: ignore[operator]
    for start in range(0, len(text), MAX_CHARS):
        reading = reader.weigh(text[start : start + MAX_CHARS])
        assert reading.guesses <= MAX_GUESSES
        assert reading.steps <= MAX_STEPS + (MAX_ASIDE + 2) * MAX_PARTS


def test_work_does_not_grow_with_how_often_a_danger_is_nearly_said(reader: Reader) -> None:
    once = reader.weigh("he said he has no knife and it was not his")
    often = reader.weigh("he said he has no knife and it was not his " * 90)
    assert often.steps <= 3 * once.steps + MAX_PARTS


def test_a_guess_looks_up_a_key_for_each_letter_and_no_more(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counting(keys: array[int], key: int) -> int:
        asked.append(key)
        return bisect_left(keys, key)

    monkeypatch.setattr(danger_spelling, "bisect_left", counting)
    spelling = reader._index.spelling
    right = max(spelling._long, key=len)
    assert right in spelling.guess(f"{right[:-1]}q")
    assert 0 < len(asked) <= LONGEST_WORD + 1
    asked.clear()
    spelling.guess("q" * 2 + "wertyuio" * 2)
    assert len(asked) <= LONGEST_WORD + 1
    asked.clear()
    spelling.guess("wertyuio" * 1_000)
    assert asked == []


@pytest.mark.parametrize("text", ["x" * (MAX_CHARS + 1), "la " * (MAX_WORDS + 1)])
def test_what_goes_unread_is_raised(reader: Reader, text: str) -> None:
    (match,) = reader.read(text)
    assert (match.entry, match.tier) == ("unread", "P2")


def test_a_danger_at_the_end_of_a_telegram_message_is_read(reader: Reader) -> None:
    long = "we went to the park and had lunch " * 100
    assert worst(reader.read(long[: MAX_CHARS - 20] + ". he has a knife")) == "P0"


def test_short_answers_are_looked_up_and_nothing_else(reader: Reader) -> None:
    for text in ("1", "yes", "x", "no", "0", "ok", "", " ", "?!"):
        assert reader.read(text) == ()
    for text in ("sos", "SOS", "999", "kms"):
        assert worst(reader.read(text)) in ("P0", "P1")
