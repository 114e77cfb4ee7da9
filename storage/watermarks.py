"""How far something was read, or when it was first seen: one moment a name."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import bulk
from storage.schema import moment, stamp, watermarks


def read(conn: Connection, name: str) -> datetime | None:
    ms = conn.execute(sa.select(watermarks.c.value).where(watermarks.c.name == name)).scalar()
    return None if ms is None else moment(ms)


def write(conn: Connection, name: str, at: datetime) -> None:
    """Never back: an older mark than the one that stands changes nothing."""
    bulk.execute(conn, _WRITE, [(name, stamp(at))])


_WRITE = """
    INSERT INTO watermarks (name, value) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE excluded.value > watermarks.value"""
