"""The console's sentences for translators: the same kind of catalogue as the recipients', in a file of its own."""

from __future__ import annotations

from pathlib import Path

import yaml

from escalation.console.strings import MESSAGES, english, message_id, plurals
from flows.authoring.extract import Source

FILES = tuple(Path(__file__).with_name(name) for name in MESSAGES)
COMMENT = "On a screen of the staff, by this name in {file}: {entry}."


def console_sources() -> tuple[Source, ...]:
    """Every sentence of MESSAGES, in their order."""
    places: dict[str, tuple[Path, int]] = {}
    for path in FILES:
        root = yaml.compose(path.read_text(encoding="utf-8"))
        lines = _lines(root) if isinstance(root, yaml.MappingNode) else {}
        places |= {entry: (path, line) for entry, line in lines.items()}
    return tuple(_source(entry, *places[entry]) for entry in _entries())


def _entries() -> list[str]:
    """A plural once, by its bare name."""
    several = plurals()
    bare = (entry.rpartition(".")[0] if entry.rpartition(".")[0] in several else entry for entry in english())
    return list(dict.fromkeys(bare))


def _source(entry: str, path: Path, line: int) -> Source:
    known = english()
    said = known.get(entry) or known[f"{entry}.one"]
    comment = COMMENT.format(file=path.name, entry=entry)
    return Source(message_id(entry), said, str(path), line, comment, plural=known.get(f"{entry}.other"))


def _lines(node: yaml.MappingNode, before: str = "") -> dict[str, int]:
    """Where each entry, and each table of entries, stands; counted from 1."""
    found: dict[str, int] = {}
    for key, value in node.value:
        name = f"{before}{key.value}"
        found[name] = key.start_mark.line + 1
        if isinstance(value, yaml.MappingNode):
            found |= _lines(value, f"{name}.")
    return found
