"""Phrases for workers: those that ship, and a programme's own over them (`phrases.yaml` in its folder)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from flows.authoring.extract import Source
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.nodes import Document, fault, read_file
from flows.authoring.values import Language, Name
from flows.safety.traces import leaves_traces
from flows.text.languages import SOURCE
from flows.text.phrases import PREFIX, Phrase
from flows.text.segments import count

FILE = "phrases.yaml"
HINT = (
    "A phrase has `english:`, may have `words:` by language (es: …), and `reviewed:`, the languages somebody has read"
)

Words = Annotated[str, Field(min_length=1)]


class _Own(BaseModel):
    model_config = ConfigDict(extra="forbid")

    english: Words
    words: dict[Language, Words] = {}
    reviewed: list[Language] = []


def shipped(sources: Iterable[Source]) -> dict[str, Phrase]:
    """By name, in the order of the file that they come from."""
    found = sorted((s for s in sources if s.id.startswith(PREFIX)), key=lambda source: source.line)
    return {source.id.removeprefix(PREFIX): Phrase(source.english, shipped=True) for source in found}


def read_phrases(folders: Sequence[Path]) -> tuple[dict[str, Phrase], list[Finding]]:
    """A programme's own by name, a later folder's over an earlier's, and every fault in them."""
    known: dict[str, Phrase] = {}
    findings: list[Finding] = []
    for path in (folder / FILE for folder in folders):
        if not path.exists():
            continue
        try:
            document = read_file(path)
            known |= _read(document)
        except AuthorError as error:
            findings += error.findings
            continue
        findings += [fault for name in document.plain() for fault in _faults(document, name, known[name])]
    return known, findings


def _read(document: Document) -> Mapping[str, Phrase]:
    try:
        own = TypeAdapter(dict[Name, _Own]).validate_python(document.plain())
    except ValidationError as error:
        raise AuthorError(
            fault(document.file, document.key(*each["loc"][:1]), f"`{each['loc'][0]}`: {each['msg']}", HINT)
            for each in error.errors()
        ) from error
    return {name: Phrase(each.english, each.words, frozenset(each.reviewed)) for name, each in own.items()}


def _faults(document: Document, name: str, phrase: Phrase) -> Iterator[Finding]:
    """One segment in each language, and nothing that others find on her phone (SAFETY 8)."""
    place = document.key(name)
    for language, words in {SOURCE: phrase.english, **phrase.words}.items():
        needed = count(words)
        if needed.segments > 1:
            costly = f" because of {' '.join(needed.costly)}" if needed.costly else ""
            problem = f"`{name}` needs {needed.segments} segments in {language}{costly}, and has room for one"
            yield document.finding(place, problem, "Say it in fewer words")
        if leaves_traces(words):
            yield document.finding(place, f"`{name}` holds a link, an address or a number", "Say it in words")
    for language in phrase.reviewed - phrase.words.keys():
        yield document.finding(
            place, f"`{name}` says nothing in {language} that could be reviewed", "Add it to `words`"
        )
