"""`escalation.rota.port.Rotas` on the database, and the private links to it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import Refused, Unknown
from escalation.rota import Rota
from escalation.rota.port import Asked, Calendar, OffCover, Proposed
from escalation.rota.reading import BadCalendar, Reading
from storage import calendars, covers, off_cover
from storage.audit import record
from storage.calendars import Given, Kept
from storage.database import Database
from storage.schema import moment, rota_links, staff, stamp
from storage.team import rota_between
from storage.telling import all_staff
from storage.vault import Vault

Ring = Callable[[str], None]
NO_LINK = "This link is no good any more."


class StoredRotas:
    """`escalation.rota.port.Rotas`. Each change rings: desks show who is on call, and whom it concerns is told.

    `called`: what the programme says people are called in calendars.
    """

    def __init__(self, database: Database, vault: Vault, ring: Ring, called: Mapping[str, str] | None = None) -> None:
        self._database, self._vault, self._ring, self._called = database, vault, ring, called

    async def rota(self, start: datetime, end: datetime) -> Rota:
        return await self._database.read(lambda conn: rota_between(conn, all_staff(conn), start, end))

    async def calendars(self) -> Sequence[Calendar]:
        return [kept.shown for kept in await self._database.read(calendars.everything, self._vault)]

    async def read(self, proposed: Proposed, now: datetime) -> Reading:
        _, _, reading = await self._read(proposed, now)
        return reading

    async def take(self, proposed: Proposed, by: str, now: datetime) -> None:
        kept, given, reading = await self._read(proposed, now)
        if proposed.text or kept is None:
            await self._database.write(calendars.put, self._vault, given, reading, by, now)
        else:
            await self._database.write(calendars.change, self._vault, kept, given, reading, by, now)
        self._ring("alerts")

    async def _read(self, proposed: Proposed, now: datetime) -> tuple[Kept | None, Given, Reading]:
        """In a thread: a large calendar takes a second."""
        kept = await self._database.read(calendars.named, self._vault, proposed.name)
        given = calendars.meant(None if kept is None else kept.given, proposed)
        staff = await self._database.read(all_staff)
        try:
            reading = await asyncio.to_thread(calendars.read, given, staff, now, self._called)
        except BadCalendar as bad:
            raise Refused(bad.why) from None
        return kept, given, reading

    async def remove(self, name: str, by: str, now: datetime) -> None:
        await self._database.write(calendars.remove, self._vault, name, by, now)
        self._ring("alerts")

    async def ask(self, asked: Asked, by: str, now: datetime) -> str:
        promise = await self._database.write(covers.ask, self._vault, asked, by, now)
        self._ring("alerts")
        return promise

    async def accept(self, promise: str, by: str, now: datetime) -> None:
        await self._database.write(covers.accept, self._vault, promise, by, now)
        self._ring("alerts")

    async def end(self, promise: str, by: str, now: datetime) -> None:
        await self._database.write(covers.end, self._vault, promise, by, now)
        self._ring("alerts")

    async def off_cover(self) -> Mapping[str, OffCover]:
        return await self._database.read(off_cover.everybody)

    async def back(self, staff: str, by: str, now: datetime) -> None:
        await self._database.write(off_cover.back, self._vault, staff, by, now)
        self._ring("alerts")

    async def link(self, staff: str, now: datetime) -> str:
        return await self._database.write(new_link, self._vault, staff, now)

    async def linked_since(self, staff: str) -> datetime | None:
        return await self._database.read(linked_since, staff)

    async def revoke_link(self, staff: str, now: datetime) -> None:
        await self._database.write(revoke_link, self._vault, staff, now)

    async def by_link(self, token: str) -> str:
        return await self._database.read(by_link, self._vault, token)


def new_link(conn: Connection, vault: Vault, worker: str, now: datetime) -> str:
    """Only its keyed hash stays; the one before is no good from now on."""
    token = secrets.token_urlsafe(24)
    conn.execute(sa.delete(rota_links).where(rota_links.c.staff_id == worker))
    row = {"mac": vault.token(token), "staff_id": worker, "created_at": stamp(now)}
    conn.execute(sa.insert(rota_links), row)
    record(conn, vault, worker, "rota.link", worker, now)
    return token


def linked_since(conn: Connection, worker: str) -> datetime | None:
    ms = conn.execute(sa.select(rota_links.c.created_at).where(rota_links.c.staff_id == worker)).scalar()
    return None if ms is None else moment(ms)


def revoke_link(conn: Connection, vault: Vault, worker: str, now: datetime) -> None:
    if conn.execute(sa.delete(rota_links).where(rota_links.c.staff_id == worker)).rowcount:
        record(conn, vault, worker, "rota.unlink", worker, now)


def by_link(conn: Connection, vault: Vault, token: str) -> str:
    """Raises Unknown for one that was revoked, or of somebody who is off."""
    query = sa.select(staff.c.id).join(rota_links, rota_links.c.staff_id == staff.c.id)
    found = conn.execute(query.where(rota_links.c.mac == vault.token(token), staff.c.active)).scalar()
    if found is None:
        raise Unknown(NO_LINK)
    return str(found)
