"""How somebody stands to her now, for the rule of `escalation.access`: asked wherever staff read or act."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.access import Act, Relation, Stance
from escalation.ports import Refused, Role
from storage.conflicts import apart_from
from storage.presence import holds
from storage.schema import assignments, staff


def stance(conn: Connection, person: str, worker: str, now: datetime) -> Stance:
    """`person` is her id."""
    return Stance(role_of(conn, worker), _relation(conn, person, worker, now))


def role_of(conn: Connection, worker: str) -> Role | None:
    """None for who is off, or was never here."""
    role: Role | None = conn.execute(sa.select(staff.c.role).where(staff.c.id == worker, staff.c.active)).scalar()
    return role


def supervises(conn: Connection, worker: str) -> bool:
    return role_of(conn, worker) == "supervisor"


def _relation(conn: Connection, person: str, worker: str, now: datetime) -> Relation:
    if worker in apart_from(conn, person):
        return "apart"
    if holds(conn, person, worker, now):
        return "held"
    return "own" if is_assigned(conn, person, worker) else "other"


def is_assigned(conn: Connection, person: str, worker: str) -> bool:
    theirs = (assignments.c.person_id == person, assignments.c.staff_id == worker, assignments.c.to_at.is_(None))
    return conn.execute(sa.select(assignments.c.id).where(*theirs)).first() is not None


def require(conn: Connection, person: str, worker: str, act: Act, now: datetime, why: str = "") -> None:
    """Raises Refused with why they may not, or in these words."""
    refused = stance(conn, person, worker, now).refuses(act)
    if refused:
        raise Refused(why or refused)
