"""What there is to translate: every English text by its id, and the template made of them (locales/rowan.pot)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

import polib
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from flows.authoring.findings import AuthorError, Finding
from flows.authoring.nodes import fault, read_file
from flows.text.languages import ENGLISH, Language

TEXT = Path(__file__).parents[1] / "text"
OWN = (TEXT / "messages.yaml", TEXT / "phrases.yaml")  # the engine's, and what a worker sends by one press
OWN_HINT = "An entry has `english:` and `comment:`, and may have `other:`, `segments:` and `elsewhere:`"
MOST_SEGMENTS = 24  # 1,600 characters, the provider's limit, in UCS-2; a larger limit was surely meant as characters
SHOWN_PARTS = 3  # of a source's path: enough for a translator, and no folder of anybody's machine


@dataclass(frozen=True, slots=True)
class Source:
    """One English text. `id` is stable for ever, whatever the wording; `plural` is the form for other numbers than one.

    `max_length` is the most SMS segments that the text may take, its numbered choices included; `max_ucs2` the same
    for a translation whose letters are not in GSM-7 (None: `max_length`). Raises ValueError for values without sense.
    """

    id: str
    english: str
    file: str
    line: int
    comment: str = ""
    max_length: int | None = None
    plural: str | None = None
    max_ucs2: int | None = None

    def __post_init__(self) -> None:
        if not self.id or not self.english or self.plural == "":
            raise ValueError(
                f"{self.file}:{self.line}: a text needs an id and English words: {self.id!r}, {self.forms!r}"
            )
        for limit in (self.max_length, self.max_ucs2):
            if limit is not None and not 1 <= limit <= MOST_SEGMENTS:
                raise ValueError(f"{self.id}: a limit is counted in segments, 1 to {MOST_SEGMENTS}, not {limit}")

    @property
    def forms(self) -> tuple[str, ...]:
        """The English itself: one text, or that for one thing and that for several."""
        return (self.english,) if self.plural is None else (self.english, self.plural)


class _Own(BaseModel):
    """One entry of a file of OWN; `other` is the form for several, `segments` and `elsewhere` are those of `Source`."""

    model_config = ConfigDict(extra="forbid")

    english: str = Field(min_length=1)
    other: str | None = Field(None, min_length=1)
    comment: str
    segments: int | None = Field(None, ge=1, le=MOST_SEGMENTS)
    elsewhere: int | None = Field(None, ge=1, le=MOST_SEGMENTS)


def own_sources(*paths: Path) -> tuple[Source, ...]:
    """The texts of OWN, or of these files. Raises AuthorError when an entry is not as the head of the file says."""
    return gathered(source for path in paths or OWN for source in _own(path))


def _own(path: Path) -> Iterator[Source]:
    document = read_file(path)
    try:
        entries = TypeAdapter(dict[str, _Own]).validate_python(document.plain())
    except ValidationError as error:
        raise AuthorError(
            fault(document.file, document.key(*each["loc"]), f"`{each['loc'][-1]}`: {each['msg']}", OWN_HINT)
            for each in error.errors()
        ) from error
    yield from (
        Source(
            key, own.english, _shown(path), document.key(key).line, own.comment, own.segments, own.other, own.elsewhere
        )
        for key, own in entries.items()
    )


def gathered(sources: Iterable[Source]) -> tuple[Source, ...]:
    """All sources in the order of their ids. Raises AuthorError when an id has two different texts."""
    first: dict[str, Source] = {}
    findings = []
    for source in sources:
        known = first.setdefault(source.id, source)
        if (known.english, known.plural) != (source.english, source.plural):
            problem = f"{source.id} already has another text in {known.file}:{known.line}."
            findings.append(Finding(source.file, source.line, 1, problem, "Give one of the two another id."))
    if findings:
        raise AuthorError(findings)
    return tuple(first[message_id] for message_id in sorted(first))


def template(sources: Iterable[Source]) -> polib.POFile:
    """A catalogue with every text and no translation."""
    catalogue = empty(ENGLISH)
    catalogue.extend(blank(source, ENGLISH) for source in gathered(sources))
    return catalogue


def write_template(folder: Path, sources: Iterable[Source], domain: str = "rowan") -> bool:
    """Writes the template of a domain, `folder`/rowan.pot; False when it already was so."""
    return write(template(sources), folder / f"{domain}.pot")


def empty(language: Language) -> polib.POFile:
    """A header only. No dates, no names of tools: a file changes only when its words do."""
    catalogue = polib.POFile(wrapwidth=-1)
    catalogue.header = f"Rowan: {language.name} ({language.own_name})"
    catalogue.metadata = {
        "Project-Id-Version": "Rowan",
        "Language": language.code,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": str(language.plural),
    }
    return catalogue


def blank(source: Source, language: Language) -> polib.POEntry:
    """The untranslated entry of a source. Line numbers are left out: they would change with every edit above them."""
    return polib.POEntry(
        msgctxt=source.id,
        msgid=source.english,
        msgid_plural=source.plural or "",
        msgstr_plural=dict.fromkeys(range(language.plural.forms), "") if source.plural else {},
        comment=_comment(source),
        occurrences=[(_shown(PurePath(source.file)), "")],
    )


def write(catalogue: polib.POFile, path: Path) -> bool:
    """Writes the file if that changes it, and says whether it did."""
    text = f"{catalogue}".rstrip("\n") + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return True


def _comment(source: Source) -> str:
    limit = source.max_ucs2 or source.max_length
    fits = f"At most {limit} SMS segment{'' if limit == 1 else 's'}." if limit else ""
    return "\n".join(line for line in (*source.comment.splitlines(), fits) if line.strip())


def _shown(path: PurePath) -> str:
    return "/".join(path.parts[-SHOWN_PARTS:])
