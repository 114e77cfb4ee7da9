"""What the folders of content hold, each thing beside the document that it was made from.

A programme's folder lies over what ships: a file of the same name replaces the one beneath it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Generic, TypeVar

from flows.authoring.compile import compile_cover, compile_flow, compile_instrument
from flows.authoring.directory import read_directory
from flows.authoring.files import ProgrammeFile
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.fit import fit
from flows.authoring.nodes import Document, Place, fault, read_file
from flows.authoring.page_texts import PageTexts, read_page_texts
from flows.authoring.phrases import read_phrases
from flows.authoring.spelled_out import flow_document, spelled_out
from flows.directory.search import Directory
from flows.engine.model import Cover, Flow, Instrument
from flows.engine.programme import Keep, Rules
from flows.safety.danger_hints import PERCENT
from flows.text.phrases import Phrase

SETTINGS = "programme.yaml"

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Authored(Generic[Thing]):
    """A thing and where each of its words stands."""

    value: Thing
    document: Document


@dataclass(frozen=True, slots=True)
class Content:
    """All that was read; `findings` are the faults of single files, whose things are then missing here."""

    flows: Mapping[str, Authored[Flow]] = field(default_factory=dict)
    covers: Mapping[str, Authored[Cover]] = field(default_factory=dict)
    instruments: Mapping[str, Authored[Instrument]] = field(default_factory=dict)
    settings: Authored[ProgrammeFile] | None = None
    directory: Directory = field(default_factory=Directory)
    phrases: Mapping[str, Phrase] = field(default_factory=dict)  # a programme's own
    pages: PageTexts = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def rules(self) -> Rules:
        return _rules(self.settings.value) if self.settings else Rules()

    @property
    def hints_percent(self) -> int:
        return (self.settings.value.hints_percent if self.settings else None) or PERCENT

    @property
    def names(self) -> tuple[str, ...]:
        """Names that no cover may hold: the programme's own and those of its organisations."""
        if self.settings is None:
            return ()
        settings = self.settings.value
        return (*([settings.programme] if settings.programme else []), *settings.organisations)


def read_content(folders: Sequence[Path]) -> Content:
    """Everything in `folders`, a later one over an earlier. Raises nothing that an author did: see `findings`."""
    findings: list[Finding] = [f for folder in folders for f in _unread(folder)]
    flows = _read(folders, "library", lambda document: Authored(compile_flow(document), document), findings)
    instruments = _read(folders, "instruments", _instrument, findings)
    directory, refused = read_directory(folders)
    findings += refused
    phrases, refused = read_phrases(folders)
    findings += refused
    settings = _settings(folders, findings)
    names = Content(settings=settings).names
    return Content(
        {**flows, **dict(_asked(instruments, flows, findings))},
        _read(folders, "covers", lambda document: Authored(compile_cover(document), document), findings),
        instruments,
        settings,
        directory,
        phrases,
        read_page_texts(folders, names, findings),
        tuple(sorted(findings)),
    )


def files_of(folders: Sequence[Path], kind: str) -> dict[str, Path]:
    """The files of one kind by their names without the ending; the last folder that has one wins."""
    return {path.stem: path for folder in folders for path in sorted((folder / kind).glob("*.yaml"))}


def _read(
    folders: Sequence[Path], kind: str, compiled: Callable[[Document], Authored[Thing]], findings: list[Finding]
) -> dict[str, Authored[Thing]]:
    found: dict[str, Authored[Thing]] = {}
    for name, path in sorted(files_of(folders, kind).items()):
        try:
            document = read_file(path)
            found[name] = compiled(document)
        except AuthorError as error:
            findings += error.findings
            continue
        findings += _misnamed(name, kind, document)
    return found


def _instrument(document: Document) -> Authored[Instrument]:
    whole = spelled_out(document)
    return Authored(compile_instrument(whole), whole)


def _asked(
    instruments: Mapping[str, Authored[Instrument]], flows: Mapping[str, Authored[Flow]], findings: list[Finding]
) -> Iterator[tuple[str, Authored[Flow]]]:
    """The flows of the instruments that ask their own items."""
    for name, instrument in instruments.items():
        document = flow_document(instrument.document)
        if document is None:
            continue
        if name in flows:
            place, other = document.at("flow"), flows[name].document.file
            hint = "Give the instrument another name, or let it weigh that flow: `flow` in place of `items`"
            findings.append(document.finding(place, f"there is already a flow {name} in {other}", hint))
            continue
        yield name, Authored(compile_flow(document), document)


def _misnamed(name: str, kind: str, document: Document) -> Iterator[Finding]:
    """A file says what it holds, and must be called so."""
    key = _KEYS[kind]
    own = document.plain()[key]
    if own != name:
        problem = f"the file is called {name}.yaml, but this says {own}"
        yield document.finding(document.at(key), problem, f"Write `{key}: {name}`, or rename the file")


_KEYS = {"library": "flow", "covers": "cover", "instruments": "instrument"}


def _settings(folders: Sequence[Path], findings: list[Finding]) -> Authored[ProgrammeFile] | None:
    path = next((folder / SETTINGS for folder in reversed(folders) if (folder / SETTINGS).exists()), None)
    if path is None:
        return None
    try:
        document = read_file(path)
        return Authored(fit(document, ProgrammeFile), document)
    except AuthorError as error:
        findings += error.findings
        return None


def _unread(folder: Path) -> Iterator[Finding]:
    """A folder or file that would silently not be read."""
    if not folder.is_dir():
        yield fault(str(folder), Place(), "there is no such folder", "Name one with library/, covers/ or instruments/")
        return
    for path in sorted(folder.glob("*/*.yml")):
        yield fault(str(path), Place(), "a file of this name is not read", "Let its name end in .yaml")


def _rules(settings: ProgrammeFile) -> Rules:
    """The settings that are given, over the defaults of `Rules`."""
    given = settings.model_dump(exclude_none=True, exclude={"programme", "organisations", "hints_percent"})
    for written, rule, unit in _SPANS:
        if written in given:
            given[rule] = given.pop(written) * unit
    if "keep" in given:
        given["keep"] = Keep(**given["keep"])
    return Rules(**given)


_SPANS = (
    ("idle_lock_minutes", "idle_lock", timedelta(minutes=1)),
    ("worker_lock_minutes", "worker_lock", timedelta(minutes=1)),
    ("fresh_checkin_hours", "fresh_checkin", timedelta(hours=1)),
    ("check_on_me_grace_minutes", "watch_grace", timedelta(minutes=1)),
    ("confirm_days", "confirm_every", timedelta(days=1)),
    ("long_silence_days", "long_silence", timedelta(days=1)),
)
