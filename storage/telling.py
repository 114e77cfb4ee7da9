"""A message to a worker's own phones, by id and content-free; who is staff; and an alert's one paging timer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ladder import URGENT
from escalation.ladder.grouping import ALONE
from escalation.methods import DEADLINE, RINGS, tried
from escalation.ports import Staff
from storage import calls, throttle
from storage.crypto.place import Place
from storage.ids import new_id
from storage.page_codes import code_for
from storage.schema import addresses, outbox, pages, staff, stamp, timers
from storage.vault import Vault, encode

# A worker's phone takes its messages in this order, then by time: a P0 page overtakes the P2 pages that wait.
FIRST = {"P1": 10**14, "P2": 2 * 10**14, "P3": 3 * 10**14}
ALARM_CONTACT = "alarm-contact"  # the account of ROWAN_ALARM_CONTACT
NEWS = -1  # stands for the level of a page that is no step of the ladder: something new, to the holder
ALARM_AGAIN = timedelta(hours=1)
PAGE_LIFE = timedelta(hours=24)  # a page is still news the next day; the ladder goes on meanwhile
RECEIPT = "receipt"  # a timer: by then this page must have got there


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
    methods: Sequence[str] = (),
) -> int:
    """Write it for each of the worker's phones that is open and proven. Returns how many were written.

    `due_at`: when an alert's page was due, for the measure of how long it took; now unless said. `methods`: in which
    order they are tried, all at once unless said; a telephone rings for an alert alone.
    """
    phones = _open(conn, worker)
    if not alert:
        phones = [phone for phone in phones if phone.channel != RINGS]
    at_once, rest = tried({phone.channel for phone in phones}, methods, params.get("tier") in URGENT)
    chosen = [phone for phone in phones if phone.channel in at_once]
    if not alert:
        for phone in chosen:
            tell_one(conn, vault, phone, message, params, now)
        return len(chosen)
    if not chosen:
        return 0
    coded = code_for(conn, alert, worker)
    with_code = params | {"ref": coded.ref, "code": coded.code}
    since = stamp(now) if due_at is None else due_at
    for phone in chosen:
        row_id = tell_one(conn, vault, phone, message, with_code, now, alert, since)
        page = {"id": row_id, "alert_id": alert, "staff_id": worker, "level": level, "at": stamp(now)}
        bound = {"address_id": phone.id, "code": coded.code, "paging": coded.paging, "slipped": False}
        conn.execute(sa.insert(pages), page | bound | {"rest": ",".join(rest)})
        by = stamp(now + DEADLINE.get(phone.channel, timedelta(minutes=1)))
        expected = {"id": new_id(by), "due_at": by, "kind": RECEIPT, "owner_id": alert, "key": row_id}
        conn.execute(sa.insert(timers), expected)
    return len(chosen)


def tell_one(
    conn: Connection,
    vault: Vault,
    phone: Any,
    message: str,
    params: Mapping[str, str],
    now: datetime,
    alert: str = "",
    due_at: int | None = None,
) -> str:
    """Write it for this phone, a row of `addresses`, in its owner's language. Returns the id of the outbox row."""
    row_id, worker = new_id(stamp(now)), phone.owner_id
    payload: dict[str, Any] = {"message": message, "params": dict(params), "language": _language(conn, worker)}
    if due_at is not None:
        payload["due"] = due_at
    if phone.channel == RINGS:
        payload["token"] = calls.expected(conn, vault, row_id, now + PAGE_LIFE)
    row = {
        "id": row_id,
        "owner_kind": "staff",
        "owner_id": worker,
        "address_id": phone.id,
        # Each phone has its own: one that fails must not hold up the other. A P0 waits for nothing on it.
        "line": row_id if alert and params.get("tier") == ALONE else phone.id,
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
        "sealed": vault.keys.staff.seal(encode(payload), Place("outbox", "sealed", row_id, worker, 0)),
    }
    conn.execute(sa.insert(outbox), row)
    return row_id


def _open(conn: Connection, worker: str) -> list[Any]:
    mine = (addresses.c.owner_id == worker, addresses.c.owner_kind == "staff", addresses.c.state == "active")
    return list(conn.execute(sa.select(addresses).where(*mine)).all())


def _language(conn: Connection, worker: str) -> str:
    """In which they read the console; English as long as none was chosen."""
    return conn.execute(sa.select(staff.c.language).where(staff.c.id == worker)).scalar() or "en"


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
