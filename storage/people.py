"""Enrolment: a joining code. Unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import LONGEST_NUMBER
from flows.text.canonical import canonical
from storage import case_links as links
from storage.audit import record
from storage.crypto.seal import Sealer
from storage.ids import new_code
from storage.inbox import Inbound
from storage.schema import codes, stamp
from storage.vault import Vault

CODE_LIFE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Joining:
    """How a stranger may join: the self-referral keyword (canonical), and what the programme starts her with.

    What she wrote longer ago than `lasts` is not answered: the phone may be in other hands by now.
    """

    keyword: str
    language: str
    zone: str
    lasts: timedelta


def invite(conn: Connection, vault: Vault, worker: str, now: datetime, language: str, case: str) -> str:
    """A one-time joining code, shown once. Only its keyed hash stays."""
    code = new_code()
    mac = vault.code(code)
    sealed = vault.seal_system({"language": language, "case": case}, "codes", mac.hex()[:32])
    values = {"mac": mac, "staff_id": worker, "expires_at": stamp(now + CODE_LIFE), "sealed": sealed}
    conn.execute(sa.insert(codes), values)
    record(conn, vault, worker, "recipient.invite", "", now)
    return code


def basis(conn: Connection, vault: Vault, arrival: Inbound, joining: Joining) -> tuple[str, str]:
    """What lets a stranger in: ('code' | 'keyword' | '', language)."""
    word = canonical(arrival.text)
    if word and word == joining.keyword:
        return "keyword", joining.language
    if not 4 <= len(word) <= 16:
        return "", ""
    row = conn.execute(sa.select(codes).where(codes.c.mac == vault.code(arrival.text)).with_for_update()).first()
    if row is None or row.person_id is not None or row.moves is not None or row.expires_at < stamp(arrival.at):
        return "", ""
    kept = vault.open_system(bytes(row.sealed), "codes", bytes(row.mac).hex()[:32])
    return "code", kept["language"] or joining.language


def used(conn: Connection, vault: Vault, sealer: Sealer, code: str, person: str, now: datetime) -> None:
    """A code enrolled this person: it is hers, and so is the programme's case number that it was made for."""
    mac = vault.code(code)
    conn.execute(sa.update(codes).where(codes.c.mac == mac).values(person_id=person))
    sealed = conn.execute(sa.select(codes.c.sealed).where(codes.c.mac == mac)).scalar_one()
    kept = vault.open_system(bytes(sealed), "codes", mac.hex()[:32])
    links.keep(conn, vault, sealer, person, kept["case"][:LONGEST_NUMBER], now)
