"""The reading age of the English: what is hard is found with its lines, what ships reads at about 9."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from flows.authoring.content import Content, read_content
from flows.authoring.extract import Source, own_sources
from flows.authoring.load import SHIPPED, check
from flows.authoring.reading import FEWEST_WORDS, Count, messages_of, syllables, too_hard, whole

LOCALES = Path(__file__).parents[2] / "locales"
TODAY = date(2026, 11, 21)
Write = Callable[..., Content]

OFFICIAL = """\
flow: letter
about: For tests.
start: hello
steps:
  hello: {say: "Hello. It is good that you are here. We go through this with you, one thing at a time.", next: notice}
  notice:
    say: >-
      Notification of eligibility for emergency accommodation is conditional upon satisfactory completion of the
      aforementioned assessment documentation.
    next: agree
  agree:
    ask: Are you prepared to authorise disclosure of confidential information to participating organisations?
    choices: {yes: Authorise disclosure, no: Withhold authorisation}
    fine: no
    next: rights
  rights:
    say: Applicants retain the entitlement to request reconsideration of unfavourable determinations.
    next: bye
  bye: {end: "Take care. We are here day and night. Write when you like."}
"""
PLAIN = """\
flow: letter
about: For tests.
start: hello
steps:
  hello: {say: "Hello. It is good that you are here. We go through this with you, one thing at a time.", next: ask}
  ask: {ask: "Do you need a safe place to sleep?", choices: {yes: I do, no: Not now}, fine: no, next: bye}
  bye: {end: "Take care. We are here day and night. Write when you like."}
"""
SETTINGS = """\
programme: Sunrise Family Intervention Organisation
joining: hello
opening: hello
menu: hello
cover: tea
"""


def found(content: Content) -> list[tuple[int, str]]:
    assert not content.findings, [str(finding) for finding in content.findings]
    return [(finding.line, str(finding)) for finding in too_hard(content)]


def age(content: Content, flow: str = "letter") -> float:
    return whole(messages_of(content.flows[flow], content.names)).age


def test_a_flow_in_officialese_is_found_with_its_three_hardest_messages(write: Write, tmp_path: Path) -> None:
    (line, told), *others = found(write(library__letter=OFFICIAL))
    assert (line, others) == (7, [])
    file = tmp_path / "library" / "letter.yaml"
    assert told.startswith(f"{file}:7:")
    for message, place in (("notice", 7), ("agree", 12), ("rights", 17)):
        assert f"letter/{message} ({file}:{place})" in told
    assert "letter/hello" not in told
    assert "letter/bye" not in told
    assert "accommodation" in told  # the hint names the long words


def test_the_same_in_plain_words_is_not(write: Write) -> None:
    content = write(library__letter=PLAIN)
    assert found(content) == []
    assert age(content) < 9


def test_long_sentences_of_short_words_are_found_too(write: Write) -> None:
    text = "If you are in a bad way and want us to help you then tell us what you need and when and how and " * 2
    flow = f'flow: letter\nabout: Ours.\nstart: a\nsteps:\n  a: {{say: "{text}where.", next: b}}\n  b: {{end: Bye.}}\n'
    ((line, told),) = found(write(library__letter=flow))
    assert line == 5
    assert told.endswith("Say it in shorter sentences and shorter words.")


def test_check_says_it_of_a_programmes_own_flow(write: Write, tmp_path: Path) -> None:
    write(library__letter=OFFICIAL)
    (told,) = [f for f in check([SHIPPED, tmp_path], LOCALES, TODAY) if "reads at age" in f.problem]
    assert (Path(told.file).name, told.line) == ("letter.yaml", 7)


def test_check_says_it_of_a_programmes_own_cover_but_not_of_the_covers_name(write: Write, tmp_path: Path) -> None:
    hard = "Municipal cooperative horticultural information: fertilisation requirements necessitate consideration."
    plain = "Municipal cooperative horticultural information: give the ferns a cup of water when the soil is dry."
    head = "cover: ferns\nlabel: Municipal cooperative horticultural information\n"
    for line, told in ((hard, ["ferns.yaml"]), (plain, [])):
        text = f"{head}replies:\n" + f'  - "{line}"\n' * 8 + "pings:\n" + f'  - "{line}"\n' * 2
        write(covers__ferns=text)
        hard_ones = [f for f in check([SHIPPED, tmp_path], LOCALES, TODAY) if "reads at age" in f.problem]
        assert [Path(f.file).name for f in hard_ones] == told


def test_the_engines_own_texts_are_judged_by_family_and_lists_of_words_are_not(write: Write) -> None:
    official = "Notification of eligibility is conditional upon satisfactory completion of assessment documentation."
    own = [
        Source(f"{family}/{name}", official, "messages.yaml", line)
        for family in ("engine", "words")
        for line, name in ((7, "one"), (9, "two"), (11, "three"))
    ]
    (told,) = too_hard(write(library__letter=PLAIN), own)
    assert (told.file, told.line) == ("messages.yaml", 7)
    assert "English of engine/… reads at age" in told.problem
    assert "engine/one (messages.yaml:7)" in told.problem


def test_what_ships_reads_at_about_nine() -> None:
    content = read_content([SHIPPED])
    assert found(content) == []
    assert list(too_hard(content, own_sources())) == []
    ages = {name: age(content, name) for name in content.flows}
    assert all(8 < years < 9.5 for years in ages.values()), ages


# what is not read as a word


@pytest.mark.parametrize(
    "added",
    [
        "{rhythm_days}",
        "TALK",
        "X",
        "999",
        "Constantinople",  # a name within a sentence
        "Sunrise Family Intervention Organisation",  # the programme's own
    ],
)
def test_names_slots_tokens_and_figures_do_not_count(write: Write, added: str) -> None:
    plain = age(write(library__letter=PLAIN, programme=SETTINGS))
    within = PLAIN.replace("here day", f"here {added} day")
    assert within != PLAIN
    assert age(write(library__letter=within, programme=SETTINGS)) == plain


@pytest.mark.parametrize("added", ["TALK", "X", "999", "Sunrise Family Intervention Organisation"])
def test_nor_as_sentences_of_their_own(write: Write, added: str) -> None:
    plain = age(write(library__letter=PLAIN, programme=SETTINGS))
    alone = PLAIN.replace("Do you need", f"{added}! Do you need")
    assert age(write(library__letter=alone, programme=SETTINGS)) == plain


def test_labels_of_languages_are_names(write: Write) -> None:
    ask = """\
  ask:
    ask: Which do you want?
    choices: {en: Internationally, es: Indistinguishability}
    fine: en
    into: contact.language
    next: bye
"""
    lines = PLAIN.splitlines(keepends=True)
    flow = "".join((*lines[:5], ask, *lines[6:]))
    assert age(write(library__letter=flow)) < 9
    assert age(write(library__letter=flow.replace("    into: contact.language\n", ""))) > 9.2


def test_labels_count_by_their_words_and_not_as_sentences(write: Write) -> None:
    flow = (
        "flow: letter\nabout: Ours.\nstart: a\nsteps:\n  a: {{ask: {}, choices: {{b: {}, c: See}}, fine: b, next: z}}\n"
    )
    content = write(library__letter=flow.format("How do you do it?", "Accommodation") + "  z: {end: Bye.}\n")
    (asked, bye) = messages_of(content.flows["letter"])
    assert asked.count == Count(sentences=1, in_sentences=5, words=7, syllables=11)
    assert asked.count.age == pytest.approx(2.7971 + 0.0778 * 5 + 4.55 * 11 / 7)
    assert (bye.id, bye.place.line) == ("letter/z", 6)


@pytest.mark.parametrize(
    ("count", "years"),
    [
        (Count(sentences=10, in_sentences=70, words=70, syllables=91), 2.7971 + 0.0778 * 7 + 4.55 * 1.3),
        (Count(sentences=1, in_sentences=40, words=40, syllables=40), 0.39 * 40 + 11.8 - 10.59),
    ],
)
def test_the_harder_of_two_verdicts_stands(count: Count, years: float) -> None:
    assert count.age == pytest.approx(years)


# the ends


def test_a_flow_that_says_nothing_has_no_age(write: Write) -> None:
    content = write(library__letter="flow: letter\nabout: Ours.\nstart: a\nsteps:\n  a: {end: ''}\n")
    assert age(content) == 0
    assert found(content) == []


ONLY_CHOICES = """\
flow: letter
about: Ours.
start: a
steps:
  a:
    ask: "1?"
    choices: {{{}}}
    fine: c1
    next: b
  b: {{end: ""}}
"""


@pytest.mark.parametrize(("label", "hard"), [("I want to rest now", False), ("Notification of eligibility", True)])
def test_a_flow_that_is_only_choices(write: Write, label: str, hard: bool) -> None:
    choices = ", ".join(f"c{n}: {label} {'and again ' * 2}{n}" for n in range(1, 6))
    content = write(library__letter=ONLY_CHOICES.format(choices))
    assert whole(messages_of(content.flows["letter"])).words >= FEWEST_WORDS
    assert bool(found(content)) == hard


def test_a_handful_of_words_is_not_judged(write: Write) -> None:
    flow = "flow: letter\nabout: Ours.\nstart: a\nsteps:\n  a: {end: Everybody appreciates hospitality.}\n"
    content = write(library__letter=flow)
    assert age(content) > 9.5
    assert found(content) == []


FORM = """\
instrument: form
version: "1"
about: A made-up form.
source: Invented.
{licence}opening: May we ask?
closing: Thank you.
items:
  - {{id: q1, ask: "{official} one?"}}
  - {{id: q2, ask: "{official} two?"}}
  - {{id: q3, ask: "{official} three?"}}
bands:
  - {{from: 0, tier: P3, says: "Form: {{score.total}}"}}
"""


@pytest.mark.parametrize(
    "licence", ["", "licence: {holder: The Invented Institute, permission: INV-1, until: 2027-03-31}\n"]
)
def test_words_under_a_licence_are_left_as_they_are(write: Write, licence: str) -> None:
    official = "Has reconsideration of accommodation eligibility documentation been necessary, item"
    told = found(write(instruments__form=FORM.format(licence=licence, official=official)))
    assert [line for line, _ in told] == ([] if licence else [8])


@pytest.mark.parametrize(("word", "count"), [("children", 2), ("don\u2019t", 1), ("accommodation", 5), ("hmm", 1)])
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count
