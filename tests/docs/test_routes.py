"""Addresses: each that the pages name is answered, and docs/routes.md names each that is answered."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.docs.pages import HOUSE, code, pages, written

OURS = re.compile(r"(?<![\w./])(/(?:console|api/v1|channels|health|healthz|readyz|metrics|demo)\b[\w/{}.-]*)")
QUERY_OR_END = re.compile(r"[.,]+$")


def console_and_api() -> Iterator[str]:
    from escalation.console.app import API, OPENAPI, PAGES, STATIC

    yield from ("/console" + door.path for door in PAGES)
    yield from ("/api/v1" + door.path for door in API)
    yield "/api/v1" + OPENAPI
    yield f"/console{STATIC}/{{file}}"


def service() -> Iterator[str]:
    """Paths of the routes the running service adds, read from its source: making it would need keys and a database."""
    for path in (HOUSE / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Route") and node.args:
                first = node.args[0]
                assert isinstance(first, ast.Constant), f"{path}:{node.lineno}: a route's path is a constant"
                yield str(first.value)


def answered() -> set[str]:
    return {path.rstrip("/") or "/" for path in (*console_and_api(), *service())}


def named(text: str) -> set[str]:
    return {QUERY_OR_END.sub("", path).rstrip("/") for path in OURS.findall(text)}


def test_every_address_the_pages_name_is_answered() -> None:
    there = answered()
    prefixes = {"/".join(path.split("/")[:end]) for path in there for end in range(2, 9)}
    wrong = [
        f"{written(page)}: {path}"
        for page in pages()
        for line in code(page)
        for path in sorted(named(line))
        if path not in prefixes
    ]
    assert not wrong


def test_every_address_is_on_its_page() -> None:
    page = named((HOUSE / "docs/routes.md").read_text(encoding="utf-8"))
    assert sorted(path for path in answered() if path != "/" and path not in page) == []
