"""Enrolment: a joining code. Unit of work."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import LONGEST_NUMBER
from storage import case_links as links
from storage.audit import record
from storage.crypto.seal import Sealer
from storage.ids import new_code
from storage.schema import codes, stamp
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


def used(conn: Connection, vault: Vault, sealer: Sealer, code: str, person: str, now: datetime) -> None:
    """A code enrolled this person: it is hers, and so is the programme's case number that it was made for."""
    mac = vault.code(code)
    conn.execute(sa.update(codes).where(codes.c.mac == mac).values(person_id=person))
    sealed = conn.execute(sa.select(codes.c.sealed).where(codes.c.mac == mac)).scalar_one()
    kept = vault.open_system(bytes(sealed), "codes", mac.hex()[:32])
    links.keep(conn, vault, sealer, person, kept["case"][:LONGEST_NUMBER], now)
