"""Phrases that a worker sends by one press: those that ship, and a programme's own over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.authoring.catalogues import languages
from flows.authoring.extract import own_sources
from flows.authoring.locales import read
from flows.authoring.phrases import read_phrases, shipped
from flows.text.phrases import Phrase, Phrases
from flows.text.segments import count

LOCALES = Path(__file__).parents[2] / "locales"
SHIPPED = shipped(own_sources())


def written(folder: Path, text: str) -> tuple[dict[str, Phrase], list[str]]:
    (folder / "phrases.yaml").write_text(text, encoding="utf-8")
    known, findings = read_phrases([folder])
    return known, [str(finding) for finding in findings]


def test_what_ships_is_there_in_every_language_in_one_segment_and_called_a_draft() -> None:
    phrases = Phrases(SHIPPED, read(LOCALES))
    assert len(SHIPPED) >= 12
    for language in languages(LOCALES).values():
        for choice in phrases.offered(language.code, "en"):
            assert count(choice.hers).segments == 1, (language.code, choice.name)
            wanted = "own" if language.code == "en" else "reviewed" if language.status == "released" else "draft"
            assert choice.state == wanted, (language.code, choice.name)


def test_a_programmes_own_lies_over_what_ships_and_says_what_is_reviewed(tmp_path: Path) -> None:
    own, faults = written(
        tmp_path,
        "here:\n  english: This is the refuge.\n  words: {es: Somos el refugio.}\n  reviewed: [es]\n"
        "thursday:\n  english: Shall we talk on Thursday?\n  words: {cy: Gawn ni siarad ddydd Iau?}\n",
    )
    assert faults == []
    phrases = Phrases(SHIPPED | own, read(LOCALES))
    assert (phrases.said("here", "es"), phrases.state("here", "es")) == ("Somos el refugio.", "reviewed")
    assert (phrases.said("here", "pl"), phrases.state("here", "pl")) == ("This is the refuge.", "missing")
    assert (phrases.said("thursday", "cy"), phrases.state("thursday", "cy")) == ("Gawn ni siarad ddydd Iau?", "draft")
    assert phrases.said("time", "es") == "Sin prisa. Puedo esperar."
    assert phrases.said("none", "es") == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("far:\n  english: " + "very " * 40, "needs 2 segments in en"),
        ("far:\n  english: Far.\n  words: {pl: " + "źle " * 20 + "}", "segments in pl because of ź"),
        ("call:\n  english: Call +44 7700 900123.", "a link, an address or a number"),
        ("site:\n  english: Look at refuge.example.org", "a link, an address or a number"),
        ("far:\n  english: Far.\n  reviewed: [es]", "says nothing in es"),
        ("far:\n  words: {es: Lejos.}", "Field required"),
        ("far:\n  english: Far.\n  spanish: Lejos.", "Extra inputs"),
        ("Far Away:\n  english: Far.", "Far Away"),
        ("far: [", "phrases.yaml"),
    ],
)
def test_what_is_wrong_with_a_phrase_is_told_with_its_place(tmp_path: Path, text: str, why: str) -> None:
    _, faults = written(tmp_path, text)
    assert any(why in fault for fault in faults), faults
    assert all("phrases.yaml:" in fault for fault in faults)
