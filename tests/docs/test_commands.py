"""Commands: each that the pages name exists, and docs/commands.md names each that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from tests.docs.pages import HOUSE, code, pages, written

NAMED = re.compile(r"(?<![\w./-])rowan((?: [a-z][a-z-]*)+)")


@pytest.fixture(scope="module")
def commands() -> TyperGroup:
    from bot.cli.main import app

    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def leaves(group: TyperGroup, before: str = "rowan") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from leaves(command, f"{before} {name}")
        elif not command.hidden:
            yield f"{before} {name}"


def missing(group: TyperGroup, words: list[str]) -> str | None:
    """The first word that is no command here; words after a command are its arguments."""
    for word in words:
        command = group.commands.get(word)
        if command is None:
            return word
        if not isinstance(command, TyperGroup):
            return None
        group = command
    return None


def test_every_command_the_pages_name_exists(commands: TyperGroup) -> None:
    wrong = [
        f"{written(page)}: rowan{words}: there is no {stranger!r}"
        for page in pages()
        for line in code(page)
        for words in NAMED.findall(line)
        if (stranger := missing(commands, words.split()))
    ]
    assert not wrong


def test_every_command_is_on_its_page(commands: TyperGroup) -> None:
    page = (HOUSE / "docs/commands.md").read_text(encoding="utf-8")
    assert sorted(name for name in leaves(commands) if f"`{name}" not in page) == []
