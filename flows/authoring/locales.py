"""The languages of a programme: read them for service, see how complete they are, check them.

PO files are read as they are, so that what a translator saves is what the service says; there is nothing to compile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.authoring.catalogues import CONSOLE, DOMAIN, forms, languages, po_path, translation
from flows.authoring.cover_words import Forbidden, cover_words, forbidden
from flows.authoring.extract import Source, gathered
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.traces import no_traces
from flows.authoring.translated import faults, is_current, is_sent, wordings
from flows.authoring.wording import RULES, Said, choices_of, english, same_placeholders
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


def read(folder: Path, domain: str = DOMAIN) -> Catalogues:
    """All languages of `folder` (languages.toml and its PO files). Raises AuthorError with every fault found.

    A translation that is empty, fuzzy, or whose placeholders are not those of the English is left out: the fallback
    is said instead. `check` tells which these are. Of the console only languages that somebody has begun are known.
    """
    known = languages(folder) if domain == DOMAIN else begun(folder, domain)
    catalogues: list[Catalogue] = []
    findings: list[Finding] = []
    for language in known.values():
        try:
            catalogues.append(_catalogue(folder, language, domain))
        except AuthorError as error:
            findings += error.findings
    if findings:
        raise AuthorError(findings)
    return Catalogues.of(known.values(), catalogues)


def begun(folder: Path, domain: str) -> dict[str, Language]:
    """English, and the languages of languages.toml that have a file of this domain. Raises AuthorError."""
    known = languages(folder)
    return {code: each for code, each in known.items() if code == SOURCE or po_path(folder, code, domain).exists()}


def status(folder: Path, sources: Iterable[Source], domain: str = DOMAIN) -> tuple[Coverage, ...]:
    """How complete each language is beside the English of today, in the order of languages.toml. Raises AuthorError."""
    sources = gathered(sources)
    return tuple(_coverage(folder, language, sources, domain) for language in languages(folder).values())


def check_console(folder: Path, sources: Sequence[Source]) -> tuple[Finding, ...]:
    """All that is wrong in the console's translations: no phone gets them, so no rule of SMS or covers binds them."""
    found: list[Finding] = []
    try:
        gathered(sources)
        for language in begun(folder, CONSOLE).values():
            theirs = translation(folder, language, CONSOLE)
            if theirs is not None and language.code != SOURCE:
                said = Said(language.code, wordings(theirs, sources), {s.id: s for s in sources})
                found += [*faults(theirs, sources), *same_placeholders(said)]
    except AuthorError as error:
        found += error.findings
    return tuple(sorted(set(found)))


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


def _catalogue(folder: Path, language: Language, domain: str) -> Catalogue:
    beneath = _template(folder, domain) if language.code == SOURCE else []
    found = translation(folder, language, domain)
    if found is None:
        return Catalogue.of(language, {}, {}, beneath)
    sent = {message_id: entry for message_id, entry in found.entries().items() if is_sent(entry, found.rule)}
    messages = {message_id: entry.msgstr for message_id, entry in sent.items() if not entry.msgid_plural}
    plurals = {message_id: Plural(forms(entry), found.rule) for message_id, entry in sent.items() if entry.msgid_plural}
    return Catalogue.of(language, messages, plurals, beneath)


def _template(folder: Path, domain: str) -> list[str]:
    """The English texts. They are said from the flows, but they too are what this version of the catalogue says."""
    path = folder / f"{domain}.pot"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line for line in lines if not line.startswith("#")]


def _coverage(folder: Path, language: Language, sources: Sequence[Source], domain: str) -> Coverage:
    found = translation(folder, language, domain)
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
