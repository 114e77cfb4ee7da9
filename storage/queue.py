"""The queue as the desk sees it, in the order of `escalation.order`, which says why and what it promises."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.order import AGES, BANDS, Band, place
from escalation.ports import Alert, Place
from flows.engine.conversation import Contact
from flows.safety.hours import safe_until
from storage.answering import waits
from storage.crypto.errors import CryptoProblem
from storage.schema import alerts, moment, persons, staff, stamp
from storage.vault import Vault

UNREADABLE = "This alert's record cannot be opened. Tell the operator."
_STANDS = (alerts.c.breach_at, alerts.c.raised_at, alerts.c.ref)  # the order of a band, and of `ix_alerts_queue`
_asked = staff.alias()
_ALERTS = (
    sa.select(alerts, persons.c.ref.label("person_ref"), persons.c.wdek, persons.c.state.label("person_state"))
    .add_columns(persons.c.ver.label("person_ver"), staff.c.name.label("holder_name"), _asked.c.name.label("asked"))
    .join_from(alerts, persons, persons.c.id == alerts.c.person_id)
    .join(staff, staff.c.id == alerts.c.holder, isouter=True)
    .join(_asked, _asked.c.id == alerts.c.offered_to, isouter=True)
)


def queue(conn: Connection, vault: Vault, now: datetime, limit: int = 200) -> list[Alert]:
    """Everything that is not resolved. `limit` of those that wait for somebody and as many of the others: what is in
    hand hides nobody who waits.
    """
    rows = [row for waiting in (True, False) for row in _nearest(conn, now, limit, waiting=waiting)]
    return _in_order(vault, rows, now)


def further(conn: Connection, vault: Vault, edge: Place, now: datetime, most: int, back: bool = False) -> list[Alert]:
    """Of those that wait, the `most` nearest behind this place, `back` before it."""
    return _in_order(vault, _nearest(conn, now, most, edge, back), now)


def _in_order(vault: Vault, rows: list[Any], now: datetime) -> list[Alert]:
    return sorted((to_alert(vault, row, now) for row in rows), key=lambda alert: place(alert, now))


def _nearest(
    conn: Connection, now: datetime, limit: int, beyond: Place | None = None, back: bool = False, waiting: bool = True
) -> list[Any]:
    """The first `limit` beyond a place, of all without one, rank by rank: no more of `ix_alerts_queue` is read."""
    rows: list[Any] = []
    for rank, bands in groupby(BANDS[::-1] if back else BANDS, lambda band: band.rank):
        if beyond is not None and (rank > beyond[0] if back else rank < beyond[0]):
            continue
        edge = beyond if beyond is not None and rank == beyond[0] else None
        asked = [(band, _asked_for(band, waiting, now, limit - len(rows), edge, back)) for band in bands]
        found = [(band, row) for band, query in asked for row in conn.execute(*query)]
        found.sort(
            key=lambda one: (one[1].breach_at + _millis(one[0].shift), one[1].raised_at, one[1].ref), reverse=back
        )
        rows += [row for _, row in found[: limit - len(rows)]]
        if len(rows) == limit:
            break
    return rows


def _asked_for(
    band: Band, waiting: bool, now: datetime, most: int, edge: Place | None = None, back: bool = False
) -> tuple[sa.Select[Any], dict[str, Any]]:
    """`edge`: a place of the band's own rank, beyond which it is read."""
    values: dict[str, Any] = {"now": stamp(now), "most": most}
    if band.tier in AGES:
        values["aged"] = stamp(now - AGES[band.tier])
    if edge is not None:
        _, deadline, raised, ref = edge
        values |= {"edge_breach_at": stamp(deadline - band.shift), "edge_raised_at": stamp(raised), "edge_ref": ref}
    return _stretch(band, waiting, edge is not None, back), values


@cache  # building the dozen of them would take longer than asking them
def _stretch(band: Band, waiting: bool, edged: bool, back: bool) -> sa.Select[Any]:
    which = waits(sa.bindparam("now"))
    query = _ALERTS.where(alerts.c.state != "resolved", alerts.c.tier == band.tier, which if waiting else ~which)
    if band.tier in AGES:
        aged = alerts.c.breach_at <= sa.bindparam("aged")
        query = query.where(aged if band.aged else ~aged)
    if edged:
        stands, edge = (
            sa.tuple_(*_STANDS),
            sa.tuple_(*(sa.bindparam(f"edge_{one.name}", type_=one.type) for one in _STANDS)),
        )
        query = query.where(stands < edge if back else stands > edge)
    order = [one.desc() if back else one for one in _STANDS]
    return query.order_by(*order).limit(sa.bindparam("most", type_=sa.Integer))


def one(conn: Connection, vault: Vault, ref: str, now: datetime) -> Alert | None:
    row = conn.execute(_ALERTS.where(alerts.c.ref == ref.upper())).first()
    return None if row is None else to_alert(vault, row, now)


def of_person(conn: Connection, vault: Vault, person: str, now: datetime) -> list[Alert]:
    rows = conn.execute(_ALERTS.where(alerts.c.person_id == person).order_by(alerts.c.raised_at.desc()))
    return [to_alert(vault, row, now) for row in rows]


def to_alert(vault: Vault, row: Any, now: datetime) -> Alert:
    """One row, opened. Her words are not among what the queue shows."""
    contact = _contact(vault, row)
    return Alert(
        ref=row.ref,
        person=row.person_ref,
        tier=row.tier,
        kind=row.kind,
        state=row.state,
        raised_at=moment(row.raised_at),
        breach_at=moment(row.breach_at),
        channel=contact.channel if contact else "",
        language=contact.language if contact else "",
        title=_title(vault, row),
        holder=row.holder or "",
        holder_name=row.holder_name or "",
        claim=row.claim,
        claim_until=moment(row.claim_until) if row.claim_until else None,
        level=row.level,
        next_page_at=moment(row.next_page_at) if row.next_page_at else None,
        writable_until=safe_until(contact, now) if contact else None,
        offered_to=row.offered_to or "",
        offered_name=row.asked or "",
        closed_at=moment(row.resolved_at) if row.resolved_at else None,
        claimed_at=moment(row.claimed_at) if row.claimed_at else None,
        answered_at=moment(row.answered_at) if row.answered_at else None,
    )


def _contact(vault: Vault, row: Any) -> Contact | None:
    """None when her record does not open: her alert must stand in the queue all the same, and so must all others."""
    try:
        return vault.open_state(row.person_id, bytes(row.wdek), bytes(row.person_state), row.person_ver).contact
    except (CryptoProblem, ValueError):
        return None


def _title(vault: Vault, row: Any) -> str:
    try:
        return str(vault.open_system(bytes(row.sealed), "alerts", row.id)["title"])
    except (CryptoProblem, ValueError):
        return UNREADABLE


def _millis(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
