"""A programme as a whole: a sound one has no findings, what ships is sound, and its settings name what is there."""

from __future__ import annotations

import pytest

from flows.authoring.content import read_content
from flows.authoring.extract import own_sources
from flows.authoring.lint import faults
from flows.authoring.load import SHIPPED
from tests.authoring.lint.told import Write, one, told


def test_a_sound_programme_has_no_findings(write: Write) -> None:
    assert told(write()) == []


def test_what_ships_can_be_run_on() -> None:
    own = {source.id: source.english for source in own_sources()}
    assert [str(finding) for finding in faults(read_content([SHIPPED]), own)] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("opening: hello", "opening: helo", "programme.yaml:2:10: There is no opening helo. Did you mean `hello`?"),
        ("cover: tea", "cover: coffee", "programme.yaml:4:8: There is no cover coffee"),
        ("cover: tea", "cover: tea\nzone: Europe/Lundon", "programme.yaml:5:7: There is no time zone Europe/Lundon"),
        ("cover: tea", "cover: tea\nlanguage: tlh", "programme.yaml:5:11: There is no language tlh"),
    ],
)
def test_settings_that_cannot_be_meant(write: Write, old: str, new: str, said: str) -> None:
    settings = "joining: hello\nopening: hello\nmenu: hello\ncover: tea\n"
    one(write(programme=settings.replace(old, new)), said)
