"""A database opened beside a running service: to look, or to write one small transaction, never to serve from.

The lock keeps a second *service* out: two would lease the same rows and hold different keys. A command does neither.
SQLite lets one writer in at a time, and either waits for the other (`BUSY_MS`); the service reads staff, duties and
tokens anew each time. Nothing here makes or migrates a database, or changes keys: for that the lock is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.database import OperationalError, sqlite_engine
from storage.migrating import HEAD, revision
from storage.schema import meta

TRIES = 4  # each waits BUSY_MS
P = ParamSpec("P")
R = TypeVar("R")


class Beside:
    """`read_now` and `write_now` as `Database` has them."""

    def __init__(self, url: str) -> None:
        self._reader = sqlite_engine(url, writer=False)
        self._writer = sqlite_engine(url, writer=True)

    def read_now(self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        with self._reader.begin() as conn:
            return unit(conn, *args, **kwargs)

    def write_now(self, unit: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Patient: SQLite does not queue its writers, so a very busy service may come first for a while."""
        for attempt in range(TRIES):
            try:
                with self._writer.begin() as conn:
                    return unit(conn, *args, **kwargs)
            except OperationalError as error:
                if attempt + 1 == TRIES or "locked" not in str(error.orig):
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()


def beside(url: str) -> Beside | None:
    """None where there is nothing to stand beside: PostgreSQL, no file or keys yet, or another release's schema."""
    made = sa.make_url(url)
    if not made.drivername.startswith("sqlite") or not made.database or not Path(made.database).is_file():
        return None
    opened = Beside(url)
    try:
        if opened.read_now(_is_ready):
            return opened
    except BaseException:
        opened.close()
        raise
    opened.close()
    return None


def _is_ready(conn: Connection) -> bool:
    return revision(conn) == HEAD and conn.execute(sa.select(meta.c.name).limit(1)).first() is not None
