"""What is kept of her: goals, the plan, and what is for somebody independent."""

from __future__ import annotations

import pytest

from tests.authoring.lint.told import Write, flow, one, told

SHOW = "  s: {offer_plan: 'Still right? {item}', items: [bag], choices: {a: A, b: B}, fine: a, next: a}\n"
BAG = "  g: {ask: q, text: {most: 9}, into: plan.bag, next: s}\n"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("number: {from: 1, to: 10}, into: goal.one.now, fine: skip", "5:48: Where she stands with a goal is a number"),
        ("text: {most: 9}, into: goal.four", "There is no field goal.four"),
        ("time: true, into: goal.one", "A goal is kept in words"),
        ("choices: {keep: K, done: D}, into: goal.one, fine: keep", "`done` does nothing to a goal"),
        ("text: {most: 9}, into: plan.shown", "No item of the plan is shown here"),
    ],
)
def test_an_answer_that_cannot_be_kept(step: str, said: str, write: Write) -> None:
    one(write(library__trial=flow(f"  a: {{ask: q, {step}, next: b}}\n  b: {{end: x}}\n")), said)


def test_a_question_that_shows_a_goal_may_be_left_out(write: Write) -> None:
    shows = "  a: {ask: 'And {goal_two}?', time: true, next: {none: b, else: c}}\n  b: {end: x}\n  c: {end: y}\n"
    assert told(write(library__trial=flow(shows))) == []
    one(write(library__trial=flow(shows.replace("{goal_two}", "this"))), "`none` is no answer to a")


def test_what_is_shown_can_be_answered_and_set_to_right_only(write: Write) -> None:
    ask = "  a: {ask: q, choices: {more: M, done: D}, into: plan.shown, fine: skip, next: r}\n"
    good = BAG + SHOW + ask + "  r: {set: {plan.shown: right}, next: b}\n  b: {end: x}\n"
    assert told(write(library__trial=flow(good, "g"))) == []
    one(
        write(library__trial=flow(good.replace("plan.shown: right", "plan.shown: done"), "g")),
        "`plan.shown` cannot be done",
    )
    one(write(library__trial=flow(good.replace("more: M", "other: M"), "g")), "`other` is no state of a plan item")


def test_a_reason_quotes_nothing_that_was_told_to_someone_independent(write: Write) -> None:
    steps = "  a: {ask: q, number: {from: 0, to: 3}, fine: 0, next: b}\n  b: {end: x}\n"
    trial = flow(steps).replace("start:", "watch: trial\nindependent: true\nstart:")
    head = 'instrument: trial\nversion: "1"\nflow: trial\n'
    rule = head + 'rules:\n  - {id: much, tier: P2, when: "a >= 2", says: "It was {a}"}\n'
    one(
        write(library__trial=trial, instruments__trial=rule),
        "{a} would quote an answer that was given to someone independent",
    )
