"""`rowan db`: upgrade, verify, backup, restore, the list of the erased, new keys."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from bot.cli.opening import opened, opened_beside, ring_source
from bot.settings import Settings, read_settings
from storage import leftovers
from storage.audit import record
from storage.backup import Settled, Tombstone, settle, tombstones_of
from storage.backup import backup as write_backup
from storage.backup import restore as put_back
from storage.crypto.errors import KeyProblem
from storage.crypto.ring import BACKUP_HORIZON, Ring
from storage.crypto.ring_source import RingFile
from storage.database import DatabaseProblem
from storage.keeping import ROTATED, SAVED, VERIFIED
from storage.rotating import rotate
from storage.verifying import verify as faults

app = typer.Typer(help="The database: upgrade, backup, restore, keys, checks.", no_args_is_help=True)
PG_BACKUP = (
    "On PostgreSQL use `pg_dump --format=custom`. Keep the key ring elsewhere, and keep the output of `rowan db erased`"
    " beside the dump."
)
PG_RESTORE = (
    "On PostgreSQL: stop the service, `pg_restore` the dump, then run `rowan db restore --settle --erased FILE`,"
    " FILE being the newest output of `rowan db erased`."
)
ErasedFile = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="Output of `rowan db erased`: they are erased again.")
]


@app.command()
def upgrade() -> None:
    """Bring the database to this release's schema. Safe to run again."""
    with opened():
        print("The database is up to date.")


@app.command()
def verify(
    look_for: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Texts, one a line, that must stand nowhere.")
    ] = None,
) -> None:
    """Read every row: the file, each sealed value, the audit chain, what is left of the erased. Exit 1 on a fault."""
    settings = read_settings()
    words = look_for.read_text(encoding="utf-8").splitlines() if look_for else []
    with opened(settings) as (database, vault):
        found = database.read_now(lambda conn: [*faults(conn, vault), *leftovers.rows_of_the_erased(conn)])
        found += database.read_now(lambda conn: list(leftovers.in_columns(conn, words)))
    file = _file(settings)  # closed now, so that its log is folded in
    if file is not None:
        found += [*leftovers.free_pages(file), *leftovers.in_files(file, words)]
    for line in found:
        print(line, file=sys.stderr)
    if found:
        raise typer.Exit(1)
    _on_record(settings, VERIFIED)
    print("The database holds: every value opens, the audit log is whole, and nothing is left of the erased.")


@app.command()
def backup(to: Annotated[Path, typer.Argument(help="The new file.")]) -> None:
    """Write a whole copy while the service runs (SQLite). The key ring is not in it: keep that elsewhere."""
    settings = read_settings()
    source = _file(settings)
    if source is None:
        raise DatabaseProblem(PG_BACKUP)
    write_backup(source, to)
    _on_record(settings, SAVED)
    print(f"{to} is a whole copy. Delete it within {BACKUP_HORIZON.days} days: until then it can be read.")


@app.command()
def restore(
    source: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help="The backup (SQLite).")] = None,
    erased: ErasedFile = None,
    settle_: Annotated[bool, typer.Option("--settle", help="PostgreSQL, after pg_restore.")] = False,
) -> None:
    """Put a backup in place of the database. The erased stay erased; unsent messages are set aside for review."""
    settings = read_settings()
    stones = _stones(erased)
    target = _file(settings)
    if target is None and not settle_:
        raise DatabaseProblem(PG_RESTORE)
    if target is not None:
        if source is None or settle_:
            raise typer.BadParameter("name the backup to restore; --settle is for PostgreSQL")
        _say(put_back(source, target, Ring.read(ring_source(settings)), datetime.now(UTC), stones))
        print(f"What stood there before is {target}.before-restore. Delete it when all is well.")
        return
    with opened(settings) as (database, vault):
        _say(database.write_now(settle, vault, datetime.now(UTC), stones))


def _say(settled: Settled) -> None:
    print(
        f"Restored. Erased again: {settled.erased}. Messages set aside as unknown: {settled.unknown}, with a task for a"
        f" worker about each of {settled.people} people. All sign in again. Revoke again tokens that were revoked"
        " since the backup, and look at joining codes: one used since then works once more."
    )


def _stones(erased: Path | None) -> list[Tombstone]:
    if erased is None:
        return []
    try:
        return [Tombstone.read(line) for line in erased.read_text().splitlines() if line.strip()]
    except ValueError:
        raise typer.BadParameter(f"{erased} is not an output of `rowan db erased`") from None


@app.command()
def erased() -> None:
    """The erased, as ids and receipts only: keep it beside the backups for `rowan db restore`."""
    with opened_beside() as (database, _):
        for stone in database.read_now(tombstones_of):
            print(stone)


@app.command("rotate-keys")
def rotate_keys(
    now: Annotated[bool, typer.Option("--now", help="A new epoch even if the present one is young.")] = False,
) -> None:
    """Stop the service, then: a new epoch each month, all keys wrapped again, epochs past the horizon destroyed."""
    settings = read_settings()
    source = ring_source(settings)
    if not isinstance(source, RingFile):
        raise DatabaseProblem("The key ring is not in a file of this machine: add the epoch where it is kept.")
    with opened(settings) as (database, _):
        rotated = rotate(database, source.path, Ring.read(source), datetime.now(UTC), at_once=now)
    _on_record(settings, ROTATED)
    if rotated.made:
        print(f"Epoch {rotated.made} is new in {source.path}. Copy the ring to its custodians now.")
    print(f"Keys of {rotated.wrapped} people were wrapped again.")
    for kid in rotated.destroyed:
        print(f"Epoch {kid} is destroyed: backups under it can no longer be read.")


def _on_record(settings: Settings, what: str) -> None:
    """For the administrator's page: when the operator last did it. Without the key ring it is done all the same."""
    with suppress(KeyProblem), opened_beside(settings) as (database, vault):
        database.write_now(record, vault, "", what, "", datetime.now(UTC))


def _file(settings: Settings) -> Path | None:
    """The database's file; None on PostgreSQL."""
    url = sa.make_url(settings.database_url.get_secret_value())
    return Path(str(url.database)) if url.drivername.startswith("sqlite") else None
