"""Links, addresses and phone numbers in texts are found, but for emergency numbers that were asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from flows.authoring.content import Content
from flows.authoring.load import SHIPPED, check
from flows.authoring.traces import numbers, two_digits

LOCALES = Path(__file__).parents[2] / "locales"
Write = Callable[..., Content]
ASKED = """\
flow: ours
about: Our own.
start: how
steps:
  how: {{ask: How is the garden?, choices: {{good: Good, bad: Bad}}, fine: good, next: {{bad: sorry, else: bye}}}}
  sorry: {{say: "{0}", next: bye}}
  bye: {{end: Bye.}}
"""
OPENING = """\
flow: ours
about: Our own.
start: hello
steps:
  hello: {{say: "{0}", next: how}}
  how: {{ask: How is the garden?, choices: {{good: Good, bad: Bad}}, fine: good, next: bye}}
  bye: {{end: Bye.}}
"""

TODAY = date(2026, 11, 21)


def told(tmp_path: Path) -> list[str]:
    return [f"{Path(f.file).name}:{f.line}: {f.problem}" for f in check([SHIPPED, tmp_path], LOCALES, TODAY)]


def test_a_programmes_own_flow_passes_beside_the_shipped_catalogues(write: Write, tmp_path: Path) -> None:
    write(library__ours=ASKED.format("We are sorry."))
    assert told(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    ["See https://help.org", "Look at help.org", "Write to ana@example", "Ring 0808 2000 247", "Ring +44 7700-900123"],
)
def test_what_could_be_traced_is_found(write: Write, tmp_path: Path, text: str) -> None:
    write(library__ours=ASKED.format(text))
    (found,) = told(tmp_path)
    assert "ours/sorry (en): it holds a" in found.lower()


@pytest.mark.parametrize(
    "text", ["On 24.12.2026", "Ring \u0660\u0668\u0660\u0668\u0662\u0660", "Ring 1234", "Ring 117 123"]
)
def test_so_are_dates_other_scripts_and_short_codes(write: Write, tmp_path: Path, text: str) -> None:
    write(library__ours=ASKED.format(text))
    (found,) = told(tmp_path)
    assert "ours/sorry (en): it holds a phone number" in found.lower()


@pytest.mark.parametrize("text", ["Ring 999 or 112. Press 55", "Ring 116 016", "Ring 116016", "From 0 to 10, 18–21"])
def test_what_was_asked_for_and_is_short_is_none(write: Write, tmp_path: Path, text: str) -> None:
    write(library__ours=ASKED.format(text))
    assert told(tmp_path) == []


def test_an_emergency_number_that_nobody_asked_for_is_found(write: Write, tmp_path: Path) -> None:
    write(library__ours=OPENING.format("Ring 999"))
    (found,) = told(tmp_path)
    assert found == "ours.yaml:5: The step hello says 999 before anything was asked."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ring 17", ["17"]),
        ("Call the police on 17 or 15.", ["17", "15"]),
        ("Police: 17. Ambulance: 15. Fire: 18", ["17", "15", "18"]),
        ("Dial \u0661\u0667", ["17"]),
        ("Press 55 when asked", ["55"]),
        ("Call 999", []),
        ("From 0 to 10", []),
        ("Call within 30 minutes", []),
        ("Mornings: 10 to 12", []),
        ("Opens: 18:30, 18-21", []),
        ("It comes every 14 days. Time: 10.30", []),
        ("We call at 10 am", []),
    ],
)
def test_a_number_of_two_digits_is_told_by_the_words_around_it(text: str, found: list[str]) -> None:
    assert list(two_digits(text)) == found


def test_a_two_digit_emergency_number_that_nobody_asked_for_is_found(write: Write, tmp_path: Path) -> None:
    write(library__ours=OPENING.format("Police 15 minutes away? Call 17"))
    (found,) = told(tmp_path)
    assert found == "ours.yaml:5: The step hello says 17 before anything was asked."


def test_the_place_of_a_number_counts_as_one(write: Write, tmp_path: Path) -> None:
    write(library__ours=OPENING.format("{emergency} Well?"))
    (found,) = told(tmp_path)
    assert found == "ours.yaml:5: The step hello says {emergency} before anything was asked."


def test_a_first_question_is_not_yet_asked(write: Write, tmp_path: Path) -> None:
    write(library__ours=ASKED.format("x").replace("How is the garden?", "Ring 999?"))
    (found,) = told(tmp_path)
    assert found == "ours.yaml:5: The step how says 999 before anything was asked."


def test_numbers_are_read_in_any_script_and_hours_are_none() -> None:
    assert list(numbers("999, ٩٩٩ and (0)808 2000-247; from 18-21, 22:30, 0 to 10")) == ["999", "999", "08082000247"]
