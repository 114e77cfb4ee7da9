"""What of the rota is told to a person, once: a hole of the coming days, a hole that is there, a feed that is stale,
that no carrier says whether a page arrived; and to who leaves and who comes that a shift ends, to who looks over it
that one left something urgent behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import Staff
from escalation.rota import Gap, gaps
from escalation.rota.calling import nobody_on_call
from escalation.rota.ends import changing, gone_since
from escalation.rota.gaps import BEFORE, DAYS
from escalation.shifts import SHIFT, SOON
from storage import carriers
from storage.ids import new_id
from storage.schema import calendars, moment, rota_alarms, stamp
from storage.shifts import keeps_urgent
from storage.team import CASEWORK, rota_between, team, tell_who_looks_over
from storage.telling import all_staff, tell
from storage.vault import Vault

STALE = timedelta(hours=6)  # a feed may be down for an evening: what it said last still holds
Kind = Literal["gap", "now", "feed", "mute", "end", "begin", "kept"]
PAGES: dict[Kind, str] = {"gap": "page/gap", "now": "page/nobody", "feed": "page/feed", "mute": "page/mute"}
SHIFTS: dict[Kind, str] = {"end": "page/shift_ends", "begin": "page/shift_begins", "kept": "page/shift_kept"}


@dataclass(frozen=True, slots=True)
class Alarm:
    """Stands from `start` to `end`. `subject`: a calendar's id, of a shift whose it is, or ''."""

    kind: Kind
    start: datetime
    end: datetime
    subject: str = ""


def look(conn: Connection, vault: Vault, contact: str, now: datetime) -> int:
    """Tell what is new of what stands; forget what is over, so that the same again is new. Returns how many were told.

    `contact`: the username of who is told, '' for whoever looks over the team; they also are where it has no phone.
    """
    if conn.dialect.name == "postgresql":  # another replica that looks just now tells nothing a second time
        conn.execute(sa.text("LOCK TABLE rota_alarms IN EXCLUSIVE MODE"))
    standing = _standing(conn, vault, now)
    told = conn.execute(sa.select(rota_alarms)).all()
    seen: set[str] = set()
    new = 0
    for alarm in standing:
        row = next((row for row in told if _same(row, alarm)), None)
        if row is not None:
            seen.add(row.id)
            conn.execute(sa.update(rota_alarms).where(rota_alarms.c.id == row.id).values(to_at=stamp(alarm.end)))
        elif _tell(conn, vault, alarm, contact, now):
            row_id = new_id(stamp(now))
            seen.add(row_id)
            times = {"from_at": stamp(alarm.start), "to_at": stamp(alarm.end)}
            conn.execute(sa.insert(rota_alarms), {"id": row_id, "kind": alarm.kind, "subject": alarm.subject} | times)
            new += 1
    conn.execute(sa.delete(rota_alarms).where(rota_alarms.c.id.not_in(seen)))
    return new


def holes(conn: Connection, now: datetime, days: int = DAYS) -> list[Gap]:
    """Earliest first."""
    people = all_staff(conn)
    return gaps(rota_between(conn, people, now - BEFORE, now + timedelta(days=days)), now, days)


def stale(conn: Connection, now: datetime) -> dict[str, datetime]:
    """Feeds that have given no calendar for long: id, since when."""
    query = sa.select(calendars.c.id, calendars.c.failed_at).where(calendars.c.failed_at <= stamp(now - STALE))
    return {row.id: moment(row.failed_at) for row in conn.execute(query)}


def _standing(conn: Connection, vault: Vault, now: datetime) -> Iterable[Alarm]:
    found = [Alarm("gap", gap.start, gap.end) for gap in holes(conn, now) if gap.start > now]
    if nobody_on_call(team(conn, vault, now)):
        found.insert(0, Alarm("now", now, now))
    found += [Alarm("feed", since, now, calendar) for calendar, since in stale(conn, now).items()]
    if carriers.mute(conn):
        found.append(Alarm("mute", now, now))
    return found + _of_shifts(conn, now)


def _of_shifts(conn: Connection, now: datetime) -> list[Alarm]:
    people = all_staff(conn)
    rota = rota_between(conn, people, now - SHIFT, now + SOON)
    ending, beginning = changing(rota, now, SOON)
    over = [one.id for one in people if one.role in CASEWORK and gone_since(rota, one.id, now, SHIFT)]
    kept = [worker for worker in over if keeps_urgent(conn, worker, now)]
    kinds: tuple[tuple[Kind, Iterable[str]], ...] = (("end", sorted(ending)), ("begin", sorted(beginning)))
    return [Alarm(kind, now, now, staff) for kind, whose in (*kinds, ("kept", kept)) for staff in whose]


def _same(row: sa.Row[tuple[object, ...]], alarm: Alarm) -> bool:
    """A hole that grew at its end, or that was told of a part, is the same; one that begins earlier is news."""
    if (row.kind, row.subject) != (alarm.kind, alarm.subject):
        return False
    return alarm.kind != "gap" or bool(row.from_at <= stamp(alarm.start) <= row.to_at)


def _tell(conn: Connection, vault: Vault, alarm: Alarm, contact: str, now: datetime) -> int:
    if alarm.kind == "kept":
        return tell_who_looks_over(conn, vault, alarm.subject, SHIFTS[alarm.kind], {}, now)
    if alarm.kind in SHIFTS:
        return tell(conn, vault, alarm.subject, SHIFTS[alarm.kind], {}, now)
    named: list[Staff] = [person for person in all_staff(conn) if contact and person.username == contact]
    written = sum(tell(conn, vault, person.id, PAGES[alarm.kind], {}, now) for person in named)
    return written or tell_who_looks_over(conn, vault, "", PAGES[alarm.kind], {}, now)
