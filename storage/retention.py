"""What may no longer be kept, and what must be wiped before Telegram refuses to. Units of work, safe to run twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.case_audit import KEPT as SAMPLES
from flows.engine.programme import Keep
from storage import calls, to_do
from storage.accounts import LONGEST
from storage.outbox import wipe_row
from storage.recording import line_of
from storage.schema import (
    DAY_MS,
    alerts,
    buckets,
    casefile,
    codes,
    covers,
    day,
    debriefs,
    events,
    inbox,
    notes,
    outbox,
    pages,
    persons,
    phone_messages,
    reasons,
    samples,
    staff_sessions,
    stamp,
    tasks,
    timers,
)
from storage.vault import Vault

DEFAULT = Keep()
INBOX_DAYS = 14  # how long a provider might send a message again, doubled (SECURITY 2.1)
SENT_DAYS = 14  # rows of the outbox that are done
WIPE_AFTER = timedelta(hours=36)  # Telegram deletes nothing older than 48 h; half a day is left for outages
WIPES_A_ROUND = 200
OLD_A_ROUND = 500  # rows of one kind that a programme lets go of by age
COVERS = timedelta(days=400)  # who stood in for whom, for last year's accounts; the audit log keeps the act
LONGEST_BUCKET = timedelta(days=2)  # no throttle counts over more than a day


@dataclass(frozen=True, slots=True)
class Swept:
    wipes: int


def sweep(conn: Connection, vault: Vault, now: datetime, keep: Keep = DEFAULT) -> Swept:
    """Delete by age; write a wipe for every session whose messages grow too old to be deleted.

    `keep`: the programme's own days. Words within what is kept for longer are `storage.expiring`'s.
    """
    today = day(stamp(now))
    conn.execute(sa.delete(events).where(events.c.kind == "talk", events.c.day < today - keep.talk))
    conn.execute(sa.delete(inbox).where(inbox.c.day < today - INBOX_DAYS, inbox.c.state != "failed"))
    conn.execute(sa.delete(inbox).where(inbox.c.day < today - keep.words))  # a failed one holds her words
    used = sa.and_(codes.c.person_id.is_not(None), codes.c.expires_at < stamp(now) - keep.words * DAY_MS)
    conn.execute(sa.delete(codes).where(used))  # with it a case number
    _staff_leftovers(conn, now)
    old_samples = samples.c.at < stamp(now - SAMPLES)
    to_do.forget(conn, tasks.c.kind == "sample", tasks.c.about.in_(sa.select(samples.c.alert_id).where(old_samples)))
    conn.execute(sa.delete(samples).where(old_samples))
    calls.forget_old(conn, now)
    done = ("sent", "delivered", "cancelled", "expired", "failed", "dead", "unknown")
    old = stamp(now) - SENT_DAYS * DAY_MS
    conn.execute(sa.delete(outbox).where(outbox.c.status.in_(done), outbox.c.due_at < old))
    if keep.notes is not None:
        _old_notes(conn, stamp(now) - keep.notes * DAY_MS)
        _old_tasks(conn, stamp(now) - keep.notes * DAY_MS)
    if keep.alerts is not None:
        _old_alerts(conn, stamp(now) - keep.alerts * DAY_MS)
    return Swept(_wipe_old(conn, vault, now))


def _old_notes(conn: Connection, before: int) -> None:
    batch = sa.select(notes.c.id).where(notes.c.at < before).limit(OLD_A_ROUND)
    conn.execute(sa.delete(notes).where(notes.c.id.in_(list(conn.execute(batch).scalars()))))


def _old_tasks(conn: Connection, before: int) -> None:
    """Tasks that are done, and entries that have ended: the rest holds, however old."""
    batch = sa.select(tasks.c.id).where(tasks.c.done_at < before).limit(OLD_A_ROUND)
    conn.execute(sa.delete(tasks).where(tasks.c.id.in_(list(conn.execute(batch).scalars()))))
    batch = sa.select(casefile.c.id).where(casefile.c.ended_at < before).limit(OLD_A_ROUND)
    conn.execute(sa.delete(casefile).where(casefile.c.id.in_(list(conn.execute(batch).scalars()))))


def _old_alerts(conn: Connection, before: int) -> None:
    """Resolved ones, with why they stood; the audit log keeps who acted."""
    old = sa.and_(alerts.c.state == "resolved", alerts.c.resolved_at < before)
    batch = list(conn.execute(sa.select(alerts.c.id).where(old).limit(OLD_A_ROUND)).scalars())
    conn.execute(sa.delete(timers).where(timers.c.owner_id.in_(batch)))
    to_do.forget(conn, tasks.c.about.in_(batch))
    for table in (pages, reasons, debriefs, samples):
        conn.execute(sa.delete(table).where(table.c.alert_id.in_(batch)))
    conn.execute(sa.delete(alerts).where(alerts.c.id.in_(batch)))


def _staff_leftovers(conn: Connection, now: datetime) -> None:
    """Signed-in browsers whose longest time is over, codes nobody used, throttles long empty, covers long past."""
    conn.execute(sa.delete(staff_sessions).where(staff_sessions.c.created_at < stamp(now - LONGEST)))
    conn.execute(sa.delete(codes).where(codes.c.expires_at < stamp(now), codes.c.person_id.is_(None)))
    conn.execute(sa.delete(covers).where(covers.c.to_at < stamp(now - COVERS)))
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
    """By tier: those that somebody has or should have, not what sleeps or waits to be signed."""
    standing = alerts.c.state.in_(("open", "claimed"))
    query = sa.select(alerts.c.tier, sa.func.count()).where(standing).group_by(alerts.c.tier)
    return {row.tier: row[1] for row in conn.execute(query)}
