"""Who referred her hears that there is news: a message by the outbox, and an entry in the record of what was shared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from escalation.casefile import Agency, Kept
from escalation.news import NO_ADDRESS, NOT_THERE, News, Sent, Told, Went, may_tell, way_to, words_for
from escalation.ports import Refused
from storage import phones, queue
from storage.crypto.address import typed_address
from storage.crypto.errors import BadAddress
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.decisions import append, entries
from storage.ids import new_id
from storage.recording import PRIORITY
from storage.schema import outbox, stamp
from storage.sendings import AGENCY
from storage.vault import Vault, encode

LIFE = timedelta(hours=24)  # it is still news the next day, as a page is
WENT: dict[str, Went] = {"sent": "sent", "delivered": "sent"}
WENT |= {"failed": "lost", "dead": "lost", "expired": "lost", "unknown": "lost"}


def whole(news_to: str, region: str) -> str:
    """As it is kept: an e-mail, or a number with its country. Raises Refused for what is neither."""
    try:
        return typed_address("email" if "@" in news_to else "sms", news_to, region) if news_to else ""
    except BadAddress:
        raise Refused(NO_ADDRESS) from None


def refuse_recipients(conn: Connection, vault: Vault, agency: Agency) -> None:
    """No phone of hers or of any recipient (SAFETY 1); and nobody is told whose it is. Raises Refused."""
    if agency.news_to and phones.is_recipients(conn, vault, way_to(agency), agency.news_to):
        raise Refused(NOT_THERE)


def send(
    conn: Connection,
    vault: Vault,
    person: Row[Any],
    sealer: Sealer,
    kept: Kept,
    alert: str,
    by: str,
    language: str,
    now: datetime,
) -> None:
    """Due at once, at any hour. Raises Refused."""
    hers = {one.ref: one for one in queue.of_person(conn, vault, person.id, now) if one.state != "resolved"}
    before = [one for one in entries(conn, sealer, person.id) if isinstance(one, Told)]
    agency = may_tell(kept, hers.get(alert), before, by, now)
    refuse_recipients(conn, vault, agency)
    row_id, (message, params) = new_id(stamp(now)), words_for(agency)
    said = {"message": message, "params": params, "language": language, "by": way_to(agency), "to": agency.news_to}
    row = {
        "id": row_id,
        "owner_kind": AGENCY,
        "owner_id": person.id,
        "address_id": kept.id,
        "line": row_id,  # nothing of hers waits for it
        "session": "",
        "seq": stamp(now),
        "kind": "news",
        "policy": "reconcile",
        "priority": PRIORITY["news"],
        "status": "due",
        "due_at": stamp(now),
        "expires_at": stamp(now + LIFE),
        "claim": 0,
        "attempts": 0,
        "alert_id": None,  # it is no page of it
        "sealed": sealer.seal(encode(said), Place("outbox", "sealed", row_id, person.id, 0)),
    }
    conn.execute(sa.insert(outbox), row)
    news = News(kept.id, agency.name, way_to(agency), alert, row_id)
    append(conn, vault, sealer, person, by, "told", news, now)


def told(conn: Connection, sealer: Sealer, person: str) -> Sequence[Sent]:
    """In the order in which they were told."""
    of_her = [one for one in entries(conn, sealer, person) if isinstance(one, Told)]
    ids = [one.news.message for one in of_her]
    rows = {row.id: row for row in conn.execute(sa.select(outbox).where(outbox.c.id.in_(ids)))}
    return [_went(one, rows.get(one.news.message)) for one in of_her]


def _went(one: Told, row: Row[Any] | None) -> Sent:
    if row is None:  # by then nothing is kept of it
        return Sent(one, "")
    under_way: Went = "again" if row.code else "waits"
    return Sent(one, WENT.get(row.status, under_way), row.code or "")
