"""`escalation.keeping.Keeping` on the database; and the record that the operator's commands leave for it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.keeping import EpochSeen, Kept
from storage.database import Database
from storage.schema import audit, moment
from storage.vault import Vault

VERIFIED, SAVED, ROTATED = "database.verified", "database.saved", "database.rotated"  # in the audit, by the operator


def state(conn: Connection, vault: Vault, now: datetime) -> Kept:
    epochs = (EpochSeen(one.kid, one.state, one.created, one.retired) for one in reversed(vault.ring.epochs))
    times = (_last(conn, what) for what in (VERIFIED, SAVED, ROTATED))
    return Kept(tuple(epochs), vault.ring.rotation_due(now), *times)


def _last(conn: Connection, what: str) -> datetime | None:
    found = conn.execute(sa.select(audit.c.at).where(audit.c.action == what).order_by(audit.c.seq.desc()).limit(1))
    at = found.scalar()
    return None if at is None else moment(at)


class StoredKeeping:
    """`escalation.keeping.Keeping`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def state(self, now: datetime) -> Kept:
        return await self._database.read(state, self._vault, now)
