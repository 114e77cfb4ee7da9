"""Everything that can be due is one row here, found by its time: idle cost does not grow with the enrolled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import presence
from storage.arrivals import DueTimer
from storage.schema import moment, stamp, timers

BATCH = 512  # rows looked at in one go; a group of turns takes 128
OF_A_PERSON = ("checkin", "missed", "lock", *presence.KINDS)


@dataclass(frozen=True, slots=True)
class PageTimer:
    """An alert's next step of the ladder."""

    id: str
    alert: str


def due(conn: Connection, now: datetime) -> tuple[list[DueTimer], list[PageTimer]]:
    """What fires now: people's timers become turns, alerts' timers steps of the ladder. Nothing is taken yet."""
    query = sa.select(timers).where(timers.c.due_at <= stamp(now)).order_by(timers.c.due_at).limit(BATCH)
    rows = conn.execute(query).all()
    people = [DueTimer(r.id, r.owner_id, r.kind, r.key, now) for r in rows if r.kind in OF_A_PERSON]
    return people, [PageTimer(r.id, r.owner_id) for r in rows if r.kind == "page"]


def next_due(conn: Connection) -> datetime | None:
    """When the earliest timer fires, for the loop's sleep and the movable clock."""
    ms = conn.execute(sa.select(sa.func.min(timers.c.due_at))).scalar()
    return None if ms is None else moment(ms)
