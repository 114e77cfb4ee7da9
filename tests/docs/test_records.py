"""Decision records and the changelog keep their form."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.docs.pages import HOUSE

FOLDER = HOUSE / "docs/decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
HEADINGS = ["What was in question", "Decision", "Why", "What it costs"]


def test_records_are_numbered_without_gaps_and_listed() -> None:
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in RECORDS if f"]({path.name})" not in index] == []


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name[:4])
def test_a_record_is_short_dated_and_says_why_and_what_it_costs(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 30
    assert text.startswith(f"# {path.name[:4]} ")
    assert re.search(r"^Date: \d{4}-\d\d-\d\d\. Status: (accepted|replaced by \d{4})$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS


def test_the_changelog_has_this_version_and_how_to_upgrade_to_it() -> None:
    version = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    sections = (HOUSE / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1:]
    assert sections[0].startswith(version)
    assert all("### Upgrading" in section for section in sections)
