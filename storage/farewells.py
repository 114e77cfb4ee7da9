"""What an erased person's Telegram chat is still to be rid of. Units of work, safe twice.

One row a chat, sealed under the service's own key because hers is gone: the chat and the ids of messages. It lives
until the provider has deleted them, or until it never will.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from storage.crypto.errors import CryptoProblem
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.ids import new_id
from storage.schema import addresses, farewells, outbox, persons, phone_messages, stamp, tombstones
from storage.vault import Vault

DELETABLE = timedelta(hours=47, minutes=30)  # Telegram deletes nothing older than 48 h
LEASE = timedelta(minutes=2)  # longer than the request
FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)  # of back-off, doubled each time
BATCH = 10
CHANNEL = "telegram"  # the one channel on which anything can be taken back


@dataclass(frozen=True, slots=True)
class Farewell:
    """A claimed row: the chat's `address`, and the provider's ids of what stands there."""

    id: str
    receipt: str
    channel: str
    address: str
    messages: tuple[str, ...]
    attempts: int


def queue(conn: Connection, vault: Vault, person: str, receipt: str, now: datetime) -> int:
    """Before her key goes: take down what is to be wiped. Returns how many messages are known to stay on her phone.

    Those that are too old, and those in the air, which have no id yet. Of texts (SMS) nothing is counted: all stay.
    """
    hers = sa.select(phone_messages).where(phone_messages.c.person_id == person).order_by(phone_messages.c.at)
    rows = conn.execute(hers).all()
    chats = sa.select(addresses).where(addresses.c.owner_id == person, addresses.c.channel == CHANNEL)
    phones = {phone.id: phone for phone in conn.execute(chats)}
    if not phones:
        return 0
    flying = outbox.c.status.in_(("sending", "checking")), outbox.c.kind != "wipe"
    on_chats = outbox.c.owner_id == person, outbox.c.address_id.in_(list(phones))
    stays = int(conn.execute(sa.select(sa.func.count()).where(*on_chats, *flying)).scalar_one())
    wdek = conn.execute(sa.select(persons.c.wdek).where(persons.c.id == person)).scalar_one()
    young = [row for row in rows if _young(row, now) and row.address_id in phones]
    try:
        sealer = vault.sealer(person, bytes(wdek))
        for phone in {row.address_id: phones[row.address_id] for row in young}.values():
            _take_down(conn, vault, sealer, phone, [row for row in young if row.address_id == phone.id], receipt, now)
    except (CryptoProblem, ValueError):
        return stays + len(rows)  # a record that does not open is erased all the same
    return stays + len(rows) - len(young)


def _take_down(
    conn: Connection, vault: Vault, sealer: Sealer, phone: Row[Any], rows: list[Row[Any]], receipt: str, now: datetime
) -> None:
    """One chat, with the messages that stand on it, oldest first."""
    to = _opened(sealer, "addresses", phone, phone.owner_id)
    messages = [_opened(sealer, "phone_messages", row, phone.owner_id) for row in rows]
    row_id = new_id(stamp(now))
    sealed = vault.seal_system({"address": to, "messages": messages}, "farewells", row_id)
    row = {"id": row_id, "receipt": receipt, "channel": CHANNEL, "due_at": stamp(now), "attempts": 0}
    conn.execute(sa.insert(farewells), row | {"until": rows[0].at + _millis(DELETABLE), "sealed": sealed})


def claim(conn: Connection, vault: Vault, channels: Collection[str], now: datetime) -> list[Farewell]:
    """What may be deleted now, put off by a lease. What it is too late for is counted as staying."""
    for row in conn.execute(sa.select(farewells).where(farewells.c.until < stamp(now))).all():
        _over(conn, row.id, row.receipt, len(_messages(vault, row)[1]))
    due = sa.select(farewells).where(farewells.c.due_at <= stamp(now), farewells.c.channel.in_(list(channels)))
    query = due.order_by(farewells.c.due_at).limit(BATCH)
    if conn.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    found = []
    for row in conn.execute(query).all():
        leased = sa.update(farewells).where(farewells.c.id == row.id)
        conn.execute(leased.values(due_at=stamp(now + LEASE), attempts=row.attempts + 1))
        address, messages = _messages(vault, row)
        found.append(Farewell(row.id, row.receipt, row.channel, address, messages, row.attempts + 1))
    return found


def done(conn: Connection, farewell: Farewell, left: int) -> None:
    """Deleted, but for `left` that the provider will not delete: the receipt says so."""
    _over(conn, farewell.id, farewell.receipt, left)


def later(conn: Connection, farewell: Farewell, now: datetime) -> None:
    """The provider would not, or nobody knows: deleting twice is harmless."""
    wait = min(FIRST * 2 ** min(farewell.attempts - 1, 20), LONGEST)
    conn.execute(sa.update(farewells).where(farewells.c.id == farewell.id).values(due_at=stamp(now + wait)))


def waiting(conn: Connection, vault: Vault, receipt: str) -> int:
    """How many messages are still to be deleted from that phone."""
    rows = conn.execute(sa.select(farewells).where(farewells.c.receipt == receipt)).all()
    return sum(len(_messages(vault, row)[1]) for row in rows)


def _over(conn: Connection, row_id: str, receipt: str, left: int) -> None:
    """Once: who comes second finds no row, and counts nothing."""
    gone = conn.execute(sa.delete(farewells).where(farewells.c.id == row_id)).rowcount
    if gone and left:
        which = sa.update(tombstones).where(tombstones.c.receipt == receipt)
        conn.execute(which.values(stays=tombstones.c.stays + left))


def _messages(vault: Vault, row: Row[Any]) -> tuple[str, tuple[str, ...]]:
    value = vault.open_system(bytes(row.sealed), "farewells", row.id)
    return value["address"], tuple(value["messages"])


def _young(row: Row[Any], now: datetime) -> bool:
    return bool(row.at >= stamp(now - DELETABLE))


def _opened(sealer: Sealer, table: str, row: Row[Any], person: str) -> str:
    return sealer.open(bytes(row.sealed), Place(table, "sealed", row.id, person, 0)).decode()


def _millis(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
