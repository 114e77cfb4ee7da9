"""Claims: an alert is held by one worker under a lease that console activity renews. Late acts are refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation import ladder
from escalation.ladder import LADDER, URGENT
from escalation.ports import Refused, Unknown
from flows.engine import confirming
from storage import notes, presence
from storage.crypto.errors import CryptoProblem
from storage.ids import new_id
from storage.schema import alerts, moment, persons, staff, stamp, timers
from storage.telling import page_at
from storage.vault import Vault

NEEDS_OUTCOME = URGENT
OURS, NOTHING = "fault", "false_alarm"  # a kind of alert, and an outcome: nothing has happened to her
GONE = "There is no such alert."


def find(conn: Connection, ref: str) -> Any:
    """The alert's row, locked where rows are locked. Raises Refused."""
    query = sa.select(alerts).where(alerts.c.ref == ref.upper())
    row = conn.execute(query.with_for_update() if conn.dialect.name == "postgresql" else query).first()
    if row is None:
        raise Unknown(GONE)
    return row


def claim(conn: Connection, ref: str, worker: str, now: datetime) -> Any:
    """One winner: the second is told who was first. Claiming again what one holds renews it.

    An alert that rose and whose holder does not answer can be taken by those who were paged instead.
    """
    row = find(conn, ref)
    if row.state == "resolved":
        raise Refused("This alert is resolved.")
    if row.holder not in (None, worker) and row.claim_until > stamp(now) and not unanswered(row):
        raise Refused(f"{name_of(conn, row.holder)} has it already.", name_of(conn, row.holder))
    number = row.claim if row.holder == worker else row.claim + 1
    taken = _hold(conn, row, worker, number, now)
    presence.begun(conn, row.person_id, worker)
    if row.holder not in (None, worker):
        presence.ended(conn, row.person_id, row.holder, presence.GONE, now)
    return taken


def unanswered(row: Any) -> bool:
    """Whether the holder has let the pages of a rise pass, so that others were paged. Any act of theirs ends it."""
    return row.state == "claimed" and ladder.unanswered(row.level, row.next_page_at, row.claim_until)


def is_risen(row: Any) -> bool:
    """Held, and the ladder goes on: a claim, or an act of its holder, sets the next page to the claim's own end."""
    return row.state == "claimed" and ladder.is_risen(row.next_page_at, row.claim_until)


def _hold(conn: Connection, row: Any, worker: str, number: int, now: datetime) -> Any:
    until = stamp(now + LADDER[row.tier].lease)
    values = {"state": "claimed", "holder": worker, "claim": number, "claim_until": until, "next_page_at": until}
    page_at(conn, row.id, until)
    return _set(conn, row, values)


def renew(conn: Connection, ref: str, worker: str, number: int, now: datetime) -> Any:
    row = held(conn, ref, worker, number)
    return _hold(conn, row, worker, number, now)


def release(conn: Connection, ref: str, worker: str, number: int, now: datetime) -> Any:
    """Back into the queue, and somebody is paged at once."""
    row = held(conn, ref, worker, number)
    page_at(conn, row.id, stamp(now))
    values = {"state": "open", "holder": None, "claim_until": None, "next_page_at": stamp(now)}
    free = _set(conn, row, values)
    presence.ended(conn, row.person_id, worker, presence.GONE, now)
    return free


def resolve(
    conn: Connection, vault: Vault, ref: str, worker: str, number: int, outcome: str, note: str, now: datetime
) -> Any:
    """Nothing closes itself; P0 and P1 need an outcome and a note on what was done."""
    row = held(conn, ref, worker, number)
    if row.tier in NEEDS_OUTCOME and not (outcome.strip() and note.strip()):
        raise Refused(f"A {row.tier} needs an outcome and a note on what was done.")
    _keep_outcome(conn, vault, row, worker, outcome, note, now)
    conn.execute(sa.delete(timers).where(timers.c.kind == "page", timers.c.owner_id == row.id))
    values = {
        "state": "resolved",
        "resolved_at": stamp(now),
        "next_page_at": None,
        "claim_until": None,
    }
    done = _set(conn, row, values)
    if is_incident(row.tier, row.kind, outcome):
        _confirm_again(conn, row, now)
    presence.ended(conn, row.person_id, worker, presence.DONE, now)
    return done


def is_incident(tier: str, kind: str, outcome: str) -> bool:
    """Whether what was agreed of safe contact may not hold any more once it is over (SAFETY 3)."""
    return tier in URGENT and kind != OURS and outcome != NOTHING


def _confirm_again(conn: Connection, row: Any, now: datetime) -> None:
    """A turn of hers at once decides it: one task at most, and none where the record was confirmed in the meantime."""
    since = moment(row.raised_at).isoformat()
    which = (timers.c.kind == confirming.TIMER, timers.c.owner_id == row.person_id, timers.c.key == since)
    conn.execute(sa.delete(timers).where(*which))
    due = {"id": new_id(stamp(now)), "due_at": stamp(now), "kind": confirming.TIMER, "owner_id": row.person_id}
    conn.execute(sa.insert(timers), due | {"key": since})


def _keep_outcome(
    conn: Connection, vault: Vault, row: Any, worker: str, outcome: str, note: str, now: datetime
) -> None:
    """A worker's words about her, under her key. Where that does not open nothing of hers can be read at all: what was
    done about it is kept under the service's."""
    if not (outcome.strip() or note.strip()):
        return
    wdek = conn.execute(sa.select(persons.c.wdek).where(persons.c.id == row.person_id)).scalar()
    try:
        sealer = vault.sealer(row.person_id, bytes(wdek or b""))
        notes.keep(conn, sealer, row.person_id, worker, note, now, row.ref, outcome)
    except (CryptoProblem, ValueError):
        kept = vault.open_system(bytes(row.sealed), "alerts", row.id)
        sealed = vault.seal_system(kept | {"outcome": outcome, "note": note, "by": worker}, "alerts", row.id)
        conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(sealed=sealed))


def held(conn: Connection, ref: str, worker: str, number: int) -> Any:
    """The row, when this worker holds it under this number. Raises Refused with who holds it now."""
    row = find(conn, ref)
    if row.state == "resolved":
        raise Refused("This alert is resolved.")
    if row.holder is None:
        raise Refused("Nobody holds this alert now. Claim it first.")
    if row.holder != worker or row.claim != number:
        raise Refused(f"{name_of(conn, row.holder)} holds it now.", name_of(conn, row.holder))
    return row


def renew_all(conn: Connection, worker: str, person: str, now: datetime, act: bool = True) -> None:
    """Console activity on her case renews what the worker holds of hers. What a page does by itself is no `act`: it
    must not answer for a holder who has not seen that the alert rose."""
    query = sa.select(alerts).where(
        alerts.c.person_id == person, alerts.c.holder == worker, alerts.c.state == "claimed"
    )
    for row in conn.execute(query).all():
        if act or not is_risen(row):
            _hold(conn, row, worker, row.claim, now)


def name_of(conn: Connection, worker: str) -> str:
    return conn.execute(sa.select(staff.c.name).where(staff.c.id == worker)).scalar() or "Somebody else"


def _set(conn: Connection, row: Any, values: dict[str, Any]) -> Any:
    conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(ver=row.ver + 1, **values))
    return conn.execute(sa.select(alerts).where(alerts.c.id == row.id)).one()
