"""The queue as the desk sees it: highest tier, then nearest breach, then longest wait."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import Alert
from flows.engine.conversation import Contact
from flows.safety.hours import safe_until
from storage.crypto.errors import CryptoProblem
from storage.schema import alerts, moment, persons, staff, stamp
from storage.vault import Vault

UNREADABLE = "This alert's record cannot be opened. Tell the operator."
_asked = staff.alias()
_ALERTS = (
    sa.select(alerts, persons.c.ref.label("person_ref"), persons.c.wdek, persons.c.state.label("person_state"))
    .add_columns(persons.c.ver.label("person_ver"), staff.c.name.label("holder_name"), _asked.c.name.label("asked"))
    .join_from(alerts, persons, persons.c.id == alerts.c.person_id)
    .join(staff, staff.c.id == alerts.c.holder, isouter=True)
    .join(_asked, _asked.c.id == alerts.c.offered_to, isouter=True)
)


def queue(conn: Connection, vault: Vault, now: datetime, limit: int = 200) -> list[Alert]:
    """Everything that is not resolved. Ages by its breach, so that nothing starves within a tier.

    `limit` of those that wait for somebody and as many of the others: what is in hand hides nobody who waits.
    """
    ran_out = (alerts.c.state == "claimed") & (alerts.c.claim_until <= stamp(now))
    waits = (alerts.c.state == "open") | ran_out
    rows: list[Any] = []
    for which in (waits, ~waits & (alerts.c.state != "resolved")):
        standing = _ALERTS.where(alerts.c.state != "resolved", which)
        ordered = standing.order_by(alerts.c.tier, alerts.c.breach_at, alerts.c.raised_at)
        rows += conn.execute(ordered.limit(limit)).all()
    rows.sort(key=lambda row: (row.tier, row.breach_at, row.raised_at))
    return [to_alert(vault, row, now) for row in rows]


def one(conn: Connection, vault: Vault, ref: str, now: datetime) -> Alert | None:
    row = conn.execute(_ALERTS.where(alerts.c.ref == ref.upper())).first()
    return None if row is None else to_alert(vault, row, now)


def of_person(conn: Connection, vault: Vault, person: str, now: datetime) -> list[Alert]:
    rows = conn.execute(_ALERTS.where(alerts.c.person_id == person).order_by(alerts.c.raised_at.desc()))
    return [to_alert(vault, row, now) for row in rows]


def to_alert(vault: Vault, row: Any, now: datetime) -> Alert:
    """One row, opened. Her words are not among what the queue shows."""
    contact = _contact(vault, row)
    return Alert(
        ref=row.ref,
        person=row.person_ref,
        tier=row.tier,
        kind=row.kind,
        state=row.state,
        raised_at=moment(row.raised_at),
        breach_at=moment(row.breach_at),
        channel=contact.channel if contact else "",
        language=contact.language if contact else "",
        title=_title(vault, row),
        holder=row.holder or "",
        holder_name=row.holder_name or "",
        claim=row.claim,
        claim_until=moment(row.claim_until) if row.claim_until else None,
        level=row.level,
        next_page_at=moment(row.next_page_at) if row.next_page_at else None,
        writable_until=safe_until(contact, now) if contact else None,
        offered_to=row.offered_to or "",
        offered_name=row.asked or "",
        closed_at=moment(row.resolved_at) if row.resolved_at else None,
    )


def _contact(vault: Vault, row: Any) -> Contact | None:
    """None when her record does not open: her alert must stand in the queue all the same, and so must all others."""
    try:
        return vault.open_state(row.person_id, bytes(row.wdek), bytes(row.person_state), row.person_ver).contact
    except (CryptoProblem, ValueError):
        return None


def _title(vault: Vault, row: Any) -> str:
    try:
        return str(vault.open_system(bytes(row.sealed), "alerts", row.id)["title"])
    except (CryptoProblem, ValueError):
        return UNREADABLE
