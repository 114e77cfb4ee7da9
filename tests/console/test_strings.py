"""The catalogue: every sentence is there once, is used, and no page has words of its own."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
import yaml

import escalation.console
import storage
from escalation.access import NEEDS_REASON
from escalation.accounts import CUES
from escalation.apart import INSTEAD
from escalation.basis import BASES
from escalation.case_audit import GROUPS, ITEMS, MARKS, TEXTS
from escalation.casefile import CONSENTS, ORDERS
from escalation.claims import SAID
from escalation.console import sift_rows
from escalation.console.app import PAGES
from escalation.console.assigned import AS
from escalation.console.audit_page import FAMILIES as FAMILIES_OF_ACTS
from escalation.console.case_page import OUTCOMES
from escalation.console.charts import Direction
from escalation.console.contact_rows import OWN, SHOWN
from escalation.console.drawing import LANES
from escalation.console.extract import _lines, console_sources
from escalation.console.methods_page import TOLD
from escalation.console.pages import NOTICES
from escalation.console.problems import BY_STATUS
from escalation.console.referral_rows import SAFE
from escalation.console.strings import MESSAGES, Strings, english
from escalation.contacted import Kind
from escalation.decisions import LONGEST, Standing
from escalation.keeping import EpochState
from escalation.meeting import Change
from escalation.methods import Method, State
from escalation.news import By, Went
from escalation.people import Authority, Sure
from escalation.ports import UNCONFIRMED, Duty, Role
from escalation.receivers import shipped
from escalation.referral import HANDED, KINDS, WRITTEN, Origin
from escalation.rota.duty import CoverKind
from escalation.rota.port import WhyOff
from escalation.sifting import FIELDS, LATE
from escalation.tasks import KINDS as TASK_KINDS
from flows.authoring.catalogues import CONSOLE, languages
from flows.authoring.locales import check_console, status
from flows.engine.conversation import Fact, Mode, PlanItem
from flows.engine.goals import STAGES
from flows.engine.looking import WAYS
from flows.engine.model import Tier
from flows.engine.safe_contact import CHOICES, FLAGS, NO_WAY, OTHER_CHANNELS
from flows.engine.sheets import ORIGINS
from flows.safety.hours import PRESETS
from flows.safety.recorded import VALUES
from flows.text.catalogue import Catalogue, Catalogues, Plural
from flows.text.languages import ENGLISH
from storage import cases, claims
from storage.cases import SHOWN_NOTES, UNREADABLE

HERE = Path(escalation.console.__file__).parent
STORAGE = Path(storage.__file__).parent
LOCALES = HERE.parents[1] / "locales"
WELSH = languages(LOCALES)["cy"]
TEMPLATES = sorted((HERE / "templates").rglob("*.html"))
CODE = sorted(HERE.glob("*.py"))
# Families of open sets: a value without a word is shown bare.
ANY_VALUE = {"refusal", "told", "shared", "channel", "delivery", "change", "missed", "instrument"}
FAMILIES: dict[str, tuple[str, ...]] = {
    "tier": get_args(Tier),
    "audit_form": ITEMS,
    "audit_mark": MARKS,
    "audit_group": tuple(GROUPS),
    "audit_text": TEXTS,
    "role": get_args(Role),
    "duty": get_args(Duty),
    "outcome": OUTCOMES,
    "plan": get_args(PlanItem.__annotations__["status"]) or ("todo", "done", "unsafe", "unneeded", "worker"),
    "talk.mode_": get_args(Mode),
    "by": ("her", "bot", "worker"),
    "event": (*SHOWN_NOTES, INSTEAD),
    "goals": get_args(Direction),
    "stage": STAGES,
    "as": AS,
    "epoch": get_args(EpochState),
    "drawing.part": ("fear", "tiers", *LANES, "alerts"),
    "drawing.contact": (*get_args(Kind), "heard"),
    "audited": tuple(FAMILIES_OF_ACTS),
    "notice": tuple(NOTICES),
    "paged": get_args(State),
    "origin": ORIGINS,
    "ladder.method": get_args(Method),
    "cues": CUES,
    "keys": ("n", "j", "k", "r", "q", "help", "find"),
    "sift": FIELDS,
    "sift.kind_": sift_rows.KINDS,
    "sift.whose_": sift_rows.WHOSE,
    "sift.late_": (LATE,),
    "tasks.kind": TASK_KINDS,
    "file.kind": ORDERS,
    "file.agrees": CONSENTS,
    "news.by": get_args(By),
    "news.exactly": get_args(By),
    "news.not_set_up": get_args(By),
    "news.went": tuple(went for went in get_args(Went) if went),
    "answer": ("yes", "no", "unsure"),
    "way": ("first", "up", "same", "down", "unclear"),
    "trend": ("rose", "fell", "unknown"),
    "record": get_args(Fact),
    "noted": SAID,
    "meeting.change_": get_args(Change),
    "record.hint_": get_args(Fact),
    "basis": BASES,
    "handed": HANDED,
    "paged.browser_": TOLD,
    "receiver": tuple(shipped()),
    "pack": tuple(WRITTEN),
    "pack.kind_": KINDS,
    "pack.safe_": SAFE,
    "pack.from_": get_args(Origin),
    "decision": tuple(LONGEST),
    "decided": get_args(Standing),
    "authority": get_args(Authority),
    "sure": get_args(Sure),
    "record.asked_": ("yes", "no", "unasked"),
    "rota.kind_": get_args(CoverKind),
    "rota.off_": get_args(WhyOff),
    "rota": ("week", "month"),
    "contact": ("when", "phone", "elsewhere", "missed", "hiding"),
    "contact.way_": (NO_WAY, *WAYS),
    "contact.wrote": ("her", "worker"),
    "contact.other_channel": OTHER_CHANNELS,
    "contact.word_": ("set", "anew"),
    "contact.by_": ("her", "carrier", "clock"),
    "contact.label": tuple("hours" if field == "windows" else field for field in SHOWN),
    "contact.preset": (*PRESETS, OWN),
    **{f"contact.{field}": values for field, values in CHOICES.items()},
    **{f"contact.{field}": ("yes", "no") for field in FLAGS},
    "recorded": (*(f"{fact}.{value}" for fact, values in VALUES.items() for value in values), "programme_news.read"),
}


def used() -> set[str]:
    """Ids written out in templates and code, plurals by their forms."""
    found: set[str] = set()
    for path in TEMPLATES + CODE:
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"[\"']([a-z_]+(?:\.[a-z_A-Z0-9]+)+)[\"']", text))
    found |= {f"{message}.{form}" for message in found for form in ("one", "other", "title", "next")}
    for family, values in FAMILIES.items():
        found |= {f"{family}{value}" if family.endswith("_") else f"{family}.{value}" for value in values}
    return found | {"name", "skip", "demo"}


def test_every_sentence_is_used() -> None:
    spare = {message for message in english() if message not in used() and message.split(".")[0] not in ANY_VALUE}
    assert spare == {"live.on", "live.lost", "live.off", "live.by_hand", "live.refresh"} & spare


@pytest.mark.parametrize("family", FAMILIES)
def test_every_value_of_a_closed_set_has_its_word(family: str) -> None:
    for value in FAMILIES[family]:
        assert Strings().has(f"{family}{value}" if family.endswith("_") else f"{family}.{value}")


def test_every_problem_says_what_and_what_next() -> None:
    raised = set(BY_STATUS.values())
    for path in CODE:
        raised |= set(re.findall(r"\"(problem\.[a-z_]+)\"", path.read_text(encoding="utf-8")))
    for message in raised - {"problem.back", "problem.code", "problem.html"}:
        assert Strings().has(f"{message}.title")
        assert Strings().has(f"{message}.next")


def test_no_id_stands_twice_in_the_file() -> None:
    nodes = [yaml.compose((HERE / name).read_text(encoding="utf-8")) for name in MESSAGES]
    assert [found for node in nodes for found in twice(node)] == []
    each = [set(_lines(node)) - {"refusal"} for node in nodes if isinstance(node, yaml.MappingNode)]
    assert sum(map(len, each)) == len(set().union(*each)), "and none in two files"
    refusals = [
        line.value
        for node in nodes
        if isinstance(node, yaml.MappingNode)
        for key, value in node.value
        if key.value == "refusal"
        for line, _ in value.value
    ]
    assert [name for name, times in Counter(refusals).items() if times > 1] == [], "the later would hide the other"


def twice(node: yaml.Node | None, at: str = "") -> list[str]:
    if not isinstance(node, yaml.MappingNode):
        return []
    keys = [key.value for key, _ in node.value]
    below = [found for key, value in node.value for found in twice(value, f"{at}{key.value}.")]
    return [f"{at}{key}" for key in set(keys) if keys.count(key) > 1] + below


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_words_of_its_own(template: Path) -> None:
    code = r"{% block kind %}.*?{% endblock %}|{#.*?#}|{%.*?%}|{{.*?}}"  # the block of that name holds class names
    text = re.sub(code, "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    words = re.sub(r"<[^>]*>", " ", text)
    assert re.findall(r"[A-Za-z]{2,}", words) == []
    told = re.findall(r"(?:aria-label|title|placeholder|alt)=\"([^\"]*)\"", text)
    assert [words for words in told if words.strip()] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_inline_code_or_style_or_trusts_a_string(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\son\w+=|style=|<style|<script(?![^>]*src=)|\|\s*safe|autoescape|javascript:", text)


def test_scripts_never_make_markup_of_a_string() -> None:
    for path in (HERE / "static").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|\.outerHTML\s*=", text)
        assert len(text.splitlines()) <= 110


def test_every_door_that_a_template_links_to_is_there() -> None:
    names = {door.name for door in PAGES} | {"static"}
    for path in TEMPLATES:
        assert set(re.findall(r"link\('(\w+)'", path.read_text(encoding="utf-8"))) <= names


def welsh_only(*entries: tuple[str, str]) -> Catalogues:
    return Catalogues.of([ENGLISH, WELSH], [Catalogue.of(WELSH, dict(entries), {})])


def test_a_translation_is_asked_for_by_the_full_id_and_filled_in() -> None:
    words = Strings(welsh_only(("console/queue.held_by", "Mae gan {name} hwn")), "cy")
    assert words.say("queue.held_by", name="Sam") == "Mae gan Sam hwn"


def test_a_missing_sentence_is_said_in_english() -> None:
    words = Strings(welsh_only(), "cy")
    assert words.say("act.claim") == "Claim"
    assert words.count("queue.summary", 1, tier="P0", ref="X") == "1 waiting. Most urgent: P0, X."


def test_a_plural_has_the_forms_of_its_language() -> None:
    forms = Plural(("dim", "un", "dau", "tri", "chwech", "{n} arall"), WELSH.plural)
    words = Strings(Catalogues.of([WELSH], [Catalogue.of(WELSH, {}, {"console/agreed.every_days": forms})]), "cy")
    said = [words.count("agreed.every_days", n) for n in (0, 1, 2, 3, 6, 11)]
    assert said == ["dim", "un", "dau", "tri", "chwech", "11 arall"]


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert Strings().say("note.too_long", most=4000) == "A note has at most 4,000 characters."
    assert "4.000" in Strings(Catalogues(), "es").say("note.too_long", most=4000)


def test_what_the_desk_answers_is_told_in_the_workers_language() -> None:
    words = Strings(welsh_only(("console/refusal.has_it", "Mae gan {holder} hwn yn barod.")), "cy")
    assert words.told("Inés Duarte has it already.") == "Mae gan Inés Duarte hwn yn barod."
    assert words.told("What nobody has translated.") == "What nobody has translated."


def refusals() -> set[str]:
    """The sentences of `Refused` in the code that serves the console, a value in them as {}."""
    found = {repr(each) for each in (UNCONFIRMED, NEEDS_REASON, UNREADABLE, claims.GONE, cases.GONE)}
    for name in ("claims", "cases", "admitting", "accounts", "desk"):
        for node in ast.walk(ast.parse((STORAGE / f"{name}.py").read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Refused", "Unknown")
            if named and node.args and isinstance(node.args[0], (ast.Constant, ast.JoinedStr)):
                found.add(ast.unparse(node.args[0]))
    return found


def test_every_refusal_of_the_desk_is_in_the_catalogue() -> None:
    """What only the command line answers (a username that is taken, a phone that is known) is not."""
    other = ("username", "phone that is known", "That phone is known")
    for written in refusals():
        text = written.removeprefix("f").strip("'\"")
        if any(word in text for word in other):
            continue
        said = re.sub(r"\{[^}]*\}", "Someone", text)
        assert Strings(welsh_only(*((f"console/{e}", "iawn") for e in english())), "cy").told(said) == "iawn", said


def test_every_shipped_translation_of_the_console_is_whole_and_fills_the_same_names() -> None:
    sources = console_sources()
    assert {source.id for source in sources} >= {"console/queue.title", "console/queue.summary"}
    assert check_console(LOCALES, sources) == ()
    rows = {row.language: row for row in status(LOCALES, sources, CONSOLE)}
    assert {code: rows[code].percent for code in ("en", "es", "cy")} == {"en": 100, "es": 100, "cy": 100}


def test_an_id_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        Strings().say("queue.nonsense")


def test_every_place_to_fill_has_a_plain_name() -> None:
    for text in english().values():
        for _, name, form, conversion in Formatter().parse(text):
            assert name is None or re.fullmatch("[a-z]+", name)
            assert not form
            assert not conversion


def test_plurals_have_both_english_forms() -> None:
    plurals = {message.rpartition(".")[0] for message in english() if message.endswith((".one", ".other"))}
    for message in plurals - {"outcome"}:
        assert {f"{message}.one", f"{message}.other"} <= set(english())


def test_the_direction_comes_with_the_language() -> None:
    assert Strings(Catalogues(), "ar").direction == "rtl"
    assert Strings(Catalogues(), "en").direction == "ltr"
