"""What waits to be sent: claimed with a lease in one short transaction, sent outside of any, then marked.

The lease carries a number. A mark under an old number is refused, so a sender that slept cannot undo what another did.
    due ─> sending ─> sent ─> delivered | failed          due ─> cancelled | expired
             └─ lease ran out ─> due (repeat) | checking (reconcile) | unknown (drop)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from escalation.ladder import URGENT as URGENT_TIERS
from flows.engine.effects import Raise
from storage import answering, carriers, off_cover, reach
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.grouping import gathered, left_behind, sent_with
from storage.ids import new_id
from storage.late import expire
from storage.raising import Raised, raise_alerts
from storage.receipts import page_slipped
from storage.recording import LIFE_WIPE, PRIORITY, line_of, phone_message
from storage.schema import outbox, persons, phone_messages, stamp
from storage.sendings import URGENT, Sending, opened
from storage.vault import Vault, encode

LEASE = timedelta(seconds=45)  # longer than any request to a provider may take (30 s)
SETTLING = timedelta(seconds=2)  # a provider's message list shows a fresh message after about a second
BATCH = 64  # rows claimed at once; a claim is one statement, a send is one request each
SENDER_GONE = (
    "The number of ours that her phone knows is not in the settings any more, so another one was used."
    " Tell the operator now."
)
# One way only: a later report with a lower rank changes nothing (FACTS.md: callbacks come in any order).
RANK = {"due": 0, "sending": 1, "checking": 1, "unknown": 2, "sent": 3, "failed": 4, "delivered": 5}
PROVIDER_STATUS = {"delivered": "delivered", "read": "delivered", "undelivered": "failed", "failed": "failed"}


# claim


def _ready(*more: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Due, its turn in its line, nothing of its line in the air."""
    before = outbox.alias()
    blocked = sa.exists().where(
        before.c.line == outbox.c.line,
        before.c.status.in_(("due", "sending", "checking")),
        before.c.seq < outbox.c.seq,
        before.c.lead.is_(None),
    )
    flying = sa.exists().where(before.c.line == outbox.c.line, before.c.status == "sending")
    return (
        sa.select(outbox)
        .where(
            outbox.c.status.in_(("due", "checking")),
            outbox.c.due_at <= sa.bindparam("now"),
            outbox.c.lead.is_(None),
            ~blocked,
            ~flying,
            *more,
        )
        .order_by(outbox.c.priority, outbox.c.due_at, outbox.c.id)
        .limit(BATCH)
    )


# Built once: they are asked several times a second, and building them took most of their time.
_READY, _READY_URGENT = _ready(), _ready(outbox.c.kind.in_(URGENT))


def claim(conn: Connection, vault: Vault, now: datetime, urgent: bool = False) -> list[Sending]:
    """The most urgent rows whose turn it is, leased to the caller. What is too late is expired instead of sent.

    `urgent`: only what waits for nothing (URGENT), for a caller who has no room for more.
    """
    ms = stamp(now)
    expire(conn, vault, now)
    left_behind(conn)
    ready = _READY_URGENT if urgent else _READY
    query = ready.with_for_update(skip_locked=True) if conn.dialect.name == "postgresql" else ready
    rows = conn.execute(query, {"now": ms}).all()
    rows = _one_a_line(rows)
    if not rows:
        return []
    # A row that is being looked up keeps the time of the claim whose outcome is unknown.
    claimed = sa.case((outbox.c.status == "checking", outbox.c.claimed_at), else_=ms)
    lease = {"lease_until": ms + _millis(LEASE), "claimed_at": claimed}
    conn.execute(
        sa.update(outbox)
        .where(outbox.c.id == sa.bindparam("b_id"))
        .values(status="sending", claim=outbox.c.claim + 1, attempts=outbox.c.attempts + 1, **lease),
        [{"b_id": row.id} for row in rows],
    )
    sendings, unsent = opened(conn, vault, rows, now)
    for one in unsent:
        _finish(conn, one.row.id, one.row.claim + 1, one.status, one.code)
        if one.status == "dead" and one.row.owner_kind == "person":
            _tell(conn, vault, one.row.owner_id, "A message to her could not be opened and was not sent.", now)
        elif one.status == "dead" and one.row.alert_id:
            page_slipped(conn, vault, one.row.alert_id, one.row.id, now)
    return gathered(conn, vault, sendings, now)


def _one_a_line(rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    first: dict[str, Row[Any]] = {}
    for row in rows:
        first.setdefault(row.line, row)
    return list(first.values())


# mark


def sent(
    conn: Connection, vault: Vault, sending: Sending, provider_id: str, now: datetime, status: str = "sent"
) -> bool:
    """The provider has it. On a channel that can delete, remember the message for the wipe of its session."""
    mac = vault.message(sending.channel, provider_id)
    query = sa.update(outbox).where(outbox.c.id == sending.id, outbox.c.claim == sending.claim)
    over = outbox.c.status.in_(("delivered", "failed"))  # a call may be answered before it is marked as made
    further = sa.case((over, outbox.c.status), else_=status)
    if conn.execute(query.values(status=further, provider_mac=mac, lease_until=None, code=None)).rowcount == 0:
        return False
    if sending.send is not None and sending.send.message == answering.WORDS:
        answering.reached(conn, sending.owner, now)
    if sending.page is not None:
        sent_with(conn, sending.id, {"status": status, "provider_mac": mac})
        if status == "delivered":
            carriers.heard(conn, sending.channel, now)
    if sending.channel == "telegram" and sending.session and sending.send is not None:
        _remember(conn, vault, sending, provider_id, now)
    return True


def marked(conn: Connection, vault: Vault, channel: str, provider_ids: Sequence[str]) -> set[str]:
    """Those of a provider's messages that a row was marked with."""
    macs = {vault.message(channel, one): one for one in provider_ids}
    query = sa.select(outbox.c.provider_mac).where(outbox.c.provider_mac.in_(list(macs)))
    return {macs[bytes(mac)] for mac in conn.execute(query).scalars()}


def _remember(conn: Connection, vault: Vault, sending: Sending, provider_id: str, now: datetime) -> None:
    wdek = conn.execute(sa.select(persons.c.wdek).where(persons.c.id == sending.owner)).scalar()
    if wdek is None:
        return
    sealer = vault.sealer(sending.owner, bytes(wdek))
    conn.execute(
        sa.insert(phone_messages),
        phone_message(sealer, sending.owner, sending.phone, sending.session, provider_id, stamp(now)),
    )
    wiped = sa.select(outbox.c.id).where(
        outbox.c.line == line_of("wipe", sending.owner),
        outbox.c.session == sending.session,
        outbox.c.address_id == sending.phone,
        outbox.c.status != "due",
    )
    if conn.execute(wiped).first() is not None:  # it was in the air when she left: wipe once more
        conn.execute(sa.insert(outbox), wipe_row(sealer, sending.owner, sending.phone, sending.session, now))


def wipe_row(sealer: Sealer, person: str, phone: str, session: str, now: datetime) -> dict[str, Any]:
    ms = stamp(now)
    row_id = new_id(ms)
    return {
        "id": row_id,
        "owner_kind": "person",
        "owner_id": person,
        "address_id": phone,
        "line": line_of("wipe", person),
        "seq": ms,
        "kind": "wipe",
        "policy": "repeat",
        "priority": PRIORITY["wipe"],
        "status": "due",
        "due_at": ms,
        "expires_at": ms + _millis(LIFE_WIPE),
        "claim": 0,
        "attempts": 0,
        "alert_id": None,
        "session": session,
        "sealed": sealer.seal(encode({}), Place("outbox", "sealed", row_id, person, 0)),
    }


def wiped(conn: Connection, vault: Vault, sending: Sending, left: Sequence[str], now: datetime) -> None:
    """Forget what was deleted. What could not be is shown honestly to a worker (SAFETY 19)."""
    stuck = [row_id for row_id, message in sending.wipe or () if message in left]
    gone = [row_id for row_id, message in sending.wipe or () if message not in left]
    conn.execute(sa.delete(phone_messages).where(phone_messages.c.id.in_(gone)))
    if stuck:
        conn.execute(sa.update(phone_messages).where(phone_messages.c.id.in_(stuck)).values(state="stuck"))
        why = f"{len(stuck)} messages could not be deleted from her phone."
        _tell(conn, vault, sending.owner, why, now, "task.wipe")
    _finish(conn, sending.id, sending.claim, "sent", None)


def wanted(conn: Connection, sending: Sending, now: datetime) -> bool:
    """Whether a row that waited for its provider's pace may still go: not after an exit, not when it is too late."""
    query = sa.select(outbox.c.id).where(
        outbox.c.id == sending.id,
        outbox.c.claim == sending.claim,
        outbox.c.status == "sending",
        outbox.c.expires_at >= stamp(now),
    )
    return conn.execute(query).first() is not None


def unwanted(conn: Connection, sending: Sending) -> None:
    """It waited in vain: nothing is sent. A row that another has taken meanwhile is left to that one."""
    mine = sa.and_(outbox.c.id == sending.id, outbox.c.claim == sending.claim, outbox.c.status == "sending")
    conn.execute(sa.update(outbox).where(mine).values(status="expired", lease_until=None, code="waited"))


def later(conn: Connection, sending: Sending, at: datetime, code: str) -> None:
    """Try again then; certainly not accepted. What was uncertain before stays so: it is looked up first."""
    values = {
        "status": "checking" if sending.checking else "due",
        "due_at": stamp(at),
        "lease_until": None,
        "code": code[:32],
    }
    _mark(conn, sending.id, sending.claim, values)


def held_up(conn: Connection, vault: Vault, sending: Sending, now: datetime) -> None:
    """An urgent page does not wait for a provider that refuses it: another method, or somebody else, is tried."""
    if sending.alert and sending.page is not None and sending.page["params"].get("tier") in URGENT_TIERS:
        page_slipped(conn, vault, sending.alert, sending.id, now)


def uncertain(conn: Connection, sending: Sending, at: datetime, code: str) -> None:
    """Perhaps accepted: the message's own policy decides what a second try may do."""
    status = {"repeat": "due", "reconcile": "checking", "drop": "unknown"}[sending.policy]
    _mark(
        conn, sending.id, sending.claim, {"status": status, "due_at": stamp(at), "lease_until": None, "code": code[:32]}
    )


def unsure(conn: Connection, vault: Vault, sending: Sending, code: str, why: str, now: datetime) -> None:
    """It may be on her phone, even twice: not sent again, and a worker knows (SAFETY 27)."""
    _finish(conn, sending.id, sending.claim, "unknown", code)
    if sending.hers:  # of a page nobody is told: the ladder goes on; of news the case page tells
        _tell(conn, vault, sending.owner, why, now, "task.unsure")


def dead(
    conn: Connection, vault: Vault, sending: Sending, code: str, why: str, now: datetime, shut: bool = False
) -> None:
    """It will not arrive: somebody must find another way (SAFETY 4, 27). `shut`: that phone takes nothing of ours."""
    _finish(conn, sending.id, sending.claim, "dead", code)
    if sending.news is not None:
        return  # the case page tells who pressed
    if sending.hers and code == reach.CARRIERS_STOP:
        reach.stopped(conn, sending.owner, sending.phone, now)
    elif sending.hers:
        _tell(conn, vault, sending.owner, why, now, "task.unreachable")
    elif shut:
        reach.changed(conn, vault, reach.Door(sending.channel, sending.address, False), now)
    else:
        off_cover.lost(conn, vault, sending.owner, now)
    if sending.alert:
        page_slipped(conn, vault, sending.alert, sending.id, now)


def sender_gone(conn: Connection, vault: Vault, sending: Sending, now: datetime) -> None:
    """The number of ours that her phone knows is not in the settings any more: on her screen another one writes."""
    effect = Raise("P1", "fault", "fault.sender", ("fault.sender",), (SENDER_GONE,))
    raise_alerts(conn, vault, [Raised(sending.owner, None, effect, now)])


def _back(policy: str, status: str) -> sa.Update:
    ran_out = sa.and_(outbox.c.status == "sending", outbox.c.lease_until < sa.bindparam("now"))
    return sa.update(outbox).where(ran_out, outbox.c.policy == policy).values(status=status, lease_until=None)


_BACK = (_back("repeat", "due"), _back("reconcile", "checking"), _back("drop", "unknown"))


def expired_leases(conn: Connection, now: datetime) -> int:
    """Rows whose sender died: back by their policy. Run by every replica, harmless twice."""
    return sum(conn.execute(query, {"now": stamp(now)}).rowcount for query in _BACK)


def orphaned(conn: Connection, now: datetime) -> int:
    """At the start of a database's only process: whoever held a lease is dead, and nobody needs to wait for it.

    A moment is left all the same, for a provider that is still taking a request of the dead one's.
    """
    held = sa.update(outbox).where(outbox.c.status == "sending")
    conn.execute(held.values(lease_until=0, due_at=stamp(now + SETTLING)))
    return expired_leases(conn, now)


@dataclass(frozen=True, slots=True)
class Report:
    """How far a message got, in the provider's words; `code` is its error's number, or ''."""

    channel: str
    provider_id: str
    status: str
    code: str = ""


def report(conn: Connection, vault: Vault, said: Report, now: datetime) -> bool:
    """A provider's status callback. False when the message is not known (yet): the provider will say it again."""
    mac = vault.message(said.channel, said.provider_id)
    rows = conn.execute(sa.select(outbox).where(outbox.c.provider_mac == mac).with_for_update()).all()
    for row in rows:  # several pages may be in one message
        _reported(conn, vault, row, said, now)
    return bool(rows)


def _reported(conn: Connection, vault: Vault, row: Row[Any], said: Report, now: datetime) -> None:
    new = PROVIDER_STATUS.get(said.status)
    if new is None or RANK.get(row.status, 9) >= RANK[new]:
        return
    conn.execute(sa.update(outbox).where(outbox.c.id == row.id).values(status=new, code=said.code[:32] or None))
    if new == "failed" and row.owner_kind == "person" and said.code == reach.CARRIERS_STOP:
        reach.stopped(conn, row.owner_id, row.address_id, now)
    elif new == "failed" and row.owner_kind == "person":
        why = f"A message did not arrive on her phone (code {said.code})."
        _tell(conn, vault, row.owner_id, why, now, "task.undelivered")
    elif new == "delivered" and row.owner_kind == "staff":
        carriers.heard(conn, said.channel, now)
    elif new == "failed" and row.owner_kind == "staff":
        off_cover.lost(conn, vault, row.owner_id, now)
        if row.alert_id:
            page_slipped(conn, vault, row.alert_id, row.id, now)


def _tell(conn: Connection, vault: Vault, person: str, why: str, now: datetime, key: str = "task.delivery") -> None:
    raise_alerts(conn, vault, [Raised(person, None, Raise("P2", "task", key, (key,), (why,)), now)])


def _finish(conn: Connection, row_id: str, number: int, status: str, code: str | None) -> None:
    _mark(conn, row_id, number, {"status": status, "lease_until": None, "code": code[:32] if code else None})


def _mark(conn: Connection, row_id: str, number: int, values: dict[str, Any]) -> None:
    conn.execute(sa.update(outbox).where(outbox.c.id == row_id, outbox.c.claim == number).values(**values))


def _millis(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
