"""What is wrong in flows that can be read: each fault is told where it stands, with a way to mend it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flows.authoring.content import Content, read_content
from flows.authoring.extract import own_sources
from flows.authoring.lint import advice, faults
from flows.authoring.load import SHIPPED
from flows.engine.walk import DEEPEST

Write = Callable[..., Content]  # the fixture: texts by path, to all that was read
OWN = {"plan/bag": "Bag"}
LANGUAGES = ("en", "es")


def told(content: Content) -> list[str]:
    """What is found, each with the last part of its file's path only."""
    assert not content.findings, [str(finding) for finding in content.findings]
    found = [*faults(content, OWN), *advice(content, LANGUAGES)]
    assert all(finding.hint for finding in found)
    return [str(replace(finding, file=Path(finding.file).name)) for finding in found]


def one(content: Content, expected: str) -> None:
    found = told(content)
    assert len(found) == 1, found
    assert expected in found[0]


def flow(steps: str, start: str = "a", name: str = "trial") -> str:
    return f"flow: {name}\nabout: For tests.\nstart: {start}\nsteps:\n{steps}"


def test_a_sound_programme_has_no_findings(write: Write) -> None:
    assert told(write()) == []


def test_what_ships_can_be_run_on() -> None:
    own = {source.id: source.english for source in own_sources()}
    assert [str(finding) for finding in faults(read_content([SHIPPED]), own)] == []


# where steps lead


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


# conditions

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


# questions


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


# settings


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


# services of the directory


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


# what is kept of her: goals, the plan, what is for someone independent

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
