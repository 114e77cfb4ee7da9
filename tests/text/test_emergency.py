"""Whom to call: one number where the programme's place decides it, and the whole text still fits into its segments."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import LOCALES, SHIPPED, read_content
from flows.authoring.content import read_content as read_files
from flows.authoring.load import check
from flows.engine.conversation import Contact, Conversation
from flows.engine.draft import Draft
from flows.engine.hers import hers
from flows.engine.model import Ask
from flows.engine.programme import Programme
from flows.text.render import numbered, render
from flows.text.segments import count

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
ASKS = 9  # questions of the shipped flows that begin with whom to call


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read_content()


def asks(programme: Programme) -> list[tuple[str, Ask]]:
    steps = [(f"{f.name}/{s.name}", s) for f in programme.flows.values() for s in f.steps.values()]
    return [(message, s) for message, s in steps if isinstance(s, Ask) and "{emergency}" in s.english]


def said(programme: Programme, message: str, step: Ask, language: str = "en", **rules: str) -> str:
    """The question and its choices as an SMS."""
    local = replace(programme, rules=replace(programme.rules, **rules))  # type: ignore[arg-type]
    draft = Draft(local, Conversation("p", Contact(language=language)), NOW, "f")
    text = programme.catalogues.text
    labels = [text(language, f"{message}.{c.name}", c.english) for c in step.choices]
    return numbered(render(text(language, message, step.english), hers(draft, message, step.english)), labels)


@pytest.mark.parametrize(
    ("rules", "begins"),
    [
        ({}, "UK: 999. If you cannot speak, press 55 when asked. Europe: 112. US: 911. "),
        ({"place": "GB-WLS"}, "Emergency: 999. If you cannot speak, press 55 when asked. "),
        ({"place": "IE/cork"}, "Emergency: 112. "),
        ({"place": "US-CT"}, "Emergency: 911. "),
        ({"place": "AU"}, "UK: 999. "),
        ({"place": "AU", "emergency": "000"}, "Emergency: 000. "),
        ({"place": "FR", "emergency": "17"}, "Emergency: 17. "),
    ],
)
def test_the_place_of_the_programme_chooses_the_line(programme: Programme, rules: dict[str, str], begins: str) -> None:
    found = asks(programme)
    assert len(found) == ASKS
    for message, step in found:
        text = said(programme, message, step, **rules)
        assert text.startswith(begins), message
        assert text.count("999") == begins.count("999")


@pytest.mark.parametrize("rules", [{}, {"place": "GB"}, {"emergency": "000000"}])
def test_in_every_language_the_whole_text_fits(programme: Programme, rules: dict[str, str]) -> None:
    for language in programme.catalogues.languages:
        for message, step in asks(programme):
            text = said(programme, message, step, language, **rules)
            assert "{" not in text
            counted = count(text)
            assert counted.segments <= (1 if counted.encoding == "GSM-7" and language == "en" else 3), (language, text)


def test_a_flow_that_she_came_into_before_it_was_changed_has_no_gap(programme: Programme) -> None:
    """The English of that day names the numbers; the translation of today wants them filled in."""
    message = asks(programme)[0][0]
    draft = Draft(programme, Conversation("p", Contact(language="es")), NOW, "f")
    assert "911" in hers(draft, message, "UK: 999. Europe: 112. US: 911. What else would help?")["emergency"]


def test_a_programmes_own_number_is_read_and_checked(tmp_path: Path) -> None:
    (tmp_path / "programme.yaml").write_text("place: AU\nemergency: '000'\n", encoding="utf-8")
    assert read_files([SHIPPED, tmp_path]).rules.emergency == "000"
    (tmp_path / "programme.yaml").write_text("emergency: call us\n", encoding="utf-8")
    (found,) = check([SHIPPED, tmp_path], LOCALES, NOW.date())
    assert (Path(found.file).name, found.line) == ("programme.yaml", 1)
