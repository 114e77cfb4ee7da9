"""The console's sentences for translators: the same kind of catalogue as the recipients', in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from escalation.console.sayings import DANGER, SAYS
from escalation.console.strings import MESSAGES, english, message_id, plurals
from flows.authoring.content import Content, read_content
from flows.authoring.extract import Source
from flows.authoring.load import SHIPPED
from flows.authoring.signals import described

FILES = tuple(Path(__file__).with_name(name) for name in MESSAGES)
COMMENT = "On a screen of the staff, by this name in {file}: {entry}."


SAID = (
    "What a worker reads of an alert, perhaps at 3 a.m.: what was said, nothing else. The rule {rule} of {instrument}."
)
SEEN = "What a worker reads where danger words were seen in a message: {entry}."


def console_sources() -> tuple[Source, ...]:
    """Every sentence of MESSAGES, in their order; then what the shipped rules and danger words say."""
    return (*_messages(), *_rules(read_content([SHIPPED])), *_danger())


def _rules(content: Content) -> Iterator[Source]:
    """Words under a licence are not ours to translate."""
    for file in content.instruments.values():
        instrument = file.value
        line = file.document.key("instrument").line
        for rule in () if instrument.licence.holder else instrument.rules:
            comment = SAID.format(rule=rule.id, instrument=instrument.name)
            yield Source(f"{SAYS}/{instrument.name}/{rule.id}", rule.says, file.document.file, line, comment)


def _danger() -> Iterator[Source]:
    for entry, file, line in described():
        yield Source(f"{SAYS}/{DANGER}/{entry.id}", entry.says, file, line, SEEN.format(entry=entry.id))


def _messages() -> tuple[Source, ...]:
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
