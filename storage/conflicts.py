"""Who is kept apart from whose case: a worker who knows her, him or their family takes and reads nothing of it.

Why is sealed under her key. What follows from it is asked here by whoever claims, reads, offers or pages.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.claims import APART, LONGEST_WORD, Apart
from escalation.ports import Refused
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.ids import new_id
from storage.schema import conflicts, moment, stamp
from storage.vault import decode, encode


def apart_from(conn: Connection, person: str) -> frozenset[str]:
    """Staff ids."""
    query = sa.select(conflicts.c.staff_id).where(conflicts.c.person_id == person)
    return frozenset(conn.execute(query).scalars())


def of_worker(worker: str) -> sa.Select[tuple[str]]:
    """Whose cases a worker is kept apart from, as a query of ids."""
    return sa.select(conflicts.c.person_id).where(conflicts.c.staff_id == worker)


def refuse(conn: Connection, person: str, worker: str, why: str = APART) -> None:
    """Raises Refused where they are kept apart."""
    if worker in apart_from(conn, person):
        raise Refused(why)


def keep(conn: Connection, sealer: Sealer, person: str, worker: str, reason: str, now: datetime) -> None:
    """In place of what was said before."""
    let_go(conn, person, worker)
    row_id = new_id(stamp(now))
    sealed = sealer.seal(encode(reason.strip()[:LONGEST_WORD]), Place("conflicts", "sealed", row_id, person, 0))
    row = {"id": row_id, "person_id": person, "staff_id": worker, "at": stamp(now), "sealed": sealed}
    conn.execute(sa.insert(conflicts), row)


def let_go(conn: Connection, person: str, worker: str) -> bool:
    """Whether they were kept apart."""
    which = (conflicts.c.person_id == person, conflicts.c.staff_id == worker)
    return conn.execute(sa.delete(conflicts).where(*which)).rowcount > 0


def of(conn: Connection, sealer: Sealer, person: str) -> list[Apart]:
    """Oldest first."""
    rows = conn.execute(sa.select(conflicts).where(conflicts.c.person_id == person).order_by(conflicts.c.id))
    return [
        Apart(
            row.staff_id,
            moment(row.at),
            str(decode(sealer.open(bytes(row.sealed), Place("conflicts", "sealed", row.id, person, 0)))),
        )
        for row in rows
    ]
