"""The ladder's loop, one alert at a time: page who is next, write the next page's time, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ladder.policy import UNHEARD, climb
from escalation.ports import Staff
from escalation.rota import called
from flows.engine.effects import Raise
from storage import closing, conflicts, presence
from storage.claims import is_risen
from storage.failpoint import reach
from storage.raising import Raised, raise_alerts, woken
from storage.schema import alerts, stamp, timers
from storage.team import team
from storage.telling import page_at, tell
from storage.vault import Vault

AGAIN = timedelta(minutes=1)  # a step that failed is tried again
NOT_PAGED = "The page for {ref} could not be written. It is tried again each minute. Tell the operator now."


def advance(conn: Connection, vault: Vault, timer: str, alert: str, now: datetime) -> int:
    """Take the step of the ladder that this timer stands for. Returns the pages written; 0 when another loop did it."""
    if conn.execute(sa.delete(timers).where(timers.c.id == timer)).rowcount == 0:
        return 0
    row = conn.execute(sa.select(alerts).where(alerts.c.id == alert).with_for_update()).first()
    if row is None or row.state == "resolved":
        return 0
    if row.state == "closing":
        return closing.overdue(conn, vault, row, now)
    if row.state == "snoozed":
        row = woken(conn, vault, row, now)
    if row.state == "claimed" and row.claim_until <= stamp(now):
        return _expired(conn, vault, row, now)
    if row.state == "claimed" and not is_risen(row):
        page_at(conn, row.id, row.claim_until)
        return 0
    return _page(conn, vault, row, _of_rung(conn, vault, row, row.level, now), now)


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
    everybody, duties = _team(conn, vault, row, now), vault.ladder.step(row.tier, row.level, now).who
    people = called([person for person in everybody if person.id != but], duties) or called(everybody, duties)
    return _page(conn, vault, row, people, now)


def _expired(conn: Connection, vault: Vault, row: Any, now: datetime) -> int:
    """A claim that ran out: back into the queue, its holder and the next rung are paged (PRODUCT 3)."""
    values = {"state": "open", "holder": None, "claim_until": None, "offered_to": None, "ver": row.ver + 1}
    conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(**values))
    presence.ended(conn, row.person_id, row.holder, presence.GONE, now)
    reach("ladder.expired")
    return _page(conn, vault, row, _with_holder(conn, vault, row, row.level, now), now)


def _of_rung(conn: Connection, vault: Vault, row: Any, level: int, now: datetime) -> tuple[Staff, ...]:
    """Of a claimed alert that rose its holder first; when nothing comes from there, the rungs as well."""
    if row.state != "claimed":
        return called(_team(conn, vault, row, now), vault.ladder.step(row.tier, level, now).who)
    if level:
        return _with_holder(conn, vault, row, level, now)
    return _holder(_team(conn, vault, row, now), row)


def _holder(everybody: Sequence[Staff], row: Any) -> tuple[Staff, ...]:
    return tuple(person for person in everybody if person.id == row.holder)


def _with_holder(conn: Connection, vault: Vault, row: Any, level: int, now: datetime) -> tuple[Staff, ...]:
    everybody = _team(conn, vault, row, now)
    return _once((*_holder(everybody, row), *called(everybody, vault.ladder.step(row.tier, level, now).who)))


def _team(conn: Connection, vault: Vault, row: Any, now: datetime) -> list[Staff]:
    """Everybody with the duty that they have now, but who is kept apart from her: they could not take it."""
    apart = conflicts.apart_from(conn, row.person_id)
    return [person for person in team(conn, vault, now) if person.id not in apart]


def _once(people: Iterable[Staff]) -> tuple[Staff, ...]:
    return tuple({person.id: person for person in people}.values())


def _page(conn: Connection, vault: Vault, row: Any, people: Sequence[Staff], now: datetime) -> int:
    """Write the pages and when the next ones are due. Of a tier with quiet hours none goes out in them: it waits."""
    awake = vault.ladder.awake(row.tier, now)
    if awake > now:
        _next_at(conn, row, row.level, stamp(awake), now)
        return 0

    def rung(level: int) -> Sequence[Staff]:
        return people if level == row.level else _of_rung(conn, vault, row, level, now)

    def page(level: int, rung: Sequence[Staff]) -> int:
        return sum(_out(conn, vault, row, level, person, now) for person in rung)

    whoever = called([replace(person, duty="off") for person in _team(conn, vault, row, now)], ())
    level, written = climb(row.level, vault.ladder.last(row.tier, now), rung, whoever, page)
    reach("ladder.paged")
    due = stamp(vault.ladder.after(row.tier, level, now) if written else now + UNHEARD)
    _next_at(conn, row, level + 1, due, now)
    return written


def _next_at(conn: Connection, row: Any, level: int, due: int, now: datetime) -> None:
    """The step after this one. Of an alert that is held before the claim's own end, as long as its holder has not
    answered: see `claims.unanswered`."""
    page_at(conn, row.id, min(due, row.claim_until) if _held(row, now) else due)
    mark = min(due, row.claim_until - 1) if _held(row, now) else due
    conn.execute(sa.update(alerts).where(alerts.c.id == row.id).values(level=level, next_page_at=mark))


def _held(row: Any, now: datetime) -> bool:
    return bool(row.state == "claimed" and row.claim_until > stamp(now))


def _out(conn: Connection, vault: Vault, row: Any, level: int, person: Staff, now: datetime) -> int:
    """One page by each address of the worker."""
    holds = _held(row, now) and person.id == row.holder
    message, params = "page/lifted" if holds else "page/alert", {"ref": row.ref, "tier": row.tier}
    methods = vault.ladder.step(row.tier, level, now).methods
    return tell(conn, vault, person.id, message, params, now, row.id, level, row.next_page_at, methods)
