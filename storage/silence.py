"""Whether pages get out at all: which providers take none just now, and whether anybody can be reached."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.methods import METHODS
from storage.schema import addresses, outbox, staff, stamp
from storage.telling import PAGE_LIFE

ACCEPTED = ("sent", "delivered")
PAGED = ("worker", "supervisor")  # roles
LATELY = timedelta(minutes=30)  # as long as a message is tried (bot.delivery.MOST_ATTEMPTS)
TRIED = timedelta(seconds=10)  # a page that was refused and waits this long is no hiccup


def down(conn: Connection, now: datetime) -> tuple[str, ...]:
    """Methods whose provider refuses pages: one waits that was tried, and none has got out since it was written."""
    pages = (
        sa.select(addresses.c.channel, outbox.c.status, outbox.c.attempts, outbox.c.claimed_at, outbox.c.expires_at)
        .join(addresses, addresses.c.id == outbox.c.address_id)
        .where(outbox.c.kind == "page", outbox.c.claimed_at > stamp(now - LATELY))
        .subquery()
    )
    last_out = sa.func.max(sa.case((pages.c.status.in_(ACCEPTED), pages.c.claimed_at), else_=0))
    held_up = sa.func.max(sa.case((_refused(pages, now), pages.c.claimed_at), else_=0))
    query = sa.select(pages.c.channel).group_by(pages.c.channel).having(held_up > last_out)
    found = set(conn.execute(query).scalars())
    return tuple(method for method in METHODS if method in found)


def _refused(pages: sa.Subquery, now: datetime) -> sa.ColumnElement[bool]:
    """Tried, and waiting since TRIED: every page has the same life, so its end tells when it was written."""
    waits = pages.c.expires_at <= stamp(now + PAGE_LIFE - TRIED)
    return sa.and_(pages.c.status.in_(("due", "checking")), pages.c.attempts > 0, waits)


def silent(conn: Connection, now: datetime) -> bool:
    """No method of anybody whom the ladder pages gets a page out. Whoever has none counts as not reached."""
    reached = (
        sa.select(addresses.c.channel)
        .join(staff, staff.c.id == addresses.c.owner_id)
        .where(addresses.c.owner_kind == "staff", addresses.c.state == "active")
        .where(staff.c.active, staff.c.role.in_(PAGED))
        .distinct()
    )
    return not set(conn.execute(reached).scalars()) - set(down(conn, now))
