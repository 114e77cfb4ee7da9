"""A claimed row of the outbox, opened: what it says, and the one phone that it may go to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from escalation.ladder.grouping import ALONE
from flows.engine.effects import Send
from flows.safety.hours import is_safe
from storage.crypto.errors import CryptoProblem
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.ids import made_at
from storage.phones import is_recipients, sender_of
from storage.recording import UNASKED
from storage.schema import addresses, casefile, moment, persons, phone_messages
from storage.vault import Vault, decode

URGENT = ("exit", "wipe", "page")  # kinds that wait for nothing but each other
# What a phone that she has left may get: the reply of its cover, and the end of what stands on it.
THERE = ("cover", "exit", "wipe")
AGENCY = "agency"  # who owns a row that goes to somebody else than her, under her key


@dataclass(frozen=True, slots=True)
class Sending:
    """One claimed row, opened. Exactly one of `send`, `page`, `news`, `wipe` says what it is."""

    id: str
    claim: int
    owner: str
    channel: str
    address: str
    kind: str
    policy: str
    attempts: int
    claimed_at: datetime
    session: str
    phone: str = ""  # the id of the address
    sender: str = ""  # the number of ours that this phone wrote to, or ''
    checking: bool = False
    send: Send | None = None
    page: Mapping[str, Any] | None = None
    news: Mapping[str, Any] | None = None  # to an agency
    wipe: tuple[tuple[str, str], ...] | None = None  # (row id, provider's message id)
    alert: str = ""

    @property
    def hers(self) -> bool:
        """Whether it is for a phone of hers."""
        return self.page is None and self.news is None

    @property
    def urgent(self) -> bool:
        return self.kind in URGENT

    @property
    def at_once(self) -> bool:
        """A P0 page: it waits for nothing else that goes to the same phone."""
        return self.page is not None and bool(self.alert) and self.page["params"].get("tier") == ALONE

    @property
    def asked_at(self) -> datetime:
        """When that came which it answers."""
        return moment(made_at(self.id))


@dataclass(frozen=True, slots=True)
class Unsent:
    """A row that is not sent, and what becomes of it."""

    row: Row[Any]
    status: Literal["expired", "dead"]
    code: str


class _NotThere(Exception):
    """It may not go where it was to go."""


def opened(
    conn: Connection, vault: Vault, rows: Sequence[Row[Any]], now: datetime
) -> tuple[list[Sending], list[Unsent]]:
    """The last look before it leaves: the phone is still hers, the hour safe, and the row as it was written."""
    people = [row.owner_id for row in rows if row.owner_kind != "staff"]
    known = {r.id: r for r in conn.execute(sa.select(persons).where(persons.c.id.in_(people)))}
    ids = list({row.address_id for row in rows})
    where = {r.id: r for r in conn.execute(sa.select(addresses).where(addresses.c.id.in_(ids)))}
    sendings, unsent = [], []
    for row in rows:
        try:
            if row.owner_kind == AGENCY:
                sealer = vault.sealer(row.owner_id, bytes(known[row.owner_id].wdek))
                sendings.append(_to_agency(conn, vault, row, sealer, now))
                continue
            refused = _refused(vault, row, where[row.address_id], known, now)
            if refused:
                unsent.append(Unsent(row, "dead" if refused == "shut" else "expired", refused))
                continue
            wdek = bytes(known[row.owner_id].wdek) if row.owner_kind == "person" else None
            sendings.append(_open(conn, vault, row, wdek, where[row.address_id], now))
        except _NotThere:
            unsent.append(Unsent(row, "dead", "refused"))
        except (CryptoProblem, KeyError, ValueError):
            unsent.append(Unsent(row, "dead", "unreadable"))
    return sendings, unsent


def _refused(vault: Vault, row: Row[Any], phone: Row[Any], known: Mapping[str, Row[Any]], now: datetime) -> str:
    """Why it may not go: the phone takes nothing, is not hers any more, or this is no hour to write unasked."""
    if phone.state == "shut":
        return "left" if row.owner_kind == "person" and row.line == phone.id else "shut"
    if phone.state == "cover" and (row.kind not in THERE or row.priority == UNASKED):
        return "left"
    return "outside" if row.priority == UNASKED and not _welcome(vault, known[row.owner_id], now) else ""


def _welcome(vault: Vault, row: Row[Any], now: datetime) -> bool:
    """Looked at again at the very moment of sending: a late ping must not leave her safe hours (SAFETY 2)."""
    contact = vault.open_state(row.id, bytes(row.wdek), bytes(row.state), row.ver).contact
    return is_safe(contact, now) and not contact.opted_out


def _open(
    conn: Connection, vault: Vault, row: Row[Any], wdek: bytes | None, address: Row[Any], now: datetime
) -> Sending:
    place = Place("outbox", "sealed", row.id, row.owner_id, 0)
    staff = row.owner_kind == "staff"
    sealer = vault.keys.staff if staff else vault.sealer(row.owner_id, wdek or b"")
    to = sealer.open(bytes(address.sealed), Place("addresses", "sealed", address.id, row.owner_id, 0)).decode()
    body = sealer.open(bytes(row.sealed), place)
    sender = sender_of(sealer, address.id, row.owner_id, address.sender)
    base = _base(row, now) | {"channel": address.channel, "address": to, "sender": sender}
    if staff:
        return Sending(**base, page=decode(body))
    if row.kind == "wipe":
        return Sending(**base, wipe=_to_wipe(conn, vault, row, wdek or b""))
    return Sending(**base, send=decode(body, type=Send))


def _base(row: Row[Any], now: datetime) -> dict[str, Any]:
    """What is the same of every row, whoever it goes to."""
    return {
        "id": row.id,
        "claim": row.claim + 1,
        "owner": row.owner_id,
        "kind": row.kind,
        "policy": row.policy,
        "attempts": row.attempts + 1,
        "claimed_at": moment(row.claimed_at) if row.claimed_at else now,
        "session": row.session,
        "phone": row.address_id,
        "checking": row.status == "checking",
        "alert": row.alert_id or "",
    }


def _to_agency(conn: Connection, vault: Vault, row: Row[Any], sealer: Sealer, now: datetime) -> Sending:
    """Raises _NotThere where she agrees no more, or a recipient's phone has that number by now."""
    said = decode(sealer.open(bytes(row.sealed), Place("outbox", "sealed", row.id, row.owner_id, 0)))
    stands = sa.select(casefile.c.id).where(casefile.c.id == row.address_id, casefile.c.ended_at.is_(None))
    if conn.execute(stands).first() is None or is_recipients(conn, vault, said["by"], said["to"]):
        raise _NotThere
    return Sending(**_base(row, now), channel=said["by"], address=said["to"], news=said)


def _to_wipe(conn: Connection, vault: Vault, row: Row[Any], wdek: bytes) -> tuple[tuple[str, str], ...]:
    """Everything of this session that stands on her phone, her own messages too."""
    query = sa.select(phone_messages).where(
        phone_messages.c.person_id == row.owner_id,
        phone_messages.c.session == row.session,
        phone_messages.c.address_id == row.address_id,
    )
    sealer = vault.sealer(row.owner_id, wdek)
    return tuple(
        (m.id, sealer.open(bytes(m.sealed), Place("phone_messages", "sealed", m.id, row.owner_id, 0)).decode())
        for m in conn.execute(query.order_by(phone_messages.c.at))
    )
