"""docs/directory.md says what is so: its template imports, and it names every category and key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from flows.authoring.directory import read_file
from flows.authoring.directory_csv import COLUMNS
from flows.authoring.hsds import LONGEST_NAME, OWN
from flows.authoring.load import SHIPPED
from flows.directory.categories import CATEGORIES, PEOPLE, REFUGE, SILENT
from flows.directory.service import Kind

PAGE = (SHIPPED.parent / "docs" / "directory.md").read_text(encoding="utf-8")


def test_the_template_imports(tmp_path: Path) -> None:
    table = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)[0]
    (tmp_path / "t.csv").write_text(table)
    read = read_file(tmp_path / "t.csv", as_csv=True)
    assert [each.name for each in read.services] == ["Harbour Line"]
    assert read.refused == ()
    assert tuple(table.splitlines()[0].split(",")) == COLUMNS


def test_every_key_and_every_category_is_named() -> None:
    keys = re.findall(r"^\| `(\w+)` \|", PAGE.partition("## The table `rowan`")[2], re.MULTILINE)
    assert sorted(keys) == sorted(OWN)
    named = re.findall(r"`(\w+)`", PAGE.partition("## Categories")[2].partition("## A table")[0])
    assert tuple(named[: len(CATEGORIES)]) == CATEGORIES
    for word in (*PEOPLE, *SILENT, *REFUGE):
        assert f"`{word}`" in PAGE, word
    assert ", ".join(sorted(get_args(Kind), key=["phone", "freephone", "text", "relay"].index)) in PAGE
    assert f"{LONGEST_NAME} letters" in PAGE
