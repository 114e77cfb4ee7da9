"""Why an alert stands is read in the worker's language: what was written in English is found again."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.app import read_content
from bot.delivery import WHY
from escalation.console import console
from escalation.console.sayings import Sayings, of_programme
from escalation.console.strings import Strings
from escalation.ports import Why
from flows.authoring.catalogues import CONSOLE
from flows.authoring.locales import read
from flows.engine import confirming, looking, watching
from flows.safety.danger import HINT, UNREAD
from storage.backup import REVIEW
from storage.reach import HERS
from storage.refusing import REASON
from tests.console.conftest import SETTINGS, Visitor
from tests.console.examples import House, an_alert

ROOT = Path(__file__).parents[2]
WORDS = read(ROOT / "locales", CONSOLE)
PROGRAMME = read_content()
SAYINGS = Sayings(of_programme(PROGRAMME))
LOOKING = (
    *looking.WAYS.values(), *looking.NEVER.values(), *looking.KNOWN.values(), *looking.TRIED.values(),
    looking.NO_STEPS, looking.VOICEMAIL, looking.NO_OTHER_WAY, looking.OTHER_SAFE, looking.OTHER_UNKNOWN,
    looking.OTHER_UNSAFE, watching.CALLED_OFF, watching.OFF_UNVERIFIED, confirming.AFTER_INCIDENT,
)  # fmt: skip
SPANISH, WELSH = Strings(WORDS, "es", SAYINGS), Strings(WORDS, "cy", SAYINGS)


@pytest.fixture
def app(house: House) -> Starlette:
    return Starlette(routes=[Mount("/console", console(house.wired(SETTINGS, WORDS, sayings=SAYINGS)))])


async def test_the_queue_and_the_case_say_why_in_the_workers_language(sam: Visitor, house: House) -> None:
    reasons = ("Fear 9 of 10, up from 3 last time", "A weapon, now", "She had a bad day", "Fear 9 of 10")
    alert = an_alert("W2Y", "P-W2Y", title=reasons[0])
    house.put(alert, Why(house.clock(), "P1", ("fear.jump", "weapon.now", "own", "fear.high"), reasons))
    await sam.post("/language", language="es")
    queue = (await sam.get("/queue")).text
    assert '<span lang="es" dir="auto">Miedo 9 de 10; la última vez 3, ha subido</span>' in queue
    await sam.post("/alerts/W2Y/claim")
    case = (await sam.get("/cases/P-W2Y")).text
    assert '<span lang="es" dir="auto">Un arma, ahora</span>' in case
    assert '<span lang="en" dir="auto">She had a bad day</span>' in case, "a programme's own words stay as they were"
    await sam.post("/language", language="cy")
    case = (await sam.get("/cases/P-W2Y")).text
    assert '<span lang="cy" dir="auto">Ofn 9 o 10, i fyny o 3 y tro diwethaf</span>' in case
    await sam.post("/language", language="en")
    assert '<span lang="en" dir="auto">Fear 9 of 10, up from 3 last time</span>' in (await sam.get("/queue")).text


@pytest.mark.parametrize(
    ("said", "spanish"),
    [
        ("Asks to talk to a worker", "Pide hablar con alguien del equipo"),
        ("A worker judges checkin as P1.", "Alguien del equipo valora checkin como P1."),
        (
            "A worker judges checkin as P1. He is back {home}",
            "Alguien del equipo valora checkin como P1. He is back {home}",
        ),
        (
            "Wrote at 21 Nov 03:00 UTC while the service was down; nothing was answered. She asked for a person.",
            "Escribió el 21 Nov 03:00 UTC, con el servicio caído; no se respondió nada. Pidió hablar con una persona.",
        ),
        (
            "Never do at 2, in her words: ring at 3, in her words: never",
            "Nunca hacer en el 2, en sus palabras: ring at 3, in her words: never",
        ),
        ("Who may know, as a worker wrote it: her aunt", "Quién puede saberlo, como lo escribió el equipo: her aunt"),
    ],
)
def test_what_a_sentence_names_stays_in_its_place(said: str, spanish: str) -> None:
    assert SPANISH.reason(said).text == spanish


def test_every_rule_and_every_danger_word_that_ships_is_told_in_spanish_and_welsh() -> None:
    for _, english in of_programme(PROGRAMME):
        said = re.sub(r"\{[^}]*\}", "7", english)
        for strings in (SPANISH, WELSH):
            told = strings.reason(said)
            assert told.language == strings.language, said
            assert told.text != said


def test_every_sentence_of_the_engine_and_of_the_storage_is_known() -> None:
    others = [HERS, REASON, REVIEW, HINT.says, UNREAD.says, *WHY.values(), *LOOKING]
    for written in (*sentences(), *others):
        said = re.sub(r"\{[^}]*\}", "7", re.sub(r"(?<=[.])\{\}$", "", written))
        assert WELSH.reason(said).language == "cy", said


def sentences() -> Iterator[str]:
    """Those written where an alert is raised: the one text of the call that is a sentence."""
    calls = {"task", "Fired", "_tell", "tell_staff"}
    for folder in ("flows/engine", "flows/safety", "storage"):
        for path in (ROOT / folder).rglob("*.py"):
            module = ast.parse(path.read_text(encoding="utf-8"))
            named = {_name(n.targets[0]): _text(n.value, {}) for n in module.body if isinstance(n, ast.Assign)}
            for node in ast.walk(module):
                if isinstance(node, ast.Call) and _name(node.func) in calls:
                    yield from (text for each in node.args if " " in (text := _text(each, named)))
                elif isinstance(node, ast.Assign) and _name(node.targets[0]) in ("reason", "reasons", "why"):
                    values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                    yield from (text for each in values if " " in (text := _text(each, named)))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr, named: Mapping[str, str]) -> str:
    """A written text, here or by the name that the module gave it, {…} for what is filled in; '' for anything else."""
    if isinstance(node, ast.Call) and _name(node.func) == "format" and isinstance(node.func, ast.Attribute):
        return _text(node.func.value, named)
    if isinstance(node, ast.Name):
        return named.get(node.id, "")
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
