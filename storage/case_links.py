"""A programme's own case numbers. Recipients of one number are linked for staff; none of them ever hears of it.

The number is sealed under her key and found by a keyed hash of all of it: there is no search by a part (SAFETY 5).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import LONGEST_NUMBER, Refused
from storage import audit
from storage.access import stance
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.ids import new_id
from storage.schema import case_links, persons, stamp
from storage.vault import Vault

NO_NUMBER = f"A case number has 1 to {LONGEST_NUMBER} characters."
FOUND = "case.find"  # in the audit


def keep(conn: Connection, vault: Vault, sealer: Sealer, person: str, number: str, now: datetime) -> None:
    """In place of the one before; '' takes it away. Raises Refused where it is too long."""
    number = number.strip()
    if len(number) > LONGEST_NUMBER:
        raise Refused(NO_NUMBER)
    conn.execute(sa.delete(case_links).where(case_links.c.person_id == person))
    if number:
        row_id = new_id(stamp(now))
        sealed = sealer.seal(number.encode(), Place("case_links", "sealed", row_id, person, 0))
        row = {"id": row_id, "person_id": person, "mac": vault.case_numbers(number)[0], "sealed": sealed}
        conn.execute(sa.insert(case_links), row)


def seen(
    conn: Connection, vault: Vault, sealer: Sealer, person: str, worker: str, now: datetime
) -> tuple[str | None, tuple[str, ...]]:
    """Her number, '' without one, and the refs of others under it; None where this worker may not know it."""
    if not may_know(conn, person, worker, now):
        return None, ()
    row = conn.execute(sa.select(case_links).where(case_links.c.person_id == person)).first()
    if row is None:
        return "", ()
    number = sealer.open(bytes(row.sealed), Place("case_links", "sealed", row.id, person, 0)).decode()
    return number, tuple(ref for other, ref in _under(conn, vault, number) if other != person)


def may_know(conn: Connection, person: str, worker: str, now: datetime) -> bool:
    return stance(conn, person, worker, now).may("number")


def find(conn: Connection, vault: Vault, number: str, worker: str, now: datetime) -> list[str]:
    """The refs of cases under just this number: for who may know it of one of them. Audited.

    To open one of them is a reading of its own. Raises Refused where it is no number.
    """
    if not 0 < len(number.strip()) <= LONGEST_NUMBER:
        raise Refused(NO_NUMBER)
    audit.record(conn, vault, worker, FOUND, "", now)
    found = _under(conn, vault, number)
    known = any(may_know(conn, person, worker, now) for person, _ in found)
    return [ref for _, ref in found] if known else []


def _under(conn: Connection, vault: Vault, number: str) -> list[tuple[str, str]]:
    """Ids and refs, by ref."""
    query = sa.select(persons.c.id, persons.c.ref).join(case_links, case_links.c.person_id == persons.c.id)
    rows = conn.execute(query.where(case_links.c.mac.in_(vault.case_numbers(number))).order_by(persons.c.ref))
    return [(row.id, row.ref) for row in rows]
