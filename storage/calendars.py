"""Calendars of the rota, and the shifts that were read from them: units of work.

The text of a calendar is read outside a transaction (`read`), since it may take a while; `keep` writes what came of it
where that calendar is still the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import Duty, Refused, Staff, Unknown
from escalation.rota.port import CHANGED, Calendar, Proposed
from escalation.rota.reading import Reading, names_of
from storage.audit import record
from storage.ids import new_id
from storage.schema import calendars, moment, shifts, stamp
from storage.telling import all_staff
from storage.vault import Vault

BACK, AHEAD = timedelta(days=8), timedelta(days=70)  # of now, for which shifts are kept: a hole is followed back a week
READ_AGAIN = timedelta(hours=1)  # time goes on, and people come and go under the names that a calendar has
FETCH_EVERY = timedelta(minutes=15)
FETCH_AGAIN = timedelta(minutes=2)  # after a failure


@dataclass(frozen=True, slots=True)
class Given:
    """A calendar as it was given. `source`: the https address of a feed, '' for a file. `called`: names in it to
    usernames. `text`: iCal, '' of a feed that was not fetched yet. `etag` and `modified` are the feed's own."""

    name: str
    duty: Duty
    layer: int
    zone: str
    source: str = ""
    called: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    findings: tuple[str, ...] = ()
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of `calendars`, opened."""

    id: str
    ver: int
    given: Given
    fetched_at: datetime | None
    failed_at: datetime | None

    @property
    def shown(self) -> Calendar:
        given = self.given
        host = urlsplit(given.source).hostname or "" if given.source else ""
        at = (self.fetched_at, self.failed_at)
        said = (given.findings, given.called)
        return Calendar(self.id, given.name, given.layer, given.duty, given.zone, host, *at, *said)


def meant(before: Given | None, proposed: Proposed) -> Given:
    """What would be kept. `before`: the calendar of this name. Pure. Raises Unknown where there is none to change."""
    called = {**(before.called if before else {}), **proposed.called}
    known = {name: username for name, username in called.items() if username}
    if proposed.text:
        where = (proposed.duty, proposed.layer, proposed.zone, proposed.source)
        return Given(proposed.name, *where, known, proposed.text)
    if before is None:
        raise Unknown(f"There is no calendar {proposed.name}.")
    return replace(before, duty=proposed.duty, layer=proposed.layer, called=known)


def read(given: Given, staff: Sequence[Staff], now: datetime, called: Mapping[str, str] | None = None) -> Reading:
    """What the calendar says for the time that shifts are kept for. `called`: the programme's own names of people.

    Pure. Raises BadCalendar.
    """
    from escalation.rota.calendar import read_calendar  # and with it 10 MB that nothing else needs

    if not given.text:
        return Reading((), given.findings)
    names = names_of(staff, called or {}, given.called)
    return read_calendar(given.text, given.zone, names, now - BACK, now + AHEAD)


def put(conn: Connection, vault: Vault, given: Given, reading: Reading, by: str, now: datetime) -> str:
    """In place of the calendar of this name. Returns its id."""
    before = named(conn, vault, given.name)
    if before is not None:
        _delete(conn, before.id)
    row_id = new_id(stamp(now))
    feed = bool(given.source)
    values = {
        "id": row_id,
        "layer": given.layer,
        "duty": given.duty,
        "read_at": stamp(now),
        "fetch_at": stamp(now) if feed and not given.text else stamp(now + FETCH_EVERY) if feed else None,
        "fetched_at": stamp(now) if feed and given.text else None,
        "ver": 0,
        "sealed": _sealed(vault, row_id, 0, replace(given, findings=reading.findings)),
    }
    conn.execute(sa.insert(calendars), values)
    _write(conn, row_id, reading, now)
    record(conn, vault, by, "rota.import", row_id, now)
    return row_id


def remove(conn: Connection, vault: Vault, name: str, by: str, now: datetime) -> None:
    """With its shifts. Raises Unknown."""
    found = named(conn, vault, name)
    if found is None:
        raise Unknown(f"There is no calendar {name}.")
    _delete(conn, found.id)
    record(conn, vault, by, "rota.remove", found.id, now)


def change(conn: Connection, vault: Vault, kept: Kept, given: Given, reading: Reading, by: str, now: datetime) -> None:
    """Its duty, its layer, whom its names mean; when its feed answered stays. Raises Refused where it was changed."""
    if not keep(conn, vault, kept, given, reading, now):
        raise Refused(CHANGED)
    record(conn, vault, by, "rota.change", kept.id, now)


def named(conn: Connection, vault: Vault, name: str) -> Kept | None:
    return next((one for one in everything(conn, vault) if one.given.name == name), None)


def everything(conn: Connection, vault: Vault) -> list[Kept]:
    """The highest layer first."""
    return [
        _opened(vault, row)
        for row in conn.execute(sa.select(calendars).order_by(calendars.c.layer.desc(), calendars.c.id))
    ]


def to_read(conn: Connection, vault: Vault, now: datetime) -> tuple[list[Kept], list[Staff]]:
    """Those that were last read a while ago, and who may be meant in them."""
    rows = conn.execute(sa.select(calendars).where(calendars.c.read_at <= stamp(now - READ_AGAIN)))
    return [_opened(vault, row) for row in rows], all_staff(conn)


def to_fetch(conn: Connection, vault: Vault, now: datetime) -> tuple[list[Kept], list[Staff]]:
    rows = conn.execute(sa.select(calendars).where(calendars.c.fetch_at <= stamp(now)))
    return [_opened(vault, row) for row in rows], all_staff(conn)


def keep(conn: Connection, vault: Vault, kept: Kept, given: Given, reading: Reading, now: datetime) -> bool:
    """What came of reading it again. False where the calendar was changed or removed meanwhile."""
    mine = (calendars.c.id == kept.id, calendars.c.ver == kept.ver)
    after = replace(given, findings=reading.findings)
    values: dict[str, object] = {"read_at": stamp(now), "layer": given.layer, "duty": given.duty}
    if after != kept.given:
        values |= {"ver": kept.ver + 1, "sealed": _sealed(vault, kept.id, kept.ver + 1, after)}
    if conn.execute(sa.update(calendars).where(*mine).values(**values)).rowcount == 0:
        return False
    _write(conn, kept.id, reading, now)
    return True


def not_read(conn: Connection, vault: Vault, kept: Kept, why: str, now: datetime) -> None:
    """It could be read before and cannot be now: its shifts stay as they are, as far as they go."""
    after = _sealed(vault, kept.id, kept.ver + 1, replace(kept.given, findings=(why,)))
    mine = (calendars.c.id == kept.id, calendars.c.ver == kept.ver)
    values = {"read_at": stamp(now), "ver": kept.ver + 1, "sealed": after}
    conn.execute(sa.update(calendars).where(*mine).values(**values))


def fetched(conn: Connection, kept: Kept, now: datetime) -> None:
    """The feed answered, with a calendar or with that nothing changed."""
    values = {"fetch_at": stamp(now + FETCH_EVERY), "fetched_at": stamp(now), "failed_at": None}
    conn.execute(sa.update(calendars).where(calendars.c.id == kept.id).values(**values))


def not_fetched(conn: Connection, kept: Kept, now: datetime) -> None:
    """What was read last stays."""
    since = stamp(kept.failed_at or now)
    values = {"fetch_at": stamp(now + FETCH_AGAIN), "failed_at": since}
    conn.execute(sa.update(calendars).where(calendars.c.id == kept.id).values(**values))


def _write(conn: Connection, calendar: str, reading: Reading, now: datetime) -> None:
    """The calendar's shifts, where they are others than before."""
    mine = shifts.c.calendar_id == calendar
    before = {(r.staff_id, r.from_at, r.to_at) for r in conn.execute(sa.select(shifts).where(mine))}
    after = {(turn.staff, stamp(turn.start), stamp(turn.end)) for turn in reading.turns}
    if before == after:
        return
    conn.execute(sa.delete(shifts).where(mine))
    rows = [
        {"id": new_id(stamp(now)), "calendar_id": calendar, "staff_id": staff, "from_at": start, "to_at": end}
        for staff, start, end in sorted(after, key=lambda one: (one[1], one[2], one[0]))
    ]
    if rows:
        conn.execute(sa.insert(shifts), rows)


def _delete(conn: Connection, calendar: str) -> None:
    conn.execute(sa.delete(shifts).where(shifts.c.calendar_id == calendar))
    conn.execute(sa.delete(calendars).where(calendars.c.id == calendar))


def _sealed(vault: Vault, row_id: str, version: int, given: Given) -> bytes:
    return vault.seal_staff(asdict(given), "calendars", row_id, row_id, version)


def _opened(vault: Vault, row: Any) -> Kept:
    given = vault.open_staff(bytes(row.sealed), "calendars", row.id, row.id, row.ver)
    kept = Given(**(given | {"findings": tuple(given["findings"])}))
    at = (None if ms is None else moment(ms) for ms in (row.fetched_at, row.failed_at))
    return Kept(row.id, row.ver, kept, *at)
