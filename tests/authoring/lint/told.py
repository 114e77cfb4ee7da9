"""What the linter finds in a programme, as a test reads it, and a flow written around the steps it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from flows.authoring.content import Content
from flows.authoring.lint import advice, faults

Write = Callable[..., Content]  # the fixture: texts by path, to all that was read
OWN = {"plan/bag": "Bag"}
LANGUAGES = ("en", "es")


def told(content: Content) -> list[str]:
    """What is found, each with the last part of its file's path only."""
    assert not content.findings, [str(finding) for finding in content.findings]
    found = [*faults(content, OWN), *advice(content, LANGUAGES)]
    assert all(finding.hint for finding in found)
    return [str(replace(finding, file=Path(finding.file).name)) for finding in found]


def one(content: Content, expected: str) -> None:
    found = told(content)
    assert len(found) == 1, found
    assert expected in found[0]


def flow(steps: str, start: str = "a", name: str = "trial") -> str:
    return f"flow: {name}\nabout: For tests.\nstart: {start}\nsteps:\n{steps}"
