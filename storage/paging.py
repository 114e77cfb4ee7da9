"""The ladder's loop, one alert at a time: page who is next, write the next page's time, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ladder import last_rung, page_due, who
from escalation.ports import Staff
from escalation.rota import called
from flows.engine.effects import Raise
from flows.engine.model import Tier
from storage import presence
from storage.claims import is_risen
from storage.raising import Raised, raise_alerts
from storage.schema import alerts, stamp, timers
from storage.telling import all_staff, page_at, tell
from storage.vault import Vault

UNHEARD = timedelta(minutes=1)  # no phone of anybody takes a page: looked at again, in case one opens
AGAIN = timedelta(minutes=1)  # a step that failed is tried again
NOT_PAGED = "The page for {ref} could not be written. It is tried again each minute. Tell the operator now."


def advance(conn: Connection, vault: Vault, timer: str, alert: str, now: datetime) -> int:
    """Take the step of the ladder that this timer stands for. Returns the pages written; 0 when another loop did it."""
    if conn.execute(sa.delete(timers).where(timers.c.id == timer)).rowcount == 0:
        return 0
    row = conn.execute(sa.select(alerts).where(alerts.c.id == alert).with_for_update()).first()
    if row is None or row.state == "resolved":
        return 0
    if row.state == "claimed" and row.claim_until <= stamp(now):
        return _expired(conn, vault, row, now)
    if row.state == "claimed" and not is_risen(row):
        page_at(conn, row.id, row.claim_until)
        return 0
    return _page(conn, vault, row, _of_rung(conn, row, row.level), now)


def set_aside(conn: Connection, vault: Vault, timer: str, alert: str, now: datetime) -> None:
    """A step that raised: it keeps its alert's place in the queue, is tried again soon, and staff are told.

    The alert's own `next_page_at` stays: a page that does not come is overdue for `/health/escalation`.
    """
    conn.execute(sa.update(timers).where(timers.c.id == timer).values(due_at=stamp(now + AGAIN)))
    row = conn.execute(sa.select(alerts).where(alerts.c.id == alert)).first()
    if row is not None:
        why = NOT_PAGED.format(ref=row.ref)
        effect = Raise("P1", "fault", "fault.page", ("fault.page",), (why,))
        raise_alerts(conn, vault, [Raised(row.person_id, None, effect, now)])


def pass_on(conn: Connection, vault: Vault, row: Any, but: str, now: datetime) -> int:
    """The next rung at once, and not the one who passed it on, unless nobody else is there."""
    others = [person for person in all_staff(conn) if person.id != but]
    people = called(others, who(row.tier, row.level)) or called(all_staff(conn), who(row.tier, row.level))
    return _page(conn, vault, row, people, now)


def _expired(conn: Connection, vault: Vault, row: Any, now: datetime) -> int:
    """A claim that ran out: back into the queue, its holder and the next rung are paged (PRODUCT 3)."""
    values = {"state": "open", "holder": None, "claim_until": None, "ver": row.ver + 1}
    conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(**values))
    presence.ended(conn, row.person_id, row.holder, presence.GONE, now)
    return _page(conn, vault, row, _with_holder(conn, row), now)


def _of_rung(conn: Connection, row: Any, level: int) -> tuple[Staff, ...]:
    """Of a claimed alert that rose its holder first; when nothing comes from there, the rungs as well."""
    if row.state == "claimed" and not level:
        return _holder(conn, row)
    rung = called(all_staff(conn), who(row.tier, level))
    return _once((*_holder(conn, row), *rung)) if row.state == "claimed" else rung


def _holder(conn: Connection, row: Any) -> tuple[Staff, ...]:
    return tuple(s for s in all_staff(conn) if s.id == row.holder)


def _with_holder(conn: Connection, row: Any) -> tuple[Staff, ...]:
    return _once((*_holder(conn, row), *called(all_staff(conn), who(row.tier, row.level))))


def _once(people: Iterable[Staff]) -> tuple[Staff, ...]:
    return tuple({person.id: person for person in people}.values())


def _page(conn: Connection, vault: Vault, row: Any, people: Sequence[Staff], now: datetime) -> int:
    """Write the pages and when the next ones are due. A rung that nobody can be reached on is left for the next at
    once, up to the last; no time is lost on phones that are shut."""
    level, written = row.level, sum(_out(conn, vault, row, row.level, person, now) for person in people)
    while not written and level < last_rung(row.tier):
        level += 1
        people = _of_rung(conn, row, level)
        written = sum(_out(conn, vault, row, level, person, now) for person in people)
    if not written:  # of those on duty nobody can be reached: whoever can be, before nobody is
        people = called([replace(person, duty="off") for person in all_staff(conn)], ())
        written = sum(_out(conn, vault, row, level, person, now) for person in people)
    due = stamp(_next_page(row.tier, level, now) if written else now + UNHEARD)
    page_at(conn, row.id, min(due, row.claim_until) if _held(row, now) else due)
    # Before the claim's own end as long as its holder has not answered: see `claims.unanswered`.
    mark = min(due, row.claim_until - 1) if _held(row, now) else due
    values = {"level": level + 1, "next_page_at": mark}
    conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(**values))
    return written


def _held(row: Any, now: datetime) -> bool:
    return bool(row.state == "claimed" and row.claim_until > stamp(now))


def _next_page(tier: Tier, level: int, now: datetime) -> datetime:
    """The ladder's own distance from this page: after an outage, or a long claim, missed pages are not made up for."""
    return now + (page_due(tier, now, level + 1) - page_due(tier, now, level))


def _out(conn: Connection, vault: Vault, row: Any, level: int, person: Staff, now: datetime) -> int:
    """One page by each address of the worker."""
    holds = _held(row, now) and person.id == row.holder
    message, params = "page/lifted" if holds else "page/alert", {"ref": row.ref, "tier": row.tier}
    return tell(conn, vault, person.id, message, params, now, row.id, level, row.next_page_at)
