"""`escalation.auditing.Auditing` on the database. Nothing is opened here: reasons stay sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.auditing import MOST_EXPORTED, MOST_ROWS, NOBODY, Chain, Row, Wanted
from storage.audit import record, verify
from storage.database import Database
from storage.schema import audit, moment, stamp
from storage.vault import Vault

CHECKED, EXPORTED = "audit.verify", "audit.export"


def rows(conn: Connection, wanted: Wanted, most: int = MOST_ROWS) -> list[Row]:
    query = sa.select(audit).where(*_which(wanted)).order_by(audit.c.seq.desc()).limit(most)
    return [
        Row(row.seq, moment(row.at), row.actor, row.action, row.subject, row.detail is not None)
        for row in conn.execute(query)
    ]


def _which(wanted: Wanted) -> list[Any]:
    which: list[Any] = []
    if wanted.actor:
        which.append(audit.c.actor == ("" if wanted.actor == NOBODY else wanted.actor))
    if wanted.actions:
        which.append(sa.or_(*(audit.c.action.startswith(one, autoescape=True) for one in wanted.actions)))
    if wanted.subject:
        first = audit.c.subject.startswith(wanted.subject + " ", autoescape=True)
        last = audit.c.subject.endswith(" " + wanted.subject, autoescape=True)
        which.append((audit.c.subject == wanted.subject) | first | last)
    if wanted.since is not None:
        which.append(audit.c.at >= stamp(wanted.since))
    if wanted.until is not None:
        which.append(audit.c.at < stamp(wanted.until))
    if wanted.before is not None:
        which.append(audit.c.seq < wanted.before)
    return which


def checked(conn: Connection, vault: Vault) -> Chain:
    counted = conn.execute(sa.select(sa.func.count()).select_from(audit)).scalar_one()
    return Chain(counted, verify(conn, vault))


def exported(conn: Connection, vault: Vault, wanted: Wanted, worker: str, now: datetime) -> list[Row]:
    found = rows(conn, wanted, MOST_EXPORTED)
    record(conn, vault, worker, EXPORTED, "", now)
    return found


class StoredAuditing:
    """`escalation.auditing.Auditing`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def rows(self, wanted: Wanted, most: int = MOST_ROWS) -> Sequence[Row]:
        return await self._database.read(rows, wanted, most)

    async def verify(self, staff: str, now: datetime) -> Chain:
        """Read beside the writer: a long log keeps nobody's message waiting."""
        found = await self._database.read(checked, self._vault)
        await self._database.write(record, self._vault, staff, CHECKED, "", now)
        return found

    async def export(self, wanted: Wanted, staff: str, now: datetime) -> Sequence[Row]:
        return await self._database.write(exported, self._vault, wanted, staff, now)
