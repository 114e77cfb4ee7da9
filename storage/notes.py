"""What workers write about her, for staff only: under her key, so that it goes when her key goes (SAFETY 29)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import Line
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.ids import new_id
from storage.schema import moment, notes, stamp
from storage.vault import decode, encode

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
