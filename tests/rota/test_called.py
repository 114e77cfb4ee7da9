"""rota.yaml: what people are called in calendars, and what of it is refused at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from escalation.ports import Staff
from escalation.rota.calendar import read_calendar
from escalation.rota.file import check_called, read_called
from escalation.rota.reading import names_of
from flows.authoring.findings import AuthorError
from tests.rota.calendars import TEAM, at, calendar

OURS = "people:\n  ana: [Ana R., a.reyes@example.org]\n  ben:\n    - B. Okoro\n"
START, END = at("2026-10-20 00:00"), at("2026-11-10 00:00")


def programme(folder: Path, text: str) -> Path:
    (folder / "rota.yaml").write_text(text, encoding="utf-8")
    return folder


def test_names_and_addresses_are_those_of_a_username(tmp_path: Path) -> None:
    called = read_called(programme(tmp_path, OURS))
    assert called == {"Ana R.": "ana", "a.reyes@example.org": "ana", "B. Okoro": "ben"}
    names = names_of(TEAM, called)
    assert [names[name] for name in ("ana r.", "a.reyes@example.org", "b. okoro", "ana", "ben okoro")] == [
        "s1", "s1", "s2", "s1", "s2",
    ]  # fmt: skip
    assert check_called(tmp_path) == ()


def test_a_folder_without_one_has_no_names_and_nothing_to_mend(tmp_path: Path) -> None:
    assert [read_called(folder) for folder in (None, tmp_path)] == [{}, {}]
    assert [check_called(folder) for folder in (None, tmp_path)] == [(), ()]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("people:\n  ana: [A]\n  ben: [B, ' a ']\n", "3:12: ` a ` is also a name of `ana`. A name means one person."),
        ("people:\n  Ana Reyes: [ana]\n", "2:3: `Ana Reyes` is no username. Write the username before the colon"),
        ("people:\n  ana: []\n", "2:3: `ana` has 0 entries. At least 1."),
        ("people:\n  ana: ['']\n", "2:9: Entry 1 is empty."),
        ("people:\n  ana: ['mailto:']\n", "2:9: This name is empty."),
        ("people:\n  ana: A. R.\n", "2:8: `ana` is not a list."),
        ("peple:\n  ana: [A]\n", "1:1: `peple` is no key that is known here. Did you mean `people`?"),
        ("people:\n  ana: [A]\n  ana: [B]\n", "3:3: `ana` is here a second time"),
    ],
)
def test_it_is_refused_at_its_place_with_a_hint(tmp_path: Path, text: str, said: str) -> None:
    folder = programme(tmp_path, text)
    with pytest.raises(AuthorError) as refused:
        read_called(folder)
    found = [str(finding) for finding in refused.value.findings]
    assert any(each.startswith(f"{folder / 'rota.yaml'}:{said}") for each in found), found
    assert all(finding.hint for finding in refused.value.findings)
    assert check_called(folder) == refused.value.findings


TWO_ANAS = (*TEAM, Staff("s5", "ana2", "Ana Reyes", "worker"))


def test_of_two_with_one_name_it_is_said_who_is_meant_and_nobody_elses_own_name_is_taken() -> None:
    assert "ana reyes" not in names_of(TWO_ANAS)
    assert names_of(TWO_ANAS, {"Ana Reyes": "ana2"})["ana reyes"] == "s5"
    assert "ben" not in names_of(TEAM, {"ben": "ana"}), "it would be another's own name: neither"
    assert names_of(TEAM, {"A": "ana"}, {"a": "ben"})["a"] == "s2", "what is said of this calendar holds"
    assert "a" not in names_of(TEAM, {"A": "zoe"}), "who is off is not called"


@pytest.mark.parametrize(
    ("event", "unknown"),
    [
        ("SUMMARY:Ana and Zoe", ("Zoe",)),
        ("SUMMARY:Night: Zoe\\, ZOE", ("Zoe",)),
        ("SUMMARY:Night|ATTENDEE;CN=Zoe Adler:MAILTO:Zoe@example.org", ("Night", "zoe@example.org")),
        ("ATTENDEE;CN=Zoe Adler:invalid", ("Zoe Adler",)),
        ("SUMMARY:ana|ATTENDEE:mailto:zoe@example.org", ()),
        ("SUMMARY:Night|ATTENDEE;CN=ben:mailto:b@example.org|ATTENDEE:mailto:zoe@example.org", ()),
    ],
)
def test_names_that_are_nobodys_are_told_as_they_are_written(event: str, unknown: tuple[str, ...]) -> None:
    text = calendar(f"{event}|DTSTART:20261021T200000Z|DURATION:PT8H|RRULE:FREQ=DAILY;COUNT=3")
    reading = read_calendar(text, "UTC", names_of(TEAM), START, END)
    assert reading.unknown == unknown
    assert bool(reading.findings) == bool(unknown)
