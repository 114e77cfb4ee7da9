"""Who is on the team at a moment, each with the duty that the rota gives them; and who looks over what was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import Staff
from escalation.rota import Cover, Rota, Shift, with_duties
from storage.schema import calendars, covers, moment, off_cover, shifts, stamp
from storage.telling import ALARM_CONTACT, all_staff, tell
from storage.vault import Vault

CASEWORK = ("worker", "supervisor")


def team(conn: Connection, vault: Vault, now: datetime) -> list[Staff]:
    """Everybody active, by username. An empty rota leaves each with the duty that was set by hand."""
    people = all_staff(conn)
    return with_duties(people, rota_between(conn, people, now, now), now)


def duty_now(conn: Connection, person: Staff, now: datetime) -> Staff:
    """The same member of staff, with the duty that they have now."""
    (found,) = with_duties([person], rota_between(conn, all_staff(conn), now, now), now)
    return found


def rota_between(conn: Connection, people: Sequence[Staff], start: datetime, end: datetime) -> Rota:
    """All that touches this time, of those `people` alone: a shift of somebody who left hides no layer below it."""
    here = {person.id for person in people if person.role in CASEWORK}
    between = {"from": stamp(start), "to": stamp(end)}
    read = [_shift(row) for row in conn.execute(_SHIFTS, between) if row.staff_id in here]
    swapped = [to_cover(row) for row in conn.execute(_COVERS, between)]
    return Rota(
        tuple(read),
        tuple(one for one in swapped if {one.staff, one.instead} <= here | {""}),
        {person.id: person.duty for person in people if person.duty != "off"},
        frozenset(person.id for person in people if person.username == ALARM_CONTACT),
        frozenset(conn.execute(sa.select(off_cover.c.staff_id)).scalars()),
    )


# Built once: they are asked with every page and every request of the console.
_SHIFTS = (
    sa.select(shifts, calendars.c.layer, calendars.c.duty)
    .join(calendars, calendars.c.id == shifts.c.calendar_id)
    .where(shifts.c.to_at > sa.bindparam("from"), shifts.c.from_at <= sa.bindparam("to"))
    .order_by(shifts.c.from_at, shifts.c.id)
)
_COVERS = (
    sa.select(covers)
    .where(covers.c.to_at > sa.bindparam("from"), covers.c.from_at <= sa.bindparam("to"), covers.c.ended_at.is_(None))
    .order_by(covers.c.id)
)


def _shift(row: Any) -> Shift:
    return Shift(row.staff_id, row.duty, row.layer, moment(row.from_at), moment(row.to_at), row.calendar_id)


def to_cover(row: Any) -> Cover:
    accepted = None if row.accepted_at is None else moment(row.accepted_at)
    times = moment(row.from_at), moment(row.to_at)
    return Cover(row.id, row.kind, row.staff_id, row.instead_id, *times, row.duty, row.promise, row.asked_by, accepted)


def who_looks_over(conn: Connection, vault: Vault, reader: str, now: datetime) -> tuple[list[Staff], ...]:
    """Who is told of what a member of staff did, never themselves: the first of these teams that can be reached.

    Who supervises now, all whose role it is, then the alarm contact, then administrators.
    """
    others = [person for person in team(conn, vault, now) if person.id != reader]
    alarm = [p for p in others if p.username == ALARM_CONTACT]
    people = [p for p in others if p not in alarm]
    on_duty = [p for p in people if p.duty == "supervisor"]
    return (
        on_duty,
        [p for p in people if p.role == "supervisor"],
        alarm,
        [p for p in people if p.role == "administrator"],
    )


def tell_who_looks_over(
    conn: Connection, vault: Vault, reader: str, message: str, params: dict[str, str], now: datetime
) -> int:
    """The first of those who look over it of whom a phone is reached. Returns how many messages were written."""
    for people in who_looks_over(conn, vault, reader, now):
        written = sum(tell(conn, vault, one.id, message, params, now) for one in people)
        if written:
            return written
    return 0
