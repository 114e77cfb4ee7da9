"""The ladder's loop, one alert at a time: page who is next, write the next page's time, all in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ladder import page_due, who
from escalation.ports import Staff
from escalation.rota import called
from storage.crypto.place import Place
from storage.ids import new_id
from storage.raising import page_at
from storage.schema import addresses, alerts, outbox, pages, staff, stamp, timers
from storage.vault import Vault, encode

# A worker's phone takes its messages in this order, then by time: a P0 page overtakes the P2 pages that wait.
FIRST = {"P1": 10**14, "P2": 2 * 10**14, "P3": 3 * 10**14}
PAGE_LIFE = timedelta(hours=24)  # a page is still news the next day; the ladder goes on meanwhile
UNHEARD = timedelta(minutes=1)  # nobody of this rung has a phone: the next rung is near


def advance(conn: Connection, vault: Vault, timer: str, alert: str, now: datetime) -> int:
    """Take the step of the ladder that this timer stands for. Returns the pages written; 0 when another loop did it."""
    if conn.execute(sa.delete(timers).where(timers.c.id == timer)).rowcount == 0:
        return 0
    row = conn.execute(sa.select(alerts).where(alerts.c.id == alert).with_for_update()).first()
    if row is None or row.state == "resolved":
        return 0
    if row.state == "claimed" and row.claim_until > stamp(now) and row.level > 0:
        page_at(conn, row.id, row.claim_until)
        return 0
    if row.state == "claimed" and row.claim_until <= stamp(now):
        return _expired(conn, vault, row, now)
    return _page(conn, vault, row, _people(conn, row), now)


def _expired(conn: Connection, vault: Vault, row: Any, now: datetime) -> int:
    """A claim that ran out: back into the queue, its holder and the next rung are paged (PRODUCT 3)."""
    values = {"state": "open", "holder": None, "claim_until": None, "ver": row.ver + 1}
    conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(**values))
    holder = tuple(s for s in all_staff(conn) if s.id == row.holder)
    people = {s.id: s for s in (*holder, *called(all_staff(conn), who(row.tier, row.level)))}
    return _page(conn, vault, row, tuple(people.values()), now)


def _people(conn: Connection, row: Any) -> tuple[Staff, ...]:
    everybody = all_staff(conn)
    if row.state == "claimed":
        return tuple(s for s in everybody if s.id == row.holder)
    return called(everybody, who(row.tier, row.level))


def _page(conn: Connection, vault: Vault, row: Any, people: Sequence[Staff], now: datetime) -> int:
    """Write the pages and when the next ones are due. A rung nobody stands on is left for the next at once."""
    written = sum(_out(conn, vault, row, person, now) for person in people)
    due = _next_page(row, now) if written else now + UNHEARD
    page_at(conn, row.id, stamp(due))
    values = {"level": row.level + 1, "next_page_at": stamp(due)}
    conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(**values))
    return written


def _next_page(row: Any, now: datetime) -> datetime:
    """The ladder's own distance from this page: after an outage, or a long claim, missed pages are not made up for."""
    return now + (page_due(row.tier, now, row.level + 1) - page_due(row.tier, now, row.level))


def _out(conn: Connection, vault: Vault, row: Any, person: Staff, now: datetime) -> int:
    """One page by each address of the worker."""
    still_held = row.state == "claimed" and row.claim_until > stamp(now)
    message = "page/lifted" if still_held else "page/alert"
    return tell(conn, vault, person.id, message, {"ref": row.ref, "tier": row.tier}, now, row.id, row.level)


def tell(
    conn: Connection,
    vault: Vault,
    worker: str,
    message: str,
    params: dict[str, str],
    now: datetime,
    alert: str = "",
    level: int = 0,
) -> int:
    """A message to a worker's own phones, by id and content-free. Returns how many were written."""
    where = sa.select(addresses).where(addresses.c.owner_id == worker, addresses.c.active)
    rows = conn.execute(where).all()
    for address in rows:
        row_id = new_id(stamp(now))
        payload = encode({"message": message, "params": params})
        conn.execute(
            sa.insert(outbox),
            {
                "id": row_id,
                "owner_kind": "staff",
                "owner_id": worker,
                "line": address.id,  # each phone has its own: one that fails must not hold up the other
                "session": "",
                "seq": FIRST.get(params.get("tier", ""), 0) + stamp(now),
                "kind": "page",
                "policy": "reconcile",
                "priority": 0,
                "status": "due",
                "due_at": stamp(now),
                "expires_at": stamp(now + PAGE_LIFE),
                "claim": 0,
                "attempts": 0,
                "alert_id": alert or None,
                "sealed": vault.keys.staff.seal(payload, Place("outbox", "sealed", row_id, worker, 0)),
            },
        )
        if alert:
            page = {"id": row_id, "alert_id": alert, "staff_id": worker, "level": level, "at": stamp(now)}
            conn.execute(sa.insert(pages), page)
    return len(rows)


def supervisors(conn: Connection, but: str) -> list[Staff]:
    """Who supervises now, but not over their own shoulder; with nobody on that duty, all whose role it is."""
    others = [person for person in all_staff(conn) if person.id != but]
    return [p for p in others if p.duty == "supervisor"] or [p for p in others if p.role == "supervisor"]


def all_staff(conn: Connection) -> list[Staff]:
    query = sa.select(staff).where(staff.c.active).order_by(staff.c.username)
    return [
        Staff(r.id, r.username, r.name, r.role, r.duty, r.active, r.ver, r.totp is not None)
        for r in conn.execute(query)
    ]
