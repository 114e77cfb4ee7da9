"""What is kept about her is given to her: under her authority, audited before anything of it is read. Unit of work."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.people import Asking, Consent
from escalation.ports import Refused
from storage import audit
from storage.cases import open_person
from storage.claims import renew_all
from storage.erasing import NOT_SURE
from storage.reading import READING, may_read
from storage.schema import DAY_MS, consents, moment
from storage.vault import Vault

HANDED_OVER = "case.hand_over"  # in the audit, with how she asked and when


def hand_over(
    conn: Connection, vault: Vault, ref: str, worker: str, asking: Asking, now: datetime, reason: str = ""
) -> list[Consent]:
    """Recorded each time, however soon after the last. Raises Refused."""
    row, _, state = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, READING, now)
    refused = refuses(asking, state.suspect or state.memory.verify_first, now)
    if refused:
        raise Refused(refused)
    audit.record(conn, vault, worker, HANDED_OVER, row.ref, now, detail(asking))
    renew_all(conn, vault, worker, row.id, now)
    return _consents(conn, row.id)


def refuses(asking: Asking, suspect: bool, now: datetime) -> str:
    """Why it is no authority, as a sentence for the worker; '' when it is one."""
    return NOT_SURE if asking.how == "in_chat" and suspect else asking.refuses(now)


def detail(asking: Asking) -> str:
    """For the audit log, where it is sealed."""
    return f"{asking.how} {asking.on.isoformat()}"


def _consents(conn: Connection, person: str) -> list[Consent]:
    query = sa.select(consents).where(consents.c.person_id == person).order_by(consents.c.day, consents.c.id)
    return [Consent(row.basis, _midnight(row.day), _ended(row.ended_day)) for row in conn.execute(query)]


def _ended(day: int | None) -> datetime | None:
    return None if day is None else _midnight(day)


def _midnight(day: int) -> datetime:
    return moment(day * DAY_MS)
