"""`rowan directory`: the services that people are shown the way to."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.settings import read_settings
from flows.authoring.directory import FOLDER, read_directory, read_file, still_verified, write_directory
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.hsds import Read
from flows.directory.service import Service

app = typer.Typer(help="The directory of services.", no_args_is_help=True)


@app.callback()
def _directory() -> None:
    """The directory of services."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="HSDS 3 or Open Referral UK as JSON, or a table.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="A table: docs/directory.md has the template.")] = False,
    programme: Annotated[
        Path | None, typer.Option("--programme", help="The programme's own folder; else the one of the settings.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check a directory and keep what is sound. What is refused is told line by line; then the exit code is 1."""
    folder = programme or read_settings().programme
    if folder is not None and not folder.is_dir():
        raise typer.BadParameter(f"there is no folder {folder}", param_hint="--programme")
    today = datetime.now(UTC).date()
    try:
        read = read_file(file, today, as_csv=as_csv)
    except AuthorError as unreadable:
        read = Read(refused=unreadable.findings)
    except OSError as missing:
        raise typer.BadParameter(f"{file} cannot be read: {missing.strerror}", param_hint="FILE") from None
    kept = folder / FOLDER / f"{file.stem}.json" if folder is not None and read.services else None
    services = read.services
    if kept is not None:
        if file.resolve() == kept.resolve():
            raise typer.BadParameter("this file is already in the folder: rowan check reads it", param_hint="FILE")
        services = still_verified(services, _before(kept))
        write_directory(kept, services)
        read = Read(services, (*read.refused, *_clashes(folder)), read.left_out)
    report = _as_json if as_json else _report
    report(read, kept, sum(not service.checked(today) for service in services))
    raise typer.Exit(1 if read.refused else 0)


def _before(kept: Path) -> tuple[Service, ...]:
    """What an earlier import of this file left here."""
    try:
        return read_file(kept).services
    except (AuthorError, OSError):
        return ()


def _clashes(folder: Path | None) -> list[Finding]:
    """Faults that only show beside the folder's other files: an id in two of them."""
    return [] if folder is None else read_directory([folder])[1]


def _report(read: Read, kept: Path | None, unchecked: int) -> None:
    for finding in read.refused:
        print(finding)
    for finding in read.left_out:
        print(f"{finding.file}:{finding.line}: left out: {finding.problem}", file=sys.stderr)
    where = f"kept in {kept}" if kept else "sound; nothing is kept without --programme FOLDER"
    print(f"{len(read.services)} services {where}. {len(read.refused)} refused.", file=sys.stderr)
    if unchecked:
        print(f"{unchecked} were not verified within 12 months: in production they are not shown.", file=sys.stderr)


def _as_json(read: Read, kept: Path | None, unchecked: int) -> None:
    def told(findings: tuple[Finding, ...]) -> list[dict[str, object]]:
        fields = ("file", "line", "column", "problem", "hint")
        return [{name: getattr(finding, name) for name in fields} for finding in findings]

    found = {
        "services": len(read.services),
        "unverified": unchecked,
        "kept": None if kept is None else str(kept),
        "refused": told(read.refused),
        "left_out": told(read.left_out),
    }
    print(json.dumps(found, ensure_ascii=False))
