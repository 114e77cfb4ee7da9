"""What somebody is to do by a time. Its timer stands beside it; due and not done it raises a P2, once.

About a recipient it is sealed under her key and goes with her; about none it is sealed under the service's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.access import TAKES_CASES
from escalation.claims import NO_CASEWORK, NOT_THEM
from escalation.ports import Refused, Unknown
from escalation.tasks import (
    BY_ITS_ACT,
    DUE,
    IS_DONE,
    NO_TASK,
    NOT_BY_HAND,
    NOT_YOURS,
    Kind,
    NewTask,
    Task,
    may_make,
)
from flows.engine.effects import Raise
from storage import audit, claims, closing, conflicts, to_do
from storage.access import role_of, stance
from storage.cases import open_person
from storage.claims import renew_all
from storage.crypto.errors import CryptoProblem
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.database import Database
from storage.raising import Raised, raise_alerts
from storage.reading import READING, may_read
from storage.schema import alerts, moment, persons, stamp, tasks, timers
from storage.team import tell_who_looks_over
from storage.telling import all_staff, tell
from storage.vault import Vault, decode

LATELY = timedelta(days=30)  # how long one that is done is shown on the case page
MOST_DONE = 20
PAGE = "page/task"
UNREADABLE = "What is to be done here cannot be read. Tell the operator."
Ring = Callable[[str], None]


# making one


def make(conn: Connection, vault: Vault, ref: str, task: NewTask, by: str, now: datetime, reason: str = "") -> str:
    """On her case, by who may open it. Returns her id. Raises Refused, Unknown."""
    person, sealer, _ = open_person(conn, vault, ref)
    may_read(conn, vault, person, by, reason, READING, now)
    may_make(task, now)
    if task.staff and task.staff not in {one.id for one in all_staff(conn) if one.role in TAKES_CASES}:
        raise Refused(NO_CASEWORK)
    if task.staff:
        conflicts.refuse(conn, person.id, task.staff, NOT_THEM)
    to_do.keep(conn, vault, task, by, now, person.id, sealer)
    audit.record(conn, vault, by, "task.make", person.ref, now)
    renew_all(conn, vault, by, person.id, now)
    return str(person.id)


# doing it


def done(conn: Connection, vault: Vault, task: str, by: str, now: datetime, reason: str = "") -> str:
    """By whose it is; of a case also by who may open it, of no case by a supervisor. Returns her id, '' without one.

    Raises Refused, also where it is done already; Unknown.
    """
    row = _locked(conn, task)
    subject = _may_do(conn, vault, row, by, reason, now)
    if row.done_at is not None:
        raise Refused(IS_DONE)
    if row.kind in BY_ITS_ACT:
        raise Refused(NOT_BY_HAND)
    to_do.finish(conn, row, by, now)
    audit.record(conn, vault, by, "task.done", subject, now)
    if row.person_id:
        _over(conn, vault, row, by, now)
        renew_all(conn, vault, by, row.person_id, now)
    return row.person_id or ""


def settle(conn: Connection, vault: Vault, kind: Kind, about: str, by: str, now: datetime) -> None:
    """What it was about is over: it is done with that, unless it was before."""
    for row in to_do.standing(conn, kind, about):
        to_do.finish(conn, row, by, now)
        _over(conn, vault, row, by, now)


def _may_do(conn: Connection, vault: Vault, row: Any, by: str, reason: str, now: datetime) -> str:
    """What the audit log calls it: her ref, or the id of whose it is. Raises Refused."""
    if row.person_id is None:
        if by != row.staff_id and not any(one.id == by and one.role == "supervisor" for one in all_staff(conn)):
            raise Refused(NOT_YOURS)
        return str(row.staff_id or "")
    person = conn.execute(sa.select(persons).where(persons.c.id == row.person_id)).one()
    if by == row.staff_id:
        conflicts.refuse(conn, person.id, by)
    else:
        may_read(conn, vault, person, by, reason, READING, now)
    return str(person.ref)


def _over(conn: Connection, vault: Vault, row: Any, by: str, now: datetime) -> None:
    """Its alert is settled with it, by the same who did it. One that a colleague holds stays with them."""
    hers = (alerts.c.person_id == row.person_id, alerts.c.key == key_of(row.id), alerts.c.state != "resolved")
    ref = conn.execute(sa.select(alerts.c.ref).where(*hers)).scalar()
    if ref is None:
        return
    try:
        taken = claims.claim(conn, vault, ref, by, now)
    except Refused:
        return
    closing.resolve(conn, vault, ref, by, taken.claim, "", "", now)
    audit.record(conn, vault, by, "alert.resolve", ref, now)


def key_of(task: str) -> str:
    """The key that its alert is raised under."""
    return f"task.{task}"


def _locked(conn: Connection, task: str) -> Any:
    row = conn.execute(sa.select(tasks).where(tasks.c.id == task).with_for_update()).first()
    if row is None:
        raise Unknown(NO_TASK)
    return row


# when it is due


def fall_due(conn: Connection, vault: Vault, timer: str, task: str, now: datetime) -> bool:
    """What this timer stands for. Whether anybody is told by it: not where it is done, or another loop did it."""
    if conn.execute(sa.delete(timers).where(timers.c.id == timer)).rowcount == 0:
        return False
    row = conn.execute(sa.select(tasks).where(tasks.c.id == task).with_for_update()).first()
    if row is None or row.done_at is not None:
        return False
    if row.person_id is None:
        told = tell(conn, vault, row.staff_id, PAGE, {}, now) if row.staff_id else 0
        if not told:
            tell_who_looks_over(conn, vault, row.staff_id or "", PAGE, {}, now)
        return True
    effect = Raise("P2", "task", key_of(row.id), (f"task.{row.kind}",), (DUE[row.kind],))
    raised = Raised(row.person_id, None, effect, now)
    raise_alerts(conn, vault, [raised])
    if row.staff_id:
        _offer(conn, vault, row, raised.id, now)
    return True


def _offer(conn: Connection, vault: Vault, row: Any, alert: str, now: datetime) -> None:
    """To whose task it is, who is paged at the time that was set. The ladder goes on all the same."""
    if stance(conn, row.person_id, row.staff_id, now).may("take"):
        raised = conn.execute(sa.select(alerts).where(alerts.c.id == alert)).one()
        claims.news(conn, vault, raised, row.staff_id, "page/offered", now)
        claims.put(conn, raised, {"offered_to": row.staff_id})


# reading them


def of_person(conn: Connection, vault: Vault, ref: str, now: datetime) -> list[Task]:
    """For a page that has opened her case. Raises Refused."""
    person, sealer, _ = open_person(conn, vault, ref)
    hers = sa.select(tasks).where(tasks.c.person_id == person.id)
    standing = conn.execute(hers.where(tasks.c.done_at.is_(None)).order_by(tasks.c.due_at, tasks.c.id)).all()
    lately = hers.where(tasks.c.done_at >= stamp(now - LATELY)).order_by(tasks.c.done_at.desc()).limit(MOST_DONE)
    rows = (*standing, *conn.execute(lately).all())
    return [_task(row, person.ref, _words(sealer, row)) for row in rows]


def mine(conn: Connection, vault: Vault, worker: str, now: datetime) -> list[Task]:
    """Words only of what is about no recipient, and of a case that they hold."""
    whose = tasks.c.staff_id == worker
    if role_of(conn, worker) == "supervisor":
        whose = sa.or_(whose, sa.and_(tasks.c.staff_id.is_(None), tasks.c.person_id.is_(None)))
    query = (
        sa.select(tasks, persons.c.ref, persons.c.wdek)
        .join(persons, persons.c.id == tasks.c.person_id, isouter=True)
        .where(whose, tasks.c.done_at.is_(None))
        .order_by(tasks.c.due_at, tasks.c.id)
    )
    found = []
    for row in conn.execute(query).all():
        if row.person_id is None:
            found.append(_task(row, "", str(vault.open_system(bytes(row.sealed), "tasks", row.id))))
        elif worker not in conflicts.apart_from(conn, row.person_id):
            opens = stance(conn, row.person_id, worker, now).may("read")
            words = _words(vault.sealer(row.person_id, bytes(row.wdek)), row) if opens else ""
            found.append(_task(row, row.ref, words))
    return found


def _words(sealer: Sealer, row: Any) -> str:
    """One that does not open hides no other."""
    try:
        return str(decode(sealer.open(bytes(row.sealed), Place("tasks", "sealed", row.id, row.person_id, 0))))
    except (CryptoProblem, ValueError):
        return UNREADABLE


def _task(row: Any, ref: str, words: str) -> Task:
    return Task(
        id=row.id,
        kind=row.kind,
        due_at=moment(row.due_at),
        words=words,
        person=ref,
        staff=row.staff_id or "",
        by=row.made_by,
        made_at=moment(row.made_at),
        done_at=moment(row.done_at) if row.done_at else None,
        done_by=row.done_by or "",
    )


class StoredTasks:
    """`escalation.tasks.Tasks`."""

    def __init__(self, database: Database, vault: Vault, ring: Ring) -> None:
        self._database, self._vault, self._ring = database, vault, ring

    async def make(self, person: str, task: NewTask, by: str, now: datetime, reason: str = "") -> None:
        self._ring(await self._database.write(make, self._vault, person, task, by, now, reason))

    async def done(self, task: str, by: str, now: datetime, reason: str = "") -> None:
        person = await self._database.write(done, self._vault, task, by, now, reason)
        for word in (person, "alerts") if person else ():
            self._ring(word)

    async def of_person(self, person: str, now: datetime) -> Sequence[Task]:
        return await self._database.read(of_person, self._vault, person, now)

    async def mine(self, staff: str, now: datetime) -> Sequence[Task]:
        return await self._database.read(mine, self._vault, staff, now)
