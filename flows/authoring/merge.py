"""Bring the translations up to the English of today, and lose none of them.

Entries are known by their id (msgctxt) alone. A reworded text keeps its translation, marked fuzzy, beside the English
that it was made for; a text that is gone keeps its translation as an obsolete entry and gets it back on return.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from pathlib import Path

import polib

from flows.authoring.catalogues import DOMAIN, forms, languages, po_path, read_po
from flows.authoring.extract import Source, blank, empty, gathered, write
from flows.text.languages import SOURCE, Language

NOISE = ("POT-Creation-Date", "PO-Revision-Date", "X-Generator")  # change without a word changing


def update(
    folder: Path, sources: Iterable[Source], codes: Iterable[str] = (), domain: str = DOMAIN
) -> tuple[Path, ...]:
    """Merges `sources` into each language that has a file, and starts one for `codes`; the files that changed.

    Raises AuthorError when languages.toml or a PO file cannot be read (no file is written then), KeyError for a code
    that languages.toml does not know.
    """
    known = languages(folder)
    wanted = {code for code in known if po_path(folder, code, domain).exists()} | set(codes) - {SOURCE}
    sources = gathered(sources)
    paths = {code: po_path(folder, code, domain) for code in sorted(wanted)}
    news = [(path, merged(_old(path), sources, known[code])) for code, path in paths.items()]
    return tuple(path for path, catalogue in news if write(catalogue, path))


def merged(old: polib.POFile | None, sources: Iterable[Source], language: Language) -> polib.POFile:
    """A new catalogue of `sources` with the translations of `old`: live entries by id, then the obsolete ones."""
    new = empty(language)
    known: dict[str | None, list[polib.POEntry]] = defaultdict(list)
    if old is not None:
        new.header, new.metadata_is_fuzzy = old.header, old.metadata_is_fuzzy
        new.metadata |= {key: value for key, value in old.metadata.items() if key not in NOISE}
        for entry in old:
            known[entry.msgctxt].append(entry)
    new.extend(_renewed(source, language, known[source.id]) for source in gathered(sources))
    new.extend(_kept(entry for entries in known.values() for entry in entries))
    return new


def _old(path: Path) -> polib.POFile | None:
    return read_po(path) if path.exists() else None


def _renewed(source: Source, language: Language, candidates: list[polib.POEntry]) -> polib.POEntry:
    """The entry of `source`, with the words of the best of `candidates`, which is taken from them."""
    new = blank(source, language)
    if not candidates:
        return new
    best = max(candidates, key=lambda entry: (_same(entry, new), not entry.obsolete, any(forms(entry))))
    new.tcomment, new.flags = best.tcomment, list(best.flags)
    if bool(best.msgid_plural) == bool(new.msgid_plural):
        candidates.remove(best)
        new.msgstr, new.msgstr_plural = best.msgstr, {**new.msgstr_plural, **best.msgstr_plural}
    else:  # from one form to several or back: the fullest form goes over, the old entry stays among the obsolete
        _spread(new, next((form for form in reversed(forms(best)) if form), ""))
    _mark(new, best)
    return new


def _mark(new: polib.POEntry, old: polib.POEntry) -> None:
    """Fuzzy stays until a person has looked, even when the English returns: it may have been fuzzy before."""
    if not any(forms(new)):
        new.flags = [flag for flag in new.flags if flag != "fuzzy"]
        return
    made_for, made_for_plural = _made_for(old)
    if (made_for, made_for_plural) != (new.msgid, new.msgid_plural):
        new.flags = list(dict.fromkeys(("fuzzy", *new.flags)))
        new.previous_msgid, new.previous_msgid_plural = made_for, made_for_plural or None


def _kept(entries: Iterable[polib.POEntry]) -> list[polib.POEntry]:
    """What no source asks for any more, as obsolete entries, in a fixed order and each once."""
    kept = {}
    for entry in entries:
        if any(forms(entry)) or entry.tcomment:
            gone = copy(entry)
            gone.obsolete = True
            made_for = _made_for(entry)  # the file cannot keep a previous msgid in an obsolete entry
            if bool(made_for[1]) == bool(gone.msgid_plural):
                gone.msgid, gone.msgid_plural = made_for
            gone.previous_msgctxt = gone.previous_msgid = gone.previous_msgid_plural = None
            kept[gone.msgctxt or "", gone.msgid, gone.msgid_plural, *forms(gone), gone.tcomment] = gone
    return [kept[key] for key in sorted(kept)]


def _made_for(entry: polib.POEntry) -> tuple[str, str]:
    """The English (one, other) that the translation was made for."""
    if entry.previous_msgid is None:
        return entry.msgid, entry.msgid_plural
    return entry.previous_msgid, entry.previous_msgid_plural or ""


def _same(entry: polib.POEntry, other: polib.POEntry) -> bool:
    return (entry.msgid, entry.msgid_plural) == (other.msgid, other.msgid_plural)


def _spread(entry: polib.POEntry, form: str) -> None:
    if entry.msgid_plural:
        entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, form)
    else:
        entry.msgstr = form
