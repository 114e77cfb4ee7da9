"""What a question asks, what its answers are written into, and what its words show."""

from __future__ import annotations

import pytest

from tests.authoring.lint.told import Write, flow, one, told


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("choices: {yes: It is, no: Not}", "5:3: `a` does not say what a duress word answers here"),
        ("number: {from: 0, to: 3}", "the all-is-fine answer: 0 to 3, skip"),
        ("yes_no: true", "the all-is-fine answer: yes, no, skip"),
        ("choices: {yes: It is, no: Not}, fine: yess", "`yess` is no answer to a. Did you mean `yes`?"),
        ("number: {from: 0, to: 3}, fine: 4", "`4` is no answer to a"),
        ("choices: {yes: It is, skip: Not}, fine: yes", "A choice cannot be called skip"),
        ("time: true, into: contact.tim", "There is no field contact.tim"),
        ("text: {}, into: contact.langage", "There is no field contact.langage. Did you mean `contact.language`?"),
        (
            "choices: {night: Nights, always: Any}, fine: always, into: contact.hours",
            "`night` does not fit into contact.hours",
        ),
        ("number: {from: 0, to: 7}, fine: 7, into: contact.rhythm_days", "`0` does not fit into contact.rhythm_days"),
        (
            "choices: {yes: Some, maybe: Perhaps}, fine: yes, into: contact.shared_phone",
            "`contact.shared_phone` cannot be maybe",
        ),
        ("choices: {abc: A, abd: B}, fine: abc, into: contact.signal", "`contact.signal` is a word of her own"),
        ("choices: {todo: To do, lost: Lost}, fine: todo, into: plan.bag", "`lost` is no state of a plan item"),
        ("number: {from: 1, to: 3}, fine: 1, into: plan.bag", "A plan item is kept in words"),
        ("text: {}, into: plan.boat", "`plan.boat` has no name that can be shown"),
        ("choices: {en: English, xx: Other}, fine: en, into: contact.language", "There is no language xx"),
        ("choices: {tea: Tea, te: Te}, fine: tea, into: contact.cover", "There is no cover te. Did you mean `tea`?"),
    ],
)
def test_questions_that_cannot_be_meant(write: Write, step: str, said: str) -> None:
    one(write(library__trial=flow(f"  a: {{ask: Well?, {step}, next: b}}\n  b: {{end: x}}\n")), said)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("contact.rhythm_days: often", "5:34: `often` does not fit into contact.rhythm_days"),
        ("contact.signal: sunflower", "5:13: `contact.signal` cannot be set"),
        ("contact.consent: perhaps", "`contact.consent` cannot be perhaps"),
    ],
)
def test_fields_that_cannot_be_set(write: Write, fields: str, said: str) -> None:
    one(write(library__trial=flow(f"  a: {{set: {{{fields}}}, next: b}}\n  b: {{end: x}}\n")), said)


def test_what_is_shown_of_a_plan_is_asked_for_somewhere(write: Write) -> None:
    steps = """\
  a:
    offer_plan: "{item}: {what}"
    items: [boat, bag, bag]
    choices: {more: More, enough: Enough}
    fine: enough
    next: b
  b: {ask: A bag?, text: {}, into: plan.bag, next: c}
  c: {end: x}
"""
    found = told(write(library__trial=flow(steps)))
    assert [line.split(":", 1)[1] for line in found] == [
        "6:26: Nobody gives {what}. Here can be used: {item}, {words}.",
        "7:13: No flow asks for the plan item boat. Known here: bag.",
        "7:24: `bag` is here a second time. Keep one of the two.",
    ]


def test_a_plan_step_that_names_no_item(write: Write) -> None:
    steps = """\
  a: {offer_plan: "{words}", items: [bag], choices: {more: M, enough: E}, fine: more, next: b}
  b: {ask: A bag?, text: {}, into: plan.bag, next: c}
  c: {end: x}
"""
    one(write(library__trial=flow(steps)), "5:19: This does not say which item it shows")


def test_a_placeholder_that_nobody_fills(write: Write) -> None:
    one(write(library__trial=flow("  a: {end: 'Bye {name}.'}\n")), "5:17: Nobody gives {name}. Write the words out.")
