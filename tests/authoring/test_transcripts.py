"""The transcripts of programme staff, played in every shipped language, and whether they come to everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.authoring.coverage import uncovered
from flows.authoring.load import SHIPPED, load_programme
from flows.authoring.playing import play
from flows.authoring.transcripts import Transcript, read_transcripts
from flows.engine.programme import Programme

ROOT = Path(__file__).parents[2]
LOCALES = ROOT / "locales"
TRANSCRIPTS = read_transcripts(ROOT / "tests" / "transcripts")
LANGUAGES = sorted(("en", *(path.parents[1].name for path in LOCALES.glob("*/LC_MESSAGES/rowan.po"))))


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme([SHIPPED], LOCALES)


@pytest.mark.parametrize(
    ("transcript", "language"),
    [(each, language) for each in TRANSCRIPTS for language in each.languages(LANGUAGES)],
    ids=lambda value: value.name if isinstance(value, Transcript) else value,
)
def test_it_goes_as_it_is_written_down(transcript: Transcript, language: str, programme: Programme) -> None:
    assert [str(difference) for difference in play(transcript, programme, language)] == []


def test_every_flow_and_every_kind_of_step_is_come_to(programme: Programme) -> None:
    assert uncovered(TRANSCRIPTS, programme) == ()
