"""A message to a worker's own phones, by id and content-free; who is staff; and an alert's one paging timer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from escalation.ladder.grouping import ALONE
from escalation.methods import Method
from escalation.ports import Staff
from storage import throttle
from storage.crypto.place import Place
from storage.ids import new_id
from storage.schema import addresses, outbox, pages, staff, stamp, timers
from storage.vault import Vault, encode

# A worker's phone takes its messages in this order, then by time: a P0 page overtakes the P2 pages that wait.
FIRST = {"P1": 10**14, "P2": 2 * 10**14, "P3": 3 * 10**14}
ALARM_CONTACT = "alarm-contact"  # the account of ROWAN_ALARM_CONTACT
NEWS = -1  # stands for the level of a page that is no step of the ladder: something new, to the holder
ALARM_AGAIN = timedelta(hours=1)
PAGE_LIFE = timedelta(hours=24)  # a page is still news the next day; the ladder goes on meanwhile


def tell(
    conn: Connection,
    vault: Vault,
    worker: str,
    message: str,
    params: dict[str, str],
    now: datetime,
    alert: str = "",
    level: int = 0,
    due_at: int | None = None,
    methods: tuple[Method, ...] = (),
) -> int:
    """Write it for each of the worker's phones that is open. Returns how many were written.

    `due_at`: when an alert's page was due, for the measure of how long it took; now unless said. `methods`: for the
    phones of the first of these that one is open for; where none is, for all as without them, before nobody is told.
    """
    since = {"due": stamp(now) if due_at is None else due_at} if alert else {}
    where = sa.select(addresses).where(addresses.c.owner_id == worker, addresses.c.state == "active")
    rows = _by(methods, conn.execute(where).all())
    for address in rows:
        row_id = new_id(stamp(now))
        payload = encode({"message": message, "params": params} | since)
        conn.execute(
            sa.insert(outbox),
            {
                "id": row_id,
                "owner_kind": "staff",
                "owner_id": worker,
                "address_id": address.id,
                # Each phone has its own: one that fails must not hold up the other. A P0 waits for nothing on it.
                "line": row_id if alert and params.get("tier") == ALONE else address.id,
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


def _by(methods: tuple[Method, ...], phones: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Those of the first method that there is a phone for."""
    found = ([phone for phone in phones if phone.channel == method] for method in methods)
    return next(filter(None, found), phones)


def page_at(conn: Connection, alert: str, ms: int) -> None:
    """The alert's one paging timer, moved."""
    conn.execute(sa.delete(timers).where(timers.c.kind == "page", timers.c.owner_id == alert))
    conn.execute(sa.insert(timers), {"id": new_id(ms), "due_at": ms, "kind": "page", "owner_id": alert, "key": ""})


def alarm(conn: Connection, vault: Vault, causes: Sequence[str], now: datetime) -> int | None:
    """Tell the operator what here does not work: administrators' phones, and the alarm contact.

    Each cause once in ALARM_AGAIN: None when all were told lately, else how many messages were written.
    """
    new = [throttle.allow(conn, vault, "alarm", cause, now, 1, ALARM_AGAIN.total_seconds()) for cause in causes]
    if not any(new):
        return None
    people = [p for p in all_staff(conn) if p.role == "administrator" or p.username == ALARM_CONTACT]
    return sum(tell(conn, vault, one.id, "page/alarm", {"what": ", ".join(causes)}, now) for one in people)


def all_staff(conn: Connection) -> list[Staff]:
    """Everybody active, with the duty set by hand; `storage.team` has the one that counts."""
    query = sa.select(staff).where(staff.c.active).order_by(staff.c.username)
    return [
        Staff(r.id, r.username, r.name, r.role, r.duty, r.active, r.ver, r.totp is not None)
        for r in conn.execute(query)
    ]
