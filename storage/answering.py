"""When a worker had an alert first, and when she had an answer: stored once, as it happens (`escalation.answering`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.answering import AFTER, STAFFS_OWN, Clock
from storage.schema import alerts, stamp

WORDS = "worker/words"  # the message of what a worker writes to her
_STANDS = alerts.c.state != "resolved"


def reached(conn: Connection, person: str, now: datetime) -> None:
    """A worker has spoken with her: all that stands of hers is answered, from the first time on."""
    unanswered = sa.update(alerts).where(alerts.c.person_id == person, _STANDS, alerts.c.answered_at.is_(None))
    conn.execute(unanswered.values(answered_at=stamp(now)))


def waits(ms: int | sa.BindParameter[int]) -> sa.ColumnElement[bool]:
    """`escalation.order.waits`, at that time."""
    ran_out = (alerts.c.state == "claimed") & (alerts.c.claim_until <= ms)
    return (alerts.c.state == "open") | ran_out


def late(now: datetime) -> Mapping[Clock, sa.ColumnElement[bool]]:
    """`escalation.answering.is_late` of each clock, of what stands."""
    ms = stamp(now)
    by = sa.case(*((alerts.c.tier == tier, round(after.total_seconds() * 1000)) for tier, after in AFTER.items()))
    unanswered = sa.and_(_STANDS, alerts.c.answered_at.is_(None), alerts.c.kind.not_in(STAFFS_OWN))
    return {
        "worker": sa.and_(waits(ms), alerts.c.breach_at <= ms),
        "recipient": sa.and_(unanswered, alerts.c.breach_at + by <= ms),
    }


def how_late(conn: Connection, now: datetime) -> dict[tuple[str, str], tuple[int, float]]:
    """By clock and tier: how many are late, and for how many seconds the oldest of them stands. For the metrics."""
    found: dict[tuple[str, str], tuple[int, float]] = {}
    for clock, is_late in late(now).items():
        query = sa.select(alerts.c.tier, sa.func.count(), sa.func.min(alerts.c.raised_at)).where(is_late)
        for tier, count, oldest in conn.execute(query.group_by(alerts.c.tier)):
            found[clock, tier] = count, max(0.0, (stamp(now) - oldest) / 1000)
    return found
