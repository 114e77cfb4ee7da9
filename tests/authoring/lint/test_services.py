"""A step that finds services of the directory."""

from __future__ import annotations

import pytest

from tests.authoring.lint.told import Write, flow, one, told

FIND = """\
  may: {ask: Write it?, choices: {yes: You may, no: Please not}, fine: no, next: need}
  need: {ask: What?, choices: {talk: To talk, law: The law}, fine: skip, next: where}
  where: {ask: Where?, choices: {ie: Ireland, other: Elsewhere}, fine: skip, next: how}
  how: {ask: How?, choices: {call: By voice, write: In writing}, fine: skip, next: show}
  show:
    find: "{name}: {what} {number} {notes}"
    by: need
    needs: {talk: [helpline], law: [legal]}
    may: may
    where: where
    how: how
    choices: {more: The next, enough: Enough}
    fine: enough
    next: {more: show, none: bye, last: bye, else: bye}
  bye: {end: Bye.}
"""


def test_a_sound_step_that_finds(write: Write) -> None:
    assert told(write(library__trial=flow(FIND, start="may"))) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("law: [legal]", "law: [lawyer]", "trial.yaml:12:37: There is no category lawyer."),
        ("law: [legal]", "law: [legals]", "There is no category legals. Did you mean `legal`?"),
        ("law: [legal]}", "law: [legal], home: [housing]}", "`need` is never home. Take it out."),
        ("by: need", "by: needs", "Nothing answers needs here. Ask it, or set it."),
        ("    may: may", "    may: where", "`where` is no question that answers `may`. Ask whether numbers may be"),
        (
            "    where: where",
            "    where: how",
            "`how` is no question that answers `where`. Name its choices for places",
        ),
        ("    how: how", "    how: bye", "`bye` is no question that answers `how`. Give it a choice `write`"),
        ("{number} ", "", "This does not show the number. Write {number} in it."),
        ("{notes}", "{notes} {address}", "Nobody gives {address}."),
        ("none: bye, last: bye, else: bye", "none: bye, enough: bye, skip: bye", "Nothing is said for last."),
        ("none: bye", "none: show", "From show one comes back to it without being asked anything."),
        ("    fine: enough", "    fine: maybe", "`maybe` is no answer to show."),
    ],
)
def test_a_step_that_finds_wrongly(write: Write, old: str, new: str, said: str) -> None:
    assert old in FIND
    found = told(write(library__trial=flow(FIND.replace(old, new), start="may")))
    assert any(said in each for each in found), found


def test_a_need_that_is_set_and_answers_nothing(write: Write) -> None:
    steps = (
        FIND.replace(
            "  need: {ask: What?, choices: {talk: To talk, law: The law}, fine: skip, next: where}",
            """\
  pick: {ask: What?, choices: {talk: To talk, other: Else}, fine: skip, next: {talk: a, else: b}}
  a: {set: {need: talk}, next: where}
  b: {set: {need: home}, next: where}""",
        )
        .replace("next: need}", "next: pick}")
        .replace(", law: [legal]", "")
    )
    one(write(library__trial=flow(steps, start="may")), "`need` can be home, which needs nothing")
