"""`python -m tests.faults.serve`: what `rowan serve` runs, with one crash point that has no line of its own.

Crash point 4 lies inside COMMIT: the write-ahead log has grown and its fsync has not returned. SQLite is in C there, so
a second thread watches the log and ends the process in that moment. And each transaction has an end in the ledger.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from collections import Counter

import sqlalchemy as sa

from tests.faults.town import END_OF_TRANSACTION

INSIDE_COMMIT = "commit.inside"
LATEST = 12  # commits that write, counted from the start


def main() -> None:
    _end_transactions()
    point, _, _ = os.environ.get("ROWAN_FAILPOINT", "").partition(":")
    if point == INSIDE_COMMIT:
        _die_inside_commit(f"{os.environ['ROWAN_DATABASE_URL'].removeprefix('sqlite:///')}-wal")
    _serve()


def _serve() -> None:
    from bot.cli import main as rowan

    sys.argv[1:] = ["serve"]
    rowan()


def _end_transactions() -> None:
    """In the ledger, so that the judge knows what was written together."""
    written: Counter[int] = Counter()  # by connection: those that only read write nothing

    def committing(conn: sa.Connection) -> None:
        raw = conn.connection.dbapi_connection
        if raw.total_changes > written[id(raw)]:  # type: ignore[union-attr]
            conn.exec_driver_sql(END_OF_TRANSACTION)
            written[id(raw)] = raw.total_changes  # type: ignore[union-attr]

    sa.event.listen(sa.Engine, "commit", committing)


def _die_inside_commit(log: str) -> None:
    """At one of the first commits that write, chosen at random, so that different turns are cut."""
    left = random.randint(1, LATEST)
    written = 0
    before: list[tuple[int, int]] = []
    under_way = threading.Event()

    def watch() -> None:
        under_way.wait()
        while _looks(log) == before[0]:
            pass
        os.kill(os.getpid(), signal.SIGKILL)

    def committing(conn: sa.Connection) -> None:
        nonlocal left, written
        changes = conn.connection.dbapi_connection.total_changes  # type: ignore[union-attr]
        if changes == written:
            return
        written, left = changes, left - 1
        if left == 0:
            before.append(_looks(log))
            under_way.set()

    threading.Thread(target=watch, daemon=True).start()
    sa.event.listen(sa.Engine, "commit", committing)


def _looks(log: str) -> tuple[int, int]:
    found = os.stat(log)
    return found.st_size, found.st_mtime_ns


if __name__ == "__main__":
    main()
