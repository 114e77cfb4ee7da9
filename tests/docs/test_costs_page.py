"""docs/costs.md is what the command writes from the words of today."""

from __future__ import annotations

from bot.app import read_content
from flows.authoring.costs import page
from tests.docs.pages import HOUSE


def test_the_page_of_costs_is_the_one_the_command_makes() -> None:
    written = (HOUSE / "docs/costs.md").read_text(encoding="utf-8")
    assert written == page(read_content()), "words have changed: run `make costs`"
