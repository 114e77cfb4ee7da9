"""docs/on-call-situations.md: every test that it names is there."""

from __future__ import annotations

import re

from tests.docs.pages import HOUSE

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_test_that_shows_a_situation_is_there() -> None:
    rows = re.findall(
        r"^\| (?!situation|---)(.+) \|$", (HOUSE / "docs/on-call-situations.md").read_text(), re.MULTILINE
    )
    assert [row for row in rows if not NAMED.search(row)] == [], "a situation without a test"
    for path, name in NAMED.findall("\n".join(rows)):
        text = (HOUSE / path).read_text(encoding="utf-8") if (HOUSE / path).exists() else ""
        assert re.search(rf"^(?:async )?def {name}\(", text, re.MULTILINE), f"{path}::{name}"
