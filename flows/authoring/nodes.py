"""The one reader of YAML: text to tables, lists and strings that know their place, and nothing that surprises.

YAML's own readers take `no` for False, `22:30` for 1350, keep the last of two equal keys and let ten lines grow into
ten million by aliases. Here every scalar stays the string that was written; what could surprise is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from flows.authoring.findings import AuthorError, Finding

MOST_BYTES = 256 * 1024  # the largest file that ships has 9 KiB; more is no flow that a person can review
MOST_NODES = 20_000  # keys, items and values in one file, for the same reason
DEEPEST = 12  # levels of nesting; a flow needs six

# Characters that are not seen, or seen as something else: controls, other line ends, byte order mark, bidi overrides.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_NAMES = {"\ufeff": "a byte order mark", "\t": "a tab", "\r": "a carriage return"}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Line and column, counted from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Scalar:
    """`quoted`: between quotation marks, so that its words begin one column later."""

    text: str
    place: Place
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    place: Place
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """`keys` holds the places of the keys; a key is always a string and stands once."""

    place: Place
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)


Node = Scalar | Listing | Table
Plain = str | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Document:
    """One file as it was read."""

    file: str
    root: Table

    def plain(self) -> dict[str, Plain]:
        return {key: plain(node) for key, node in self.root.entries.items()}

    def at(self, *path: str | int) -> Place:
        """The place of the value at `path`, or of the nearest thing around it that there is."""
        node: Node = self.root
        for part in path:
            inner = _inside(node, part)
            if inner is None:
                break
            node = inner
        return node.place

    def key(self, *path: str | int) -> Place:
        """The place of the key that ends `path`, or, when there is no such key, as `at`."""
        parent = self.node(*path[:-1])
        if isinstance(parent, Table) and path[-1] in parent.keys:
            return parent.keys[str(path[-1])]
        return self.at(*path)

    def node(self, *path: str | int) -> Node | None:
        node: Node | None = self.root
        for part in path:
            node = None if node is None else _inside(node, part)
        return node

    def finding(self, place: Place, problem: str, hint: str) -> Finding:
        return fault(self.file, place, problem, hint)


def fault(file: str, place: Place, problem: str, hint: str) -> Finding:
    """A finding whose problem and hint are given without capital and full stop."""
    return Finding(file, place.line, place.column, _sentence(problem), _sentence(hint))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text[-1:] in (".", "?", "!", "") else ".")


def plain(node: Node) -> Plain:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.entries.items()}


def read_file(path: Path) -> Document:
    """Raises AuthorError with what is wrong in the file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        hint = "Put a file there that can be read"
        raise _error(str(path), Place(), f"this cannot be read: {error.strerror}", hint) from error
    return read_bytes(str(path), data)


def read_bytes(file: str, data: bytes) -> Document:
    if len(data) > MOST_BYTES:
        raise _error(file, Place(), f"this file has {len(data)} bytes, and {MOST_BYTES} is the most", "Split it")
    try:
        return read_text(file, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise _error(file, Place(line, column), "this is not UTF-8", "Save the file as UTF-8") from error


def read_text(file: str, text: str) -> Document:
    """`file` is only the name for findings. Raises AuthorError."""
    _refuse_unseen(file, text)
    reading = _Reading(file)
    try:
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            reading.take(event)
    except yaml.MarkedYAMLError as error:
        raise AuthorError([*reading.findings, _syntax(file, error)]) from error
    except yaml.reader.ReaderError as error:  # a character that _UNSEEN does not know
        raise _error(file, Place(), f"this is no text: {error.reason}", "Write plain text") from error
    return reading.document()


class _Reading:
    """Builds the document from the parser's events, without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self._root: Node | None = None
        self._open: list[Listing | Table] = []
        self._key: list[Scalar | None] = []  # for each open table, the key that waits for its value
        self._nodes = 0

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place()
        match event:
            case yaml.DocumentStartEvent():
                self._begin(event, place)
            case yaml.AliasEvent():
                self._find(place, f"`*{event.anchor}` repeats another part of the file", "Write the words out")
                self._put(Scalar("", place, True))
            case yaml.ScalarEvent():
                self._marked(event, place)
                self._scalar(event, place)
            case yaml.CollectionStartEvent():
                self._marked(event, place)
                self._collection(event, place)
            case yaml.CollectionEndEvent():
                self._open.pop()
                self._key.pop()

    def document(self) -> Document:
        if not isinstance(self._root, Table) and not self.findings:
            self._find(Place(), "this file is no table of keys and values", "Begin with a key, such as `flow: checkin`")
        if self.findings or not isinstance(self._root, Table):
            raise AuthorError(self.findings)
        return Document(self.file, self._root)

    def _begin(self, event: yaml.DocumentStartEvent, place: Place) -> None:
        if event.version or event.tags:
            self._find(place, "a line beginning with % is not used here", "Leave it out")
        if self._root is not None:
            raise _error(self.file, place, "a second document begins here", "Put it into a file of its own")

    def _marked(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, place: Place) -> None:
        """Count the node; refuse what could make it repeat or change its kind."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _error(self.file, place, f"there are more than {MOST_NODES} keys and values", "Split the file")
        if event.anchor:
            self._find(place, f"`&{event.anchor}` is a mark for repeating", "Leave it out and write the words out")
        if event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._find(place, f"the tag {tag} is not used here", "Leave it out: every value is a text")

    def _collection(self, event: yaml.CollectionStartEvent, place: Place) -> None:
        node: Listing | Table = Table(place) if isinstance(event, yaml.MappingStartEvent) else Listing(place)
        self._put(node)
        self._open.append(node)
        self._key.append(None)
        if len(self._open) > DEEPEST:
            raise _error(self.file, place, f"this is nested more than {DEEPEST} deep", "Say it more simply")

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> None:
        quoted = event.style in ("'", '"')
        if not event.value and not quoted and self._waits():
            self._find(place, f"`{self._name()}` has no value", 'Give it one; "" is the empty text')
        self._put(Scalar(event.value, place, quoted))

    def _waits(self) -> bool:
        return not self._open or isinstance(self._open[-1], Listing) or self._key[-1] is not None

    def _name(self) -> str:
        key = self._key[-1] if self._key else None
        return key.text if key else "-"

    def _put(self, node: Node) -> None:
        if not self._open:
            self._root = node
            return
        around = self._open[-1]
        if isinstance(around, Listing):
            around.items.append(node)
        elif self._key[-1] is None:
            self._key[-1] = self._as_key(around, node)
        else:
            self._enter(around, self._key[-1], node)
            self._key[-1] = None

    def _as_key(self, around: Table, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            self._find(node.place, "a key must be one word", "Write a name before the colon")
            return Scalar(f"\0{len(around.entries)}", node.place)
        if node.text in around.entries:
            first = around.keys[node.text].line
            self._find(node.place, f"`{node.text}` is here a second time, after line {first}", "Keep one of the two")
        return node

    def _enter(self, around: Table, key: Scalar, value: Node) -> None:
        if key.text not in around.entries:
            around.entries[key.text] = value
            around.keys[key.text] = key.place

    def _find(self, place: Place, problem: str, hint: str) -> None:
        self.findings.append(fault(self.file, place, problem, hint))


def _inside(node: Node, part: str | int) -> Node | None:
    if isinstance(node, Table) and isinstance(part, str):
        return node.entries.get(part)
    if isinstance(node, Listing) and isinstance(part, int) and 0 <= part < len(node.items):
        return node.items[part]
    return None


def _refuse_unseen(file: str, text: str) -> None:
    findings = list(_unseen(file, text))
    if findings:
        raise AuthorError(findings)


def _unseen(file: str, text: str) -> Iterator[Finding]:
    """The first such character of each line: one in every line would bury the rest."""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        found = re.search("\t", line) or _UNSEEN.search(line)
        if found:
            name = _NAMES.get(found[0], f"the unseen character U+{ord(found[0]):04X}")
            hint = "Use spaces." if found[0] == "\t" else "Delete it."
            yield Finding(file, number, found.start() + 1, f"There is {name} here.", hint)


def _syntax(file: str, error: yaml.MarkedYAMLError) -> Finding:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    context = f" {error.context}" if error.context else ""
    problem = f"This is no YAML: {error.problem}{context}."
    return Finding(file, line, column, problem, _mend(error.problem or ""))


def _mend(problem: str) -> str:
    """What it mostly is. The parser speaks of tokens, authors do not."""
    if "mapping values are not allowed" in problem:
        return 'Put a text with a colon in it between quotation marks: "Now: go on".'
    if "cannot start any token" in problem:
        return "Put a text that begins with a sign (@, `, %) between quotation marks."
    if "end of stream" in problem:
        return "A quotation mark or a bracket is opened and never closed."
    return "Compare the indentation and the brackets with the lines above."


def _error(file: str, place: Place, problem: str, hint: str) -> AuthorError:
    return AuthorError([fault(file, place, problem, hint)])
