"""An alert that goes from one to another, or sleeps for a while; and keeping somebody apart from a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation import claims as rules
from escalation.access import TAKES_CASES
from escalation.claims import LONGEST_WORD, Apart
from escalation.ladder import URGENT
from escalation.ports import Refused, Unknown
from storage import claims, conflicts, notes, presence, samples
from storage.access import require
from storage.assignments import end_all
from storage.audit import record
from storage.cases import open_person
from storage.schema import alerts, staff, stamp
from storage.telling import page_at
from storage.vault import Vault
from storage.who_next import who_next


def offer(conn: Connection, vault: Vault, ref: str, worker: str, to: str, now: datetime) -> Any:
    """To a colleague, who is paged. It stays with its holder, and the ladder of one that nobody has goes on."""
    row = claims.find(conn, ref)
    if row.state not in ("open", "claimed"):
        raise Refused(claims.RESOLVED if row.state == "resolved" else rules.ONLY_HOLDER)
    holds = row.holder == worker and row.claim_until is not None and row.claim_until > stamp(now)
    if not holds:
        require(conn, row.person_id, worker, "look_over", now, rules.ONLY_HOLDER)
    _takes_cases(conn, to)
    if row.holder == to:
        raise Refused(rules.ALREADY_THEIRS)
    conflicts.refuse(conn, row.person_id, to, rules.NOT_THEM)
    require(conn, row.person_id, to, "take_urgent" if row.tier in URGENT else "take", now, rules.NOT_TO_THEM)
    return _offered(conn, vault, row, to, now)


def _offered(conn: Connection, vault: Vault, row: Any, to: str, now: datetime) -> Any:
    claims.news(conn, vault, row, to, "page/offered", now)
    return claims.put(conn, row, {"offered_to": to})


def take_over(conn: Connection, vault: Vault, ref: str, worker: str, number: int, now: datetime) -> Any:
    """The next who can be reached is asked; asked again, the one after whom it was offered to."""
    row = claims.held(conn, ref, worker, number, now)
    people = [person.id for person in who_next(conn, vault, row.person_id, worker, now)]
    if not people:
        raise Refused(rules.NOBODY_NEXT)
    place = people.index(row.offered_to) + 1 if row.offered_to in people else 0
    return _offered(conn, vault, row, people[place % len(people)], now)


def decline(conn: Connection, vault: Vault, ref: str, worker: str, now: datetime) -> Any:
    """It stays where it is; its holder is told."""
    row = claims.find(conn, ref)
    if row.offered_to != worker:
        raise Refused(rules.NOT_OFFERED)
    if row.state == "claimed":
        claims.news(conn, vault, row, row.holder, "page/declined", now)
    return claims.put(conn, row, {"offered_to": None})


def snooze(
    conn: Connection, vault: Vault, ref: str, worker: str, number: int, until: datetime, reason: str, now: datetime
) -> Any:
    """Nobody's until then: `paging` raises it again. What comes under it meanwhile wakes it (`raising`)."""
    row = claims.held(conn, ref, worker, number, now)
    rules.may_snooze(row.tier, until, reason, now)
    notes.of_alert(conn, vault, row, worker, "snoozed", reason.strip()[:LONGEST_WORD], now)
    page_at(conn, row.id, stamp(until))
    values = {"state": "snoozed", "holder": None, "claim_until": None, "next_page_at": stamp(until)}
    asleep = claims.put(conn, row, values | {"offered_to": None})
    presence.ended(conn, row.person_id, worker, presence.DONE, now)
    return asleep


def keep_apart(conn: Connection, vault: Vault, ref: str, worker: str, by: str, reason: str, now: datetime) -> str:
    """Returns her id. What they hold of hers is released, what is offered to them or drawn by them is not any more."""
    person, sealer, _ = open_person(conn, vault, ref)
    if worker != by:
        require(conn, person.id, by, "look_over", now, rules.ONLY_SUPERVISOR)
    _takes_cases(conn, worker)
    conflicts.keep(conn, sealer, person.id, worker, reason, now)
    hers = sa.select(alerts).where(alerts.c.person_id == person.id)
    end_all(conn, worker, now, person.id)
    samples.give_up(conn, person.id, worker, now)
    held = conn.execute(hers.where(alerts.c.holder == worker, alerts.c.state == "claimed")).all()
    for row in held:
        claims.let_go(conn, row, now)
    offered = (alerts.c.person_id == person.id, alerts.c.offered_to == worker)
    conn.execute(sa.update(alerts).where(*offered).values(offered_to=None))
    record(conn, vault, by, "case.keep_apart", f"{person.ref} {worker}", now)  # the log is locked last
    for row in held:
        record(conn, vault, by, "alert.release", row.ref, now)
    return str(person.id)


def let_back(conn: Connection, vault: Vault, ref: str, worker: str, by: str, now: datetime) -> str:
    """Returns her id. Raises Refused: a supervisor decides, and not about themselves."""
    person, _, _ = open_person(conn, vault, ref)
    require(conn, person.id, by, "look_over", now, rules.ONLY_SUPERVISOR)
    if worker == by:
        raise Refused(rules.ONLY_SUPERVISOR)
    if conflicts.let_go(conn, person.id, worker):
        record(conn, vault, by, "case.let_back", f"{person.ref} {worker}", now)
    return str(person.id)


def apart(conn: Connection, vault: Vault, ref: str) -> list[Apart]:
    """For a page that has opened her case. Raises Refused."""
    person, sealer, _ = open_person(conn, vault, ref)
    return conflicts.of(conn, sealer, person.id)


def _takes_cases(conn: Connection, worker: str) -> None:
    """Raises Unknown, or Refused for who does no casework, or is off."""
    row = conn.execute(sa.select(staff.c.role, staff.c.active).where(staff.c.id == worker)).first()
    if row is None:
        raise Unknown("There is no such member of staff.")
    if not row.active or row.role not in TAKES_CASES:
        raise Refused(rules.NO_CASEWORK)
