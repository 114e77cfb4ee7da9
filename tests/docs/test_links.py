"""Links: every relative link of every page leads to a file and, where it names one, to a heading in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import FENCE, HOUSE, pages, written

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Headings as links name them: lower case, no punctuation, dashes for spaces."""
    heads = HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", pages(), ids=written)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        target, _, anchor = link.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), f"{written(page)}: {link} leads nowhere"
        assert there.is_relative_to(HOUSE), f"{written(page)}: {link} leads out of the project"
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), f"{written(page)}: {link}: no such heading"
