"""Transcripts are played as they are written: sound ones pass, and what differs is told at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.authoring.coverage import KINDS, coverage, uncovered
from flows.authoring.findings import AuthorError
from flows.authoring.fit import fit
from flows.authoring.load import load_programme
from flows.authoring.nodes import read_text
from flows.authoring.playing import play
from flows.authoring.transcripts import Transcript, TranscriptFile, read_transcripts
from flows.engine.programme import Programme

HERE = Path(__file__).parent / "every_kind"
LOCALES = Path(__file__).parents[2] / "locales"


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme([HERE], LOCALES)


@pytest.fixture(scope="module")
def transcripts() -> tuple[Transcript, ...]:
    return read_transcripts(HERE / "transcripts")


def transcript(talk: str, head: str = "") -> Transcript:
    document = read_text("talk.yaml", f"transcript: a trial\n{head}talk:\n{talk}")
    return Transcript("talk", fit(document, TranscriptFile), document)


def told(talk: str, programme: Programme, head: str = "") -> list[str]:
    return [str(finding) for finding in play(transcript(talk, head), programme)]


def test_sound_transcripts_pass(programme: Programme, transcripts: tuple[Transcript, ...]) -> None:
    assert [str(each) for one in transcripts for each in play(one, programme)] == []


def test_they_pass_in_a_language_that_is_written_from_right_to_left(
    programme: Programme, transcripts: tuple[Transcript, ...]
) -> None:
    assert [str(each) for one in transcripts for each in play(one, programme, "ar")] == []


def test_every_kind_of_step_is_come_to(programme: Programme, transcripts: tuple[Transcript, ...]) -> None:
    assert coverage(transcripts, programme).kinds() == KINDS


def test_what_no_transcript_comes_to_is_named(programme: Programme) -> None:
    short = [transcript("  - they: sunflower\n    we: [checkin/hello, checkin/mood]\n")]
    missing = uncovered(short, programme)
    assert "flow bag" in missing
    assert "kind ask time" in missing
    assert "flow checkin" not in missing
    assert "checkin/close" in coverage(short, programme).steps()
    assert "checkin/mood" not in coverage(short, programme).steps()


OPEN = "  - they: sunflower\n    we: [checkin/hello, checkin/mood]\n"


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        ("  - they: sunflower\n    we: cover\n", "3:5: [en] we said checkin/hello, checkin/mood, not cover"),
        ("  - they: sunflower\n", "we said checkin/hello, checkin/mood, not nothing"),
        ("  - they: rose\n    we: cover\n    mode: open\n", "3:5: [en] the chat is closed, not open"),
        (
            OPEN + "  - they: '1'\n    we: checkin/bed\n    at: checkin/fear\n",
            "5:5: [en] they are at checkin/bed, not at",
        ),
        (OPEN + "  - they: bad\n    we: checkin/fear\n    alert: {tier: P0, rules: [x]}\n", "raised nothing, not P0 x"),
        (OPEN + "  - they: x\n    we: cover\n    noted: locked\n", "locked was not noted, but exit"),
        ("  - they: rose\n    we: cover\n    wiped: true\n", "nothing was wiped"),
        ("  - they: rose\n    we: cover\n    plan: {bag: done}\n", "the plan has for bag nothing, not done"),
        ("  - they: rose\n    we: cover\n    contact: {rhythm_days: 9}\n", "the record has for rhythm_days 7, not 9"),
    ],
)
def test_what_differs_is_told_at_its_line(programme: Programme, talk: str, said: str) -> None:
    found = told(talk, programme)
    assert len(found) == 1, found
    assert said.lower() in found[0].lower()


def test_an_alert_that_nobody_expected_is_told(programme: Programme) -> None:
    found = told("  - they: marigold\n    we: cover\n", programme)
    assert found == [
        "talk.yaml:3:5: [en] raised P0 duress, not nothing. Mend the flow, or write down what is right now."
    ]


AFRAID = """\
  - they: sunflower
    we: [checkin/hello, checkin/mood]
  - they: bad
    we: checkin/fear
  - they: "9"
    we: checkin/words
    alert: {tier: P1, rules: [%s]}
"""


@pytest.mark.parametrize(
    ("rules", "differences"), [("fear.high, fear.jump", 0), ("fear.jump, fear.high", 0), ("fear.jump", 1)]
)
def test_rules_may_stand_in_any_order(programme: Programme, rules: str, differences: int) -> None:
    assert len(told(AFRAID % rules, programme, "given: {previous: {fear: 2}}\n")) == differences


def test_waiting_fires_what_is_due_and_nothing_more(programme: Programme) -> None:
    assert told("  - wait: 6d\n  - wait: 1d\n    we: ping\n", programme) == []
    assert (
        told(OPEN + "  - wait: 4m\n    mode: open\n  - wait: 1m\n    mode: closed\n    noted: locked\n", programme)
        == []
    )


def test_a_year_of_waiting_comes_to_an_end(programme: Programme) -> None:
    found = told("  - wait: 365d\n", programme)
    assert len(found) == 2  # what was said, what was raised
    assert "ping.01" in found[0]


PRESSED = """\
  - press: 2
    we: checkin/fear
  - press: 1
    of: checkin/mood
    we: checkin/fear
"""


def test_an_old_button_is_known_for_what_it_is(programme: Programme) -> None:
    assert told(OPEN + PRESSED, programme) == []


@pytest.mark.parametrize(
    ("talk", "head", "said"),
    [
        ("  - {they: x, wait: 1d}\n", "", "talk.yaml:3:5: In this line `they` and `wait` happens"),
        ("  - {we: cover}\n", "", "In this line nothing happens"),
        ("  - {wait: soon}\n", "", "talk.yaml:3:12: `soon` is no time to wait. Write 10m, 2h or 7d"),
        ("  - {wait: 9999d}\n", "", "is no time to wait"),
        ("  - {they: x, of: checkin/mood}\n", "", "`of` belongs to `press`"),
        ("  - {they: x, we: Hello there}\n", "", "`Hello there` is no name"),
        ("  - {they: x, alert: {tier: P7, rules: []}}\n", "", "`P7` is not one of"),
        ("  - {they: x}\n", "given: {contact: {shoe: 40}}\n", "There is no field contact.shoe"),
        ("  - {they: x}\n", "given: {contact: {rhythm_days: 99}}\n", "`99` does not fit into contact.rhythm_days"),
        ("  - {they: x}\n", "phone: {chanel: sms}\n", "`chanel` is no key that is known here. Did you mean `channel`?"),
    ],
)
def test_what_is_no_transcript_is_told_at_its_place(talk: str, head: str, said: str) -> None:
    with pytest.raises(AuthorError) as error:
        transcript(talk, head)
    assert said in str(error.value)
