"""The languages of a programme: read them for service, see how complete they are, check them.

PO files are read as they are, so that what a translator saves is what the service says; there is nothing to compile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.authoring.catalogues import forms, languages, translation
from flows.authoring.cover_words import Forbidden, cover_words, forbidden
from flows.authoring.extract import TEMPLATE, Source, gathered
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.traces import no_traces
from flows.authoring.translated import faults, is_current, is_sent, wordings
from flows.authoring.wording import RULES, Said, choices_of, english
from flows.text.catalogue import Catalogue, Catalogues, Plural
from flows.text.languages import SOURCE, Language, Status


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a language is there: texts that are sent, that wait for a second look, that are missing."""

    language: str
    name: str
    status: Status
    translated: int
    fuzzy: int
    missing: int

    @property
    def total(self) -> int:
        return self.translated + self.fuzzy + self.missing

    @property
    def percent(self) -> int:
        """Rounded down: 100 means all."""
        return 100 * self.translated // self.total if self.total else 100


def read(folder: Path) -> Catalogues:
    """All languages of `folder` (languages.toml and its PO files). Raises AuthorError with every fault found.

    A translation that is empty, fuzzy, or whose placeholders are not those of the English is left out: the fallback
    is said instead. `check` tells which these are.
    """
    known = languages(folder)
    catalogues: list[Catalogue] = []
    findings: list[Finding] = []
    for language in known.values():
        try:
            catalogues.append(_catalogue(folder, language))
        except AuthorError as error:
            findings += error.findings
    if findings:
        raise AuthorError(findings)
    return Catalogues.of(known.values(), catalogues)


def status(folder: Path, sources: Iterable[Source]) -> tuple[Coverage, ...]:
    """How complete each language is beside the English of today, in the order of languages.toml. Raises AuthorError."""
    sources = gathered(sources)
    return tuple(_coverage(folder, language, sources) for language in languages(folder).values())


def check(
    folder: Path, sources: Sequence[Source], names: Iterable[str] = (), translated: Sequence[Source] | None = None
) -> tuple[Finding, ...]:
    """All that is wrong in the English and in each translation; empty is good.

    The order of `sources` is that in which choices are numbered. `names` (of the programme, of organisations) may not
    stand in a cover. `translated` are those that the catalogues of `folder` are of, where a programme brings more.
    """
    try:
        gathered(sources)
        known = languages(folder)
    except AuthorError as error:
        return error.findings
    rules = forbidden(names)
    theirs = sources if translated is None else translated
    return tuple(sorted({f for one in known.values() for f in _faults(folder, one, sources, theirs, rules)}))


def _catalogue(folder: Path, language: Language) -> Catalogue:
    beneath = _template(folder) if language.code == SOURCE else []
    found = translation(folder, language)
    if found is None:
        return Catalogue.of(language, {}, {}, beneath)
    sent = {message_id: entry for message_id, entry in found.entries().items() if is_sent(entry, found.rule)}
    messages = {message_id: entry.msgstr for message_id, entry in sent.items() if not entry.msgid_plural}
    plurals = {message_id: Plural(forms(entry), found.rule) for message_id, entry in sent.items() if entry.msgid_plural}
    return Catalogue.of(language, messages, plurals, beneath)


def _template(folder: Path) -> list[str]:
    """The English texts. They are said from the flows, but they too are what this version of the catalogue says."""
    path = folder / TEMPLATE
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line for line in lines if not line.startswith("#")]


def _coverage(folder: Path, language: Language, sources: Sequence[Source]) -> Coverage:
    found = translation(folder, language)
    sent, waiting = len(sources) if language.code == SOURCE else 0, 0
    if language.code != SOURCE and found is not None:
        entries = found.entries()
        begun = [(s, entries[s.id]) for s in sources if s.id in entries and any(forms(entries[s.id]))]
        sent = sum(is_current(source, entry) and is_sent(entry, found.rule) for source, entry in begun)
        waiting = len(begun) - sent
    return Coverage(language.code, language.name, language.status, sent, waiting, len(sources) - sent - waiting)


def _faults(
    folder: Path,
    language: Language,
    sources: Sequence[Source],
    translated: Sequence[Source],
    rules: dict[str, Forbidden],
) -> Iterator[Finding]:
    try:
        found = translation(folder, language)
    except AuthorError as error:
        yield from error.findings
        return
    own = wordings(found, sources) if found else {}
    said = Said(language.code, english(sources) | own, {s.id: s for s in sources}, choices_of(sources))
    if found and language.code != SOURCE:
        yield from faults(found, translated)
    yield from cover_words(said, rules)
    yield from no_traces(said)
    for rule in RULES:
        yield from rule(said)
