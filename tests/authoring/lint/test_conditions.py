"""Conditions of branches and the rules of instruments: what they name is answered, and each can become true."""

from __future__ import annotations

import pytest

from tests.authoring.lint.told import Write, flow, one, told

ASKED = """\
  fear: {{ask: How afraid?, number: {{from: 0, to: 10}}, fine: 0, next: safe}}
  safe: {{ask: Safe?, choices: {{yes: I am, no: Not}}, fine: yes, next: word}}
  word: {{ask: Your word?, text: {{most: 40}}, into: contact.signal, next: route}}
  route:
    branch:
      - {{when: "{}", go: bye}}
      - {{go: late}}
  late: {{ask: Late?, time: true, next: bye}}
  bye: {{end: Bye.}}
"""


@pytest.mark.parametrize(
    "condition",
    [
        "fear >= 8 && safe == 'no'",
        "fear - 3 > 2",
        "safe in ['yes', 'no']",
        "risk.tier == 'P0' || contact.channel == 'sms'",
        "plan.count >= 10 && days.joined < 400",
    ],
)
def test_sound_conditions(write: Write, condition: str) -> None:
    assert told(write(library__trial=flow(ASKED.format(condition), "fear"))) == []


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("fear > 1 && faer < 3", "10:29: Nothing answers faer. Did you mean `fear`?"),
        ("safe == 'yse'", "10:26: `safe` is never 'yse'. Did you mean `yes`?"),
        ("safe in ['yes', 'maybe']", "10:34: `safe` is never 'maybe'"),
        ("fear == 'much'", "10:26: `fear` is never 'much'. Compare fear with a number"),
        ("safe > 3", "10:17: This cannot be computed when safe is 'yes'"),
        ("fear > 10", "10:17: This is never true"),
        ("fear > 5 && fear < 5", "10:17: This is never true"),
        ("risk.tier == 'P4'", "10:31: `risk.tier` is never 'P4'"),
        ("word == 'x'", "10:17: Nothing answers word"),
        ("previous.fear > 3", "10:17: Nothing answers previous.fear"),
        ("late > 600", "10:17: Nothing before this step answers late"),
    ],
)
def test_conditions_that_cannot_be_meant(write: Write, condition: str, said: str) -> None:
    one(write(library__trial=flow(ASKED.format(condition), "fear")), said)


INSTRUMENT = """\
instrument: trial
version: "1"
flow: trial
rules:
  - {id: high, tier: P1, when: "fear >= 8", says: "Fear {fear}"}
  - {id: jump, tier: P1, when: "fear - previous.fear >= 3", says: "Up from {previous.fear}"}
"""
WATCHED = """\
flow: trial
about: For tests.
watch: trial
start: fear
steps:
  fear: {ask: How afraid?, number: {from: 0, to: 10}, fine: 0, next: weigh}
  weigh: {assess: trial, next: [{when: "risk.tier == 'P1'", go: bye}, {go: bye}]}
  bye: {end: Bye.}
"""


def test_a_sound_instrument(write: Write) -> None:
    assert told(write(library__trial=WATCHED, instruments__trial=INSTRUMENT)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("fear >= 8", "fear >= 8 && fair > 1", "trial.yaml:5:46: Nothing answers fair. Did you mean `fear`?"),
        ("fear >= 8", "fear >= 11", "trial.yaml:5:33: This is never true"),
        ("id: jump", "id: high", "trial.yaml:6:10: The id high is here a second time"),
        ("Fear {fear}", "Fear {previous.fear}", "trial.yaml:5:57: {previous.fear} is not read by this rule"),
    ],
)
def test_instruments_that_cannot_be_meant(write: Write, old: str, new: str, said: str) -> None:
    found = told(write(library__trial=WATCHED, instruments__trial=INSTRUMENT.replace(old, new)))
    assert any(said in each for each in found), found


def test_an_instrument_made_for_another_flow(write: Write) -> None:
    found = told(write(library__trial=WATCHED, instruments__trial=INSTRUMENT.replace("flow: trial", "flow: nothing")))
    assert any("trial.yaml:3:8: The instrument trial weighs the answers of nothing" in each for each in found)
    assert any("trial.yaml:3:7: There is no flow nothing" in each for each in found)
