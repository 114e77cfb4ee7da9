"""The files of danger words (`signals/<language>.yaml`, see en.yaml), read into one `Reader` and measured."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from flows.authoring.findings import AuthorError, Finding
from flows.authoring.fit import fit, refused
from flows.authoring.nodes import Document, Place, Scalar, read_file
from flows.authoring.values import Language, RuleId, Strict, Words, complaint
from flows.authoring.weights import read_weights
from flows.engine.model import Tier
from flows.safety.danger import Reader, worst
from flows.safety.danger_hints import PERCENT, Hints
from flows.safety.danger_lexicon import URGENCY, Entry, Lexicon, Negation
from flows.safety.danger_phrase import Notation, Phrase, PhraseError
from flows.text.canonical import words

SIGNALS = Path(__file__).parents[1] / "signals"

Raised = Literal["P0", "P1", "P2"]  # words alone never mean routine: what is P3 is not written down
GroupName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
# What a match can be about; the console groups by it. A new one is a decision of whoever answers for safety.
Meaning = Literal[
    "danger now",
    "threat to life",
    "weapon",
    "choking",
    "self-harm",
    "child in danger",
    "cannot speak or leave",
    "being watched",
    "medical",
    "fear",
    "violence",
    "forced sex",
    "control",
]


class EntryFile(Strict):
    """A danger: described (tier, meaning, says) in one file, given phrases in many."""

    tier: Raised | None = None
    meaning: Meaning | None = None
    says: Words | None = None
    lowered: Raised | None = None
    phrases: list[Words] = Field(default_factory=list)
    unless: list[Words] = Field(default_factory=list)

    @model_validator(mode="after")
    def _whole(self) -> EntryFile:
        described = [part is not None for part in (self.tier, self.meaning, self.says)]
        if any(described) != all(described) or (self.lowered and not self.tier):
            raise complaint("this danger is described in part", "Give it tier, meaning and says, or phrases only")
        if self.lowered and self.tier and URGENCY[self.lowered] < URGENCY[self.tier]:
            raise complaint(f"`lowered` {self.lowered} is above {self.tier}", "What is past is not more urgent")
        return self


class NegationFile(Strict):
    cues: list[Words]
    through: list[Words] = Field(default_factory=list)
    subjects: list[Words] = Field(default_factory=list)
    unsure: list[Words] = Field(default_factory=list)


class PastFile(Strict):
    signs: list[Words]
    present: list[Words]


class SignalsFile(Strict):
    """How one language says that someone is in danger."""

    language: Language
    words: dict[GroupName, list[Words]] = Field(default_factory=dict)
    entries: dict[RuleId, EntryFile]
    pronouns: list[Words] = Field(default_factory=list)
    idioms: list[Words] = Field(default_factory=list)
    fillers: list[Words] = Field(default_factory=list)
    negation: NegationFile | None = None
    past: PastFile | None = None
    imagined: list[Words] = Field(default_factory=list)
    ordinary: list[Words] = Field(default_factory=list)
    prefixes: list[Words] = Field(default_factory=list)
    suffixes: list[Words] = Field(default_factory=list)
    alike: dict[Words, str] = Field(default_factory=dict)


def read_signals(folder: Path = SIGNALS, percent: int = PERCENT) -> Reader:
    """The reader of every language of `folder`, its hints paging from `percent` on (`Hints`).

    Raises AuthorError with all that is wrong in the files."""
    findings: list[Finding] = []
    files: list[_File] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            files.append(_File(path))
        except AuthorError as error:
            findings += error.findings
    if not files and not findings:
        findings.append(Finding(str(folder), 1, 1, "There are no danger words here.", "Put an en.yaml here."))
    entries = dict(_described(files, findings))
    lexicons = [file.lexicon(entries.keys(), findings) for file in files]
    refused(findings)
    return Reader(entries.values(), lexicons, Hints(read_weights(folder), percent))


def described(folder: Path = SIGNALS) -> Iterator[tuple[Entry, str, int]]:
    """Each danger, with the file and the line that describe it. Raises AuthorError for a file that cannot be read."""
    findings: list[Finding] = []
    files = [_File(path) for path in sorted(folder.glob("*.yaml"))]
    by_name = dict(_described(files, findings))
    refused(findings)
    for file in files:
        for name, each in file.content.entries.items():
            if each.says:
                yield by_name[name], file.document.file, file.document.key("entries", name).line


def _described(files: Iterable[_File], findings: list[Finding]) -> Iterator[tuple[str, Entry]]:
    first: dict[str, _File] = {}
    for file in files:
        for name, each in file.content.entries.items():
            if not (each.tier and each.meaning and each.says):
                continue
            if name in first:
                problem = f"`{name}` is already described in {first[name].document.file}"
                findings.append(file.fault(problem, "Keep only its `phrases` here", "entries", name))
            first.setdefault(name, file)
            yield name, Entry(name, each.tier, each.meaning, each.says, each.lowered or "P2")


class _File:
    """One file: what it holds, and where. Raises AuthorError when it does not have the form of such a file."""

    def __init__(self, path: Path) -> None:
        self.document: Document = read_file(path)
        self.content = fit(self.document, SignalsFile)
        if self.content.language != path.stem:
            problem = f"the language is `{self.content.language}` and the file's name {path.name}"
            raise AuthorError([self.fault(problem, "Make them equal", "language")])

    def lexicon(self, known: Iterable[str], findings: list[Finding]) -> Lexicon:
        """How this language says the `known` entries; what cannot be read is added to `findings`."""
        content, reading = self.content, _Reading(self, findings)
        negation, past = content.negation or NegationFile(cues=[]), content.past or PastFile(signs=[], present=[])
        for name in content.entries.keys() - set(known):
            problem = f"`{name}` is described nowhere"
            findings.append(self.fault(problem, "Give it tier, meaning and says", "entries", name))
        return Lexicon(
            content.language,
            tuple(
                (name, phrase)
                for name, each in content.entries.items()
                for phrase in reading.phrases(each.phrases, "entries", name, "phrases")
            ),
            unless=tuple(
                (name, phrase)
                for name, each in content.entries.items()
                for phrase in reading.phrases(each.unless, "entries", name, "unless")
            ),
            idioms=tuple(reading.phrases(content.idioms, "idioms")),
            past=tuple(reading.phrases(past.signs, "past", "signs")),
            imagined=tuple(reading.phrases(content.imagined, "imagined")),
            present=reading.words(past.present, "past", "present"),
            negation=Negation(
                cues=reading.words(negation.cues, "negation", "cues"),
                through=reading.words(negation.through, "negation", "through"),
                subjects=reading.words(negation.subjects, "negation", "subjects"),
                unsure=reading.words(negation.unsure, "negation", "unsure"),
            ),
            pronouns=reading.words(content.pronouns, "pronouns"),
            fillers=reading.words(content.fillers, "fillers"),
            ordinary=" ".join(sorted(reading.words(content.ordinary, "ordinary"))),
            prefixes=tuple(sorted(reading.words(content.prefixes, "prefixes"))),
            suffixes=tuple(sorted(reading.words(content.suffixes, "suffixes"))),
            alike=tuple(content.alike.items()),
        )

    def fault(self, problem: str, hint: str, *path: str | int, at: int = 0) -> Finding:
        """A finding about the key or value at `path`, `at` characters into it."""
        node = self.document.node(*path)
        if not isinstance(node, Scalar):
            return self.document.finding(self.document.key(*path), problem, hint)
        place = Place(node.place.line, node.place.column + node.quoted + at)
        return self.document.finding(place, problem, hint)


class _Reading:
    """The notations inside the values of one file; every fault becomes a finding and reading goes on."""

    def __init__(self, file: _File, findings: list[Finding]) -> None:
        self._file, self._findings = file, findings
        self._notation = Notation()
        self._seen: dict[str, int] = {}
        for name, choices in file.content.words.items():
            try:
                self._notation.define(name, choices)
            except PhraseError as error:
                self._find(error.problem, error.hint, "words", name)
                self._notation.define(name, [name.lower()])  # so that its uses are no faults of their own

    def phrases(self, written: list[str], *path: str) -> Iterator[Phrase]:
        for index, source in enumerate(written):
            line = self._file.document.at(*path, index).line
            if self._seen.setdefault(source, line) != line:
                problem = f"this phrase is already in line {self._seen[source]}"
                self._find(problem, "Keep it where it means most", *path, index)
            try:
                yield self._notation.phrase(source)
            except PhraseError as error:
                self._find(error.problem, error.hint, *path, index, at=error.at)

    def words(self, written: list[str], *path: str) -> frozenset[str]:
        found: set[str] = set()
        for index, word in enumerate(written):
            run = words(word)
            if len(run) != 1:
                problem = f"`{word}` is not one word"
                self._find(problem, "Only single words can stand here", *path, index)
            found.update(map(sys.intern, run))
        return frozenset(found)

    def _find(self, problem: str, hint: str, *path: str | int, at: int = 0) -> None:
        self._findings.append(self._file.fault(problem, hint, *path, at=at))


# how well it reads

CONFIDENCE = 1.96  # standard deviations either side: 95 % of a normal distribution


@dataclass(frozen=True, slots=True)
class Labelled:
    """An invented message and the tier that a person gave it; None is no danger. `held_out` ones were written first
    and not looked at while phrases were written."""

    text: str
    tier: Tier | None
    language: str
    held_out: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, with Wilson's interval for the share in all such messages."""

    hits: int
    of: int

    @property
    def share(self) -> float | None:
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high end, 0 to 1; (0, 1) where nothing was counted."""
        if not self.of:
            return 0.0, 1.0
        share, squared = self.hits / self.of, CONFIDENCE**2
        middle = (share + squared / (2 * self.of)) / (1 + squared / self.of)
        reach = CONFIDENCE * sqrt(share * (1 - share) / self.of + squared / (4 * self.of**2)) / (1 + squared / self.of)
        return max(0.0, middle - reach), min(1.0, middle + reach)


@dataclass(frozen=True, slots=True)
class Score:
    """One row of the table. `part` is 'development' or 'held out'; `tier` is 'P0', 'P1', 'P2', or 'P0/P1' for either.

    recall: of the messages labelled so, those read as that or more urgent.
    precision: of the messages read so, those labelled that or more urgent.
    """

    language: str
    part: str
    tier: str
    recall: Share
    precision: Share


def read_messages(path: Path, language: str = "") -> tuple[Labelled, ...]:
    """Labelled messages from a CSV with the columns text, tier and perhaps note and language.

    The language is the column's, else `language`, else the one in the name `messages.<language>.csv`, else English. A
    note that begins with `held_out` marks the row as such. Raises AuthorError.
    """
    named = path.name.split(".")
    default = language or (named[1] if len(named) == 3 else "en")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        try:
            if not {"text", "tier"} <= set(rows.fieldnames or ()):
                raise AuthorError(
                    [Finding(str(path), 1, 1, "The columns text and tier are missing.", "Name them in line 1.")]
                )
            return tuple(_labelled(row, default, path, rows.line_num) for row in rows)
        except (UnicodeDecodeError, csv.Error) as error:
            line = rows.reader.line_num + 1
            raise AuthorError([Finding(str(path), line, 1, "This is no CSV.", "Save it as CSV in UTF-8.")]) from error


def _labelled(row: Mapping[str, str | None], language: str, path: Path, line: int) -> Labelled:
    tiers: dict[str, Tier | None] = {"P0": "P0", "P1": "P1", "P2": "P2", "P3": None, "": None}
    tier = (row["tier"] or "").strip()
    if tier not in tiers:
        raise AuthorError([Finding(str(path), line, 1, f"{tier!r} is no tier.", "Write P0, P1, P2, or nothing.")])
    note = row.get("note") or ""
    return Labelled(row["text"] or "", tiers[tier], row.get("language") or language, note.startswith("held_out"), note)


def evaluate(reader: Reader, rows: Iterable[Labelled]) -> tuple[Score, ...]:
    """Recall and precision by language, part and tier, over what the reader really makes of each message."""
    groups: dict[tuple[str, str], list[tuple[Tier | None, Tier | None]]] = {}
    for row in rows:
        pair = (row.tier, worst(reader.read(row.text, row.language)))
        groups.setdefault((row.language, "held out" if row.held_out else "development"), []).append(pair)
    return tuple(
        _score(language, part, tier, pairs)
        for (language, part), pairs in groups.items()
        for tier in ("P0/P1", "P0", "P1", "P2")
    )


def _score(language: str, part: str, tier: str, pairs: list[tuple[Tier | None, Tier | None]]) -> Score:
    asked = tier.split("/")
    enough = {each for each in URGENCY if URGENCY[each] <= max(URGENCY[name] for name in URGENCY if name in asked)}
    labelled = [read for label, read in pairs if label in asked]
    raised = [label for label, read in pairs if read in asked]
    return Score(
        language,
        part,
        tier,
        Share(sum(read in enough for read in labelled), len(labelled)),
        Share(sum(label in enough for label in raised), len(raised)),
    )


def table(scores: Iterable[Score]) -> str:
    """The scores as lines of text, one a row, shares in per cent with their 95 % intervals."""
    head = f"{'language':9} {'part':12} {'tier':6} {'recall':>26} {'precision':>26}"
    return "\n".join(
        [head]
        + [f"{s.language:9} {s.part:12} {s.tier:6} {_shown(s.recall):>26} {_shown(s.precision):>26}" for s in scores]
    )


def _shown(share: Share) -> str:
    low, high = share.interval
    value = "-" if share.share is None else f"{share.share:.1%}"
    return f"{value} ({low:.0%}-{high:.0%}, {share.hits}/{share.of})"
