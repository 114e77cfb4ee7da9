"""`rowan locales`: what translators need."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.app import LOCALES, SHIPPED
from escalation.console.extract import console_sources
from flows.authoring import extract as extracting
from flows.authoring import locales as catalogues
from flows.authoring import merge as merging
from flows.authoring.catalogues import CONSOLE, DOMAIN
from flows.authoring.content import read_content
from flows.authoring.extract import Source, own_sources
from flows.authoring.findings import Finding
from flows.authoring.sources import sources

app = typer.Typer(help="Extract texts, bring catalogues up to date, see what is missing.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON list.")]


def _sources() -> tuple[Source, ...]:
    return (*own_sources(), *sources(read_content([SHIPPED])))


def _domains() -> dict[str, tuple[Source, ...]]:
    return {DOMAIN: _sources(), CONSOLE: console_sources()}


def console_findings() -> tuple[Finding, ...]:
    """What is to mend in the translations of the console."""
    return catalogues.check_console(LOCALES, console_sources())


@app.command()
def extract() -> None:
    """Write every text into locales/rowan.pot, and those of the console into locales/console.pot."""
    for domain, texts in _domains().items():
        changed = extracting.write_template(LOCALES, texts, domain)
        print(f"locales/{domain}.pot is written." if changed else f"locales/{domain}.pot was up to date.")


@app.command()
def update(
    languages: Annotated[list[str] | None, typer.Argument(help="Languages; all when none is named.")] = None,
    console: Annotated[bool, typer.Option("--console", help="Begin the named languages for the console.")] = False,
) -> None:
    """Bring the catalogues up to date: reworded texts keep their old translation, marked fuzzy."""
    for domain, texts in _domains().items():
        extracting.write_template(LOCALES, texts, domain)
        begun = languages or () if console == (domain == CONSOLE) else ()
        for path in merging.update(LOCALES, texts, begun, domain):
            print(path.relative_to(LOCALES.parent))


@app.command()
def status(
    as_json: AsJson = False,
    console: Annotated[bool, typer.Option("--console", help="Of the console's pages, not of the line.")] = False,
) -> None:
    """How much of each language is translated."""
    domain = CONSOLE if console else DOMAIN
    rows = catalogues.status(LOCALES, _domains()[domain], domain)
    if as_json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return
    table = Table("language", "translated", "fuzzy", "missing", "status", box=None)
    for row in rows:
        table.add_row(row.language, f"{row.translated}/{row.total}", str(row.fuzzy), str(row.missing), row.status)
    Console(highlight=False).print(table)


@app.command()
def check() -> None:
    """Placeholders, plural forms, segments, reserved words, forbidden stems; exit 1 when something is to mend."""
    content = read_content([SHIPPED])
    findings = (*catalogues.check(LOCALES, _sources(), content.names), *console_findings())
    for finding in findings:
        print(finding)
    raise typer.Exit(1 if findings else 0)
