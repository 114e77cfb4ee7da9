"""How an alert ends: nothing closes itself, and a P0 or P1 wants an outcome, a note and a second person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.answering import SPOKE
from escalation.claims import LONGEST_WORD, NO_REASON, NOT_ALONE, ONLY_CLOSED, OURS, SIGN_WITHIN, Closing
from escalation.ladder import URGENT
from escalation.ports import Refused, Staff
from flows.engine import confirming
from storage import answering, audit, claims, conflicts, debriefs, notes, presence, queue
from storage.access import require
from storage.ids import new_id
from storage.schema import alerts, moment, stamp, timers
from storage.team import CASEWORK, who_looks_over
from storage.telling import all_staff, page_at, tell
from storage.vault import Vault

NEEDS_OUTCOME = URGENT
NOTHING = "false_alarm"  # an outcome: nothing has happened to her


def resolve(
    conn: Connection, vault: Vault, ref: str, worker: str, number: int, outcome: str, note: str, now: datetime
) -> Any:
    """P0 and P1 need an outcome and a note on what was done, and wait for a second person then.

    Whoever closed it is with her no more: that is over for her whether it is signed or not.
    """
    row = claims.held(conn, ref, worker, number, now)
    urgent = row.tier in NEEDS_OUTCOME
    if urgent and not (outcome.strip() and note.strip()):
        raise Refused(f"A {row.tier} needs an outcome and a note on what was done.")
    notes.of_alert(conn, vault, row, worker, outcome, note, now)
    if outcome in SPOKE:
        answering.reached(conn, row.person_id, now)
    done = _to_be_signed(conn, vault, row, now) if urgent else _done(conn, row, now)
    debriefs.due_after(conn, vault, row, now)
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


def _done(conn: Connection, row: Any, now: datetime) -> Any:
    conn.execute(sa.delete(timers).where(timers.c.kind == "page", timers.c.owner_id == row.id))
    values = {"state": "resolved", "resolved_at": stamp(now), "next_page_at": None, "claim_until": None}
    return claims.put(conn, row, values | {"offered_to": None})


def _to_be_signed(conn: Connection, vault: Vault, row: Any, now: datetime) -> Any:
    """Colleagues see it in the queue. Where there is none but who supervises, they are told at once."""
    due = stamp(now + SIGN_WITHIN)
    page_at(conn, row.id, due)
    values = {"state": "closing", "resolved_at": stamp(now), "next_page_at": due, "claim_until": None}
    closing = claims.put(conn, row, values | {"offered_to": None})
    if not any(one.role == "worker" for one in _signers(conn, row)):
        _tell(conn, vault, closing, now)
    return closing


def overdue(conn: Connection, vault: Vault, row: Any, now: datetime) -> int:
    """Nobody has signed it for a day: who looks over it is told, and each day again. Returns the pages written."""
    due = stamp(now + SIGN_WITHIN)
    page_at(conn, row.id, due)
    conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(next_page_at=due))
    return _tell(conn, vault, row, now)


def _tell(conn: Connection, vault: Vault, row: Any, now: datetime) -> int:
    """The first who can be reached: who looks over it, else every colleague who may sign."""
    params = {"ref": row.ref, "tier": row.tier}
    for team in (*who_looks_over(conn, vault, row.holder, now), _signers(conn, row)):
        written = sum(tell(conn, vault, one.id, "page/closing", params, now) for one in team)
        if written:
            return written
    return 0


def _signers(conn: Connection, row: Any) -> list[Staff]:
    apart = {row.holder, *conflicts.apart_from(conn, row.person_id)}
    return [one for one in all_staff(conn) if one.role in CASEWORK and one.id not in apart]


def read(conn: Connection, vault: Vault, ref: str, worker: str, now: datetime) -> Closing:
    """How it was closed, for who may sign it: that and no more of her case. Audited. Raises Refused."""
    row = _to_sign(conn, ref, worker, now)
    outcome, note = notes.closing_of(conn, vault, row)
    audit.record(conn, vault, worker, "closing.read", row.ref, now)
    shown = queue.one(conn, vault, row.ref, now)
    if shown is None:
        raise Refused(claims.GONE)
    return Closing(shown, claims.name_of(conn, row.holder), moment(row.resolved_at), outcome, note)


def sign(conn: Connection, vault: Vault, ref: str, worker: str, now: datetime) -> Any:
    row = _to_sign(conn, ref, worker, now)
    notes.of_alert(conn, vault, row, worker, "signed", "", now)
    return _done(conn, row, now)


def give_back(conn: Connection, vault: Vault, ref: str, worker: str, word: str, now: datetime) -> Any:
    """Who closed it has it again under a new number, and is paged; where no page reaches them, whoever is next is."""
    row = _to_sign(conn, ref, worker, now)
    if not word.strip():
        raise Refused(NO_REASON)
    notes.of_alert(conn, vault, row, worker, "given_back", word.strip()[:LONGEST_WORD], now)
    apart = conflicts.apart_from(conn, row.person_id)
    back = any(one.id == row.holder and one.id not in apart for one in all_staff(conn))
    if back and claims.news(conn, vault, row, row.holder, "page/given_back", now):
        return claims.hand_to(conn, vault, row, row.holder, now)
    return claims.let_go(conn, row, now)


def _to_sign(conn: Connection, ref: str, worker: str, now: datetime) -> Any:
    """The row. Raises Refused where it is not closed, by themselves, or they are kept apart from her."""
    row = claims.find(conn, ref)
    if row.state != "closing":
        raise Refused(claims.RESOLVED if row.state == "resolved" else ONLY_CLOSED)
    require(conn, row.person_id, worker, "sign", now)
    if row.holder == worker:
        raise Refused(NOT_ALONE)
    return row
