"""docs/safety.md names every rule with the file that keeps it and the test that is named for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from flows.authoring.content import read_content
from flows.authoring.extract import own_sources
from flows.authoring.load import SHIPPED
from flows.authoring.sources import sources
from tests.docs.pages import HOUSE, SPAN

PAGE = (HOUSE / "docs/safety.md").read_text(encoding="utf-8")
RULES = [*range(1, 23), *range(29, 33)]
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
MESSAGE = re.compile(r"`([a-z_]+/[a-z_]+)`")


@dataclass(frozen=True)
class Kept:
    """One row: the rule, the files that keep it, the tests named for it."""

    rule: int
    title: str
    where: tuple[str, ...]
    tests: tuple[str, ...]


TABLE = [Kept(int(n), title, tuple(SPAN.findall(w)), tuple(SPAN.findall(t))) for n, title, w, t in ROW.findall(PAGE)]


def test_every_rule_has_one_row_in_order() -> None:
    assert [kept.rule for kept in TABLE] == RULES


@pytest.mark.parametrize("kept", TABLE, ids=lambda kept: str(kept.rule))
def test_a_row_names_files_and_tests_that_are_there(kept: Kept) -> None:
    assert kept.title[0].isupper()
    assert kept.where
    assert [name for name in kept.where if not (HOUSE / name).is_file()] == []
    found = sorted(
        path.relative_to(HOUSE).as_posix() for path in HOUSE.glob(f"tests/safety/test_rule_{kept.rule:02d}_*.py")
    )
    assert found == sorted(kept.tests)
    for name in found:
        text = (HOUSE / name).read_text(encoding="utf-8")
        assert text.startswith(f'"""SAFETY {kept.rule}: ')
        assert re.search(r"^(async )?def test_", text, re.MULTILINE), f"{name} tests nothing"


def test_no_test_of_a_rule_is_without_a_row() -> None:
    written = {name for kept in TABLE for name in kept.tests}
    assert {path.relative_to(HOUSE).as_posix() for path in HOUSE.glob("tests/safety/test_*.py")} == written


def test_the_limits_are_told_in_messages_that_there_are() -> None:
    told = set(MESSAGE.findall(PAGE.partition("## What software cannot keep")[2]))
    known = {source.id for source in (*own_sources(), *sources(read_content([SHIPPED])))}
    assert len(told) >= 6
    assert told - known == set()
