"""A translation beside the English of today: what of it is sent, what waits for a person, what hinders it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polib

from flows.authoring.catalogues import Translation, forms
from flows.authoring.extract import Source
from flows.authoring.findings import Finding
from flows.authoring.wording import Wording, placeholder_fault
from flows.text.languages import PluralRule


def is_sent(entry: polib.POEntry, rule: PluralRule) -> bool:
    """Whether recipients may read it: whole, looked at, and with the placeholders of its English."""
    if entry.fuzzy or not is_whole(entry, rule):
        return False
    return placeholder_fault((entry.msgid, entry.msgid_plural or None), forms(entry)) is None


def is_whole(entry: polib.POEntry, rule: PluralRule) -> bool:
    """Whether every form is there."""
    return all(forms(entry)) and (not entry.msgid_plural or sorted(entry.msgstr_plural) == list(range(rule.forms)))


def is_current(source: Source, entry: polib.POEntry) -> bool:
    """Whether the entry translates the English of today."""
    return (entry.msgid, entry.msgid_plural) == (source.english, source.plural or "")


def wordings(translation: Translation, sources: Sequence[Source]) -> dict[str, Wording]:
    """What has been translated, by message id, sent or not; fuzzy entries wait for a person and are left out."""
    entries = translation.entries()
    lines = translation.path.read_text(encoding="utf-8-sig").split("\n")
    path, code = str(translation.path), translation.language.code
    return {
        source.id: Wording(source, code, forms(entry), path, _line_of(lines, entry))
        for source in sources
        if (entry := entries.get(source.id)) is not None and not entry.fuzzy and any(forms(entry))
    }


def faults(translation: Translation, sources: Sequence[Source]) -> Iterator[Finding]:
    """What is wrong with the file as a whole, and plural texts that are not whole."""
    yield from _header_faults(translation)
    entries, path, language = translation.entries(), str(translation.path), translation.language
    if entries.keys() != {s.id for s in sources} or not all(is_current(s, entries[s.id]) for s in sources):
        yield Finding(path, 1, 1, "This is not up to date with the English.", "Run `rowan locales update`.")
    for wording in wordings(translation, sources).values():
        if not is_whole(entries[wording.source.id], translation.rule):
            there = sum(map(bool, wording.forms))
            problem = f"it has {there} plural forms, and {language.name} needs {translation.rule.forms}."
            yield wording.finding(problem, "Fill in each msgstr[…] once. It is not sent till then.")


def _header_faults(translation: Translation) -> Iterator[Finding]:
    path, language = str(translation.path), translation.language
    if not translation.rule.agrees(language.plural):
        hint = f"Write `Plural-Forms: {language.plural}` in the header and put the forms in that order."
        yield Finding(path, 1, 1, f"Its plural rule is not that of {language.name}.", hint)
    stated = translation.catalogue.metadata.get("Language", language.code)
    if stated.replace("_", "-").lower() != language.code.lower():
        problem = f"The header says that this is {stated}, but the folder says {language.code}."
        yield Finding(path, 1, 1, problem, "Put the right words in the right folder.")


def _line_of(lines: list[str], entry: polib.POEntry) -> int:
    """Where, counted from 1, the translation of `entry` begins."""
    start = entry.linenum or 1
    found = (number for number, line in enumerate(lines[start - 1 :], start) if line.startswith("msgstr"))
    return next(found, start)
