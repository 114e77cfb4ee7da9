"""Whether a worker is there for her. It follows from one thing: the worker holds one of her alerts (SAFETY 25).

Her session says it in words of its own, so the end of a claim leaves a timer in the same transaction, and the turn that
it becomes tells her. Whatever turn comes first looks here too: what an older release left in her state ends that way.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flows.engine.conversation import Conversation
from flows.engine.events import WorkerActed, WorkerJoined
from storage.ids import new_id
from storage.schema import alerts, stamp, timers

GONE, DONE = "worker_gone", "worker_done"  # timers of hers; the next worker is asked, or the matter is settled
KINDS = (GONE, DONE)


def holds(conn: Connection, person: str, worker: str, now: datetime) -> bool:
    """Whether a claim of this worker's on one of her alerts runs now."""
    mine = (alerts.c.person_id == person, alerts.c.holder == worker, alerts.c.state == "claimed")
    return conn.execute(sa.select(alerts.c.id).where(*mine, alerts.c.claim_until > stamp(now))).first() is not None


def comes_too_late(conn: Connection, person: str, event: WorkerActed) -> bool:
    """Whether a worker comes into her chat whose last claim ended since that was allowed: nobody would be there."""
    return isinstance(event, WorkerJoined) and not holds(conn, person, event.staff, event.at)


def ended(conn: Connection, person: str, worker: str, kind: str, now: datetime) -> None:
    """A claim of theirs has ended. Where it was the last one that they held of hers, she is told in a turn at once."""
    if not holds(conn, person, worker, now):
        begun(conn, person, worker)
        row = {"id": new_id(stamp(now)), "due_at": stamp(now), "kind": kind, "owner_id": person, "key": worker}
        conn.execute(sa.insert(timers), row)


def begun(conn: Connection, person: str, worker: str) -> None:
    """They hold one of hers: what was to be told of an end before is not true any more."""
    which = (timers.c.kind.in_(KINDS), timers.c.owner_id == person, timers.c.key == worker)
    conn.execute(sa.delete(timers).where(*which))


def there(conversation: Conversation) -> str:
    """The staff id of the worker who is in her chat, or will be when she opens it, as her state has it; or ''."""
    session = conversation.session
    return session.worker if session is not None else conversation.memory.worker_waits


def missed(conn: Connection, conversation: Conversation, now: datetime) -> tuple[str, bool] | None:
    """(who, whether the next is asked), where her state has a worker who holds nothing of hers; else nothing."""
    worker = there(conversation)
    if not worker or holds(conn, conversation.person, worker, now):
        return None
    asked = alerts.c.state.in_(("open", "claimed"))  # of what sleeps or waits for a signature nobody is
    hers = sa.select(alerts.c.id).where(alerts.c.person_id == conversation.person, asked)
    return worker, conn.execute(hers).first() is not None
