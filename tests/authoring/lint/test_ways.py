"""Where steps lead: to steps that are there, for every answer, in no circle without a way out."""

from __future__ import annotations

import pytest

from flows.engine.walk import DEEPEST
from tests.authoring.lint.told import Write, flow, one, told


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("  a: {say: x, next: bye}\n  by: {end: x}\n", "trial.yaml:5:21: There is no step bye. Did you mean `by`?"),
        ("  b: {end: x}\n", "trial.yaml:3:8: There is no step a."),
        (
            "  a: {ask: q, time: true, next: {skip: b, els: b}}\n  b: {end: x}\n",
            "5:43: `els` is no answer to a. Did you mean `else`?",
        ),
        (
            "  a: {say: x, next: {yes: b, else: b}}\n  b: {end: x}\n",
            "5:22: `a` asks nothing, so there is no answer yes",
        ),
        (
            "  a: {ask: q, time: true, next: {skip: b}}\n  b: {end: x}\n",
            "5:27: Nothing is said for any other answer. Add `else: step`",
        ),
        (
            '  a: {branch: [{when: "days.joined > 1", go: b}]}\n  b: {end: x}\n',
            "5:7: Nothing is said for when no condition holds",
        ),
        ("  a: {branch: [{go: b}, {go: b}]}\n  b: {end: x}\n", "5:25: This is never come to"),
        ("  a: {end: x}\n  b: {end: x}\n", "6:3: No step leads to b"),
    ],
)
def test_ways_that_do_not_lead_on(write: Write, steps: str, said: str) -> None:
    assert any(said in each for each in told(write(library__trial=flow(steps)))), told(
        write(library__trial=flow(steps))
    )


def test_every_question_can_be_skipped_so_choices_alone_do_not_cover_it(write: Write) -> None:
    steps = """\
  a:
    ask: Well?
    choices: {yes: It is, no: It is not}
    fine: yes
    next: {yes: b, no: b}
  b: {end: x}
"""
    one(write(library__trial=flow(steps)), "trial.yaml:9:5: Nothing is said for skip. Add `else: step`")


def test_choices_and_skip_together_cover_it(write: Write) -> None:
    steps = """\
  a: {ask: q, choices: {yes: It is, no: It is not}, fine: yes, next: {yes: b, no: b, skip: b}}
  b: {end: x}
"""
    assert told(write(library__trial=flow(steps))) == []


def test_a_circle_with_no_way_out_is_told(write: Write) -> None:
    steps = "  a: {ask: q, time: true, next: b}\n  b: {say: x, next: a}\n"
    assert [line.split(" ")[0] for line in told(write(library__trial=flow(steps)))] == [
        "trial.yaml:5:3:",
        "trial.yaml:6:3:",
    ]


def test_a_circle_without_a_question_is_told(write: Write) -> None:
    steps = """\
  a: {say: x, next: b}
  b: {branch: [{when: "days.joined > 3", go: a}, {go: c}]}
  c: {end: x}
"""
    found = told(write(library__trial=flow(steps)))
    assert [line.partition(":")[2][:4] for line in found] == ["5:3:", "6:3:"]
    assert all("without being asked anything" in line for line in found)


def test_a_circle_through_another_flow_that_asks_nothing_is_told(write: Write) -> None:
    steps = '  a: {call: quick, next: b}\n  b: {branch: [{when: "days.joined > 3", go: a}, {go: c}]}\n  c: {end: x}\n'
    quick = flow("  a: {say: x, next: b}\n  b: {end: y}\n", name="quick")
    assert len(told(write(library__trial=flow(steps), library__quick=quick))) == 2


def test_a_circle_through_a_flow_that_asks_is_none(write: Write) -> None:
    steps = '  a: {call: hello, next: b}\n  b: {branch: [{when: "days.joined > 3", go: a}, {go: c}]}\n  c: {end: x}\n'
    assert told(write(library__trial=flow(steps))) == []


def test_showing_nothing_of_an_empty_plan_is_no_question(write: Write) -> None:
    steps = """\
  a:
    offer_plan: "{item}"
    items: [bag]
    choices: {more: More, enough: Enough}
    fine: enough
    next: {none: b, else: c}
  b: {say: Nothing here., next: a}
  c: {ask: q, text: {}, into: plan.bag, next: d}
  d: {end: x}
"""
    found = told(write(library__trial=flow(steps)))
    assert len(found) == 2
    assert "From a one comes back" in found[0]


def test_a_flow_that_calls_itself_through_another_is_told(write: Write) -> None:
    one_way = flow("  a: {call: back, next: b}\n  b: {end: x}\n", name="there")
    other = flow("  a: {ask: q, time: true, next: b}\n  b: {call: there, next: c}\n  c: {end: x}\n", name="back")
    found = told(write(library__there=one_way, library__back=other))
    assert len(found) == 2
    assert "leads back into" in found[0]


def test_flows_nested_deeper_than_the_engine_goes_are_told(write: Write) -> None:
    steps = "  a: {{call: f{}, next: b}}\n  b: {{end: x}}\n"
    chain = {f"library__f{n}": flow(steps.format(n + 1), name=f"f{n}") for n in range(DEEPEST)}
    chain[f"library__f{DEEPEST}"] = flow("  a: {end: x}\n", name=f"f{DEEPEST}")
    one(write(**chain), f"f0.yaml:1:7: Flows are nested {DEEPEST + 1} deep")


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("  a: {call: helo, next: b}\n  b: {end: x}\n", "5:13: There is no flow helo. Did you mean `hello`?"),
        ("  a: {assess: nothing, next: b}\n  b: {end: x}\n", "5:15: There is no instrument nothing"),
    ],
)
def test_what_is_called_must_be_there(write: Write, steps: str, said: str) -> None:
    one(write(library__trial=flow(steps)), said)
