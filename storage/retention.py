"""What may no longer be kept, and what must be wiped before Telegram refuses to. Units of work, safe to run twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.accounts import LONGEST
from storage.outbox import wipe_row
from storage.recording import line_of
from storage.schema import (
    DAY_MS,
    alerts,
    buckets,
    codes,
    day,
    events,
    inbox,
    outbox,
    persons,
    phone_messages,
    staff_sessions,
    stamp,
)
from storage.vault import Vault

TALK_DAYS = 30  # free text (SAFETY 29)
INBOX_DAYS = 14  # how long a provider might send a message again, doubled (SECURITY 2.1)
SENT_DAYS = 14  # rows of the outbox that are done
WIPE_AFTER = timedelta(hours=36)  # Telegram deletes nothing older than 48 h; half a day is left for outages
WIPES_A_ROUND = 200
LONGEST_BUCKET = timedelta(days=2)  # no throttle counts over more than a day


@dataclass(frozen=True, slots=True)
class Swept:
    wipes: int


def sweep(conn: Connection, vault: Vault, now: datetime) -> Swept:
    """Delete by age; write a wipe for every session whose messages grow too old to be deleted."""
    today = day(stamp(now))
    conn.execute(sa.delete(events).where(events.c.kind == "talk", events.c.day < today - TALK_DAYS))
    conn.execute(sa.delete(inbox).where(inbox.c.day < today - INBOX_DAYS, inbox.c.state != "failed"))
    conn.execute(sa.delete(inbox).where(inbox.c.day < today - TALK_DAYS))  # a failed one holds her words
    _staff_leftovers(conn, now)
    done = ("sent", "delivered", "cancelled", "expired", "failed", "dead", "unknown")
    old = stamp(now) - SENT_DAYS * DAY_MS
    conn.execute(sa.delete(outbox).where(outbox.c.status.in_(done), outbox.c.due_at < old))
    return Swept(_wipe_old(conn, vault, now))


def _staff_leftovers(conn: Connection, now: datetime) -> None:
    """Signed-in browsers whose longest time is over, codes nobody used, throttles long empty."""
    conn.execute(sa.delete(staff_sessions).where(staff_sessions.c.created_at < stamp(now - LONGEST)))
    conn.execute(sa.delete(codes).where(codes.c.expires_at < stamp(now), codes.c.person_id.is_(None)))
    conn.execute(sa.delete(buckets).where(buckets.c.at < stamp(now - LONGEST_BUCKET)))


def _wipe_old(conn: Connection, vault: Vault, now: datetime) -> int:
    """SAFETY 19: sessions that were never closed are wiped all the same."""
    query = (
        sa.select(phone_messages.c.person_id, phone_messages.c.address_id, phone_messages.c.session, persons.c.wdek)
        .join(persons, persons.c.id == phone_messages.c.person_id)
        .where(phone_messages.c.state == "there", phone_messages.c.at < stamp(now - WIPE_AFTER))
        .distinct()
        .limit(WIPES_A_ROUND)
    )
    written = 0
    for person, phone, session, wdek in conn.execute(query).all():
        waiting = sa.select(outbox.c.id).where(
            outbox.c.line == line_of("wipe", person),
            outbox.c.session == session,
            outbox.c.address_id == phone,
            outbox.c.status.in_(("due", "sending", "checking")),
        )
        if conn.execute(waiting).first() is None:
            sealer = vault.sealer(person, bytes(wdek))
            conn.execute(sa.insert(outbox), wipe_row(sealer, person, phone, session, now))
            written += 1
    return written


def backlog(conn: Connection, now: datetime) -> tuple[int, float]:
    """How many messages wait, and for how many seconds the oldest."""
    query = sa.select(sa.func.count(), sa.func.min(outbox.c.due_at)).where(outbox.c.status == "due")
    count, oldest = conn.execute(query).one()
    return count, max(0.0, (stamp(now) - oldest) / 1000) if oldest else 0.0


def open_alerts(conn: Connection) -> dict[str, int]:
    query = sa.select(alerts.c.tier, sa.func.count()).where(alerts.c.state != "resolved").group_by(alerts.c.tier)
    return {row.tier: row[1] for row in conn.execute(query)}
