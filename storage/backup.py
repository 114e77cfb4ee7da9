"""A backup of a running SQLite database, and its way back: the erased stay erased, open sends are reviewed.

A copy made with `cp` while the service runs may hold half a transaction; `VACUUM INTO` cannot. On PostgreSQL
pg_dump and pg_restore do this work, and `settle` is the step after them.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flows.engine.effects import Raise
from storage.audit import record
from storage.crypto.ring import Ring
from storage.database import Database, DatabaseProblem, lock_file
from storage.erasing import forget
from storage.migrating import upgrade
from storage.raising import Raised, raise_alerts
from storage.schema import outbox, persons, staff_sessions, tombstones
from storage.vault import Vault, open_vault

MODE = 0o600
REVIEW = "The service was restored from a backup. {count} messages to her may or may not have been sent: ask her."
WAITING = ("due", "sending", "checking")


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Somebody was erased: an id that stands nowhere else any more, her receipt, the day."""

    person: str
    receipt: str
    day: int

    def __str__(self) -> str:
        return f"{self.person} {self.receipt} {self.day}"

    @classmethod
    def read(cls, line: str) -> Tombstone:
        """The inverse of `str`. Raises ValueError."""
        person, receipt, day = line.split()
        return cls(person, receipt, int(day))


@dataclass(frozen=True, slots=True)
class Settled:
    """What a restore did: people erased again, messages set to unknown, people a worker must ask."""

    erased: int
    unknown: int
    people: int


# out


def backup(source: Path, to: Path) -> None:
    """Write a whole copy beside the running service, then check it. Raises DatabaseProblem; `to` must not be there."""
    if not source.exists():
        raise DatabaseProblem(f"There is no database at {source}. Set ROWAN_DATABASE_URL to it.")
    if to.exists():
        raise DatabaseProblem(f"{to} stands already. Give another name: a backup replaces nothing.")
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(to.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as conn:
            conn.execute("VACUUM INTO ?", (str(part),))
        _whole(part)
        _keep(part, to)
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise DatabaseProblem(f"The backup was not made: {error}. Look at the disk's room and rights.") from None


def _whole(path: Path) -> None:
    """Raises DatabaseProblem for a file that is no whole database."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as conn:
            found = conn.execute("PRAGMA quick_check").fetchone()[0]
            conn.execute("SELECT count(*) FROM alembic_version")
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise DatabaseProblem(f"{path} is not a whole database ({found}). Use another backup.")


def _keep(part: Path, to: Path) -> None:
    """On the disk under its name, readable by its owner alone."""
    part.chmod(MODE)
    _flush(part)
    part.replace(to)
    _flush(to.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# back


def restore(source: Path, target: Path, ring: Ring, now: datetime, erased: Sequence[Tombstone] = ()) -> Settled:
    """Put a backup in the place of `target`, which stays beside it as `….before-restore`. Whole or not at all.

    `erased` are added to those that `target` itself remembers. Raises DatabaseProblem, and a `KeyProblem` for a ring
    that does not open the backup; then nothing was changed.
    """
    _whole(source)
    before = target.with_name(target.name + ".before-restore")
    if before.exists():
        raise DatabaseProblem(f"{before} is left from an earlier restore. Move it away, or delete it.")
    with _alone(target):
        known = (*erased, *_remembered(target))
        work = target.with_name(target.name + ".restoring")
        _clear(work)
        try:
            shutil.copyfile(source, work)
            work.chmod(MODE)
            settled = _settled(work, ring, now, known)
            _swap(work, target, before)
        finally:
            _clear(work)
    return settled


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """A running service would go on with the file that is being replaced: it must be stopped."""
    lock = lock_file(f"sqlite:///{target}")
    try:
        yield
    finally:
        lock.close()


def _remembered(target: Path) -> tuple[Tombstone, ...]:
    """Who was erased by the database that stands there; its log is emptied into it on the way."""
    if not target.exists():
        return ()
    try:
        with closing(sqlite3.connect(target)) as conn:
            rows = conn.execute("SELECT person_id, receipt, day FROM tombstones").fetchall()
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError as error:
        raise DatabaseProblem(
            f"The database at {target} cannot tell who was erased ({error}). Move it away, and give the list of the"
            " erased (`rowan db erased` of a newer backup) with --erased."
        ) from None
    return tuple(Tombstone(*row) for row in rows)


def _settled(work: Path, ring: Ring, now: datetime, erased: Sequence[Tombstone]) -> Settled:
    database = Database(f"sqlite:///{work}")
    try:
        upgrade(database.engine)
        vault = database.write_now(open_vault, ring)
        return database.write_now(settle, vault, now, erased)
    finally:
        database.close()


def _swap(work: Path, target: Path, before: Path) -> None:
    """At no moment is there no database: the old one gets a second name, then the new one takes the first."""
    for end in ("-wal", "-shm"):
        target.with_name(target.name + end).unlink(missing_ok=True)
    if target.exists():
        os.link(target, before)
    _flush(work)
    work.replace(target)
    _flush(target.parent)


def _clear(work: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal", ".lock"):
        work.with_name(work.name + end).unlink(missing_ok=True)


def settle(conn: Connection, vault: Vault, now: datetime, erased: Iterable[Tombstone] = ()) -> Settled:
    """What every restored database needs before it serves: a unit of work, safe to run twice."""
    gone = _erase_again(conn, vault, erased)
    people, unknown = _review(conn, vault, now)
    conn.execute(sa.delete(staff_sessions))
    record(conn, vault, "", "database.restored", f"{gone} erased, {unknown} unknown", now)
    return Settled(gone, unknown, people)


def _erase_again(conn: Connection, vault: Vault, erased: Iterable[Tombstone]) -> int:
    known = set(conn.execute(sa.select(tombstones.c.person_id)).scalars())
    for stone in erased:
        if stone.person not in known:
            known.add(stone.person)
            row = {"person_id": stone.person, "receipt": stone.receipt, "day": stone.day}
            conn.execute(sa.insert(tombstones), row)
    back = set(conn.execute(sa.select(persons.c.id)).scalars()) & known
    for person in sorted(back):
        forget(conn, vault, person)
    return len(back)


def _review(conn: Connection, vault: Vault, now: datetime) -> tuple[int, int]:
    """(people, messages). What waited then may have been sent since: nothing is sent again, a worker asks her."""
    waiting = outbox.c.status.in_(WAITING)
    hers = sa.select(outbox.c.owner_id, sa.func.count()).where(waiting, outbox.c.owner_kind == "person")
    counted = conn.execute(hers.group_by(outbox.c.owner_id).order_by(outbox.c.owner_id)).all()
    changed = conn.execute(sa.update(outbox).where(waiting).values(status="unknown", lease_until=None)).rowcount
    raised = [
        Raised(
            owner, None, Raise("P2", "task", "task.restored", ("task.restored",), (REVIEW.format(count=count),)), now
        )
        for owner, count in counted
    ]
    if raised:
        raise_alerts(conn, vault, raised)
    return len(counted), changed


def tombstones_of(conn: Connection) -> list[Tombstone]:
    rows = conn.execute(sa.select(tombstones).order_by(tombstones.c.day, tombstones.c.person_id))
    return [Tombstone(row.person_id, row.receipt, row.day) for row in rows]
