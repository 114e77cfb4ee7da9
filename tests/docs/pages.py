"""The documentation as the tests read it: its pages, and the code written in them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent.parent

FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")


def tracked() -> list[Path]:
    """Every file that is part of the project: what git knows and what it would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=HOUSE,
        capture_output=True,
        check=True,
        text=True,
    )
    return sorted(path for name in listed.stdout.split("\0") if name and (path := HOUSE / name).is_file())


def pages() -> list[Path]:
    """Every Markdown page."""
    return [path for path in tracked() if path.suffix == ".md"]


def code(page: Path) -> Iterator[str]:
    """Each code span and each line of a fenced block of a page."""
    text = page.read_text(encoding="utf-8")
    for block in FENCE.findall(text):
        yield from block.splitlines()
    yield from SPAN.findall(FENCE.sub("", text))


def written(page: Path) -> str:
    return page.relative_to(HOUSE).as_posix()
