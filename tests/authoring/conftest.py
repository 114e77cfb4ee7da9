"""A small programme of the tests' own, so that the content that ships may change without them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from flows.authoring.content import Content, read_content

HELLO = """\
flow: hello
about: For tests.
start: how
steps:
  how:
    ask: How is it?
    choices: {good: Good, bad: Bad}
    fine: good
    next: {bad: sorry, else: bye}
  sorry: {say: I am sorry., next: bye}
  bye: {end: Bye.}
"""
COVER = """\
cover: tea
label: Tea
replies: [Green tea wants water that does not boil.]
pings: ["Tea this week: mint."]
"""
SIGNALS = """\
language: en
entries:
  weapon: {tier: P0, meaning: weapon, says: Speaks of a weapon, phrases: [knife]}
"""
SETTINGS = """\
joining: hello
opening: hello
menu: hello
cover: tea
"""

Write = Callable[..., Content]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files, named by their path without `.yaml`, over the small programme; read it all."""

    def write(**files: str) -> Content:
        standing = {"library/hello": HELLO, "covers/tea": COVER, "signals/en": SIGNALS, "programme": SETTINGS}
        for name, text in {**standing, **{n.replace("__", "/"): t for n, t in files.items()}}.items():
            path = tmp_path / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return read_content([tmp_path])

    return write
