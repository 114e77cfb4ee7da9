"""Pages that wait for one phone leave in one message: the others follow the row that is claimed, their `lead`.

They stay due and are not claimed while their lead is on its way. What becomes of it becomes of them: they are sent with
it, or, when it is not sent, wait on their own again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from escalation.ladder.grouping import ALONE, Waiting, group
from storage.crypto.errors import CryptoProblem
from storage.crypto.place import Place
from storage.schema import outbox, stamp
from storage.sendings import Sending
from storage.vault import Vault, decode

ALERT, SEVERAL = "page/alert", "page/several"
MOST_LOOKED_AT = 64  # pages of one phone, the most urgent first


def gathered(conn: Connection, vault: Vault, sendings: Sequence[Sending], now: datetime) -> list[Sending]:
    """The claimed `sendings`, each page with those that join it. One whose outcome is looked up keeps what it said."""
    firsts = {one.id: waiting for one in sendings if (waiting := _of(one.id, one.page, one.alert, one.channel)).joins}
    if not firsts:
        return list(sendings)
    by_phone = _others(conn, [one for one in sendings if one.id in firsts], now)
    return [
        _with(conn, vault, one, firsts[one.id], by_phone[one.phone]) if one.id in firsts else one for one in sendings
    ]


def _others(conn: Connection, firsts: Sequence[Sending], now: datetime) -> Mapping[str, list[Row[Any]]]:
    """By phone, what waits behind each: on its own, or with it already."""
    ids = [one.id for one in firsts]
    mine = sa.and_(outbox.c.kind == "page", outbox.c.status == "due", outbox.c.due_at <= stamp(now))
    free = sa.or_(outbox.c.lead.is_(None), outbox.c.lead.in_(ids))
    lines = outbox.c.line.in_([one.phone for one in firsts])
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in conn.execute(sa.select(outbox).where(mine, free, lines).order_by(outbox.c.seq, outbox.c.id)):
        found[row.line].append(row)
    return found


def _with(conn: Connection, vault: Vault, one: Sending, first: Waiting, rows: Sequence[Row[Any]]) -> Sending:
    followed = [row for row in rows if row.lead == one.id]
    rows = followed if one.checking else [*followed, *(row for row in rows if row.lead is None)]
    whole = group(first, [waiting for row in rows[:MOST_LOOKED_AT] if (waiting := _opened(vault, row, one.channel))])
    if len(whole.pages) == 1 or one.page is None:
        return one
    conn.execute(sa.update(outbox).where(outbox.c.id.in_(whole.pages[1:])).values(lead=one.id))
    if len(whole.codes) == 1:  # the same alert's next page came before the last one was sent
        return replace(one, page={**one.page, "params": {**one.page["params"], "code": whole.codes[0]}})
    params = {"count": str(len(whole.codes)), "tier": whole.tier, "codes": ", ".join(whole.codes)}
    return replace(one, page={**one.page, "message": SEVERAL, "params": params, "codes": list(whole.codes)})


def _opened(vault: Vault, row: Row[Any], channel: str) -> Waiting | None:
    """None for one that does not open: it fails on its own."""
    try:
        body = vault.keys.staff.open(bytes(row.sealed), Place("outbox", "sealed", row.id, row.owner_id, 0))
    except (CryptoProblem, ValueError):
        return None
    return _of(row.id, decode(body), row.alert_id or "", channel)


def _of(row_id: str, page: Mapping[str, Any] | None, alert: str, channel: str) -> Waiting:
    params = {} if page is None else page["params"]
    news = page is None or page["message"] != ALERT or not alert
    return Waiting(row_id, params.get("tier", ALONE), params.get("code") or params.get("ref", ""), channel, news, alert)


def sent_with(conn: Connection, lead: str, values: Mapping[str, Any]) -> None:
    """The lead is out: so are those that it said."""
    conn.execute(sa.update(outbox).where(outbox.c.lead == lead, outbox.c.status == "due").values(**values))


def left_behind(conn: Connection) -> None:
    """What follows a row that is not on its way, and was not sent with it, waits on its own again."""
    conn.execute(_LEFT)


_lead = outbox.alias()
_ON_ITS_WAY = sa.exists().where(_lead.c.id == outbox.c.lead, _lead.c.status.in_(("sending", "checking")))
_LEFT = sa.update(outbox).where(outbox.c.lead.is_not(None), outbox.c.status == "due", ~_ON_ITS_WAY).values(lead=None)
