"""`rowan locales`: what translators need."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.app import LOCALES, SHIPPED, read_content
from bot.cli.content import Programme, console_findings
from bot.settings import read_settings
from escalation.console.extract import console_sources
from flows.authoring import content
from flows.authoring import costs as costing
from flows.authoring import extract as extracting
from flows.authoring import locales as catalogues
from flows.authoring import merge as merging
from flows.authoring.catalogues import CONSOLE, DOMAIN
from flows.authoring.extract import Source, own_sources
from flows.authoring.sources import sources

app = typer.Typer(help="Extract texts, bring catalogues up to date, see what is missing.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON list.")]


def _sources() -> tuple[Source, ...]:
    return (*own_sources(), *sources(content.read_content([SHIPPED])))


def _domains() -> dict[str, tuple[Source, ...]]:
    return {DOMAIN: _sources(), CONSOLE: console_sources()}


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
def cost(
    price: Annotated[Decimal, typer.Option(min=0, help="What a segment costs, in whatever unit you like.")] = Decimal(
        1
    ),
    programme: Programme = None,
    as_json: AsJson = False,
    page: Annotated[bool, typer.Option("--page", help="The whole page docs/costs.md.")] = False,
) -> None:
    """What joining, a check-in and a cover reply cost as SMS, in each language: segments sent + received = all."""
    loaded = read_content(programme or read_settings().programme)
    if page:
        print(costing.page(loaded, price), end="")
        return
    found = costing.costs(loaded)
    if as_json:
        print(json.dumps([{**asdict(one), "cost": float(one.price(price))} for one in found]))
        return
    table = Table("language", *(talk.title for talk in costing.TALKS), box=None)
    for code in loaded.catalogues.languages:
        table.add_row(code, *(costing.cell(one, price) for one in found if one.language == code))
    Console(highlight=False).print(table)


@app.command()
def check() -> None:
    """Placeholders, plural forms, segments, reserved words, forbidden stems; exit 1 when something is to mend."""
    names = content.read_content([SHIPPED]).names
    findings = (*catalogues.check(LOCALES, _sources(), names), *console_findings())
    for finding in findings:
        print(finding)
    raise typer.Exit(1 if findings else 0)
