"""Changes of the rota between colleagues: asked for, accepted, ended. Units of work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import Staff, Unknown
from escalation.rota import Cover
from escalation.rota.asking import check, check_accepting, check_ending, covers_of
from escalation.rota.port import Asked
from storage.audit import record
from storage.ids import new_id
from storage.schema import covers, stamp
from storage.team import rota_between, to_cover
from storage.telling import all_staff, tell
from storage.vault import Vault

NO_SUCH = "There is no such change of the rota."
ASKED, CHANGED = "page/swap", "page/rota"  # to a phone of staff


def ask(conn: Connection, vault: Vault, asked: Asked, by: str, now: datetime) -> str:
    """A supervisor's counts at once. Raises Refused."""
    people = all_staff(conn)
    known = {person.id: person for person in people}
    starts, ends = zip((asked.start, asked.end), *([asked.back] if asked.back else []), strict=True)
    rota = rota_between(conn, people, min(starts), max(ends))
    check(asked, rota, known, _who(known, by), now)
    at_once = now if known[by].role == "supervisor" else None
    made = covers_of(asked, (new_id(stamp(now)), new_id(stamp(now))), by, at_once)
    conn.execute(sa.insert(covers), [_row(cover, now) for cover in made])
    record(conn, vault, by, f"rota.{asked.kind}", made[0].id, now)
    _tell(conn, vault, CHANGED if at_once else ASKED, (asked.staff, asked.instead), by, now)
    return made[0].id


def accept(conn: Connection, vault: Vault, promise: str, by: str, now: datetime) -> None:
    """Both halves of a swap together. Raises Refused, Unknown."""
    rows, known = _asked(conn, promise), {person.id: person for person in all_staff(conn)}
    check_accepting(rows, _who(known, by), now)
    conn.execute(sa.update(covers).where(covers.c.promise == promise).values(accepted_at=stamp(now)))
    record(conn, vault, by, "rota.accept", promise, now)
    _tell(conn, vault, CHANGED, (rows[0].staff, rows[0].instead), by, now)


def end(conn: Connection, vault: Vault, promise: str, by: str, now: datetime) -> None:
    """What of it is over stays as it was. Raises Refused, Unknown."""
    rows, known = _asked(conn, promise), {person.id: person for person in all_staff(conn)}
    check_ending(rows, _who(known, by), now)
    of_it = covers.c.promise == promise
    if rows[0].accepted_at is not None:
        begun = (of_it, covers.c.from_at < stamp(now), covers.c.to_at > stamp(now))
        conn.execute(sa.update(covers).where(*begun).values(to_at=stamp(now)))
    ended = (of_it, covers.c.to_at > stamp(now))
    conn.execute(sa.update(covers).where(*ended).values(ended_at=stamp(now)))
    record(conn, vault, by, "rota.end", promise, now)
    _tell(conn, vault, CHANGED, (rows[0].staff, rows[0].instead), by, now)


def _asked(conn: Connection, promise: str) -> list[Cover]:
    """Raises Unknown. Locked, so that of two who accept and take back at once one is second."""
    query = sa.select(covers).where(covers.c.promise == promise, covers.c.ended_at.is_(None)).order_by(covers.c.id)
    rows = conn.execute(query.with_for_update()).all()
    if not rows:
        raise Unknown(NO_SUCH)
    return sorted((to_cover(row) for row in rows), key=lambda cover: cover.id != promise)


def _who(known: dict[str, Staff], by: str) -> Staff:
    if by not in known:
        raise Unknown("There is no such member of staff.")
    return known[by]


def _tell(conn: Connection, vault: Vault, message: str, whom: Iterable[str], but: str, now: datetime) -> None:
    for staff in sorted({*whom} - {but, ""}):
        tell(conn, vault, staff, message, {}, now)


def _row(cover: Cover, now: datetime) -> dict[str, Any]:
    return {
        "id": cover.id,
        "promise": cover.promise,
        "kind": cover.kind,
        "staff_id": cover.staff,
        "instead_id": cover.instead,
        "duty": cover.duty,
        "from_at": stamp(cover.start),
        "to_at": stamp(cover.end),
        "asked_by": cover.asked_by,
        "asked_at": stamp(now),
        "accepted_at": None if cover.accepted_at is None else stamp(cover.accepted_at),
    }
