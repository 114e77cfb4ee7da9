"""Who cannot be paged now, so that nobody counts on them: their phones shut, or page after page was lost there.

It is told to who looks over the team, once, and shown wherever duty is. A message from their phone ends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import Refused
from escalation.rota.port import OffCover, WhyOff
from storage.audit import record
from storage.schema import addresses, moment, off_cover, outbox, stamp
from storage.team import tell_who_looks_over
from storage.vault import Vault

LOST = ("failed", "dead", "expired")
IN_A_ROW = 3  # pages to a phone that did not arrive, one after the other: two may be a tunnel
STILL_SHUT = "No phone of theirs takes messages. They write START to the line, or unblock the bot, first."


def shut(conn: Connection, vault: Vault, worker: str, now: datetime) -> None:
    """One of their phones takes nothing more. Off cover when none is left."""
    if not _open(conn, worker):
        _put(conn, vault, worker, "shut", now)


def lost(conn: Connection, vault: Vault, worker: str, now: datetime) -> None:
    """A page to them did not arrive. Off cover when of each open phone the last few did not."""
    phones = _open(conn, worker)
    if phones and all(_misses(conn, phone) for phone in phones):
        _put(conn, vault, worker, "failed", now)


def opened(conn: Connection, vault: Vault, worker: str, by: str, now: datetime) -> None:
    """They wrote, or have another phone: they count again."""
    if conn.execute(sa.delete(off_cover).where(off_cover.c.staff_id == worker)).rowcount:
        record(conn, vault, by, "rota.back", worker, now)


def back(conn: Connection, vault: Vault, worker: str, by: str, now: datetime) -> None:
    """Said by somebody, after trying. Raises Refused where no phone is open."""
    if not _open(conn, worker):
        raise Refused(STILL_SHUT)
    opened(conn, vault, worker, by, now)


def everybody(conn: Connection) -> Mapping[str, OffCover]:
    """By staff id."""
    return {row.staff_id: OffCover(moment(row.since), row.why) for row in conn.execute(sa.select(off_cover))}


def _open(conn: Connection, worker: str) -> list[str]:
    mine = (addresses.c.owner_id == worker, addresses.c.owner_kind == "staff", addresses.c.state == "active")
    return list(conn.execute(sa.select(addresses.c.id).where(*mine)).scalars())


def _misses(conn: Connection, phone: str) -> bool:
    """Ids are made in the order of time."""
    done = sa.select(outbox.c.status).where(
        outbox.c.address_id == phone, outbox.c.status.not_in(("due", "sending", "checking", "cancelled"))
    )
    last = list(conn.execute(done.order_by(outbox.c.id.desc()).limit(IN_A_ROW)).scalars())
    return len(last) == IN_A_ROW and all(status in LOST for status in last)


def _put(conn: Connection, vault: Vault, worker: str, why: WhyOff, now: datetime) -> None:
    if conn.execute(sa.select(off_cover.c.staff_id).where(off_cover.c.staff_id == worker)).first() is not None:
        return
    conn.execute(sa.insert(off_cover), {"staff_id": worker, "since": stamp(now), "why": why})
    record(conn, vault, worker, "rota.off_cover", worker, now)
    tell_who_looks_over(conn, vault, worker, "page/off_cover", {}, now)
