"""Who else could take an alert now: on duty, with a phone that takes pages, not kept apart from her."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.claims import MOST_URGENT
from escalation.ladder import URGENT
from escalation.ports import Duty, Staff
from storage.conflicts import apart_from
from storage.schema import addresses, alerts, stamp
from storage.team import CASEWORK, team
from storage.vault import Vault

ON_DUTY: tuple[Duty, ...] = ("on_call", "backup", "supervisor")  # in the order in which they are asked


def live_urgent(conn: Connection, now: datetime, but: str = "") -> Counter[str]:
    """How many P0 and P1 each worker holds now, by staff id, without the alert `but`."""
    held = (alerts.c.state == "claimed", alerts.c.claim_until > stamp(now), alerts.c.tier.in_(URGENT))
    return Counter(conn.execute(sa.select(alerts.c.holder).where(*held, alerts.c.id != but)).scalars())


def who_next(conn: Connection, vault: Vault, person: str, but: str, now: datetime) -> list[Staff]:
    """In order of duty; of one duty who holds less first. Without `but`, who asks."""
    open_ = (addresses.c.owner_kind == "staff", addresses.c.state == "active")
    reached = set(conn.execute(sa.select(addresses.c.owner_id).where(*open_)).scalars())
    apart, load = apart_from(conn, person), live_urgent(conn, now)
    could = [s for s in team(conn, vault, now) if s.role in CASEWORK and s.duty in ON_DUTY and s.id != but]
    could = [s for s in could if s.id in reached and s.id not in apart]
    return sorted(could, key=lambda s: (ON_DUTY.index(s.duty), load[s.id]))


def who_is_free(conn: Connection, vault: Vault, person: str, but: str, now: datetime) -> list[Staff]:
    """Those of them who do not hold as many urgent alerts as one can."""
    load = live_urgent(conn, now)
    return [s for s in who_next(conn, vault, person, but, now) if load[s.id] < MOST_URGENT]
