"""Codes that workers hand over: one lets a stranger join, one moves the chat of somebody who has. Units of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.looking_up import as_typed
from escalation.people import Sure
from escalation.ports import LONGEST_NUMBER, Refused
from flows.engine.conversation import Conversation
from flows.text.canonical import canonical
from storage import case_links as links
from storage import moving
from storage.audit import record
from storage.cases import open_person
from storage.claims import renew_all
from storage.conflicts import apart_from
from storage.crypto.seal import Sealer
from storage.ids import new_code
from storage.inbox import Inbound
from storage.reading import READING, may_read
from storage.schema import alerts, codes, persons, stamp
from storage.vault import Vault

CODE_LIFE = timedelta(days=14)
LOOKED_UP = "ref.look_up"  # in the audit, without the reference
MADE = "case.moving_code"  # in the audit, with how the worker knew that it was her
NOT_HER = "Nobody knows yet that it is her. Ask the agreed question first, or meet her."
NO_QUESTION = "No question is agreed with her, so none can have been answered. Meet her."
ENDED = "She has not agreed to be written to, so there is nothing to move."


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


def look_up(conn: Connection, vault: Vault, typed: str, worker: str, now: datetime) -> str:
    """The ref of whom it is about; '' where nobody is, or the worker is kept apart from her."""
    record(conn, vault, worker, LOOKED_UP, "", now)
    refs = as_typed(typed)
    hers = sa.select(persons.c.id, persons.c.ref).where(persons.c.ref.in_(refs))
    of_alert = sa.select(persons.c.id, persons.c.ref).join(alerts, alerts.c.person_id == persons.c.id)
    for query in (of_alert.where(alerts.c.ref.in_(refs)), hers):
        found = conn.execute(query).first()
        if found is not None and worker not in apart_from(conn, found.id):
            return str(found.ref)
    return ""


def moving_code(
    conn: Connection, vault: Vault, ref: str, worker: str, sure: Sure, now: datetime, reason: str = ""
) -> str:
    """A worker's own, shown once, for somebody whom the worker has verified. Raises Refused."""
    person, _, state = open_person(conn, vault, ref)
    may_read(conn, vault, person, worker, reason, READING, now)
    refused = refuses(state, sure)
    if refused:
        raise Refused(refused)
    code = new_code()
    conn.execute(sa.insert(codes), moving.row(vault, code, person.id, True, worker, now))
    record(conn, vault, worker, MADE, person.ref, now, sure)
    renew_all(conn, vault, worker, person.id, now)
    return code


def refuses(state: Conversation, sure: Sure) -> str:
    """Why no code may be made, as a sentence for the worker; '' when one may."""
    if state.suspect or state.memory.verify_first:
        return NOT_HER
    if not state.contact.consent:
        return ENDED
    return NO_QUESTION if sure == "asked" and not state.contact.verify_question else ""


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
