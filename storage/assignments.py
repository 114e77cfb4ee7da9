"""Whose case it is: partner support sees no other, and a key worker opens it without a reason. Units of work.

No word stands here: ids and times, as with a claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.access import (
    NO_ASSIGNMENT,
    NOT_TO_THEM,
    TAKES_CASES,
    As,
    Assignment,
    OwnCase,
)
from escalation.claims import NOT_THEM
from escalation.ports import Refused, Unknown
from storage import claims, conflicts, queue
from storage.access import is_assigned, require, role_of
from storage.audit import record
from storage.cases import open_person
from storage.database import Database
from storage.ids import new_id
from storage.reading import READING, may_read
from storage.schema import alerts, assignments, moment, persons, staff, stamp
from storage.vault import Vault


def assign(
    conn: Connection, vault: Vault, ref: str, worker: str, as_: As, by: str, now: datetime, reason: str = ""
) -> str:
    """Returns her id. Said again it changes nothing. Raises Refused, Unknown."""
    person, _, _ = open_person(conn, vault, ref)
    may_read(conn, vault, person, by, reason, READING, now)
    require(conn, person.id, by, "assign", now)
    _takes_cases(conn, worker)
    conflicts.refuse(conn, person.id, worker, NOT_THEM)
    standing = of(conn, person.id)
    if any((one.staff, one.as_) == (worker, as_) for one in standing):
        return str(person.id)
    for one in standing:
        if as_ == one.as_ == "key_worker":
            _end(conn, one.id, now)
            record(conn, vault, by, "case.unassign.key_worker", f"{person.ref} {one.staff}", now)
    row = {"id": new_id(stamp(now)), "person_id": person.id, "staff_id": worker, "as_": as_, "from_at": stamp(now)}
    conn.execute(sa.insert(assignments), row)
    record(conn, vault, by, f"case.assign.{as_}", f"{person.ref} {worker}", now)
    return str(person.id)


def end(conn: Connection, vault: Vault, ref: str, assignment: str, by: str, now: datetime, reason: str = "") -> str:
    """Returns her id. Raises Refused, Unknown where it is none of hers that stands."""
    person, _, _ = open_person(conn, vault, ref)
    may_read(conn, vault, person, by, reason, READING, now)
    require(conn, person.id, by, "assign", now)
    found = next((one for one in of(conn, person.id) if one.id == assignment), None)
    if found is None:
        raise Unknown(NO_ASSIGNMENT)
    _end(conn, found.id, now)
    freed = _let_go(conn, person.id, found.staff, now)
    record(conn, vault, by, f"case.unassign.{found.as_}", f"{person.ref} {found.staff}", now)
    for alert in freed:
        record(conn, vault, by, "alert.release", alert, now)
    return str(person.id)


def _let_go(conn: Connection, person: str, worker: str, now: datetime) -> list[str]:
    """Refs of what they held of hers, where they may open the case no more: a chat is not left to who cannot read."""
    if role_of(conn, worker) != "partner_support" or is_assigned(conn, person, worker):
        return []
    offered = (alerts.c.person_id == person, alerts.c.offered_to == worker)
    conn.execute(sa.update(alerts).where(*offered).values(offered_to=None))
    mine = (alerts.c.person_id == person, alerts.c.holder == worker, alerts.c.state == "claimed")
    held = conn.execute(sa.select(alerts).where(*mine)).all()
    return [str(claims.let_go(conn, row, now).ref) for row in held]


def _end(conn: Connection, assignment: str, now: datetime) -> None:
    conn.execute(sa.update(assignments).where(assignments.c.id == assignment).values(to_at=stamp(now)))


def end_all(conn: Connection, worker: str, now: datetime, person: str = "") -> None:
    """Nothing is a case of theirs any more: they are off, have another role, or are kept apart from this `person`."""
    theirs = [assignments.c.staff_id == worker, assignments.c.to_at.is_(None)]
    theirs += [assignments.c.person_id == person] if person else []
    conn.execute(sa.update(assignments).where(*theirs).values(to_at=stamp(now)))


def of(conn: Connection, person: str) -> list[Assignment]:
    """Those that stand now, oldest first. `person` is her id."""
    hers = (assignments.c.person_id == person, assignments.c.to_at.is_(None))
    rows = conn.execute(sa.select(assignments).where(*hers).order_by(assignments.c.id))
    return [Assignment(row.id, row.staff_id, row.as_, moment(row.from_at)) for row in rows]


def of_ref(conn: Connection, vault: Vault, ref: str) -> list[Assignment]:
    """For a page that has opened her case. Raises Unknown."""
    return of(conn, open_person(conn, vault, ref)[0].id)


def own(conn: Connection, vault: Vault, worker: str, now: datetime) -> list[OwnCase]:
    """Without those that they are kept apart from."""
    theirs = (assignments.c.staff_id == worker, assignments.c.to_at.is_(None))
    query = sa.select(assignments, persons.c.ref).join(persons, persons.c.id == assignments.c.person_id)
    found: dict[str, OwnCase] = {}
    for row in conn.execute(query.where(*theirs).order_by(assignments.c.id)).all():
        known = found.get(row.person_id)
        if known is None:
            standing = [one for one in queue.of_person(conn, vault, row.person_id, now) if one.state != "resolved"]
            standing.sort(key=lambda one: (one.tier, one.breach_at))
            found[row.person_id] = OwnCase(row.ref, (row.as_,), moment(row.from_at), tuple(standing))
        else:
            found[row.person_id] = OwnCase(known.person, (*known.as_, row.as_), known.start, known.alerts)
    return in_order(found.values())


def in_order(cases: Iterable[OwnCase]) -> list[OwnCase]:
    """Those with the most urgent alerts first, those without any last; then by ref."""
    return sorted(cases, key=lambda one: (not one.alerts, [(a.tier, a.breach_at) for a in one.alerts[:1]], one.person))


def _takes_cases(conn: Connection, worker: str) -> None:
    """Raises Unknown, or Refused for who does no casework, or is off."""
    if conn.execute(sa.select(staff.c.id).where(staff.c.id == worker)).first() is None:
        raise Unknown("There is no such member of staff.")
    if role_of(conn, worker) not in TAKES_CASES:
        raise Refused(NOT_TO_THEM)


class StoredAccess:
    """`escalation.access.Access`."""

    def __init__(self, database: Database, vault: Vault, ring: Callable[[str], None]) -> None:
        self._database, self._vault, self._ring = database, vault, ring

    async def assigned(self, person: str) -> Sequence[Assignment]:
        return await self._database.read(of_ref, self._vault, person)

    async def assign(self, person: str, staff: str, as_: As, by: str, now: datetime, reason: str = "") -> None:
        self._ring(await self._database.write(assign, self._vault, person, staff, as_, by, now, reason))

    async def end(self, person: str, assignment: str, by: str, now: datetime, reason: str = "") -> None:
        self._ring(await self._database.write(end, self._vault, person, assignment, by, now, reason))
        self._ring("alerts")

    async def own(self, staff: str, now: datetime) -> Sequence[OwnCase]:
        return await self._database.read(own, self._vault, staff, now)
