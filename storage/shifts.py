"""`escalation.shifts.Shifts` on the database: a line on each alert, an offer of it, and the end of a shift."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation import shifts as rules
from escalation.claims import HANDED_OVER, LONGEST_WORD
from escalation.ladder import URGENT
from escalation.ports import Alert, Staff, Unknown
from escalation.rota.duty import on_duty
from escalation.rota.ends import AHEAD, ends_at, followers
from escalation.shifts import SHIFT, Handed, Leaving
from storage import audit, claims, handing, notes, queue
from storage.access import supervises
from storage.conflicts import apart_from
from storage.database import Database
from storage.reading import once
from storage.schema import alerts, stamp
from storage.schema import audit as audit_log
from storage.team import CASEWORK, rota_between
from storage.telling import all_staff
from storage.vault import Vault

Ring = Callable[[str], None]
ENDED = "shift.end"
READ = "shift.read"  # in the audit: who is to take an alert over read the line on it
GONE = "There is no such member of staff."


class StoredShifts:
    """`escalation.shifts.Shifts`."""

    def __init__(self, database: Database, vault: Vault, ring: Ring) -> None:
        self._database, self._vault, self._ring = database, vault, ring

    async def leaving(self, staff: str, now: datetime) -> Leaving:
        return await self._database.read(leaving, self._vault, staff, now)

    async def handed(self, staff: str, now: datetime) -> Sequence[Handed]:
        return await self._database.write(handed, self._vault, staff, now)

    async def line(self, ref: str, staff: str, claim: int, risk: str, contact: str, to: str, now: datetime) -> Alert:
        said = rules.words(risk, contact)
        alert = await self._database.write(line, self._vault, ref, staff, claim, said, to, now)
        self._ring("alerts")
        return alert

    async def end(self, staff: str, by: str, reason: str, now: datetime) -> Sequence[str]:
        freed = await self._database.write(end, self._vault, staff, by, reason, now)
        self._ring("alerts")
        return freed

    async def others(self, staff: str, now: datetime) -> Sequence[Leaving]:
        return await self._database.read(others, self._vault, staff, now)


def leaving(conn: Connection, vault: Vault, worker: str, now: datetime) -> Leaving:
    people = _everybody(conn)
    return _leaving(conn, vault, _known(people, worker), people, _of(conn, vault, worker, now), now)


def others(conn: Connection, vault: Vault, reader: str, now: datetime) -> list[Leaving]:
    people = _everybody(conn)
    each = [(one, _bare(conn, vault, one.id, now)) for one in people if one.id != reader]
    return [_leaving(conn, vault, one, people, mine, now) for one, mine in each if mine]


def handed(conn: Connection, vault: Vault, worker: str, now: datetime) -> list[Handed]:
    """A line is a piece of her case: who reads it is written down."""
    to_them = (alerts.c.offered_to == worker, alerts.c.state.in_(("open", "claimed")))
    rows = _ordered(conn, sa.select(alerts).where(*to_them))
    found = [_with_line(conn, vault, row, row.holder or "", now, True) for row in rows]
    for one in found:
        if one.at is not None:
            once(conn, vault, worker, READ, one.alert.ref, now)
    return found


def line(
    conn: Connection, vault: Vault, ref: str, worker: str, number: int, said: str, to: str, now: datetime
) -> Alert:
    """Raises Refused, and then nothing of it is kept: neither without an heir nor under an old number."""
    row = claims.renew(conn, vault, ref, worker, number, now)
    notes.of_alert(conn, vault, row, worker, HANDED_OVER, said, now)
    offered = not to or row.offered_to != to
    if offered and to:
        handing.offer(conn, vault, ref, worker, to, now)
    elif offered:
        handing.take_over(conn, vault, ref, worker, number, now)
    audit.record(conn, vault, worker, "shift.line", row.ref, now)
    if offered:
        audit.record(conn, vault, worker, "alert.offer", row.ref, now)
    return _shown(conn, vault, row.ref, now)


def end(conn: Connection, vault: Vault, worker: str, by: str, reason: str, now: datetime) -> list[str]:
    """Returns the refs of what went back into the queue."""
    _known(_everybody(conn), worker)
    mine = _of(conn, vault, worker, now)
    rules.may_end(mine, worker, by, supervises(conn, by), reason)
    freed = []
    for one in (one for one in mine if one.held):
        row = claims.find(conn, one.alert.ref)
        if row.state == "claimed" and row.holder == worker:  # else somebody has just accepted it
            claims.let_go(conn, row, now)
            freed.append(row.ref)
    for ref in freed:
        audit.record(conn, vault, by, "alert.release", ref, now)
    detail = reason.strip()[:LONGEST_WORD] if by != worker else ""
    audit.record(conn, vault, by, ENDED, worker, now, detail)
    return freed


def keeps_urgent(conn: Connection, worker: str, now: datetime) -> bool:
    """Whether a P0 or P1 of theirs is with them, or with nobody."""
    return any(row.tier in URGENT for row in (*_held(conn, worker, now), *_left(conn, worker, now)))


def _leaving(
    conn: Connection, vault: Vault, who: Staff, people: Sequence[Staff], mine: Iterable[Handed], now: datetime
) -> Leaving:
    rota = rota_between(conn, people, now, now + AHEAD)
    has = on_duty(rota, now)
    next_ = followers(rota, who.id, now)
    shown = Staff(who.id, who.username, who.name, who.role, has.get(who.id, "off"))
    return Leaving(shown, ends_at(rota, who.id, now), tuple(s for s in people if s.id in next_), tuple(mine))


def _of(conn: Connection, vault: Vault, worker: str, now: datetime) -> list[Handed]:
    held = [_with_line(conn, vault, row, worker, now, True) for row in _held(conn, worker, now)]
    return held + [Handed(_shown(conn, vault, row.ref, now), held=False) for row in _left(conn, worker, now)]


def _bare(conn: Connection, vault: Vault, worker: str, now: datetime) -> list[Handed]:
    """Without what was said."""
    held = [Handed(_shown(conn, vault, row.ref, now)) for row in _held(conn, worker, now)]
    return held + [Handed(_shown(conn, vault, row.ref, now), held=False) for row in _left(conn, worker, now)]


def _held(conn: Connection, worker: str, now: datetime) -> list[Any]:
    runs = (alerts.c.state == "claimed", alerts.c.claim_until > stamp(now))
    return _ordered(conn, sa.select(alerts).where(alerts.c.holder == worker, *runs))


def _left(conn: Connection, worker: str, now: datetime) -> list[Any]:
    """What is urgent and with nobody, and was last theirs within a shift: given back, or run out."""
    ran_out = (alerts.c.state == "claimed") & (alerts.c.claim_until <= stamp(now))
    nobodys = (alerts.c.tier.in_(URGENT), (alerts.c.state == "open") | ran_out)
    rows = _ordered(conn, sa.select(alerts).where(*nobodys))
    mine = _claimed_last(conn, worker, [row.ref for row in rows], now) if rows else set()
    return [row for row in rows if row.ref in mine and worker not in apart_from(conn, row.person_id)]


def _claimed_last(conn: Connection, worker: str, refs: Sequence[str], now: datetime) -> set[str]:
    """Which of these the worker claimed last, within a shift that has not been ended since."""
    log = sa.select(audit_log.c.subject, audit_log.c.actor, audit_log.c.action)
    lately = (audit_log.c.at >= stamp(now - SHIFT), audit_log.c.subject.in_((worker, *refs)))
    rows = conn.execute(log.where(audit_log.c.action.in_(("alert.claim", ENDED)), *lately).order_by(audit_log.c.seq))
    last: dict[str, str] = {}
    for row in rows:
        if row.action == ENDED:
            last = {ref: who for ref, who in last.items() if who != worker}
        else:
            last[row.subject] = row.actor
    return {ref for ref, who in last.items() if who == worker}


def _ordered(conn: Connection, query: Any) -> list[Any]:
    return list(conn.execute(query.order_by(alerts.c.tier, alerts.c.breach_at, alerts.c.ref)).all())


def _with_line(conn: Connection, vault: Vault, row: Any, by: str, now: datetime, held: bool) -> Handed:
    """With what its holder said last of it within this shift."""
    shown = _shown(conn, vault, row.ref, now)
    kept = notes.last_of(conn, vault, row, HANDED_OVER, by, now - SHIFT)
    if kept is None:
        return Handed(shown, held=held)
    at, text = kept
    return Handed(shown, *rules.said(text), claims.name_of(conn, by), at, held)


def _shown(conn: Connection, vault: Vault, ref: str, now: datetime) -> Alert:
    found = queue.one(conn, vault, ref, now)
    if found is None:
        raise Unknown(claims.GONE)
    return found


def _everybody(conn: Connection) -> list[Staff]:
    return [one for one in all_staff(conn) if one.role in CASEWORK]


def _known(people: Sequence[Staff], worker: str) -> Staff:
    found = next((one for one in people if one.id == worker), None)
    if found is None:
        raise Unknown(GONE)
    return found
