"""A page that did not get there, or not in time: the worker's next method at once, and without one the next step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.methods import CARRIED, REPORTED, hurries
from storage import carriers
from storage.claims import is_risen
from storage.crypto.errors import CryptoProblem
from storage.crypto.place import Place
from storage.schema import addresses, alerts, outbox, pages, stamp, timers
from storage.telling import NEWS, page_at, tell
from storage.vault import Vault, decode

LOST = ("dead", "failed", "expired", "cancelled")


def missing(conn: Connection, vault: Vault, timer: str, page: str, now: datetime) -> bool:
    """The time by which this page must have got there. Returns whether it has not."""
    if conn.execute(sa.delete(timers).where(timers.c.id == timer)).rowcount == 0:
        return False
    query = sa.select(outbox.c.status, addresses.c.channel, outbox.c.alert_id)
    phone = addresses.c.id == outbox.c.address_id
    row = conn.execute(query.join_from(outbox, addresses, phone, isouter=True).where(outbox.c.id == page)).first()
    if row is None or row.status == "delivered" or (row.status == "sent" and row.channel not in REPORTED):
        return False
    mute = row.status == "sent" and row.channel == CARRIED and carriers.missed(conn, page, now)
    page_slipped(conn, vault, row.alert_id, page, now, mute)
    return True


def page_slipped(conn: Connection, vault: Vault, alert: str, page: str, now: datetime, mute: bool = False) -> None:
    """Somebody else must know it, or they by another way; it may still arrive. Said of one page once.

    When of its step nothing is on its way any more, the next step is now; behind the last one everybody has been
    asked, and the ladder keeps its pace. `mute`: only its receipt is missing, and no text ever has one.
    """
    late = conn.execute(sa.select(pages).where(pages.c.id == page)).first()
    row = conn.execute(sa.select(alerts).where(alerts.c.id == alert).with_for_update()).first()
    if late is None or late.slipped:
        return
    conn.execute(sa.update(pages).where(pages.c.id == page).values(slipped=True))
    if row is None or row.state == "resolved" or not _matters(row, late.level):
        return
    if late.rest and _by_the_next(conn, vault, late, now):
        return
    if not hurries(row.tier, mute):
        return
    same = (pages.c.alert_id == alert, pages.c.level == late.level, pages.c.at == late.at)
    out = sa.select(outbox.c.id).join(pages, pages.c.id == outbox.c.id)
    under_way = out.where(*same, outbox.c.status.not_in(LOST), pages.c.slipped.is_(False))
    if conn.execute(under_way).first() is None and (
        late.level == NEWS or late.level < vault.ladder.last(row.tier, now)
    ):
        page_at(conn, row.id, stamp(now))
        conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(next_page_at=stamp(now)))


def _matters(row: Any, level: int) -> bool:
    """News that its holder did not get; or the ladder's last step, unless somebody took the alert since."""
    if level == NEWS:
        return bool(row.state == "claimed")
    return bool(row.level == level + 1 and (row.state == "open" or is_risen(row)))


def _by_the_next(conn: Connection, vault: Vault, late: Any, now: datetime) -> int:
    """The same page by the worker's next method of this step. Returns how many were written."""
    sealed = conn.execute(sa.select(outbox.c.sealed).where(outbox.c.id == late.id)).scalar_one()
    try:
        opened = vault.keys.staff.open(bytes(sealed), Place("outbox", "sealed", late.id, late.staff_id, 0))
    except CryptoProblem:
        return 0  # the step that follows writes a page of its own
    said, order = decode(opened), late.rest.split(",")
    message, params, due_at = said["message"], said["params"], said.get("due")
    written = tell(conn, vault, late.staff_id, message, params, now, late.alert_id, late.level, due_at, order)
    this = (pages.c.alert_id == late.alert_id, pages.c.staff_id == late.staff_id, pages.c.at == stamp(now))
    conn.execute(sa.update(pages).where(*this, pages.c.level == late.level).values(at=late.at))  # of the same step
    return written
