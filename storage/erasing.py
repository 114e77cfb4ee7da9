"""Erasure: her key and every row about her are gone; what is left of it is a receipt. Units of work."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.people import Authority, Receipt
from escalation.ports import Refused, Unknown
from storage import copies, farewells, to_do
from storage.audit import record
from storage.cases import GONE
from storage.crypto.errors import CryptoProblem
from storage.schema import (
    DAY_MS,
    addresses,
    alerts,
    assignments,
    calls,
    case_links,
    casefile,
    codes,
    conflicts,
    consents,
    day,
    debriefs,
    decisions,
    events,
    inbox,
    moment,
    notes,
    outbox,
    pages,
    persons,
    phone_messages,
    reasons,
    samples,
    stamp,
    tasks,
    timers,
    tombstones,
)
from storage.team import tell_who_looks_over
from storage.vault import Vault

NO_REASON = "Say why, in your own words: who asked, and how you know."
NOT_SURE = "Somebody else may be writing on her phone. Verify first that it is her, or meet her."
NO_RECEIPT = "There is no such receipt."


def erase(
    conn: Connection, vault: Vault, ref: str, worker: str, authority: Authority, reason: str, now: datetime
) -> str:
    """Destroys her key and every row that is about her. Returns a receipt that holds nothing but chance.

    What her phone or a provider can still be rid of is queued before, under the service's own key. The reason, with on
    whose `authority`, is in the audit log under the receipt; supervisors are told the receipt. `worker` is '' for the
    operator. Raises Unknown, and Refused without a reason, or where it was asked in a chat that may not be hers.
    """
    if not reason.strip():
        raise Refused(NO_REASON)
    person = _locked(conn, ref)
    if authority == "in_chat" and _suspect(conn, vault, person):
        raise Refused(NOT_SURE)
    receipt = secrets.token_hex(8)
    left = farewells.queue(conn, vault, person, receipt, now)
    counted = {"stays": left, "copies": copies.hurry(conn, person, now)}
    forget(conn, vault, person)
    conn.execute(sa.insert(tombstones), {"person_id": person, "receipt": receipt, "day": day(stamp(now))} | counted)
    record(conn, vault, worker, "recipient.erase", receipt, now, f"{authority}: {reason.strip()}")
    tell_who_looks_over(conn, vault, worker, "page/erased", {"ref": receipt}, now)
    return receipt


def receipt_of(conn: Connection, vault: Vault, receipt: str) -> Receipt:
    """What became of an erasure. Raises Unknown."""
    row = conn.execute(sa.select(tombstones).where(tombstones.c.receipt == receipt)).first()
    if row is None:
        raise Unknown(NO_RECEIPT)
    waiting = farewells.waiting(conn, vault, receipt)
    return Receipt(receipt, moment(row.day * DAY_MS), waiting, row.stays, row.copies)


def forget(conn: Connection, vault: Vault, person: str) -> None:
    """Delete every row about this person, her key among them. Done again for the erased when a backup is restored.

    Of her messages stays for a while, as of any stranger's, a keyed hash of the provider's id and nobody's name: the
    provider may bring them once more, and without it an old joining word would enrol her again.
    """
    hers = sa.select(alerts.c.id).where(alerts.c.person_id == person)
    conn.execute(sa.delete(timers).where(sa.or_(timers.c.owner_id == person, timers.c.owner_id.in_(hers))))
    conn.execute(sa.delete(calls).where(calls.c.page_id.in_(sa.select(pages.c.id).where(pages.c.alert_id.in_(hers)))))
    to_do.forget(conn, tasks.c.about.in_(hers))
    for table in (pages, debriefs):
        conn.execute(sa.delete(table).where(table.c.alert_id.in_(hers)))
    conn.execute(sa.delete(outbox).where(sa.or_(outbox.c.owner_id == person, outbox.c.alert_id.in_(hers))))
    conn.execute(sa.delete(addresses).where(addresses.c.owner_id == person))
    nobodys = {"owner_id": None, "state": "stranger", "sealed": None}
    conn.execute(sa.update(inbox).where(inbox.c.owner_id == person).values(nobodys))
    hers_by_id = (reasons, alerts, notes, events, phone_messages, consents, codes, case_links, conflicts, decisions)
    for table in (*hers_by_id, samples, assignments, tasks, casefile):
        conn.execute(sa.delete(table).where(table.c.person_id == person))
    conn.execute(sa.delete(codes).where(codes.c.moves == person))
    conn.execute(sa.delete(persons).where(persons.c.id == person))
    vault.keys.forget(person)


def _suspect(conn: Connection, vault: Vault, person: str) -> bool:
    """Whether somebody else may be writing; nobody can tell of a record that does not open."""
    row = conn.execute(sa.select(persons).where(persons.c.id == person)).one()
    try:
        state = vault.open_state(row.id, bytes(row.wdek), bytes(row.state), row.ver)
    except (CryptoProblem, ValueError):
        return True
    return state.suspect or state.memory.verify_first


def _locked(conn: Connection, ref: str) -> str:
    """Her id, her row locked, so that no turn writes behind the erasure. A record that does not open is erased too."""
    person = conn.execute(sa.select(persons.c.id).where(persons.c.ref == ref.upper()).with_for_update()).scalar()
    if person is None:
        raise Unknown(GONE)
    return str(person)
