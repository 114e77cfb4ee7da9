"""Folders to one loaded programme, or to everything that is wrong with them.

The only maker of `Programme` from files. What it refuses is what the engine could not run on; `check` says more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from flows.authoring import locales as languages
from flows.authoring.catalogues import CONSOLE
from flows.authoring.content import read_content
from flows.authoring.extract import own_sources
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.fit import refused
from flows.authoring.instrument_checks import licence
from flows.authoring.lint import advice, faults
from flows.authoring.phrases import shipped as shipped_phrases
from flows.authoring.signals import read_signals
from flows.authoring.sources import sources
from flows.engine.programme import Programme

SHIPPED = Path(__file__).parents[1]  # flows/ itself: library, covers, instruments, signals


def load_programme(folders: Sequence[Path], locales: Path) -> Programme:
    """What ships is `SHIPPED`; a programme's own folder comes after it. Raises AuthorError with all findings."""
    content = read_content(folders)
    theirs = own_sources()
    own = {source.id: source.english for source in theirs}
    refused([*content.findings, *([] if content.findings else faults(content, own))])
    return Programme(
        flows={name: each.value for name, each in content.flows.items()},
        covers={name: each.value for name, each in content.covers.items()},
        instruments={name: each.value for name, each in content.instruments.items()},
        catalogues=languages.read(locales),
        console=languages.read(locales, CONSOLE),
        reader=read_signals(_signals(folders), content.hints_percent),
        rules=content.rules,
        own=own,
        several={source.id: source.plural for source in theirs if source.plural},
        directory=content.directory,
        phrases=shipped_phrases(theirs) | dict(content.phrases),
        pages=content.pages,
    )


def check(folders: Sequence[Path], locales: Path, today: date) -> list[Finding]:
    """All that an author should mend, in the order of files and lines; empty is good. Licences are those of `today`."""
    from flows.authoring.reading import too_hard  # and with it the syllables: serving does without

    content = read_content(folders)
    if content.findings:
        return list(content.findings)
    try:
        own = {source.id: source.english for source in own_sources()}
        known = languages.read(locales).languages
        read_signals(_signals(folders))
    except AuthorError as error:
        return list(error.findings)
    # A programme's texts are in no catalogue of what ships: those are beside what ships alone.
    shipped = content if len(folders) == 1 else read_content(folders[:1])
    theirs = (*own_sources(), *sources(shipped))
    said = languages.check(locales, (*own_sources(), *sources(content)), content.names, theirs)
    licences = [f for each in content.instruments.values() for f in licence(each.value, each.document, today)]
    return sorted({*faults(content, own), *advice(content, known), *said, *licences, *too_hard(content, own_sources())})


def _signals(folders: Sequence[Path]) -> Path:
    """Danger words are not laid over each other: a programme that brings its own brings them all."""
    return next(
        (folder / "signals" for folder in reversed(folders) if (folder / "signals").is_dir()), SHIPPED / "signals"
    )
