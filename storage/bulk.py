"""Many rows of one table in one `executemany`, past SQLAlchemy's parameter handling.

That handling costs more than SQLite itself when a group writes some hundred rows (measured: a fifth of a turn). The
statement is made once a table, dialect and set of columns; values are only ids, numbers, booleans and sealed bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Row = dict[str, Any]


def insert(conn: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows that all have the same columns."""
    if rows:
        columns = tuple(rows[0])
        sql = _insert(table.name, columns, conn.dialect.paramstyle)
        conn.exec_driver_sql(sql, list(map(itemgetter(*columns), rows)))


def upsert(conn: Connection, table: sa.Table, rows: Sequence[Row], unique: tuple[str, ...]) -> None:
    """Insert; where `unique` stands already, take the new row's other columns."""
    if rows:
        columns = tuple(rows[0])
        sql = _upsert(table.name, columns, unique, conn.dialect.paramstyle)
        conn.exec_driver_sql(sql, list(map(itemgetter(*columns), rows)))


def execute(conn: Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """One statement of ours with `?` for its values; returns the rows it touched (-1: the driver cannot tell)."""
    if not rows:
        return 0
    return conn.exec_driver_sql(_styled(sql, conn.dialect.paramstyle), list(rows)).rowcount


def select(conn: Connection, sql: str, values: Sequence[Any]) -> Sequence[Any]:
    """Rows of a query of ours in which `(?)` stands for all of `values`."""
    if not values:
        return ()
    marks = f"({', '.join('?' * len(values))})"
    return conn.exec_driver_sql(_styled(sql.replace("(?)", marks), conn.dialect.paramstyle), tuple(values)).all()


@lru_cache(maxsize=64)
def _insert(table: str, columns: tuple[str, ...], style: str) -> str:
    marks = ", ".join("?" for _ in columns)
    return _styled(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", style)  # noqa: S608 - our names


@lru_cache(maxsize=64)
def _upsert(table: str, columns: tuple[str, ...], unique: tuple[str, ...], style: str) -> str:
    new = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in unique)
    return f"{_insert(table, columns, style)} ON CONFLICT ({', '.join(unique)}) DO UPDATE SET {new}"


@lru_cache(maxsize=512)
def _styled(sql: str, style: str) -> str:
    return sql if style == "qmark" else sql.replace("?", "%s")
