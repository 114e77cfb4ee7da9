"""One place where a database is opened, and the only way a unit of work runs: a plain function in one transaction.

SQLite: one writer thread with the only writing connection, BEGIN IMMEDIATE, and a read-only pool. PostgreSQL: a small
pool of threads; rows are claimed with locks (decision 0002). No network call can stand inside a unit of work, and a
cancelled task cannot split one, because it is a plain function from end to end.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from asyncio import AbstractEventLoop
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

P = ParamSpec("P")
R = TypeVar("R")

BUSY_MS = 5000  # a checkpoint or a backup may hold the file this long
READERS = 4  # console pages read while the writer writes
POSTGRES_WRITERS = 4  # groups under way at once in one process
LOOK_UP = 0.1  # seconds after which a thread that has handed its unit to the loop looks whether the loop still is
RETRIES = 5  # of a unit of work that PostgreSQL asks to be done again
# Serialization, deadlock, and a unique row that another replica wrote first: the second look sees it.
AGAIN = ("40001", "40P01", "23505")

DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
DAMAGED = (
    "The database's file is no SQLite database, or is damaged ({found}). It was left as it is. Name the right one, or "
    "put the latest good backup in its place with rowan db restore and start again: what came since is asked for at "
    "the providers."
)

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "2",  # FULL: providers are answered after the commit
    # Pages, 32 MB of log: most are written again and again, and each time the log is folded in, its last state only.
    "wal_autocheckpoint": "8000",
    "foreign_keys": "1",
    "secure_delete": "1",
    "trusted_schema": "0",
    "temp_store": "2",
    "cell_size_check": "1",
    "mmap_size": "0",
    "busy_timeout": str(BUSY_MS),
}


class DatabaseProblem(Exception):
    """The operator must act; the sentence says how."""


class Database:
    """`write` and `read` run one unit of work each, in its own thread and transaction."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self._lock = lock_file(url) if self.sqlite else None
        _private(url)
        self.engine = sqlite_engine(url, writer=True) if self.sqlite else _postgres(url)
        self._reader = sqlite_engine(url, writer=False) if self.sqlite else self.engine
        self._writers = ThreadPoolExecutor(1 if self.sqlite else POSTGRES_WRITERS, thread_name_prefix="rowan-write")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="rowan-read")
        self._closing = False

    async def write(self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a unit of work and commit it. What it raises is raised here, after a roll-back."""
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._writers, lambda: self.write_now(unit, *args, **kwargs)))

    async def write_here(self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The same for a unit that reckons more than it waits, a group of turns.

        On SQLite it runs in the loop's own thread, and only begin and commit, which wait for lock and disk, in the
        writer's: two threads that both reckon keep taking the interpreter from each other (a seventh of a turn). What
        comes meanwhile stands in its sockets and makes the next group.
        """
        if not self.sqlite:
            return await self.write(unit, *args, **kwargs)
        loop = asyncio.get_running_loop()
        return await self.write(lambda conn: self._on(loop, partial(unit, conn, *args, **kwargs)))

    def _on(self, loop: AbstractEventLoop, unit: Callable[[], R]) -> R:
        """Hand it to the loop and wait. A loop that ends before it has begun takes nothing: CancelledError."""
        handed: Future[R] = Future()
        loop.call_soon_threadsafe(_run, handed, unit)
        while True:
            try:
                return handed.result(LOOK_UP)
            except TimeoutError:
                gone = self._closing or not loop.is_running()
                if handed.done() or (gone and handed.cancel()):
                    return handed.result()

    def write_now(self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The same, in this thread: for commands and tests."""
        for attempt in range(RETRIES):
            try:
                with self.engine.begin() as conn:
                    return unit(conn, *args, **kwargs)
            except DBAPIError as error:
                if attempt + 1 == RETRIES or getattr(error.orig, "sqlstate", None) not in AGAIN:
                    raise
        raise AssertionError("unreachable")

    async def read(self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: self.read_now(unit, *args, **kwargs))

    def read_now(self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        with self._reader.begin() as conn:
            return unit(conn, *args, **kwargs)

    def refuse_damaged(self) -> None:
        """Before anything is served from it (FAULTS 14). It reads the whole file, about a gigabyte a second.

        Raises DatabaseProblem. PostgreSQL checks its pages itself, as they are read.
        """
        if not self.sqlite:
            return
        try:
            self.read_now(quick_check)
        except (DBAPIError, sqlite3.DatabaseError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            if getattr(cause, "sqlite_errorcode", 0) & 0xFF not in DAMAGE:
                raise
            raise DatabaseProblem(DAMAGED.format(found=cause)) from None

    async def empty_log(self) -> None:
        """After an erasure: what was deleted must not stand in the write-ahead log (SECURITY 2.1)."""
        if self.sqlite:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._writers, self._checkpoint)

    def _checkpoint(self) -> None:
        raw = self.engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()

    def close(self) -> None:
        self._closing = True
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()
        if self._reader is not self.engine:
            self._reader.dispose()
        if self._lock is not None:
            self._lock.close()


def _run(handed: Future[R], unit: Callable[[], R]) -> None:
    if not handed.set_running_or_notify_cancel():
        return
    try:
        handed.set_result(unit())
    except BaseException as error:  # noqa: BLE001 - whoever waits hears of it
        handed.set_exception(error)


def quick_check(conn: Connection) -> None:
    """Raises DatabaseProblem for a SQLite file with a fault, naming the first."""
    if conn.dialect.name == "sqlite":
        found = str(conn.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        if found != "ok":
            raise DatabaseProblem(DAMAGED.format(found=found.splitlines()[-1]))


def _path(url: str) -> Path | None:
    name = sa.make_url(url).database
    return None if not name or name == ":memory:" else Path(name)


def _private(url: str) -> None:
    """A new file is its owner's alone from the first byte; SQLite gives its log the same rights."""
    path = _path(url) if url.startswith("sqlite") else None
    if path is not None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def lock_file(url: str) -> Any:
    """A second process on the same file would be a second writer: it is refused before it touches anything."""
    path = _path(url)
    if path is None:
        raise DatabaseProblem(
            "An in-memory SQLite database has no readers. Give a file, or use storage.memory in tests."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    file = open(f"{path}.lock", "w")  # noqa: SIM115 - held as long as the database is open
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise DatabaseProblem(
            "Another Rowan process has this SQLite database open. Stop it first, or use PostgreSQL for several."
            " Beside a running service these work: rowan doctor, staff, audit verify, ladder try, db backup, db erased;"
            " and the console."
        ) from None
    return file


def sqlite_engine(url: str, *, writer: bool) -> Engine:
    """Not made before `Database` holds the lock, but for `storage.beside`."""
    engine = sa.create_engine(
        sa.make_url(url).set(drivername="sqlite"),
        pool_size=1 if writer else READERS,
        max_overflow=0,
        poolclass=sa.pool.QueuePool,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
    )

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are ours: see "begin"
        _set_pragmas(connection, writer)

    @sa.event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def _set_pragmas(connection: Any, writer: bool) -> None:
    """Every pragma is read back: a setting that did not take is a refusal, not a surprise."""
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")
        found = connection.execute(f"PRAGMA {name}").fetchone()
        if found is not None and str(found[0]).lower() != value:
            raise DatabaseProblem(
                f"SQLite did not accept {name}={value} (it says {found[0]}). Use a local file system."
            )
    if not writer:
        connection.execute("PRAGMA query_only=1")


def _postgres(url: str) -> Engine:
    return sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=POSTGRES_WRITERS + READERS,
        max_overflow=0,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
    )


def locking(conn: Connection) -> bool:
    """Whether rows are claimed by row locks (PostgreSQL) or by the one writer (SQLite)."""
    return conn.dialect.name == "postgresql"


__all__ = ["Database", "DatabaseProblem", "OperationalError", "lock_file", "locking", "quick_check", "sqlite_engine"]
