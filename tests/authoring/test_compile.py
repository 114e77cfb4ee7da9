"""From a file to what the engine runs, and back to text that gives the same again."""

from __future__ import annotations

import pytest

from flows.authoring.compile import compile_cover, compile_instrument, compile_text
from flows.authoring.content import read_content
from flows.authoring.dump import dump
from flows.authoring.findings import AuthorError
from flows.authoring.load import SHIPPED
from flows.authoring.nodes import read_text
from flows.engine.model import Ask, Branch, Choice, End, Flow, Route, Set

EVERY_KIND = """\
flow: every
about: One step of each kind.
watch: every
start: hi
steps:
  hi: {say: "Hi: you", next: choose}
  choose:
    ask: Which?
    choices: {yes: Yes indeed, no: Not at all}
    fine: yes
    next: {no: count, skip: count, else: words}
  count: {ask: How many?, number: {from: -1, to: 10}, fine: 0, next: words}
  words: {ask: A word?, text: {most: 40}, into: contact.signal, next: both}
  both: {ask: Or?, text: {}, choices: {todo: To do, done: Done}, into: plan.bag, next: sure}
  sure: {ask: Sure?, yes_no: true, fine: no, next: [{when: "sure == 'yes'", go: time}, {go: set}]}
  time: {ask: When?, time: true, next: {else: set}}
  set: {set: {contact.rhythm_days: 7, mood: calm}, next: branch}
  branch: {branch: [{when: "count > 3", go: assess}, {go: call}]}
  assess: {assess: every, next: call}
  call: {call: other, next: plan}
  plan:
    offer_plan: "{item}: {words}"
    items: [bag]
    choices: {more: More, enough: Enough}
    fine: enough
    next: {more: plan, none: found, else: end}
  found:
    find: "{name} {number} {notes}"
    by: mood
    needs: {calm: [helpline, men]}
    may: sure
    how: both
    choices: {more: More, enough: Enough}
    fine: enough
    next: {more: found, last: worker, none: worker, else: end}
  worker: {hand_to_worker: Asked., tier: P2, next: end}
  end: {end: ""}
"""


def every() -> Flow:
    return compile_text("every.yaml", EVERY_KIND)


def problems(text: str) -> list[str]:
    with pytest.raises(AuthorError) as error:
        compile_text("bad.yaml", text)
    return [str(finding) for finding in error.value.findings]


def test_answers_are_numbered_in_the_order_of_the_file() -> None:
    step = every().steps["choose"]
    assert isinstance(step, Ask)
    assert step.choices == (Choice("1", "yes", "Yes indeed"), Choice("2", "no", "Not at all"))
    assert step.next == (Route("count", "no"), Route("count", "skip"), Route("words"))


def test_else_is_taken_last_wherever_it_stands() -> None:
    flow = compile_text("f", EVERY_KIND.replace("{no: count, skip: count, else: words}", "{else: words, no: count}"))
    assert flow.steps["choose"].next == (Route("count", "no"), Route("words"))  # type: ignore[union-attr]


def test_words_stay_words_and_numbers_become_numbers() -> None:
    count, fields = every().steps["count"], every().steps["set"]
    assert isinstance(count, Ask)
    assert (count.low, count.high, count.fine) == (-1, 10, "0")
    assert isinstance(fields, Set)
    assert fields.values == (("contact.rhythm_days", "7"), ("mood", "calm"))


def test_yes_and_no_are_offered_in_words_that_carriers_let_through() -> None:
    step = every().steps["sure"]
    assert isinstance(step, Ask)
    assert [choice.name for choice in step.choices] == ["yes", "no"]
    assert not {choice.english.lower() for choice in step.choices} & {"yes", "no"}


def test_free_text_with_choices_beside_it_is_text() -> None:
    step = every().steps["both"]
    assert isinstance(step, Ask)
    assert (step.kind, step.high, len(step.choices)) == ("text", 400, 2)


def test_conditions_know_what_they_read() -> None:
    step = every().steps["branch"]
    assert isinstance(step, Branch)
    assert step.next[0].when is not None
    assert step.next[0].when.names == {"count"}


def test_a_flow_written_out_and_read_again_is_the_same_flow() -> None:
    assert compile_text("kept", dump(every())) == every()
    assert compile_text("kept", dump(every())).revision == every().revision


def test_every_flow_that_ships_survives_being_written_out() -> None:
    content = read_content([SHIPPED])
    assert not content.findings
    for name, flow in content.flows.items():
        assert compile_text(name, dump(flow.value)) == flow.value


def test_the_revision_changes_with_a_word_and_not_with_a_comment() -> None:
    again = compile_text("f", "# a note\n" + EVERY_KIND.replace('{say: "Hi: you", next', "{say: 'Hi: you',   next"))
    reworded = compile_text("f", EVERY_KIND.replace("Hi: you", "Hello you"))
    assert again.revision == every().revision
    assert reworded.revision != every().revision


def test_an_empty_end_says_nothing() -> None:
    assert every().steps["end"] == End("end", "")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("about: One step of each kind.\n", "", "bad.yaml:1:1: `about` is missing."),
        ("flow: every", "flow: Every One", "bad.yaml:1:7: `Every One` is no name"),
        ("watch: every", "wach: every", "bad.yaml:3:1: `wach` is no key that is known here. Did you mean `watch`?"),
        ("  hi: {say:", "  hi: {sya:", "bad.yaml:6:3: This step has none of ask, say,"),
        ('"Hi: you"', '""', "bad.yaml:6:13: `say` is empty."),
        ("  hi:", "  Hi:", "bad.yaml:6:3: `Hi` is no name"),
        (", next: choose}", "}", "bad.yaml:6:3: `next` is missing. Say which step comes next"),
        ("    fine: yes", "    fin: yes", "bad.yaml:10:5: `fin` is no key that is known here. Did you mean `fine`?"),
        ("yes: Yes indeed, no: Not at all", "yes: Yes", "bad.yaml:9:5: `choices` has 1 entries. At least 2."),
        ("choices: {yes: Yes indeed, no: Not at all}", "time: true\n    yes_no: true", "has `time` and `yes_no`"),
        ("from: -1", "from: few", "bad.yaml:12:42: `few` is no whole number"),
        ("from: -1", "from: 20", "bad.yaml:12:27: `from` 20 is not below `to` 10"),
        ("{from: -1, to: 10}", "{from: -1}", "`to` is missing"),
        ("contact.signal", "signal", "`signal` is no name that can be used here"),
        ("tier: P2", "tier: P9", "`P9` is not one of 'P0', 'P1', 'P2' or 'P3'"),
        ("count > 3", "count > > 3", "bad.yaml:18:37: This is no condition"),
        ("count > 3", "count > 3 && len(count) > 1", "bad.yaml:18:42: `len` cannot be used"),
        ("next: {else: set}", "next: []", "`next` has 0 entries"),
        ("call: other, next: plan", "call: other, next: [plan]", "Entry 1 is not a table"),
    ],
)
def test_what_does_not_fit_is_told_at_its_place(old: str, new: str, said: str) -> None:
    assert old in EVERY_KIND
    found = problems(EVERY_KIND.replace(old, new))
    assert any(said in each for each in found), found


def test_all_that_does_not_fit_is_told_at_once() -> None:
    assert len(problems(EVERY_KIND.replace("about", "abut").replace("P2", "P9").replace("> 3", "> > 3"))) == 3


def test_covers_count_their_texts_from_one() -> None:
    cover = compile_cover(read_text("f", "{cover: tea, label: Tea, replies: [a, b], pings: [c]}"))
    assert cover.replies == (("cover.tea/reply.01", "a"), ("cover.tea/reply.02", "b"))
    assert cover.pings == (("cover.tea/ping.01", "c"),)


def test_rules_keep_the_order_of_the_file() -> None:
    text = """\
    instrument: every
    version: "1"
    flow: every
    rules:
      - {id: a.b, tier: P0, when: "count > 8", says: "Counts {count}"}
      - {id: c, tier: P2, when: "previous.count < count", says: More}
    """
    instrument = compile_instrument(read_text("f", text))
    assert [(rule.id, rule.tier, sorted(rule.when.names)) for rule in instrument.rules] == [
        ("a.b", "P0", ["count"]),
        ("c", "P2", ["count", "previous.count"]),
    ]


def test_a_rule_that_is_no_condition_is_told_at_its_place() -> None:
    text = '{instrument: a, version: 1, flow: a, rules: [{id: x, tier: P0, when: "x >= ", says: no}]}'
    with pytest.raises(AuthorError, match=r"f:1:76: This is no condition"):
        compile_instrument(read_text("f", text))
