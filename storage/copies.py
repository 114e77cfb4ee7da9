"""Copies of messages that a provider keeps, to be deleted there once nobody needs them. Units of work, safe twice.

One row a message, known by the keyed hash of its id, until the provider has deleted it. What went out is deleted when
its status is final; what came in once the look for missed webhooks (`storage.watermarks`) has passed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import bulk, watermarks
from storage.inbox import Inbound
from storage.outbox import PROVIDER_STATUS, Report
from storage.schema import copies, inbox, outbox, stamp
from storage.sendings import Sending
from storage.vault import Vault

NO_REPORT = timedelta(days=1)  # after this a message is deleted though no final status was reported
SETTLED = timedelta(minutes=1)  # after a final status: the provider may still be writing its own log
LEASE = timedelta(minutes=2)  # longer than the request
BATCH = 20  # a round; deleting is never urgent
IN_ONE = 500  # ids of one statement
FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=12)  # of back-off, doubled each time
KEPT = timedelta(days=60)  # a copy that could not be deleted for so long is given up: providers keep none for ever


@dataclass(frozen=True, slots=True)
class Copy:
    """A claimed row. `id` names the row, `provider_id` the message at its provider."""

    id: str
    channel: str
    provider_id: str
    attempts: int


def sent(conn: Connection, vault: Vault, marks: Sequence[tuple[Sending, str]], now: datetime) -> None:
    """Messages that a provider took: they go when their status is final, or when none came for a day."""
    _queue(conn, vault, [(one.channel, provider_id, now, now + NO_REPORT) for one, provider_id in marks], False)


def came_in(conn: Connection, vault: Vault, taken: Sequence[Inbound]) -> None:
    """Messages that a turn has taken."""
    _queue(conn, vault, [(one.channel, one.provider_id, one.at, one.at) for one in taken], True)


def final(conn: Connection, vault: Vault, reports: Sequence[Report], now: datetime) -> None:
    """What a provider reports as delivered or failed may go soon."""
    for said in reports:
        if said.status in PROVIDER_STATUS:
            which = copies.c.id == _row_id(vault, said.channel, said.provider_id)
            soon = sa.update(copies).where(which, copies.c.attempts == 0, copies.c.due_at > stamp(now + SETTLED))
            conn.execute(soon.values(due_at=stamp(now + SETTLED)))


def hurry(conn: Connection, person: str, now: datetime) -> int:
    """Somebody is being erased: all of theirs that is known here goes now. Returns how many copies are queued."""
    macs = [*conn.execute(sa.select(outbox.c.provider_mac).where(outbox.c.owner_id == person)).scalars()]
    macs += conn.execute(sa.select(inbox.c.mac).where(inbox.c.owner_id == person)).scalars()
    ids = [_id_of(bytes(mac)) for mac in macs if mac is not None]
    found = 0
    for start in range(0, len(ids), IN_ONE):
        which = copies.c.id.in_(ids[start : start + IN_ONE])
        found += conn.execute(sa.select(sa.func.count()).where(which)).scalar_one()
        conn.execute(sa.update(copies).where(which, copies.c.due_at > stamp(now)).values(due_at=stamp(now)))
    return found


def claim(conn: Connection, vault: Vault, channels: Sequence[str], now: datetime) -> list[Copy]:
    """What may be deleted now, put off by a lease: whoever dies with it leaves it to the next round."""
    conn.execute(sa.delete(copies).where(copies.c.at < stamp(now - KEPT)))
    found = []
    for channel in channels:
        passed = watermarks.read(conn, f"inbound.{channel}")
        due = sa.select(copies).where(copies.c.channel == channel, copies.c.due_at <= stamp(now))
        behind = sa.or_(~copies.c.inbound, copies.c.at < (stamp(passed) if passed else 0))
        query = due.where(behind).order_by(copies.c.due_at).limit(BATCH)
        if conn.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        for row in conn.execute(query).all():
            leased = sa.update(copies).where(copies.c.id == row.id)
            conn.execute(leased.values(due_at=stamp(now + LEASE), attempts=row.attempts + 1))
            provider_id = vault.open_system(bytes(row.sealed), "copies", row.id)
            found.append(Copy(row.id, channel, provider_id, row.attempts + 1))
    return found


def deleted(conn: Connection, copy: Copy) -> None:
    conn.execute(sa.delete(copies).where(copies.c.id == copy.id))


def later(conn: Connection, copy: Copy, now: datetime) -> None:
    """The provider would not, or nobody knows: deleting twice is harmless."""
    wait = min(FIRST * 2 ** min(copy.attempts - 1, 20), LONGEST)
    conn.execute(sa.update(copies).where(copies.c.id == copy.id).values(due_at=stamp(now + wait)))


def waiting(conn: Connection) -> int:
    """How many copies are still to be deleted."""
    return conn.execute(sa.select(sa.func.count()).select_from(copies)).scalar_one()


def _queue(conn: Connection, vault: Vault, ids: Sequence[tuple[str, str, datetime, datetime]], inbound: bool) -> None:
    """(channel, provider's id, when it came or went, when it is due)."""
    rows = {}
    for channel, provider_id, at, due in ids:
        row_id = _row_id(vault, channel, provider_id)
        rows[row_id] = {
            "id": row_id,
            "channel": channel,
            "inbound": inbound,
            "at": stamp(at),
            "due_at": stamp(due),
            "attempts": 0,
            "sealed": vault.seal_system(provider_id, "copies", row_id),
        }
    bulk.upsert(conn, copies, list(rows.values()), ("id",))


def _row_id(vault: Vault, channel: str, provider_id: str) -> str:
    return _id_of(vault.message(channel, provider_id))


def _id_of(mac: bytes) -> str:
    return mac.hex()[:32]
