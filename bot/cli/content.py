"""`rowan check` and `rowan graph`: what authors need."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.app import LOCALES, SHIPPED
from bot.settings import read_settings
from escalation.console.extract import console_sources
from escalation.ladder.file import check_ladder
from escalation.receivers import check_receivers
from escalation.rota.file import check_called
from flows.authoring.draw import draw
from flows.authoring.findings import Finding
from flows.authoring.load import check as check_content
from flows.authoring.locales import check_console

Programme = Annotated[Path | None, typer.Option("--programme", help="Its own folder, else ROWAN_PROGRAMME.")]


class Format(StrEnum):
    mermaid = "mermaid"
    svg = "svg"


def check(
    programme: Programme = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False,
) -> None:
    """Read flows, covers, instruments, languages, danger words, ladder, rota, receivers; faults at file:line:column."""
    folders = _folders(programme)
    findings = [*check_content(folders, LOCALES, datetime.now(UTC).date()), *console_findings()]
    findings += check_ladder(folders[-1] if folders[1:] else None)
    findings += check_receivers(folders[-1] if folders[1:] else None)
    findings += check_called(folders[-1] if folders[1:] else None)
    if as_json:
        fields = ("file", "line", "column", "problem", "hint")
        print(json.dumps([{name: getattr(f, name) for name in fields} for f in findings], ensure_ascii=False))
    else:
        for finding in findings:
            print(finding)
        print(f"{len(findings)} to mend." if findings else "Everything fits together.", file=sys.stderr)
    raise typer.Exit(1 if findings else 0)


def console_findings() -> tuple[Finding, ...]:
    """What is to mend in the translations of the console."""
    return check_console(LOCALES, console_sources())


def graph(
    flow: Annotated[str, typer.Argument(help="The flow's name.")],
    form: Annotated[Format, typer.Option("--format", help="mermaid text or an SVG picture.")] = Format.mermaid,
    programme: Programme = None,
) -> None:
    """Draw a flow."""
    print(draw(flow, form.value, _folders(programme)))


def _folders(programme: Path | None) -> list[Path]:
    """What ships and, laid over it, the folder that the option or ROWAN_PROGRAMME names."""
    programme = programme or read_settings().programme
    return [SHIPPED] if programme is None else [SHIPPED, programme]
