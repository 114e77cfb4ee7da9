"""Enrolment and erasure: units of work."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import Unknown
from storage.audit import record
from storage.cases import GONE
from storage.ids import new_code
from storage.schema import (
    addresses,
    alerts,
    codes,
    consents,
    day,
    events,
    inbox,
    notes,
    outbox,
    pages,
    persons,
    phone_messages,
    reasons,
    stamp,
    timers,
    tombstones,
)
from storage.vault import Vault

CODE_LIFE = timedelta(days=14)


def invite(conn: Connection, vault: Vault, worker: str, now: datetime, language: str, case: str) -> str:
    """A one-time joining code, shown once. Only its keyed hash stays."""
    code = new_code()
    mac = vault.code(code)
    sealed = vault.seal_system({"language": language, "case": case}, "codes", mac.hex()[:32])
    values = {"mac": mac, "staff_id": worker, "expires_at": stamp(now + CODE_LIFE), "sealed": sealed}
    conn.execute(sa.insert(codes), values)
    record(conn, vault, worker, "recipient.invite", "", now)
    return code


def erase(conn: Connection, vault: Vault, ref: str, worker: str, reason: str, now: datetime) -> str:
    """Destroys her key and every row that is about her. Returns a receipt that holds nothing but chance."""
    person = _locked(conn, ref)
    receipt = secrets.token_hex(8)
    forget(conn, vault, person)
    conn.execute(sa.insert(tombstones), {"person_id": person, "receipt": receipt, "day": day(stamp(now))})
    record(conn, vault, worker, "recipient.erase", receipt, now, reason)
    return receipt


def forget(conn: Connection, vault: Vault, person: str) -> None:
    """Delete every row about this person, her key among them. Done again for the erased when a backup is restored.

    Of her messages stays for a while, as of any stranger's, a keyed hash of the provider's id and nobody's name: the
    provider may bring them once more, and without it an old joining word would enrol her again.
    """
    hers = sa.select(alerts.c.id).where(alerts.c.person_id == person)
    conn.execute(sa.delete(timers).where(sa.or_(timers.c.owner_id == person, timers.c.owner_id.in_(hers))))
    conn.execute(sa.delete(pages).where(pages.c.alert_id.in_(hers)))
    conn.execute(sa.delete(outbox).where(sa.or_(outbox.c.owner_id == person, outbox.c.alert_id.in_(hers))))
    conn.execute(sa.delete(addresses).where(addresses.c.owner_id == person))
    nobodys = {"owner_id": None, "state": "stranger", "sealed": None}
    conn.execute(sa.update(inbox).where(inbox.c.owner_id == person).values(nobodys))
    for table in (reasons, alerts, notes, events, phone_messages, consents, codes):
        conn.execute(sa.delete(table).where(table.c.person_id == person))
    conn.execute(sa.delete(codes).where(codes.c.moves == person))
    conn.execute(sa.delete(persons).where(persons.c.id == person))
    vault.keys.forget(person)


def _locked(conn: Connection, ref: str) -> str:
    """Her id, her row locked, so that no turn writes behind the erasure. A record that does not open is erased too."""
    person = conn.execute(sa.select(persons.c.id).where(persons.c.ref == ref.upper()).with_for_update()).scalar()
    if person is None:
        raise Unknown(GONE)
    return str(person)
