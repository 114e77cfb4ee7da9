"""What workers write about her, for staff only: under her key, so that it goes when her key goes (SAFETY 29)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.claims import SAID
from escalation.ports import Line
from storage.crypto.errors import CryptoProblem
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.ids import new_id
from storage.schema import alerts, moment, notes, persons, stamp
from storage.vault import Vault, decode, encode

LONGEST = 4000  # characters


def keep(
    conn: Connection,
    sealer: Sealer,
    person: str,
    worker: str,
    text: str,
    now: datetime,
    alert: str = "",
    outcome: str = "",
) -> None:
    """`alert` and `outcome` where it says how an alert was closed: its ref, and what came of it."""
    note_id = new_id(stamp(now))
    value = {"text": text.strip()[:LONGEST], "alert": alert, "outcome": outcome}
    sealed = sealer.seal(encode(value), Place("notes", "sealed", note_id, person, 0))
    row = {"id": note_id, "person_id": person, "staff_id": worker, "at": stamp(now), "sealed": sealed}
    conn.execute(sa.insert(notes), row)


def of(conn: Connection, sealer: Sealer, person: str) -> Iterator[Line]:
    """Oldest first. Of one that closed an alert `message` is the outcome and `state` the alert's ref."""
    for row in conn.execute(sa.select(notes).where(notes.c.person_id == person).order_by(notes.c.at, notes.c.id)):
        value = decode(sealer.open(bytes(row.sealed), Place("notes", "sealed", row.id, person, 0)))
        kept = {"text": value} if isinstance(value, str) else value  # as older releases wrote it
        yield Line(moment(row.at), "note", kept["text"], kept.get("outcome", ""), row.staff_id, kept.get("alert", ""))


def of_alert(conn: Connection, vault: Vault, row: Any, worker: str, outcome: str, note: str, now: datetime) -> None:
    """What a worker wrote about an alert of hers: how it was closed, or one of SAID.

    Under her key. Where that does not open nothing of hers can be read at all: it is kept under the service's then.
    """
    if not (outcome.strip() or note.strip()):
        return
    try:
        keep(conn, _sealer(conn, vault, row), row.person_id, worker, note, now, row.ref, outcome)
    except (CryptoProblem, ValueError):
        kept = vault.open_system(bytes(row.sealed), "alerts", row.id)
        said = {outcome: note} if outcome in SAID else {"outcome": outcome, "note": note, "by": worker}
        sealed = vault.seal_system(kept | said, "alerts", row.id)
        conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(sealed=sealed))


def closing_of(conn: Connection, vault: Vault, row: Any) -> tuple[str, str]:
    """The outcome and the note that this alert was closed with last."""
    try:
        lines = [line for line in of(conn, _sealer(conn, vault, row), row.person_id) if line.state == row.ref]
    except (CryptoProblem, ValueError):
        kept = vault.open_system(bytes(row.sealed), "alerts", row.id)
        return str(kept.get("outcome", "")), str(kept.get("note", ""))
    closed = [line for line in lines if line.message not in SAID]
    return (closed[-1].message, closed[-1].text) if closed else ("", "")


def last_of(
    conn: Connection, vault: Vault, row: Any, what: str, worker: str, since: datetime
) -> tuple[datetime, str] | None:
    """The latest note of this kind on this alert that the worker has written since then: when, and its words."""
    try:
        lines = [line for line in of(conn, _sealer(conn, vault, row), row.person_id) if line.state == row.ref]
    except (CryptoProblem, ValueError):
        kept = vault.open_system(bytes(row.sealed), "alerts", row.id)
        return (max(since, moment(row.raised_at)), str(kept[what])) if what in kept else None
    found = [one for one in lines if one.message == what and one.staff == worker and one.at >= since]
    return (found[-1].at, found[-1].text) if found else None


def _sealer(conn: Connection, vault: Vault, row: Any) -> Sealer:
    wdek = conn.execute(sa.select(persons.c.wdek).where(persons.c.id == row.person_id)).scalar()
    return vault.sealer(row.person_id, bytes(wdek or b""))
