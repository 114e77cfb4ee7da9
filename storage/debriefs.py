"""After a P0 was closed: that whoever held it has been talked with, said by both. The audit log keeps what is done.

A task of each worker's own and one of whoever supervises stand beside it: about no case, its words the alert's ref.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.claims import ONLY_SUPERVISOR, OURS
from escalation.ports import Refused, Unknown
from escalation.supervision import DEBRIEF_AFTER, DEBRIEF_WITHIN, Debrief
from escalation.tasks import NewTask
from storage import audit, to_do
from storage.access import supervises
from storage.schema import alerts, debriefs, moment, staff, stamp, tasks
from storage.schema import audit as log
from storage.vault import Vault

NO_DEBRIEF = "This debrief is done already, or there is none."


def due_after(conn: Connection, vault: Vault, row: Any, now: datetime) -> None:
    """For each who has held this alert, once; what one half of has been said already stays so."""
    if row.tier not in DEBRIEF_AFTER or row.kind == OURS:
        return
    everybody = sa.select(staff.c.id).where(staff.c.active)
    took = (log.c.action == "alert.claim", log.c.subject == row.ref, log.c.at >= row.raised_at)
    query = sa.select(log.c.actor).where(log.c.actor.in_(everybody), *took).distinct()
    known = set(conn.execute(sa.select(debriefs.c.staff_id).where(debriefs.c.alert_id == row.id)).scalars())
    held, due = sorted({row.holder, *conn.execute(query).scalars()} - known), now + DEBRIEF_WITHIN
    for worker in held:
        conn.execute(sa.insert(debriefs), {"alert_id": row.id, "staff_id": worker, "at": stamp(now)})
        to_do.keep(conn, vault, NewTask("debrief", due, row.ref, worker, row.id), "", now)
    if any(_others(conn, worker) for worker in held) and not to_do.standing(conn, "talk", row.id):
        to_do.keep(conn, vault, NewTask("talk", due, row.ref, about=row.id), "", now)


def due(conn: Connection, worker: str = "") -> list[Debrief]:
    """Oldest first; of all who are still here, or of one."""
    query = sa.select(debriefs, alerts.c.ref).join(alerts, alerts.c.id == debriefs.c.alert_id)
    query = query.join(staff, (staff.c.id == debriefs.c.staff_id) & staff.c.active)
    if worker:
        query = query.where(debriefs.c.staff_id == worker)
    return [_debrief(row) for row in conn.execute(query.order_by(debriefs.c.at, debriefs.c.staff_id))]


def _debrief(row: Any) -> Debrief:
    return Debrief(row.ref, row.staff_id, moment(row.at), row.own_at is not None, row.other_at is not None)


def talked(conn: Connection, vault: Vault, ref: str, worker: str, by: str, now: datetime) -> None:
    """Said by the worker, or by a supervisor who is another. Raises Unknown, Refused."""
    own = worker == by
    if not own and not supervises(conn, by):
        raise Refused(ONLY_SUPERVISOR)
    alert = sa.select(alerts.c.id).where(alerts.c.ref == ref.upper()).scalar_subquery()
    which = (debriefs.c.alert_id == alert, debriefs.c.staff_id == worker)
    row = conn.execute(sa.select(debriefs).where(*which).with_for_update()).first()
    if row is None:
        raise Unknown(NO_DEBRIEF)
    said = {"own_at": row.own_at, "other_at": row.other_at} | {"own_at" if own else "other_at": stamp(now)}
    if said["own_at"] is not None and (said["other_at"] is not None or not _others(conn, worker)):
        conn.execute(sa.delete(debriefs).where(*which))
    else:
        conn.execute(sa.update(debriefs).where(*which).values(**said))
    if own:
        to_do.end(conn, "debrief", row.alert_id, by, now, worker)
    _talked_with_all(conn, row.alert_id, by, now)
    audit.record(conn, vault, by, "debrief.own" if own else "debrief.other", ref.upper(), now)


def leaves(conn: Connection, worker: str, by: str, now: datetime) -> None:
    """Nobody talks with who has left, and they with nobody."""
    to_do.forget(conn, tasks.c.staff_id == worker, tasks.c.person_id.is_(None))
    for alert in conn.execute(sa.select(debriefs.c.alert_id).where(debriefs.c.staff_id == worker)).scalars().all():
        _talked_with_all(conn, alert, by, now)


def _talked_with_all(conn: Connection, alert: str, by: str, now: datetime) -> None:
    """Of those who are here: with the last of them whoever supervises is done."""
    waits = sa.select(debriefs.c.staff_id).join(staff, (staff.c.id == debriefs.c.staff_id) & staff.c.active)
    waits = waits.where(debriefs.c.alert_id == alert, debriefs.c.other_at.is_(None))
    if not any(_others(conn, worker) for worker in conn.execute(waits).scalars().all()):
        to_do.end(conn, "talk", alert, by, now)


def _others(conn: Connection, worker: str) -> bool:
    """Whether there is a supervisor who could talk with them. Where there is none their own word is enough."""
    others = sa.select(staff.c.id).where(staff.c.role == "supervisor", staff.c.active, staff.c.id != worker)
    return conn.execute(others.limit(1)).first() is not None
