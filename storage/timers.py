"""Everything that can be due is one row here, found by its time: idle cost does not grow with the enrolled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flows.engine import confirming
from storage import presence, reach
from storage.arrivals import DueTimer
from storage.schema import alerts, moment, stamp, timers
from storage.telling import RECEIPT

PEOPLE = 128  # people's timers taken in one go: a group of turns, and no page waits behind more of them
PAGES = 64  # steps of the ladder taken in one go: of more than these the most urgent are looked for again
TASK = "task"  # a task's due time; the owner is whose case it is of, the key its id
OF_A_PERSON = ("checkin", "missed", "watch", "lock", confirming.TIMER, reach.STOPPED, *presence.KINDS)


@dataclass(frozen=True, slots=True)
class PageTimer:
    """An alert's next step of the ladder."""

    id: str
    alert: str


@dataclass(frozen=True, slots=True)
class ReceiptTimer:
    """The time by which a page must have got there. `page` is the id of its outbox row."""

    id: str
    page: str


@dataclass(frozen=True, slots=True)
class TaskTimer:
    """The time by which a worker's task was to be done."""

    id: str
    task: str


def due(conn: Connection, now: datetime) -> tuple[list[DueTimer], list[PageTimer]]:
    """What fires now: people's timers become turns, alerts' timers steps of the ladder. Nothing is taken yet.

    Each kind by itself, and the highest tier's pages first: however many check-ins are due, a page is among these.
    """
    people, pages = conn.execute(_PEOPLE, {"now": stamp(now)}), conn.execute(_PAGES, {"now": stamp(now)})
    return (
        [DueTimer(r.id, r.owner_id, r.kind, r.key, now) for r in people],
        [PageTimer(r.id, r.owner_id) for r in pages],
    )


def receipts(conn: Connection, now: datetime) -> list[ReceiptTimer]:
    """Pages that should have got there by now, the earliest first."""
    return [ReceiptTimer(row.id, row.key) for row in conn.execute(_RECEIPTS, {"now": stamp(now)})]


def tasks(conn: Connection, now: datetime) -> list[TaskTimer]:
    """Tasks that should have been done by now, the earliest first."""
    return [TaskTimer(row.id, row.key) for row in conn.execute(_TASKS, {"now": stamp(now)})]


_DUE = sa.select(timers).where(timers.c.due_at <= sa.bindparam("now"))
_PEOPLE = _DUE.where(timers.c.kind.in_(OF_A_PERSON)).order_by(timers.c.due_at).limit(PEOPLE)
_PAGES = (
    _DUE.join(alerts, alerts.c.id == timers.c.owner_id, isouter=True)
    .where(timers.c.kind == "page")
    .order_by(alerts.c.tier, timers.c.due_at)
    .limit(PAGES)
)
_RECEIPTS = _DUE.where(timers.c.kind == RECEIPT).order_by(timers.c.due_at).limit(PAGES)

_TASKS = _DUE.where(timers.c.kind == TASK).order_by(timers.c.due_at).limit(PAGES)


def forget(conn: Connection, timer: str) -> None:
    conn.execute(sa.delete(timers).where(timers.c.id == timer))


def again(conn: Connection, timer: str, at: datetime) -> None:
    """It is tried again then."""
    conn.execute(sa.update(timers).where(timers.c.id == timer).values(due_at=stamp(at)))


def next_due(conn: Connection) -> datetime | None:
    """When the earliest timer fires, for the loop's sleep and the movable clock."""
    ms = conn.execute(sa.select(sa.func.min(timers.c.due_at))).scalar()
    return None if ms is None else moment(ms)
