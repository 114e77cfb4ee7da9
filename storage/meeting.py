"""`escalation.meeting.Meetings` on the database. Reading is apart from writing: a sheet opens many people's records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation import meeting as rules
from escalation.claims import AT_MEETING, NO_CASEWORK, NOT_THEM
from escalation.meeting import Assessed, Reviewed, Week
from escalation.ports import Refused
from escalation.tasks import NewTask, may_make
from storage import audit, conflicts, notes, tasks, to_do
from storage.cases import assessments_of, open_person
from storage.crypto.errors import CryptoProblem
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.database import Database
from storage.reading import once
from storage.schema import alerts, day, events, moment, persons, stamp
from storage.schema import tasks as task_rows
from storage.team import CASEWORK
from storage.telling import all_staff
from storage.vault import Vault, decode

Ring = Callable[[str], None]
READ = "meeting.read"


class StoredMeetings:
    """`escalation.meeting.Meetings`."""

    def __init__(self, database: Database, vault: Vault, ring: Ring) -> None:
        self._database, self._vault, self._ring = database, vault, ring

    async def sheet(self, staff: str, week: Week, now: datetime) -> Sequence[Reviewed]:
        found = await self._database.read(sheet, self._vault, staff, week, now)
        await self._database.write(seen, self._vault, staff, [one.person for one in found], now)
        return found

    async def say(self, person: str, staff: str, week: Week, text: str, now: datetime) -> None:
        self._ring(await self._database.write(say, self._vault, person, staff, week, text, now))

    async def agree(self, person: str, staff: str, week: Week, task: NewTask, now: datetime) -> None:
        self._ring(await self._database.write(agree, self._vault, person, staff, week, task, now))


def sheet(conn: Connection, vault: Vault, reader: str, week: Week, now: datetime) -> list[Reviewed]:
    raised = _raised(conn, week)
    ids = set(raised) | _changed(conn, week) | _with_tasks(conn, week)
    query = sa.select(persons).where(persons.c.id.in_(ids))
    people = [row for row in conn.execute(query).all() if reader not in conflicts.apart_from(conn, row.id)]
    found = (_reviewed(conn, vault, row, week, raised.get(row.id, ()), now) for row in people)
    return rules.in_order(found)


def seen(conn: Connection, vault: Vault, reader: str, refs: Iterable[str], now: datetime) -> None:
    for ref in refs:
        once(conn, vault, reader, READ, ref, now)


def say(conn: Connection, vault: Vault, ref: str, worker: str, week: Week, text: str, now: datetime) -> str:
    """Returns her id."""
    said = rules.words(text)
    person, sealer, _ = open_person(conn, vault, ref)
    conflicts.refuse(conn, person.id, worker)
    notes.keep(conn, sealer, person.id, worker, said, now, week.name, AT_MEETING)
    audit.record(conn, vault, worker, "meeting.say", person.ref, now)
    return str(person.id)


def agree(conn: Connection, vault: Vault, ref: str, worker: str, week: Week, task: NewTask, now: datetime) -> str:
    """Returns her id."""
    may_make(task, now)
    person, sealer, _ = open_person(conn, vault, ref)
    conflicts.refuse(conn, person.id, worker)
    if task.staff and task.staff not in {one.id for one in all_staff(conn) if one.role in CASEWORK}:
        raise Refused(NO_CASEWORK)
    if task.staff:
        conflicts.refuse(conn, person.id, task.staff, NOT_THEM)
    to_do.keep(conn, vault, task, worker, now, person.id, sealer)
    audit.record(conn, vault, worker, "meeting.agree", person.ref, now)
    return str(person.id)


def _raised(conn: Connection, week: Week) -> dict[str, list[Any]]:
    """Her id to the alerts of hers that were raised in this week."""
    between = (alerts.c.raised_at >= stamp(week.start), alerts.c.raised_at < stamp(week.end))
    found: dict[str, list[Any]] = {}
    for row in conn.execute(sa.select(alerts).where(*between).order_by(alerts.c.tier)):
        found.setdefault(row.person_id, []).append(row)
    return found


def _changed(conn: Connection, week: Week) -> set[str]:
    """Ids of whom anything was put on record in this week, give or take a day at its ends."""
    days = events.c.day.between(day(stamp(week.start)), day(stamp(week.end)))
    query = sa.select(events.c.person_id).where(events.c.kind == "record", days).distinct()
    return set(conn.execute(query).scalars())


def _with_tasks(conn: Connection, week: Week) -> set[str]:
    """Ids of those about whom something was still to be done in this week."""
    open_ = sa.or_(task_rows.c.done_at.is_(None), task_rows.c.done_at >= stamp(week.start))
    made = (task_rows.c.kind == "meeting", task_rows.c.made_at < stamp(week.end))
    return set(conn.execute(sa.select(task_rows.c.person_id).where(open_, *made)).scalars())


def _reviewed(conn: Connection, vault: Vault, row: Any, week: Week, raised: Sequence[Any], now: datetime) -> Reviewed:
    """A record that does not open hides no alert of hers."""
    tiers, missed = tuple(one.tier for one in raised), sum(one.kind == "missed" for one in raised)
    try:
        sealer = vault.sealer(row.id, bytes(row.wdek))
        facts = list(_facts(conn, sealer, row.id, week))
        said = tuple(
            one for one in notes.of(conn, sealer, row.id) if (one.message, one.state) == (AT_MEETING, week.name)
        )
        agreed = rules.of_week(week, tasks.of_person(conn, vault, row.ref, now))
    except (CryptoProblem, ValueError, Refused):
        return Reviewed(row.ref, None, "unknown", tiers, missed)
    assessed = [Assessed(one.at, one.tier) for one in assessments_of(facts)]
    planned = {fact["PlanChanged"]["item"]["name"] for at, fact in facts if at >= week.start and "PlanChanged" in fact}
    return Reviewed(row.ref, *rules.change(week, assessed), tiers, missed, len(planned), said, agreed)


def _facts(conn: Connection, sealer: Sealer, person: str, week: Week) -> Any:
    """What was put on record in this week and in the one before: (when, fact), oldest first."""
    days = events.c.day.between(day(stamp(week.before)), day(stamp(week.end)))
    query = sa.select(events).where(events.c.person_id == person, events.c.kind == "record", days)
    for row in conn.execute(query.order_by(events.c.seq)):
        value = decode(sealer.open(bytes(row.sealed), Place("events", "record", str(row.seq), person, 0)))
        at = moment(value["at"])
        if week.before <= at < week.end:
            yield from ((at, fact) for fact in value["facts"])
