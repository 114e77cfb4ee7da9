"""Whether a carrier ever says that a text has arrived: some never do, and then silence about a page says nothing.

Two marks: the first receipt of a text to one of the staff, after which silence is loss for good; and, as long as that
one has not come, that the last texts went out and nothing was heard of any (`escalation.methods.unheard`).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.methods import CARRIED, UNHEARD, unheard
from storage import watermarks
from storage.schema import addresses, outbox, pages

HEARD, MUTE = "carriers.heard", "carriers.mute"
TAKEN = ("sent", "delivered", "failed")


def heard(conn: Connection, channel: str, now: datetime) -> None:
    """A message to one of the staff was reported as delivered."""
    if channel == CARRIED and watermarks.read(conn, HEARD) is None:
        watermarks.write(conn, HEARD, now)


def mute(conn: Connection) -> bool:
    """Whether nothing is ever heard of a text."""
    return watermarks.read(conn, HEARD) is None and watermarks.read(conn, MUTE) is not None


def missed(conn: Connection, page: str, now: datetime) -> bool:
    """A text was taken, and its time is over without a receipt. Returns whether that says nothing (`mute`)."""
    if watermarks.read(conn, HEARD) is not None:
        return False
    if watermarks.read(conn, MUTE) is None and unheard(_last(conn, page)):
        watermarks.write(conn, HEARD if _spoke(conn) else MUTE, now)
    return mute(conn)


def _spoke(conn: Connection) -> bool:
    """Whether of any text to staff that is still kept a receipt came: a release before this one kept no mark of it."""
    phone = addresses.c.id == outbox.c.address_id
    said = sa.select(outbox.c.id).join(addresses, phone).where(outbox.c.kind == "page", outbox.c.status == "delivered")
    return conn.execute(said.where(addresses.c.channel == CARRIED).limit(1)).first() is not None


def _last(conn: Connection, page: str) -> list[str]:
    """What became of the last texts, up to this one: ids are made in the order of time. What went out within another's
    message is one with it."""
    query = (
        sa.select(outbox.c.status)
        .select_from(pages)
        .join(outbox, outbox.c.id == pages.c.id)
        .join(addresses, addresses.c.id == pages.c.address_id)
        .where(pages.c.id <= page, addresses.c.channel == CARRIED)
        .where(outbox.c.status.in_(TAKEN), outbox.c.lead.is_(None))
        .order_by(pages.c.id.desc())
        .limit(UNHEARD)
    )
    return list(conn.execute(query).scalars())
