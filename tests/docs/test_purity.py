"""The core asks for nothing: no clock, no chance, no file. import-linter watches imports; this watches calls."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.docs.pages import HOUSE, written

CORE = sorted(path for path in (HOUSE / "flows").rglob("*.py") if "authoring" not in path.parts)
ASKS = {"open", "input", "print", "now", "utcnow", "today", "read_text", "read_bytes", "write_text", "urandom"}


def asks(source: str) -> list[str]:
    """Calls by which a function would learn or change something that it was not given."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [f"line {call.lineno}: {ast.unparse(call.func)}" for call in calls if _last(call.func) in ASKS]


def _last(function: ast.expr) -> str:
    return ast.unparse(function).split(".")[-1]


@pytest.mark.parametrize("path", CORE, ids=written)
def test_the_core_is_given_what_it_needs(path: Path) -> None:
    assert asks(path.read_text(encoding="utf-8")) == []


def test_the_watch_itself_sees_a_clock_and_a_file() -> None:
    assert len(asks("from datetime import datetime\ndatetime.now()\nopen('x')\nPath('x').read_text()\nlen('x')")) == 3
