"""Whatever is typed: no error, the same answer twice, and harmless words take nothing from a danger."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.authoring.signals import read_signals
from flows.safety.danger import MAX_CHARS, Reader, worst
from flows.safety.danger_lexicon import URGENCY

READER = read_signals()  # hypothesis runs a test many times: the fixture would be the same object
DANGERS = [
    "he has a knife",
    "he said he will kill me",
    "help me",
    "i want to kill myself",
    "tiene un cuchillo",
    "me va a matar",
    "معه سكين",
    "قال رح يقتلني",
    "mae ganddo gyllell",
    "mae o'n taro fi",
    "🆘",
    "scared 9",
]
# None denies, remembers, imagines, or is a part of an idiom; each is a sentence, as people end a thought.
HARMLESS = [
    "The bus was late.",
    "We had soup for lunch.",
    "El autobus llega tarde.",
    "Hace sol.",
    "الباص تأخر.",
    "Mae'n bwrw glaw.",
    "The library shuts at six.",
    "Plants need water.",
]


@given(st.text())
@settings(max_examples=300)
def test_it_never_fails_and_says_the_same_twice(text: str) -> None:
    assert READER.read(text) == READER.read(text)


@given(st.lists(st.sampled_from([*sorted(READER._index.table)[::7], "no", "no", ".", ",", "9", "10", "last year"])))
def test_it_never_fails_on_its_own_words(words: list[str]) -> None:
    text = " ".join(words)
    matches = READER.read(text)
    assert len({match.entry for match in matches}) == len(matches)
    assert [URGENCY[m.tier] for m in matches] == sorted(URGENCY[m.tier] for m in matches)


@given(st.sampled_from(DANGERS), st.lists(st.sampled_from(HARMLESS), max_size=6), st.lists(st.sampled_from(HARMLESS)))
def test_harmless_sentences_around_it_take_nothing_from_a_danger(
    danger: str, before: list[str], after: list[str]
) -> None:
    text = " ".join([*before, danger + ".", *after])[:MAX_CHARS]
    alone, among = worst(READER.read(danger)), worst(READER.read(text))
    assert alone is not None
    assert among is not None
    assert URGENCY[among] <= URGENCY[alone]


@given(st.sampled_from(DANGERS), st.sampled_from(DANGERS))
def test_a_second_danger_takes_nothing_from_the_first(first: str, second: str) -> None:
    both = worst(READER.read(f"{first}. {second}."))
    each = [worst(READER.read(first)), worst(READER.read(second))]
    assert both is not None
    assert all(tier is not None and URGENCY[both] <= URGENCY[tier] for tier in each)


@given(st.sampled_from(DANGERS), st.sampled_from(["en", "es", "ar", "cy", "", "zz"]))
def test_the_language_said_to_be_hers_changes_no_tier(danger: str, first: str) -> None:
    assert worst(READER.read(danger, first)) == worst(READER.read(danger))


@given(st.sampled_from([d for d in DANGERS if d.isascii()]), st.data())
def test_case_spaces_and_unseen_characters_change_nothing(danger: str, data: st.DataObject) -> None:
    unseen = st.sampled_from(["", "\u200b", "\u200d", "\u00ad", "\u2060"])
    dressed = "".join(letter + data.draw(unseen) for letter in danger)
    dressed = dressed.upper() if data.draw(st.booleans()) else dressed
    assert worst(READER.read(f"  {dressed.replace(' ', '   ')} !!")) == worst(READER.read(danger))


@pytest.mark.parametrize("danger", DANGERS)
def test_the_words_shown_are_the_message_s_own(reader: Reader, danger: str) -> None:
    for match in reader.read(f"well. {danger}."):
        assert match.words
        assert set(match.words.split()) <= set(_canonical(f"well {danger}"))


def _canonical(text: str) -> tuple[str, ...]:
    from flows.text.canonical import words

    return words(text)
