"""Raising alerts, in the same transaction as the answer that raised them: nothing is lost in between (SAFETY 24).

One alert stands open per person and key. The same key again adds its reasons and may lift the tier, never lower it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ladder import breach_after, page_due
from flows.engine.effects import Raise
from flows.safety.risk import worse
from storage import bulk
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.ids import new_id, new_ref
from storage.schema import alerts, reasons, stamp, timers
from storage.vault import Vault, encode

REF_LENGTH = 3  # 'K2A': short enough to text back half asleep; grows when a ref is taken
REF_TRIES = 12


@dataclass(slots=True)
class Raised:
    """One `Raise` of one person. Without a `sealer` the reason is the service's own and sealed as such."""

    person: str
    sealer: Sealer | None
    effect: Raise
    at: datetime
    id: str = field(default="")

    def __post_init__(self) -> None:
        self.id = self.id or new_id(stamp(self.at))


def raise_alerts(conn: Connection, vault: Vault, raised: Sequence[Raised]) -> None:
    """Insert or lift. Each `Raised.id` ends as the id of the alert that stands."""
    people = sorted({r.person for r in raised})
    standing = {(row.person_id, row.key): row for row in conn.execute(_STANDING, {"people": people})}
    for one in raised:
        row = standing.get((one.person, one.effect.key))
        if row is None:
            standing[(one.person, one.effect.key)] = _insert(conn, vault, one)
        else:
            one.id = row.id
            standing[(one.person, one.effect.key)] = _lift(conn, row, one)
    bulk.insert(conn, reasons, [_because(vault, one) for one in raised])


_STANDING = sa.select(alerts).where(
    alerts.c.person_id.in_(sa.bindparam("people", expanding=True)), alerts.c.state != "resolved"
)


def _insert(conn: Connection, vault: Vault, one: Raised) -> Any:
    ms = stamp(one.at)
    first = stamp(page_due(one.effect.tier, one.at, 0))
    title = one.effect.reasons[0] if one.effect.reasons else one.effect.kind
    row = {
        "id": one.id,
        "ref": _free_ref(conn),
        "person_id": one.person,
        "key": one.effect.key,
        "kind": one.effect.kind,
        "tier": one.effect.tier,
        "state": "open",
        "raised_at": ms,
        "breach_at": ms + _millis(breach_after(one.effect.tier)),
        "level": 0,
        "next_page_at": first,
        "claim": 0,
        "ver": 0,
        "sealed": vault.seal_system({"title": title}, "alerts", one.id),
    }
    conn.execute(sa.insert(alerts), row)
    page_at(conn, one.id, first)
    return conn.execute(sa.select(alerts).where(alerts.c.id == one.id)).one()


def _free_ref(conn: Connection) -> str:
    for attempt in range(REF_TRIES):
        ref = new_ref(REF_LENGTH + attempt // 3)
        if conn.execute(sa.select(alerts.c.id).where(alerts.c.ref == ref)).first() is None:
            return ref
    raise RuntimeError("no free alert ref was found")


def _lift(conn: Connection, row: Any, one: Raised) -> Any:
    """A higher tier starts the ladder again from its first step, claimed or not: the holder must know."""
    if not worse(one.effect.tier, row.tier):
        return row
    ms = stamp(one.at)
    breach = min(row.breach_at, ms + _millis(breach_after(one.effect.tier)))
    first = stamp(page_due(one.effect.tier, one.at, 0))
    values = {"tier": one.effect.tier, "breach_at": breach, "level": 0, "next_page_at": first, "ver": row.ver + 1}
    conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(**values))
    page_at(conn, row.id, first)
    return conn.execute(sa.select(alerts).where(alerts.c.id == row.id)).one()


def page_at(conn: Connection, alert: str, ms: int) -> None:
    """The alert's one paging timer, moved."""
    conn.execute(sa.delete(timers).where(timers.c.kind == "page", timers.c.owner_id == alert))
    conn.execute(sa.insert(timers), {"id": new_id(ms), "due_at": ms, "kind": "page", "owner_id": alert, "key": ""})


def _because(vault: Vault, one: Raised) -> bulk.Row:
    row_id = new_id(stamp(one.at))
    value = {"rules": one.effect.rules, "reasons": one.effect.reasons, "saw": one.effect.saw}
    if one.sealer is None:
        sealed = vault.seal_system(value, "reasons", row_id)
    else:
        sealed = one.sealer.seal(encode(value), Place("reasons", "sealed", row_id, one.person, 0))
    return {
        "id": row_id,
        "alert_id": one.id,
        "person_id": one.person,
        "at": stamp(one.at),
        "tier": one.effect.tier,
        "own": one.sealer is not None,
        "sealed": sealed,
    }


def _millis(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
