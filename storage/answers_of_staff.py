"""A worker answers a page: `A 7F3` claims, `P 7F3` passes on, `?` asks what waits; 1 and 2 do it on the telephone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.claims import LONGEST_WORD, TooMany
from escalation.pages import Reply, read_reply
from escalation.ports import Refused
from flows.safety.gate import STOP_WORDS
from flows.safety.hours import zone
from storage import calls, claims, handing, methods, page_codes, reach, receipts
from storage.arrivals import Taken
from storage.audit import record
from storage.calls import Call
from storage.inbox import Inbound
from storage.paging import pass_on
from storage.schema import addresses, alerts, outbox, pages, stamp
from storage.telling import tell_one
from storage.vault import Vault

Said = tuple[str, dict[str, str]]
KEYS = {"1": "accept", "2": "pass"}
SPOKEN = {"page/passed": "page/call_passed", "page/passed_later": "page/call_passed_later"}


def take(conn: Connection, vault: Vault, worker: str, arrival: Inbound) -> Taken:
    """Answer the worker's message on the phone that it came from, in the same transaction as what it did.

    A phone that writes to us is open again, unless it wrote a carrier's stop word: then the next page would be lost.
    """
    stopped = arrival.carrier == "stop" or (arrival.channel == "sms" and arrival.text.strip().lower() in STOP_WORDS)
    reach.changed(conn, vault, reach.Door(arrival.channel, arrival.address, not stopped), arrival.at)
    macs = vault.addresses(arrival.channel, arrival.address)
    phone = conn.execute(sa.select(addresses).where(addresses.c.mac.in_(macs))).one()
    text = arrival.text or (arrival.button or "").rpartition(":")[2]
    if phone.state == "new":
        message, params = methods.replied(conn, vault, phone, text, arrival.at), dict[str, str]()
    else:
        message, params = _answer(conn, vault, phone, read_reply(text), arrival.at)
    if message and not stopped:
        tell_one(conn, vault, phone, message, params, arrival.at)
    return Taken("staff", worker)


def pressed(conn: Connection, vault: Vault, call: Call, token: str, key: str, now: datetime, reason: str = "") -> Said:
    """The key that was pressed in a call takes its alert, or passes it on, once. Returns what is to be spoken.

    A third urgent one is not taken without a `reason`, and the call may be answered again ('page/call_full').
    """
    page = conn.execute(sa.select(pages).where(pages.c.id == call.page)).first()
    if page is None or key not in KEYS or not calls.use(conn, vault, token):
        return "page/call_over", {}
    try:
        said = _pressed(conn, vault, page, KEYS[key], reason, now)
    except TooMany as refused:
        calls.ask_again(conn, vault, token)
        return "page/call_full", {"names": ", ".join(refused.free)}
    except Refused:
        said = "page/call_over", {}
    # Whatever the status callbacks say afterwards: this call arrived.
    conn.execute(sa.update(outbox).where(outbox.c.id == call.page).values(status="delivered"))
    return said


def _pressed(conn: Connection, vault: Vault, page: Any, answer: str, reason: str, now: datetime) -> Said:
    row = page_codes.of_page(conn, page)
    if answer == "accept":
        _claim(conn, vault, row, page.staff_id, now, reason)
        return "page/call_yours", {}
    message, params = _pass(conn, vault, row, page.staff_id, now)
    return SPOKEN.get(message, message), params


def listened(conn: Connection, call: Call) -> None:
    """Somebody took a call that asks for nothing: it arrived."""
    conn.execute(sa.update(outbox).where(outbox.c.id == call.page).values(status="delivered"))


def not_answered(conn: Connection, vault: Vault, call: Call, now: datetime) -> None:
    """Nobody, or a machine, or somebody who pressed nothing: the next method, or the next step, at once."""
    done = ("delivered", "failed")
    mine = sa.update(outbox).where(outbox.c.id == call.page, outbox.c.status.not_in(done))
    if not call.used and conn.execute(mine.values(status="failed", lease_until=None)).rowcount and call.alert:
        receipts.page_slipped(conn, vault, call.alert, call.page, now)


def _answer(conn: Connection, vault: Vault, phone: Any, reply: Reply, now: datetime) -> Said:
    worker = phone.owner_id
    try:
        match reply.answer:
            case "accept":
                row = page_codes.paged(conn, worker, phone.id, reply.code)
                row = _claim(conn, vault, row, worker, now, reply.reason)
                return "page/yours", {"ref": row.ref, "tier": row.tier}
            case "pass":
                return _pass(conn, vault, page_codes.paged(conn, worker, phone.id, reply.code), worker, now)
            case "ask":
                return _now(conn, phone, "page/now", "page/waiting")
            case "unread":
                return "page/how", {}
    except TooMany as refused:
        return "page/full", {"ref": reply.code, "names": ", ".join(refused.free)}
    except Refused as refused:
        if refused.holder:
            return "page/taken", {"name": refused.holder}
        return _now(conn, phone, "page/old", "page/refused")


def _now(conn: Connection, phone: Any, some: str, none: str) -> Said:
    """What can be done from this phone now: `some` with the codes that are open on it, `none` where there is none."""
    count = conn.execute(sa.select(sa.func.count()).where(alerts.c.state == "open")).scalar()
    codes = page_codes.open_here(conn, phone.owner_id, phone.id)
    return (some, {"count": str(count), "codes": ", ".join(codes)}) if codes else (none, {"count": str(count)})


def _claim(conn: Connection, vault: Vault, row: Any, worker: str, now: datetime, reason: str) -> Any:
    row = claims.claim(conn, vault, row.ref, worker, now, reason[:LONGEST_WORD])
    record(conn, vault, worker, "alert.claim", row.ref, now)
    return row


def _pass(conn: Connection, vault: Vault, row: Any, worker: str, now: datetime) -> tuple[str, dict[str, str]]:
    """What the holder passes on is nobody's first, so that the next can take it. Raises Refused."""
    if row.state not in ("open", "claimed"):
        raise Refused("Nobody waits for it now.")
    if row.offered_to == worker:
        handing.decline(conn, vault, row.ref, worker, now)
        record(conn, vault, worker, "alert.decline", row.ref, now)
        return "page/stays", {"ref": row.ref}
    if row.holder == worker:
        row = claims.let_go(conn, row, now)
        record(conn, vault, worker, "alert.release", row.ref, now)
    elif row.state == "claimed" and row.claim_until > stamp(now) and not claims.unanswered(row):
        name = claims.name_of(conn, row.holder)
        raise Refused(f"{name} has it already.", name)
    pass_on(conn, vault, row, worker, now)
    awake = vault.ladder.awake(row.tier, now)
    if awake > now:  # it is said when somebody hears of it, not that they do now
        return "page/passed_later", {"ref": row.ref, "time": f"{awake.astimezone(zone(vault.ladder.zone)):%H:%M}"}
    return "page/passed", {"ref": row.ref}
