"""Conversations written down by programme staff: what they write, what we answer, what a worker gets to see.

The format is described in docs/transcripts.md. Here a file is read; `playing` plays it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from flows.authoring.findings import AuthorError, Finding
from flows.authoring.fit import fit, refused
from flows.authoring.nodes import Document, read_file
from flows.authoring.values import Language, Name, RuleId, Strict, True_, Word, Words, complaint
from flows.engine.conversation import Contact, Fact
from flows.engine.her_words import UnfitAnswer
from flows.engine.model import Tier
from flows.engine.record import FIELDS
from flows.safety.recorded import VALUES

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST_WAIT = timedelta(days=400)  # a year and the check-ins in it; more is surely a slip

MessageId = Annotated[str, Field(pattern=r"^(cover|ping|[a-z][a-z0-9_.]*/[a-z0-9_.]+)$")]
StepId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*/[a-z][a-z0-9_]*$")]


def _span(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"([1-9]\d{0,5})([smhd])", value)
    span = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not timedelta() < span <= LONGEST_WAIT:
        raise PydanticCustomError(
            "span", "`{value}` is no time to wait", {"value": value[:40], "hint": "Write 10m, 2h or 7d"}
        )
    return span


Span = Annotated[timedelta, BeforeValidator(_span), WithJsonSchema({"type": "string", "pattern": r"^[1-9]\d*[smhd]$"})]


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _or_one(schema: dict[str, Any]) -> None:
    """For editors: one may stand without brackets."""
    many = {"type": schema.pop("type"), "items": schema["items"]}
    schema["anyOf"] = [schema.pop("items"), many]


def _recorded(value: dict[Fact, str]) -> dict[Fact, str]:
    for fact, word in value.items():
        if word not in (*VALUES[fact], "none"):
            raise complaint(f"`{word}` cannot be recorded as {fact}", f"Write {', '.join(VALUES[fact])} or none")
    return value


Recorded = Annotated[dict[Fact, Word], AfterValidator(_recorded)]


class AlertFile(Strict):
    """What a worker gets: `rules` in any order; `kind` only where it matters."""

    tier: Tier
    rules: list[RuleId]
    kind: Literal["risk", "duress", "talk", "missed", "task", "fault"] | None = None


class LineFile(Strict):
    """One thing that happens, and what comes of it. Exactly one of the first nine keys."""

    they: Word | None = None
    press: Word | None = None
    sends: Literal["blank", "voice", "photo"] | None = None
    edits: Word | None = None
    joins: Literal["code", "self"] | None = None
    wait: Span | None = None
    worker: Literal["joins", "leaves", "clears", "gone", "done", "resets"] | None = None
    worker_says: Words | None = None
    records: Recorded | None = None

    of: MessageId | None = Field(default=None, description="With `press`: the message whose button it was")

    we: Annotated[list[MessageId], BeforeValidator(_listed), Field(json_schema_extra=_or_one)] = Field(
        default_factory=list
    )
    alert: Annotated[list[AlertFile], BeforeValidator(_listed), Field(json_schema_extra=_or_one)] = Field(
        default_factory=list
    )
    mode: Literal["closed", "open", "worker", "paused"] | None = None
    at: StepId | Literal["nowhere"] | None = None
    noted: Annotated[list[Words], BeforeValidator(_listed), Field(json_schema_extra=_or_one)] = Field(
        default_factory=list
    )
    plan: dict[Name, Word] = Field(default_factory=dict)
    goals: dict[Literal["one", "two", "three"], Word] = Field(default_factory=dict)
    contact: dict[Name, Word] = Field(default_factory=dict)
    wiped: True_ | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> LineFile:
        given = [key for key in HAPPENINGS if getattr(self, key) is not None]
        if len(given) != 1:
            said = " and ".join(f"`{key}`" for key in given) or "nothing"
            raise complaint(f"in this line {said} happens", f"Give it one of {', '.join(HAPPENINGS)}")
        if self.of is not None and self.press is None:
            raise complaint("`of` belongs to `press`", "Take it out, or press a button")
        return self


HAPPENINGS = ("they", "press", "sends", "edits", "joins", "wait", "worker", "worker_says", "records")


class PhoneFile(Strict):
    """Whose phone it is. An enrolled recipient's, chat closed, unless `new`."""

    channel: Literal["sms", "telegram"] = "sms"
    language: Language = "en"
    new: True_ | None = None


class GivenFile(Strict):
    """What stands before the talk begins."""

    plan: dict[Name, Word] = Field(default_factory=dict)
    goals: dict[Literal["one", "two", "three"], Words] = Field(default_factory=dict)
    previous: dict[Name, Word] = Field(default_factory=dict)
    contact: dict[Name, Word] = Field(default_factory=dict)
    due: Name | None = None
    recorded: Recorded = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fields(self) -> GivenFile:
        for name, value in self.contact.items():
            try:
                FIELDS[f"contact.{name}"](Contact(), value, BEGINS)
            except KeyError as error:
                raise complaint(f"there is no field contact.{name}", "See docs/architecture.md, A flow file") from error
            except UnfitAnswer as error:
                raise complaint(f"`{value}` does not fit into contact.{name}", "Write what a flow could set") from error
        return self


class TranscriptFile(Strict):
    transcript: Words
    about: Words | None = None
    phone: PhoneFile = PhoneFile()
    languages: Annotated[list[Language], Field(min_length=1)] | None = None
    begins: AwareDatetime | None = None
    given: GivenFile = GivenFile()
    talk: Annotated[list[LineFile], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript and the document that it was read from."""

    name: str
    file: TranscriptFile
    document: Document

    def finding(self, line: int, problem: str, hint: str = "Mend the flow, or write down what is right now") -> Finding:
        return self.document.finding(self.document.at("talk", line), problem, hint)

    def languages(self, shipped: Sequence[str]) -> tuple[str, ...]:
        """Those it is played in: all that ship, unless it says in which words its people write."""
        return tuple(self.file.languages or shipped)


def read_transcripts(folder: Path) -> tuple[Transcript, ...]:
    """Every `*.yaml` of the folder, by name. Raises AuthorError with the faults of all files."""
    found: list[Transcript] = []
    findings: list[Finding] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = read_file(path)
            found.append(Transcript(path.stem, fit(document, TranscriptFile), document))
        except AuthorError as error:
            findings += error.findings
    refused(findings)
    return tuple(found)


def given_values(words: Mapping[str, str]) -> dict[str, str | int | None]:
    """Answers as the record keeps them: digits are numbers."""
    return {name: int(word) if word.lstrip("-").isdecimal() else word for name, word in words.items()}


BEGINS = datetime.fromisoformat("2026-03-02T10:00:00+00:00")  # a Monday morning, away from any change of clocks
