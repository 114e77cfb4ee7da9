"""How far something was read: one number a name."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.schema import moment, stamp, watermarks


def read(conn: Connection, name: str) -> datetime | None:
    ms = conn.execute(sa.select(watermarks.c.value).where(watermarks.c.name == name)).scalar()
    return None if ms is None else moment(ms)


def write(conn: Connection, name: str, at: datetime) -> None:
    """Never back: an older mark than the one that stands changes nothing."""
    which = watermarks.c.name == name
    changed = conn.execute(
        sa.update(watermarks).where(which, watermarks.c.value < stamp(at)).values(value=stamp(at))
    ).rowcount
    if not changed and read(conn, name) is None:
        conn.execute(sa.insert(watermarks), {"name": name, "value": stamp(at)})
