"""A worker texts back to a page: `A 7F3` claims, `P 7F3` passes on, `?` asks what waits."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.pages import Reply, read_reply
from escalation.ports import Refused
from storage import claims
from storage.arrivals import Taken
from storage.audit import record
from storage.inbox import Inbound
from storage.paging import tell
from storage.raising import page_at
from storage.schema import alerts, pages, stamp
from storage.vault import Vault


def take(conn: Connection, vault: Vault, worker: str, arrival: Inbound) -> Taken:
    """Answer the worker's message, in the same transaction as what it did."""
    text = arrival.text or (arrival.button or "").rpartition(":")[2]
    message, params = _answer(conn, vault, worker, read_reply(text), arrival)
    tell(conn, vault, worker, message, params, arrival.at)
    return Taken("staff", worker)


def _answer(conn: Connection, vault: Vault, worker: str, reply: Reply, arrival: Inbound) -> tuple[str, dict[str, str]]:
    try:
        match reply.answer:
            case "accept":
                row = _paged(conn, reply.ref, worker)
                row = claims.claim(conn, row.ref, worker, arrival.at)
                record(conn, vault, worker, "alert.claim", row.ref, arrival.at)
                return "page/yours", {"ref": row.ref, "tier": row.tier}
            case "pass":
                row = _paged(conn, reply.ref, worker)
                page_at(conn, row.id, stamp(arrival.at))
                return "page/passed", {"ref": row.ref}
            case "ask":
                count = conn.execute(sa.select(sa.func.count()).where(alerts.c.state == "open")).scalar()
                return "page/waiting", {"count": str(count)}
            case "unread":
                return "page/how", {}
    except Refused as refused:
        return ("page/taken", {"name": refused.holder}) if refused.holder else ("page/refused", {})


def _paged(conn: Connection, ref: str, worker: str) -> sa.Row[tuple[object, ...]]:
    """Codes are bound to who was paged: another's code, read over a shoulder, opens nothing."""
    row = claims.find(conn, ref)
    paged = sa.select(pages.c.id).where(pages.c.alert_id == row.id, pages.c.staff_id == worker)
    if conn.execute(paged).first() is None:
        raise Refused("You were not paged for this alert.")
    return row  # type: ignore[no-any-return]
