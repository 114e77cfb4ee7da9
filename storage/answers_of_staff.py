"""A worker texts back to a page: `A 7F3` claims, `P 7F3` passes on, `?` asks what waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.pages import Reply, read_reply
from escalation.ports import Refused
from flows.safety.gate import STOP_WORDS
from storage import claims, reach
from storage.arrivals import Taken
from storage.audit import record
from storage.inbox import Inbound
from storage.paging import pass_on
from storage.schema import alerts, pages, stamp
from storage.telling import tell
from storage.vault import Vault


def take(conn: Connection, vault: Vault, worker: str, arrival: Inbound) -> Taken:
    """Answer the worker's message, in the same transaction as what it did.

    A phone that writes to us is open again, unless it wrote a carrier's stop word: then the next page would be lost.
    """
    stopped = arrival.carrier == "stop" or (arrival.channel == "sms" and arrival.text.strip().lower() in STOP_WORDS)
    reach.changed(conn, vault, reach.Door(arrival.channel, arrival.address, not stopped), arrival.at)
    text = arrival.text or (arrival.button or "").rpartition(":")[2]
    message, params = _answer(conn, vault, worker, read_reply(text), arrival)
    tell(conn, vault, worker, message, params, arrival.at)
    return Taken("staff", worker)


def _answer(conn: Connection, vault: Vault, worker: str, reply: Reply, arrival: Inbound) -> tuple[str, dict[str, str]]:
    try:
        match reply.answer:
            case "accept":
                row = _paged(conn, reply.ref, worker)
                row = claims.claim(conn, vault, row.ref, worker, arrival.at)
                record(conn, vault, worker, "alert.claim", row.ref, arrival.at)
                return "page/yours", {"ref": row.ref, "tier": row.tier}
            case "pass":
                row = _pass(conn, vault, _paged(conn, reply.ref, worker), worker, arrival.at)
                return "page/passed", {"ref": row.ref}
            case "ask":
                count = conn.execute(sa.select(sa.func.count()).where(alerts.c.state == "open")).scalar()
                return "page/waiting", {"count": str(count)}
            case "unread":
                return "page/how", {}
    except Refused as refused:
        return ("page/taken", {"name": refused.holder}) if refused.holder else ("page/refused", {})


def _pass(conn: Connection, vault: Vault, row: Any, worker: str, now: datetime) -> Any:
    """What the holder passes on is nobody's first, so that the next can take it. Raises Refused."""
    if row.state == "resolved":
        raise Refused("This alert is resolved.")
    if row.holder == worker:
        row = claims.release(conn, row.ref, worker, row.claim, now)
        record(conn, vault, worker, "alert.release", row.ref, now)
    elif row.state == "claimed" and row.claim_until > stamp(now) and not claims.unanswered(row):
        name = claims.name_of(conn, row.holder)
        raise Refused(f"{name} has it already.", name)
    pass_on(conn, vault, row, worker, now)
    return row


def _paged(conn: Connection, ref: str, worker: str) -> Any:
    """Codes are bound to who was paged: another's code, read over a shoulder, opens nothing."""
    row = claims.find(conn, ref)
    paged = sa.select(pages.c.id).where(pages.c.alert_id == row.id, pages.c.staff_id == worker)
    if conn.execute(paged).first() is None:
        raise Refused("You were not paged for this alert.")
    return row
