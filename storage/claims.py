"""Claims: an alert is held by one worker under a lease that console activity renews. Late acts are refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation import ladder
from escalation.claims import MOST_URGENT, TooMany
from escalation.ladder import URGENT
from escalation.ports import Refused, Unknown
from storage import answering, audit, notes, presence
from storage.access import require
from storage.failpoint import reach
from storage.schema import alerts, staff, stamp
from storage.telling import NEWS, page_at, tell
from storage.vault import Vault
from storage.who_next import live_urgent, who_is_free

GONE = "There is no such alert."
RESOLVED = "This alert is resolved."
RAN_OUT = "Your claim has run out. Claim it again."


def find(conn: Connection, ref: str) -> Any:
    """The alert's row, locked where rows are locked. Raises Refused."""
    query = sa.select(alerts).where(alerts.c.ref == ref.upper())
    row = conn.execute(query.with_for_update() if conn.dialect.name == "postgresql" else query).first()
    if row is None:
        raise Unknown(GONE)
    return row


def claim(conn: Connection, vault: Vault, ref: str, worker: str, now: datetime, reason: str = "") -> Any:
    """One winner: the second is told who was first. Claiming again what one holds renews it.

    An alert that rose and whose holder does not answer can be taken by those who were paged instead, and one that is
    offered by whom it is offered to. A third urgent one wants a `reason` where somebody else is free.
    """
    _one_at_a_time(conn, worker)
    row = find(conn, ref)
    _may_take(conn, row, worker, now)
    _room(conn, vault, row, worker, reason, now)
    number = row.claim if row.holder == worker else row.claim + 1
    taken = _hold(conn, vault, row, worker, number, now)
    reach("claim.taken")
    presence.begun(conn, row.person_id, worker)
    if row.holder not in (None, worker):
        presence.ended(conn, row.person_id, row.holder, presence.GONE, now)
        if row.offered_to == worker:
            params = {"ref": row.ref, "name": name_of(conn, worker)}
            tell(conn, vault, row.holder, "page/accepted", params, now)
    return taken


def _one_at_a_time(conn: Connection, worker: str) -> None:
    """Two alerts that one worker claims in one moment are counted one after the other."""
    if conn.dialect.name == "postgresql":
        conn.execute(sa.select(staff.c.id).where(staff.c.id == worker).with_for_update())


def _may_take(conn: Connection, row: Any, worker: str, now: datetime) -> None:
    """Raises Refused with who has it, or why this worker does not get it."""
    _not_closed(conn, row)
    keeps = row.holder == worker and row.state == "claimed" and row.claim_until > stamp(now)
    require(conn, row.person_id, worker, "take_urgent" if row.tier in URGENT and not keeps else "take", now)
    if row.holder in (None, worker) or row.claim_until <= stamp(now) or unanswered(row) or row.offered_to == worker:
        return
    name = name_of(conn, row.holder)
    raise Refused(f"{name} has it already.", name)


def _not_closed(conn: Connection, row: Any) -> None:
    if row.state == "resolved":
        raise Refused(RESOLVED)
    if row.state == "closing":
        name = name_of(conn, row.holder)
        raise Refused(has_closed(name), name)


def has_closed(name: str) -> str:
    return f"{name} has closed it. A second person signs it or gives it back."


def _room(conn: Connection, vault: Vault, row: Any, worker: str, reason: str, now: datetime) -> None:
    """At most two urgent ones live. Raises TooMany where somebody else is free and no reason is given: nothing that is
    urgent waits because nobody else can be reached."""
    keeps = row.holder == worker and row.state == "claimed" and row.claim_until > stamp(now)
    if keeps or row.tier not in URGENT or live_urgent(conn, now, row.id)[worker] < MOST_URGENT:
        return
    free = [] if reason.strip() else who_is_free(conn, vault, row.person_id, worker, now)
    if free:
        raise TooMany([person.name for person in free])
    audit.record(conn, vault, worker, "alert.claim.third", row.ref, now)
    if reason.strip():
        notes.of_alert(conn, vault, row, worker, "third", reason, now)


def unanswered(row: Any) -> bool:
    """Whether the holder has let the pages of a rise pass, so that others were paged. Any act of theirs ends it."""
    return row.state == "claimed" and ladder.unanswered(row.level, row.next_page_at, row.claim_until)


def is_risen(row: Any) -> bool:
    """Held, and the ladder goes on: a claim, or an act of its holder, sets the next page to the claim's own end."""
    return row.state == "claimed" and ladder.is_risen(row.next_page_at, row.claim_until)


def _hold(conn: Connection, vault: Vault, row: Any, worker: str, number: int, now: datetime) -> Any:
    """An offer to somebody else stands as long as its holder stays."""
    until = stamp(now + vault.ladder.lease(row.tier, now))
    values = {"state": "claimed", "holder": worker, "claim": number, "claim_until": until, "next_page_at": until}
    values |= {} if row.holder == worker and row.offered_to != worker else {"offered_to": None}
    values |= {"claimed_at": stamp(now)} if row.claimed_at is None else {}
    page_at(conn, row.id, until)
    return put(conn, row, values)


def hand_to(conn: Connection, vault: Vault, row: Any, worker: str, now: datetime) -> Any:
    """Theirs under a new number, whoever had it."""
    taken = _hold(conn, vault, row, worker, row.claim + 1, now)
    presence.begun(conn, row.person_id, worker)
    return put(conn, taken, {"resolved_at": None})


def renew(conn: Connection, vault: Vault, ref: str, worker: str, number: int, now: datetime) -> Any:
    row = held(conn, ref, worker, number, now)
    return _hold(conn, vault, row, worker, number, now)


def reached(conn: Connection, vault: Vault, ref: str, worker: str, number: int, now: datetime) -> Any:
    """The holder has spoken with her another way than by the chat. An act of theirs: it renews."""
    row = renew(conn, vault, ref, worker, number, now)
    answering.reached(conn, row.person_id, now)
    return row


def release(conn: Connection, ref: str, worker: str, number: int, now: datetime) -> Any:
    """Back into the queue, and somebody is paged at once."""
    return let_go(conn, held(conn, ref, worker, number, now), now)


def let_go(conn: Connection, row: Any, now: datetime) -> Any:
    """Whoever has it has it no more; it is open, and somebody is paged at once."""
    page_at(conn, row.id, stamp(now))
    values = {"state": "open", "holder": None, "claim_until": None, "next_page_at": stamp(now)}
    free = put(conn, row, values | {"offered_to": None, "resolved_at": None})
    if row.state == "claimed":
        presence.ended(conn, row.person_id, row.holder, presence.GONE, now)
    return free


def held(conn: Connection, ref: str, worker: str, number: int, now: datetime) -> Any:
    """The row, when this worker holds it under this number. Raises Refused with who holds it now.

    A claim that has run out is none, also while the ladder has not come to it yet.
    """
    row = find(conn, ref)
    _not_closed(conn, row)
    if row.holder is None:
        raise Refused("Nobody holds this alert now. Claim it first.")
    if row.holder != worker or row.claim != number:
        raise Refused(f"{name_of(conn, row.holder)} holds it now.", name_of(conn, row.holder))
    if row.claim_until <= stamp(now):
        raise Refused(RAN_OUT)
    return row


def renew_all(conn: Connection, vault: Vault, worker: str, person: str, now: datetime, act: bool = True) -> None:
    """Console activity on her case renews what the worker holds of hers. What a page does by itself is no `act`: it
    must not answer for a holder who has not seen that the alert rose. A claim that has run out stays so."""
    runs = (alerts.c.state == "claimed", alerts.c.claim_until > stamp(now))
    query = sa.select(alerts).where(alerts.c.person_id == person, alerts.c.holder == worker, *runs)
    for row in conn.execute(query).all():
        if act or not is_risen(row):
            _hold(conn, vault, row, worker, row.claim, now)


def news(conn: Connection, vault: Vault, row: Any, worker: str, message: str, now: datetime) -> int:
    """A page about this alert that is no step of the ladder. Returns how many were written."""
    return tell(conn, vault, worker, message, {"ref": row.ref, "tier": row.tier}, now, row.id, NEWS)


def name_of(conn: Connection, worker: str) -> str:
    return conn.execute(sa.select(staff.c.name).where(staff.c.id == worker)).scalar() or "Somebody else"


def put(conn: Connection, row: Any, values: dict[str, Any]) -> Any:
    """The row with these values, one version on."""
    conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(ver=row.ver + 1, **values))
    return conn.execute(sa.select(alerts).where(alerts.c.id == row.id)).one()
