"""Whether a worker may act in her chat now, and the arrival that the act becomes. The gate binds workers too."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy.engine import Connection

from escalation.ports import UNCONFIRMED, WATCHED, WATCHED_TRACES, PlanChange, Refused, StageSeen, Unconfirmed
from flows.engine import goals
from flows.engine.conversation import Conversation, Fact
from flows.engine.crisis_plan import named
from flows.engine.crisis_plan import refuses as refuses_plan
from flows.engine.events import (
    WorkerCleared,
    WorkerJoined,
    WorkerJudged,
    WorkerLeft,
    WorkerPlanned,
    WorkerRecorded,
    WorkerSaid,
    WorkerStaged,
)
from flows.engine.model import Instrument, Tier
from flows.safety import recorded
from flows.safety.judgement import refuses
from flows.safety.traces import leaves_traces
from storage.access import require
from storage.arrivals import Act
from storage.audit import record
from storage.cases import open_person
from storage.claims import renew_all
from storage.ids import new_id
from storage.reading import LONGEST_REASON, READING, may_read
from storage.schema import stamp
from storage.vault import Vault

ASKED_FOR = ".asked_for"  # in the audit: the worker has said that she asked for the link or number
ALL_THE_SAME = ".watched"  # the worker has said that it may show, though somebody else may be reading
What = Literal["join", "say", "left", "cleared"]


def admit(
    conn: Connection,
    vault: Vault,
    ref: str,
    worker: str,
    what: What,
    text: str,
    nonce: str,
    now: datetime,
    confirmed: bool = False,
) -> Act:
    """Raises Refused with what the worker can do instead."""
    row, _, state = open_person(conn, vault, ref)
    require(conn, row.id, worker, "talk", now)
    betrays = what == "say" and leaves_traces(text)
    if what == "say":
        _may_say(state, worker)
    shows = state.suspect and (what == "say" or (what == "join" and state.session is not None))
    must_confirm(shows, betrays, confirmed)
    record(conn, vault, worker, f"chat.{what}{told_apart(shows, betrays)}", row.ref, now)
    renew_all(conn, vault, worker, row.id, now)
    fresh = new_id(stamp(now))
    return Act(row.id, _event(what, worker, text, now, fresh, confirmed), nonce or fresh)


def must_confirm(shows: bool, betrays: bool, confirmed: bool) -> None:
    """`shows`: it shows on a phone that somebody else may be reading. `betrays`: it holds a link or a number.

    Raises Unconfirmed; Refused where it may not go out whatever the worker says, for who asked for it is not known.
    """
    if shows and betrays:
        raise Refused(WATCHED_TRACES)
    if (shows or betrays) and not confirmed:
        raise Unconfirmed(WATCHED if shows else UNCONFIRMED)


def told_apart(shows: bool, betrays: bool) -> str:
    """What the audit adds to the name of the act, when the worker confirmed it."""
    return ALL_THE_SAME if shows else ASKED_FOR if betrays else ""


def admit_judgement(
    conn: Connection,
    vault: Vault,
    instrument: Instrument | None,
    ref: str,
    worker: str,
    name: str,
    tier: Tier,
    reason: str,
    now: datetime,
    opening: str = "",
) -> Act:
    """Raises Refused with why the judgement cannot be made. Its reason stands in her record, not in the audit log."""
    row, _, state = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, opening, READING, now)
    tiers = state.memory.tiers
    refused = refuses(instrument, tiers.get(name), name in tiers, tier, reason)
    if refused:
        raise Refused(refused)
    record(conn, vault, worker, "case.judge", row.ref, now)
    renew_all(conn, vault, worker, row.id, now)
    fresh = new_id(stamp(now))
    return Act(row.id, WorkerJudged(now, worker, name, tier, reason.strip()[:LONGEST_REASON], fresh), fresh)


def admit_plan(
    conn: Connection, vault: Vault, ref: str, worker: str, change: PlanChange, nonce: str, now: datetime
) -> Act:
    """Raises Refused. What is changed stands in her record, not in the audit log."""
    row, _, state = open_person(conn, vault, ref)
    require(conn, row.id, worker, "plan", now)
    fresh = new_id(stamp(now))
    event = planned(change, worker, now, fresh)
    refused = refuses_plan(named(state.plan, change.name), event)
    if refused:
        raise Refused(refused)
    record(conn, vault, worker, "case.plan", row.ref, now)
    renew_all(conn, vault, worker, row.id, now)
    return Act(row.id, event, f"plan {change.name} {nonce}" if nonce else fresh)


def planned(change: PlanChange, worker: str, now: datetime, fresh: str = "") -> WorkerPlanned:
    said = (change.name, change.status, change.words, change.review_on, change.seen)
    return WorkerPlanned(now, worker, *said, fresh)


def admit_record(
    conn: Connection, vault: Vault, ref: str, worker: str, fact: Fact, value: str, now: datetime, reason: str = ""
) -> Act:
    """Raises Refused with why it cannot be recorded. The audit names the fact; its value stands in her record."""
    row, _, state = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, READING, now)
    refused = recorded.refuses(state.contact, state.memory, fact, value)
    if refused:
        raise Refused(refused)
    record(conn, vault, worker, recording(fact, value), row.ref, now)
    renew_all(conn, vault, worker, row.id, now)
    fresh = new_id(stamp(now))
    return Act(row.id, WorkerRecorded(now, worker, fact, value, fresh), fresh)


def admit_stage(
    conn: Connection, vault: Vault, ref: str, worker: str, seen: StageSeen, now: datetime, reason: str = ""
) -> Act:
    """Raises Refused with why it cannot be recorded. Goal and stage stand in her record, not in the audit log."""
    row, _, state = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, READING, now)
    fresh = new_id(stamp(now))
    event = staged(seen, worker, now, fresh)
    refused = goals.refuses(state.goals, event)
    if refused:
        raise Refused(refused)
    record(conn, vault, worker, "case.stage", row.ref, now)
    renew_all(conn, vault, worker, row.id, now)
    return Act(row.id, event, fresh)


def staged(seen: StageSeen, worker: str, now: datetime, fresh: str = "") -> WorkerStaged:
    return WorkerStaged(now, worker, seen.goal, seen.set_at, seen.stage, fresh)


def recording(fact: Fact, value: str) -> str:
    """What the audit log calls it."""
    return f"case.{'record' if value else 'withdraw'}.{fact}"


def _may_say(state: Conversation, worker: str) -> None:
    if state.session is None:
        raise Refused("Her chat is closed. She opens it with her word; you will be in it then.")
    if state.session.worker != worker:
        raise Refused("Join the chat first.")


def _event(
    what: What, worker: str, text: str, now: datetime, fresh: str, confirmed: bool
) -> WorkerJoined | WorkerSaid | WorkerLeft | WorkerCleared:
    match what:
        case "join":
            return WorkerJoined(now, worker, fresh, confirmed)
        case "say":
            return WorkerSaid(now, worker, text, fresh, confirmed)
        case "left":
            return WorkerLeft(now, worker, fresh)
        case "cleared":
            return WorkerCleared(now, worker, fresh)
