"""The code of a page: bound to the phones that it went to, and to that paging.

A paging lasts from the first page of an alert until somebody claims it; when the claim ends without an end of the
alert, another begins. Its number is the alert's claim number. So a reply that was on its way for an hour takes nothing
that was given back meanwhile: whoever is paged again has another code.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import Refused
from storage.schema import alerts, pages, staff

LETTERS = "CDFGHJKLMNPQRTVWX"  # no vowels, so that no code is a word
LENGTH = 3  # grows when those of a phone are taken
TRIES = 12
SHOWN = 3  # codes in one answer: more do not fit a text
NOT_HERE = "That code is not open on this phone."


@dataclass(frozen=True, slots=True)
class Coded:
    """What a page says of its alert, and the number of the paging that its code is good for."""

    ref: str
    code: str
    paging: int


def code_for(conn: Connection, alert: str, worker: str) -> Coded:
    """The same on all phones of a worker for one paging: the alert's ref, as the console shows it, in the first that
    they are in, chance after. Who holds the alert keeps the code that they took it by."""
    row = conn.execute(sa.select(alerts).where(alerts.c.id == alert)).one()
    theirs = sa.select(pages.c.code, pages.c.paging).where(pages.c.staff_id == worker)
    since = row.claim - 1 if row.state == "claimed" and row.holder == worker else row.claim
    same = theirs.where(pages.c.alert_id == alert, pages.c.paging >= since).order_by(pages.c.paging.desc())
    had = conn.execute(same.limit(1)).first()
    if had is not None:
        return Coded(row.ref, had.code, had.paging)
    if conn.execute(theirs.where(pages.c.code == row.ref).limit(1)).first() is None:
        return Coded(row.ref, row.ref, row.claim)
    for attempt in range(TRIES):
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH + attempt // 3))
        if conn.execute(sa.select(pages.c.id).where(pages.c.code == code).limit(1)).first() is None:
            return Coded(row.ref, code, row.claim)
    raise RuntimeError("no free code was found")


def paged(conn: Connection, worker: str, phone: str, code: str) -> Any:
    """The alert that this code is good for on this phone, locked where rows are. Raises Refused with why not."""
    here = (pages.c.staff_id == worker, pages.c.address_id == phone, pages.c.code == code)
    query = sa.select(pages).where(*here).order_by(pages.c.at.desc(), pages.c.id.desc())
    page = conn.execute(query.limit(1)).first()
    if page is None:
        raise Refused(NOT_HERE)
    return of_page(conn, page)


def of_page(conn: Connection, page: Any) -> Any:
    """The alert of this page, as long as its paging is not over. Raises Refused."""
    found = sa.select(alerts).where(alerts.c.id == page.alert_id)
    row = conn.execute(found.with_for_update() if conn.dialect.name == "postgresql" else found).first()
    if row is None or row.state == "resolved" or not _runs(row, page.paging):
        raise Refused(NOT_HERE, _somebody_else(conn, row, page.staff_id))
    return row


def _somebody_else(conn: Connection, row: Any, worker: str) -> str:
    """The name of who has it now; '' where nobody has, or the worker who asks."""
    if row is None or row.state != "claimed" or row.holder == worker:
        return ""
    return conn.execute(sa.select(staff.c.name).where(staff.c.id == row.holder)).scalar() or ""


def _runs(row: Any, paging: int) -> bool:
    """Of a claimed alert the paging that led to the claim counts too: its holder may keep it, or pass it on."""
    return bool(paging == row.claim or (row.state == "claimed" and paging == row.claim - 1))


def open_here(conn: Connection, worker: str, phone: str) -> list[str]:
    """What can be taken, or passed on, from this phone now: tier and code, the most urgent first."""
    runs = sa.or_(
        pages.c.paging == alerts.c.claim,
        sa.and_(alerts.c.state == "claimed", alerts.c.holder == worker, pages.c.paging == alerts.c.claim - 1),
    )
    theirs = sa.or_(alerts.c.state == "open", alerts.c.holder == worker)
    query = (
        sa.select(alerts.c.tier, pages.c.code, alerts.c.breach_at)
        .join(pages, pages.c.alert_id == alerts.c.id)
        .where(
            pages.c.staff_id == worker,
            pages.c.address_id == phone,
            alerts.c.state.in_(("open", "claimed")),
            runs,
            theirs,
        )
        .distinct()
        .order_by(alerts.c.tier, alerts.c.breach_at)
    )
    return [f"{row.tier} {row.code}" for row in conn.execute(query.limit(SHOWN))]
