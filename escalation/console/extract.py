"""The console's sentences for translators: the same kind of catalogue as the recipients', in a file of its own."""

from __future__ import annotations

from pathlib import Path

import yaml

from escalation.console.strings import MESSAGES, english, message_id, plurals
from flows.authoring.extract import Source

FILE = Path(__file__).with_name(MESSAGES)
COMMENT = "On a screen of the staff, by this name in {file}: {entry}."


def console_sources() -> tuple[Source, ...]:
    """Every sentence of `messages.yaml`, in its order."""
    root = yaml.compose(FILE.read_text(encoding="utf-8"))
    lines = _lines(root) if isinstance(root, yaml.MappingNode) else {}
    return tuple(_source(entry, lines) for entry in _entries())


def _entries() -> list[str]:
    """A plural once, by its bare name."""
    several = plurals()
    bare = (entry.rpartition(".")[0] if entry.rpartition(".")[0] in several else entry for entry in english())
    return list(dict.fromkeys(bare))


def _source(entry: str, lines: dict[str, int]) -> Source:
    known = english()
    said = known.get(entry) or known[f"{entry}.one"]
    comment = COMMENT.format(file=MESSAGES, entry=entry)
    return Source(message_id(entry), said, str(FILE), lines[entry], comment, plural=known.get(f"{entry}.other"))


def _lines(node: yaml.MappingNode, before: str = "") -> dict[str, int]:
    """Where each entry, and each table of entries, stands; counted from 1."""
    found: dict[str, int] = {}
    for key, value in node.value:
        name = f"{before}{key.value}"
        found[name] = key.start_mark.line + 1
        if isinstance(value, yaml.MappingNode):
            found |= _lines(value, f"{name}.")
    return found
