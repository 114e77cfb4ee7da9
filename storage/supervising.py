"""`escalation.supervision.Supervision` on the database, counted from alerts and the audit log. It opens nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ladder import URGENT
from escalation.supervision import FOUR_WEEKS, WORKED, Debrief, Exposure, Handled, Load, Overview, exposures
from flows.engine.model import Tier
from storage import debriefs
from storage.database import Database
from storage.schema import alerts, audit, moment, staff, stamp
from storage.vault import Vault

CLOSED = ("closing", "resolved")


class StoredSupervision:
    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def overview(self, now: datetime) -> Overview:
        return await self._database.read(overview, now)

    async def exposure(self, staff: str, now: datetime) -> Exposure:
        return await self._database.read(exposure, staff, now)

    async def debriefs(self, staff: str = "") -> Sequence[Debrief]:
        return await self._database.read(debriefs.due, staff)

    async def talked(self, ref: str, staff: str, by: str, now: datetime) -> None:
        await self._database.write(debriefs.talked, self._vault, ref, staff, by, now)


def overview(conn: Connection, now: datetime) -> Overview:
    live, exposed = _live(conn, now), exposures(_worked(conn, sa.select(staff.c.id), now), now)
    loads = {who: Load(live.get(who, {}), exposed.get(who, Exposure())) for who in {*live, *exposed}}
    return Overview(loads, list(_handled(conn, now)))


def exposure(conn: Connection, worker: str, now: datetime) -> Exposure:
    return exposures(_worked(conn, [worker], now), now).get(worker, Exposure())


def _worked(conn: Connection, of: Any, now: datetime) -> Iterator[tuple[str, str, datetime]]:
    """On a P0 or P1, by the audit's index of who and when. Of those erased since, with their alerts, nothing counts."""
    query = sa.select(audit.c.actor, audit.c.subject, audit.c.at)
    query = query.join(alerts, (alerts.c.ref == audit.c.subject) & alerts.c.tier.in_(URGENT))
    which = (audit.c.actor.in_(of), audit.c.at >= stamp(now - FOUR_WEEKS), audit.c.action.in_(WORKED))
    return ((act.actor, act.subject, moment(act.at)) for act in conn.execute(query.where(*which)))


def _live(conn: Connection, now: datetime) -> dict[str, dict[Tier, int]]:
    held = (alerts.c.state == "claimed", alerts.c.claim_until > stamp(now))
    query = sa.select(alerts.c.holder, alerts.c.tier, sa.func.count()).where(*held)
    found: dict[str, dict[Tier, int]] = {}
    for holder, tier, count in conn.execute(query.group_by(alerts.c.holder, alerts.c.tier)):
        found.setdefault(holder, {})[tier] = count
    return found


def _handled(conn: Connection, now: datetime) -> Iterator[Handled]:
    for row in conn.execute(sa.select(alerts).where(alerts.c.raised_at >= stamp(now - FOUR_WEEKS))):
        answered = _moment(row.claimed_at), _moment(row.answered_at)
        yield Handled(row.tier, moment(row.raised_at), moment(row.breach_at), *answered, row.state in CLOSED)


def _moment(at: int | None) -> datetime | None:
    return None if at is None else moment(at)
