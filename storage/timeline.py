"""What happened to her case by time, for a programme's own systems: no text of hers, no answer, no address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import queue
from storage.cases import assessments_of, contacts_of, facts_of, open_person, states_of
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.reading import TIMELINE, may_read
from storage.schema import events, moment
from storage.vault import Vault, decode


def timeline(
    conn: Connection, vault: Vault, ref: str, worker: str, now: datetime, reason: str = ""
) -> list[dict[str, object]]:
    """Alerts, assessments and contacts, oldest first. Audited; raises Refused where the worker may not read."""
    row, sealer, _ = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, TIMELINE, now)
    facts = list(facts_of(conn, sealer, row.id))
    found: list[dict[str, object]] = [
        {"at": a.raised_at, "what": "alert", "ref": a.ref, "tier": a.tier, "kind": a.kind, "state": a.state}
        for a in queue.of_person(conn, vault, row.id, now)
    ]
    found += [
        {"at": seen.at, "what": "assessment", "tier": seen.tier, "rules": list(seen.rules), "change": seen.change}
        for seen in assessments_of(facts)
    ]
    found += [contact(one.at, one.kind, one.staff) for one in contacts_of(facts)]
    found += _sent(conn, sealer, row.id)
    return sorted(found, key=lambda item: str(item["at"]))


def contact(at: datetime, kind: str, staff: str = "", state: str = "") -> dict[str, object]:
    """`kind`: sent, answered, missed, worker_joined or worker_left. `state`: what became of what was sent."""
    return {"at": at, "what": "contact", "kind": kind, "staff": staff, "state": state}


def _sent(conn: Connection, sealer: Sealer, person: str) -> Iterator[dict[str, object]]:
    """Messages that went out by themselves, when their time had come; known as long as the conversation is kept."""
    states = states_of(conn, person)
    query = sa.select(events).where(events.c.person_id == person, events.c.kind == "talk").order_by(events.c.seq)
    for row in conn.execute(query):
        value = decode(sealer.open(bytes(row.sealed), Place("events", "talk", str(row.seq), person, 0)))
        if value["event"] == "Due" and "sent" in value:
            status = states.get(row.seq, [])
            yield contact(moment(value["at"]), "sent", state=status[0] if status else "")
