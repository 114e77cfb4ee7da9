"""A task's row and its timer, for whatever makes one and whatever ends it. What staff do with it is `storage.tasks`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.tasks import LONGEST_WORDS, Kind, NewTask
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.ids import new_id
from storage.schema import stamp, tasks, timers
from storage.timers import TASK
from storage.vault import Vault, encode


def keep(
    conn: Connection,
    vault: Vault,
    task: NewTask,
    by: str,
    now: datetime,
    person: str = "",
    sealer: Sealer | None = None,
) -> str:
    """Write it, with its timer. Returns its id. `person` is her id, with the `sealer` of her key; '' of no recipient.

    Asks nobody for leave: that is for who calls.
    """
    row_id = new_id(stamp(now))
    words = task.words.strip()[:LONGEST_WORDS]
    sealed = (
        vault.seal_system(words, "tasks", row_id)
        if sealer is None
        else sealer.seal(encode(words), Place("tasks", "sealed", row_id, person, 0))
    )
    row: dict[str, object] = {
        "id": row_id,
        "person_id": person or None,
        "staff_id": task.staff or None,
        "kind": task.kind,
        "about": task.about or None,
    }
    row |= {"due_at": stamp(task.due_at), "made_at": stamp(now), "made_by": by, "sealed": sealed}
    conn.execute(sa.insert(tasks), row)
    due = {"id": new_id(stamp(now)), "due_at": stamp(task.due_at), "kind": TASK, "owner_id": person, "key": row_id}
    conn.execute(sa.insert(timers), due)
    return row_id


def standing(conn: Connection, kind: Kind, about: str, staff: str = "") -> Sequence[Any]:
    """The rows of what is not done about this, of one of the staff where that is said."""
    which = [tasks.c.kind == kind, tasks.c.about == about, tasks.c.done_at.is_(None)]
    if staff:
        which.append(tasks.c.staff_id == staff)
    return conn.execute(sa.select(tasks).where(*which).order_by(tasks.c.id).with_for_update()).all()


def finish(conn: Connection, row: Any, by: str, now: datetime) -> None:
    """It is done, and raises nothing any more."""
    conn.execute(sa.update(tasks).where(tasks.c.id == row.id).values(done_at=stamp(now), done_by=by))
    conn.execute(sa.delete(timers).where(timers.c.kind == TASK, timers.c.key == row.id))


def end(conn: Connection, kind: Kind, about: str, by: str, now: datetime, staff: str = "") -> None:
    """What is about no case, and so has no alert: it is done with what it was about."""
    for row in standing(conn, kind, about, staff):
        finish(conn, row, by, now)


def forget(conn: Connection, *which: sa.ColumnElement[bool]) -> None:
    """Rows and timers, done or not."""
    gone = sa.select(tasks.c.id).where(*which)
    conn.execute(sa.delete(timers).where(timers.c.kind == TASK, timers.c.key.in_(gone)))
    conn.execute(sa.delete(tasks).where(*which))
