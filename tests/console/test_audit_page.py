"""The auditor's page: the log and nothing else, found by what is asked for; the chain; the file of it."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from escalation.auditing import MOST_ROWS, Row
from escalation.console.audit_page import FAMILIES, HEAD, as_csv
from storage import audit as log
from tests.console.conftest import Browser, Visitor
from tests.console.examples import HER, NOW, House


@pytest.fixture
async def ann(browser: Browser, house: House) -> Visitor:
    """Ann, who audits; Inés has opened a case for a reason, Sam has a claim."""
    house.memory.record("s2", "case.read.break_glass", HER, NOW, "heronsbill")
    house.memory.record("s1", "alert.claim", "K2A", NOW - timedelta(days=2))
    return await browser("ann")


async def test_an_auditor_begins_with_the_log_and_reads_no_reason(ann: Visitor) -> None:
    assert (await ann.get("/")).headers["location"] == "/console/audit"
    page = (await ann.get("/audit")).text
    assert "Inés Duarte" in page
    assert "case.read.break_glass" in page
    assert "reason given" in page
    assert "heronsbill" not in page


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ("who=s2", [1]),
        ("act=read", [1]),
        ("act=alert", [2]),
        ("about=K2A", [2]),
        ("from=2026-11-20", [1]),
        ("to=2026-11-19", [2]),
        ("before=2", [1]),
        ("who=nobody", []),
        ("act=nonsense&who=%27--&from=yesterday&before=%C2%B2&to=9999-12-31", [2, 1]),
    ],
)
async def test_it_is_found_by_person_act_day_and_ref(ann: Visitor, asked: str, rows: list[int]) -> None:
    page = (await ann.get(f"/audit?{asked}")).text
    assert [number for number in (2, 1) if f'id="row-{number}"' in page] == rows
    assert ("Nothing of that kind" in page) == (not rows)


async def test_older_rows_are_a_press_away_with_the_same_question(ann: Visitor, house: House) -> None:
    for _ in range(MOST_ROWS):
        house.memory.record("s1", "note.write", HER, NOW)
    page = (await ann.get("/audit?who=s1")).text
    assert f'href="/console/audit?who=s1&amp;before={3}"' in page
    assert 'id="row-2"' in (await ann.get("/audit?who=s1&before=3")).text


async def test_the_chain_is_checked_by_a_press(ann: Visitor) -> None:
    page = (await ann.post("/audit/check", who="s2")).text
    assert "The chain holds. Rows: 2" in page
    assert 'id="row-1"' in page
    assert 'id="row-2"' not in page, "what was looked for stays"


async def test_the_file_has_what_was_looked_for_and_is_on_record(ann: Visitor, house: House) -> None:
    answer = await ann.post("/audit/export", who="s2")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(io.StringIO(answer.text))) == [
        list(HEAD),
        ["1", NOW.isoformat(), "ines", "case.read.break_glass", HER, "yes"],
    ]
    assert (house.memory.audit[-1].actor, house.memory.audit[-1].action) == ("s5", "audit.export")


def test_nothing_in_the_file_is_a_formula() -> None:
    found = as_csv([Row(1, NOW, "=1+1", "@act", "-P +P", True)], {})
    assert list(csv.reader(io.StringIO(found)))[1][2:5] == ["'=1+1", "'@act", "'-P +P"]


@pytest.mark.parametrize("username", ["sam", "ruth", "pia", "ed", "adm"])
async def test_the_log_is_for_auditors_alone(browser: Browser, username: str) -> None:
    assert (await (await browser(username)).get("/audit")).status_code == 403


def test_every_act_that_is_written_down_can_be_looked_for() -> None:
    known = tuple(start for starts in FAMILIES.values() for start in starts)
    acts = {act for path in sorted(Path(log.__file__).parent.glob("*.py")) for act in _written(path)}
    assert len(acts) > 40
    assert [act for act in sorted(acts) if not act.startswith(known)] == []


def _written(path: Path) -> Iterator[str]:
    """What each act begins with that a module of the storage records in so many words."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = dict(_named(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("record", "audit.record", "once"):
            yield from (act for given in node.args[3:4] for act in _begins(given, named))


def _named(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """A module's constants, those of `A, B = "a", "b"` too."""
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(map(ast.unparse, node.targets[0].elts), node.value.elts, strict=True)
        else:
            yield ast.unparse(node.targets[0]), node.value


def _begins(act: ast.expr, named: Mapping[str, ast.expr]) -> Iterator[str]:
    match act:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            yield text
        case ast.JoinedStr(values=[ast.FormattedValue(value=inner), *_]):
            yield from _begins(inner, named)
        case ast.IfExp(body=one, orelse=other):
            yield from _begins(one, named)
            yield from _begins(other, named)
        case ast.Name(id=name) if name in named:
            yield from _begins(named[name], {})
