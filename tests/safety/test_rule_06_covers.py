"""SAFETY 6: what comes unasked is a cover message of the set that she chose, and none of them tells what this is."""

from __future__ import annotations

import pytest

from flows.engine.effects import Send
from flows.engine.wording import wording
from flows.text.canonical import words
from tests.properties.walks import LANGUAGES, programme
from tests.safety.phone import Phone
from tests.walk.heard import STEMS

# What each language may not hold, at the least; the lists that ship are longer (flows/text/forbidden.yaml).
TELLING = {
    "en": ("abused", "violence", "safe", "refuge", "police", "partner"),
    "es": ("abuso", "violencia", "policía", "pareja"),
    "pt": ("abuso", "violência", "polícia", "parceiro"),
    "fr": ("abus", "violence", "police", "refuge"),
    "pl": ("przemoc", "policja", "partner"),
    "ar": ("عنف", "شرطة"),
    "ur": ("تشدد", "پولیس"),
    "cy": ("trais", "heddlu", "partner"),
}
EVERYWHERE = ("999", "112", "911", "see www.example.org", "write to me@example.org", "07700 900123")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_cover_holds_a_word_that_tells(language: str) -> None:
    lists = [stems for stems in (STEMS[""], STEMS["en"], STEMS.get(language)) if stems]
    telling = {word.casefold() for word in (*TELLING["en"], *TELLING[language])}
    for cover in programme().covers.values():
        for message, english in (*cover.replies, *cover.pings):
            said = wording(programme(), Send(message, english, "cover", language)).text
            assert [stems.found(said) for stems in lists] == [None] * len(lists), said
            assert telling & set(words(said)) == set(), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lint_knows_the_words_of_the_rule_in_each_language(language: str) -> None:
    assert [word for word in TELLING[language] if not STEMS[language].found(f"tip {word} tip")] == []
    assert [text for text in EVERYWHERE if not STEMS[""].found(text)] == []


@pytest.mark.parametrize("cover", sorted(programme().covers))
def test_a_ping_is_of_the_cover_that_she_chose(cover: str) -> None:
    phone = Phone(cover=cover)
    for day in range(9):
        phone.rings("checkin", after=86_400 * day + 1)
        assert [send.message.split("/")[0] for send in phone.sends] == [f"cover.{cover}"]
        phone.says("hello", "sunflower", "1", "0", "2", "1", "1", "x")
