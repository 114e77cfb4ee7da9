"""What workers keep on a case: orders, agencies, their own items of the plan. Under her key, and goes with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from msgspec import convert
from sqlalchemy.engine import Connection

from escalation.casefile import (
    HAS_ENDED,
    LONGEST_WORDS,
    NO_ENTRY,
    TOLD_BEFORE,
    Agency,
    Entry,
    Kept,
    Order,
    OwnItem,
    may_keep,
)
from escalation.news import Sent
from escalation.ports import Refused, Unknown
from escalation.tasks import NewTask
from flows.engine.conversation import Fact
from storage import agency_news, audit, tasks, to_do
from storage.admitting import admit_record
from storage.arrivals import Act, Taken
from storage.cases import open_person
from storage.claims import renew_all
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.database import Database
from storage.ids import new_id
from storage.reading import READING, may_read
from storage.schema import casefile, moment, stamp
from storage.vault import Vault, decode, encode

KINDS: dict[str, type[Order | Agency | OwnItem]] = {"order": Order, "agency": Agency, "item": OwnItem}
NAMES = {kind: name for name, kind in KINDS.items()}
SOON = timedelta(minutes=1)  # an order that ends within days is told of at once
FORBIDS: Fact = "no_contact_order"


def forbid(
    conn: Connection, vault: Vault, ref: str, entry: Entry, by: str, now: datetime, reason: str = ""
) -> Act | None:
    """What an order puts on record, before it is kept: a process that dies in between leaves the stricter state."""
    may_keep(entry, now)
    _, _, state = open_person(conn, vault, ref)
    if not isinstance(entry, Order) or FORBIDS in state.memory.recorded:
        return None
    return admit_record(conn, vault, ref, by, FORBIDS, "stands", now, reason)


def keep(
    conn: Connection, vault: Vault, ref: str, entry: Entry, by: str, now: datetime, reason: str, region: str
) -> str:
    """Returns her id. Raises Refused. `region`: the country of a number that was written without one."""
    person, sealer, _ = open_person(conn, vault, ref)
    may_read(conn, vault, person, by, reason, READING, now)
    may_keep(entry, now)
    if isinstance(entry, Agency):
        entry = replace(entry, news_to=agency_news.whole(entry.news_to, region))
        agency_news.refuse_recipients(conn, vault, entry)
    row_id = new_id(stamp(now))
    if isinstance(entry, Order) and entry.until is not None:
        due = max(entry.until - TOLD_BEFORE, now + SOON)
        words = f"{entry.who}, {entry.whom}. {entry.words}"[:LONGEST_WORDS]
        to_do.keep(conn, vault, NewTask("order", due, words, about=row_id), by, now, person.id, sealer)
    value = {"kind": NAMES[type(entry)], "entry": entry}
    sealed = sealer.seal(encode(value), Place("casefile", "sealed", row_id, person.id, 0))
    row = {"id": row_id, "person_id": person.id, "staff_id": by, "at": stamp(now), "sealed": sealed}
    conn.execute(sa.insert(casefile), row)
    audit.record(conn, vault, by, "case.file", person.ref, now)
    renew_all(conn, vault, by, person.id, now)
    return str(person.id)


def end(conn: Connection, vault: Vault, ref: str, entry: str, by: str, now: datetime, reason: str = "") -> str:
    """Returns her id. The task that its end was to raise is done with it. Raises Refused, Unknown."""
    person, _, _ = open_person(conn, vault, ref)
    may_read(conn, vault, person, by, reason, READING, now)
    row = _found(conn, person.id, entry)
    if row.ended_at is not None:
        raise Refused(HAS_ENDED)
    conn.execute(sa.update(casefile).where(casefile.c.id == row.id).values(ended_at=stamp(now), ended_by=by))
    tasks.settle(conn, vault, "order", row.id, by, now)
    audit.record(conn, vault, by, "case.file_end", person.ref, now)
    renew_all(conn, vault, by, person.id, now)
    return str(person.id)


def tell(
    conn: Connection, vault: Vault, ref: str, entry: str, alert: str, by: str, language: str, now: datetime
) -> str:
    """Returns her id. Raises Refused, Unknown."""
    person, sealer, _ = open_person(conn, vault, ref)
    may_read(conn, vault, person, by, "", READING, now)
    row = _found(conn, person.id, entry)
    kept = _kept(row, _open(sealer, row))
    agency_news.send(conn, vault, person, sealer, kept, alert, by, language, now)
    return str(person.id)


def told(conn: Connection, vault: Vault, ref: str) -> Sequence[Sent]:
    """For a page that has opened her case. Raises Refused."""
    person, sealer, _ = open_person(conn, vault, ref)
    return agency_news.told(conn, sealer, person.id)


def of_person(conn: Connection, vault: Vault, ref: str) -> list[Kept]:
    """For a page that has opened her case. Raises Refused."""
    person, sealer, _ = open_person(conn, vault, ref)
    rows = conn.execute(sa.select(casefile).where(casefile.c.person_id == person.id).order_by(casefile.c.id))
    return [_kept(row, _open(sealer, row)) for row in rows]


def _found(conn: Connection, person: str, entry: str) -> Any:
    """Held until the end of the transaction, so that of two who act on it one comes second. Raises Unknown."""
    which = sa.select(casefile).where(casefile.c.id == entry, casefile.c.person_id == person)
    row = conn.execute(which.with_for_update()).first()
    if row is None:
        raise Unknown(NO_ENTRY)
    return row


def _open(sealer: Sealer, row: Any) -> Any:
    return decode(sealer.open(bytes(row.sealed), Place("casefile", "sealed", row.id, row.person_id, 0)))


def _kept(row: Any, value: Any) -> Kept:
    entry: Entry = convert(value["entry"], KINDS[value["kind"]])
    ended = moment(row.ended_at) if row.ended_at else None
    return Kept(row.id, entry, moment(row.at), row.staff_id, ended, row.ended_by or "")


class StoredCasefile:
    """`escalation.casefile.Casefile`. What goes on record is a turn, in the way of all others.

    `region`: the country of numbers written without one.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        take: Callable[[Act], Awaitable[Taken]],
        ring: Callable[[str], None],
        region: str,
    ) -> None:
        self._database, self._vault, self._take, self._ring = database, vault, take, ring
        self._region = region

    async def keep(self, person: str, entry: Entry, by: str, now: datetime, reason: str = "") -> None:
        given = (self._vault, person, entry, by, now, reason)
        record = await self._database.write(forbid, *given)
        if record is not None:
            await self._take(record)
        self._ring(await self._database.write(keep, *given, self._region))

    async def end(self, person: str, entry: str, by: str, now: datetime, reason: str = "") -> None:
        self._ring(await self._database.write(end, self._vault, person, entry, by, now, reason))
        self._ring("alerts")

    async def of_person(self, person: str) -> Sequence[Kept]:
        return await self._database.read(of_person, self._vault, person)

    async def tell(self, person: str, entry: str, alert: str, by: str, language: str, now: datetime) -> None:
        given = (self._vault, person, entry, alert, by, language, now)
        self._ring(await self._database.write(tell, *given))

    async def told(self, person: str) -> Sequence[Sent]:
        return await self._database.read(told, self._vault, person)
