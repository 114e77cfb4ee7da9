"""What comes too late is not sent: it may arrive in other hands. Who is told of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flows.engine.effects import Raise
from storage.raising import Raised, raise_alerts
from storage.recording import UNASKED
from storage.schema import addresses, outbox, stamp
from storage.vault import Vault

PERHAPS = "perhaps_sent"  # the code of what expired before its provider had said whether it took it
DROPPED = "An answer to her could not be sent in time and was dropped."
MAY_STAND = (
    "She hid her chat while a message was on its way, and it is not known whether it arrived. "
    "It may stand on her phone and cannot be deleted from here."
)
# Built once: it is asked several times a second.
_TOO_LATE = (
    sa.update(outbox)
    .where(outbox.c.status.in_(("due", "checking")), outbox.c.expires_at < sa.bindparam("now"))
    .values(status="expired", code=sa.case((outbox.c.status == "checking", PERHAPS), else_=outbox.c.code))
    .returning(
        outbox.c.owner_id,
        outbox.c.owner_kind,
        outbox.c.priority,
        outbox.c.session,
        outbox.c.code,
        outbox.c.address_id,
    )
)


def expire(conn: Connection, vault: Vault, now: datetime) -> None:
    """A reply that she waits for in vain is told (SAFETY 27), and one that an exit could not wipe (SAFETY 19)."""
    rows = conn.execute(_TOO_LATE, {"now": stamp(now)}).all()
    for person in {row.owner_id for row in rows if row.owner_kind == "person" and row.priority < UNASKED}:
        _tell(conn, vault, person, DROPPED, now, "task.late")
    left = {row.address_id for row in rows if row.priority > UNASKED and row.session and row.code == PERHAPS}
    for person in _on_telegram(conn, left):
        _tell(conn, vault, person, MAY_STAND, now, "task.wipe")


def _on_telegram(conn: Connection, phones: set[str]) -> list[str]:
    """Whose phones can be wiped; texts stay on the phone in any case, as was said to them (SAFETY 20)."""
    if not phones:
        return []
    wiped = (addresses.c.id.in_(phones), addresses.c.channel == "telegram")
    return list(conn.execute(sa.select(addresses.c.owner_id).where(*wiped).distinct()).scalars())


def _tell(conn: Connection, vault: Vault, person: str, why: str, now: datetime, key: str) -> None:
    raise_alerts(conn, vault, [Raised(person, None, Raise("P2", "task", key, (key,), (why,)), now)])
