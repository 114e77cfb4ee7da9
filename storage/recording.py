"""Effects to rows. A recorder gathers what a whole group of turns writes and writes each table once."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from sqlalchemy.engine import Connection

from flows.engine.conversation import Conversation
from flows.engine.effects import (
    Answered,
    Assessed,
    Cancel,
    CancelSends,
    CodeMade,
    ContactChanged,
    GoalChanged,
    Judged,
    Noted,
    PhoneMoved,
    PlanChanged,
    Raise,
    Recorded,
    Schedule,
    Send,
    SheetKept,
    Turn,
    Wipe,
)
from flows.engine.events import Event, Heard, Moved, WorkerSaid
from storage import bulk, moving, phones
from storage.arrivals import Arrival, DueTimer
from storage.crypto.keys import MOST_PEOPLE
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.failpoint import reach
from storage.ids import new_id
from storage.inbox import Inbound
from storage.last_door import admit
from storage.phones import Phone
from storage.raising import Raised, raise_alerts
from storage.schema import codes, consents, day, events, inbox, outbox, phone_messages, stamp, timers
from storage.vault import Vault, encode

SEQ_PER_TURN = 64  # messages of one turn keep their order; the engine walks at most 60 steps
PRIORITY = {"page": 0, "wipe": 0, "exit": 0, "cover": 0, "notice": 1, "session": 1, "news": 1}
UNASKED = 2
# How long a message may wait before it is better not sent at all: a late one may arrive in other hands.
LIFE = {
    "exit": timedelta(minutes=2),
    "cover": timedelta(minutes=2),
    "session": timedelta(minutes=10),
    "notice": timedelta(minutes=10),
}
LIFE_UNASKED = timedelta(minutes=30)
LIFE_WIPE = timedelta(hours=47)  # Telegram deletes nothing older than 48 h
# Outcome unknown: a cover said twice is odd, so it is dropped; a question asked twice is only a question.
POLICY = {"exit": "drop", "cover": "drop", "session": "reconcile", "notice": "reconcile"}
SECRET, UNSHOWN = ("move_code",), "••••-••••"  # what of a message the transcript does not keep


UNANSWERED = ("code", "keyword")  # how she came in; she has agreed to nothing yet but to be asked


class Recorder:
    """Collects rows turn by turn; `write` sends them, one statement a table, in the caller's transaction."""

    def __init__(self, conn: Connection, vault: Vault) -> None:
        self.conn, self.vault = conn, vault
        self.inbox: list[dict[str, Any]] = []
        self.persons: dict[str, tuple[Sealer, Conversation, int]] = {}  # her new state, and its version before
        self.open: list[tuple[dict[str, Any], Sealer, bytes, Place]] = []  # rows whose `sealed` is still to be made
        self.events: list[dict[str, Any]] = []
        self.outbox: list[dict[str, Any]] = []
        self.timers: list[dict[str, Any]] = []
        self.cancelled: list[tuple[int, str]] = []
        self.stopped: list[tuple[str, str, str]] = []
        self.fired: list[tuple[str]] = []
        self.phone: list[dict[str, Any]] = []
        self.codes: list[dict[str, Any]] = []
        self.senders: list[tuple[bytes, str]] = []
        self.raised: list[Raised] = []
        self.agreed: list[dict[str, Any]] = []
        self.ended: list[tuple[int, str]] = []

    def accept(self, mac: bytes, arrival: Arrival, owner: str, state: str) -> None:
        """The arrival is ours now. A failed message is kept, sealed, so that a worker can read what came."""
        if isinstance(arrival, DueTimer):
            self.fired.append((arrival.id,))
            return
        kept = None
        if state == "failed" and isinstance(arrival, Inbound):
            kept = self.vault.seal_system({"text": arrival.text, "at": stamp(arrival.at)}, "inbox", mac.hex()[:32])
        row = {"mac": mac, "day": day(stamp(arrival.at)), "owner_id": owner or None, "state": state, "sealed": kept}
        self.inbox.append(row)

    def unreadable(self, person: str, at: datetime) -> None:
        """Her row does not open: nothing can be said, so a worker must know at once (SAFETY 27)."""
        reason = "A message came from a person whose record cannot be opened. Tell the operator now."
        self.raised.append(Raised(person, None, Raise("P1", "fault", "fault.unreadable", ("fault",), (reason,)), at))

    def turn(  # noqa: C901 - one line a kind
        self,
        sealer: Sealer,
        before: Conversation,
        turn: Turn,
        event: Event,
        arrival: Arrival,
        hers: Phone | None,
        wrote: Phone | None = None,
    ) -> tuple[Raised, ...]:
        """All rows of one turn. Returns what it raises.

        `hers`: her phone as it was before the turn, where a session of hers stands. `wrote`: the one that a message
        came from: what is said goes there, without one to hers. A person without a phone is sent nothing.
        """
        after = turn.conversation
        ms = stamp(event.at)
        was = self.persons[after.person][2] if after.person in self.persons else before.turns
        self.persons[after.person] = (sealer, after, was)
        first_alert = len(self.raised)
        said: list[Send] = []
        place = 0
        leaving = False
        facts: list[object] = []
        for effect in turn.effects:
            match effect:
                case Send():
                    to = wrote or hers
                    if to is not None and admit(before, after, effect, event.at, to):
                        self._send(sealer, after, effect, to, place, ms, leaving)
                        said.append(effect)
                        place += 1
                case CancelSends():
                    leaving = True
                    self._leave(after.person, ms)
                case Wipe():
                    self._wipe(sealer, after, effect, hers, place, ms)
                    place += 1
                case CodeMade():
                    self.codes.append(moving.row(self.vault, effect.code, after.person, effect.good, "", event.at))
                case PhoneMoved():
                    pass  # done before anything is said on it
                case Raise():
                    self.raised.append(Raised(after.person, sealer, effect, event.at))
                case Schedule():
                    self._schedule(after.person, effect, ms)
                case Cancel():
                    self._stop(after.person, effect)
                case (
                    Answered()
                    | Assessed()
                    | Judged()
                    | Recorded()
                    | SheetKept()
                    | PlanChanged()
                    | GoalChanged()
                    | ContactChanged()
                    | Noted()
                ):
                    facts.append({type(effect).__name__: effect})
                case _:
                    assert_never(effect)
        self._events(sealer, after, turn, event, said, facts, ms)
        self._her_message(sealer, before, after, event, arrival, wrote, place)
        self._consent(after.person, before.contact.consent, after.contact.consent, ms)
        return tuple(self.raised[first_alert:])

    def _leave(self, person: str, ms: int) -> None:
        """What waits for her is taken back, the cover of an earlier exit too: one is enough."""
        lines = (person, line_of("exit", person))
        self.cancelled += [(ms - 1, line) for line in lines]
        self.outbox = [row for row in self.outbox if row["line"] not in lines]

    def wrote_to(self, sealer: Sealer, phone: Phone, number: str) -> Phone:
        """`number` of ours is what this phone knows us by: it is written from that one."""
        if not number or phone.channel != "sms" or self._knows_us_by(sealer, phone) == number:
            return phone
        sealed = phones.seal_sender(sealer, phone.id, phone.owner, number)
        self.senders.append((sealed, phone.id))
        return replace(phone, sender=sealed)

    def _knows_us_by(self, sealer: Sealer, phone: Phone) -> str:
        """Asked in every turn, so what a sealed one says is kept: a number of ours, nothing of hers."""
        if phone.sender is None:
            return ""
        sealed, opened = bytes(phone.sender), self.vault.senders
        if sealed not in opened:
            if len(opened) >= MOST_PEOPLE:
                opened.clear()
            opened[sealed] = sys.intern(phones.sender_of(sealer, phone.id, phone.owner, sealed))
        return opened[sealed]

    def _send(
        self, sealer: Sealer, after: Conversation, send: Send, to: Phone, place: int, ms: int, leaving: bool
    ) -> None:
        kind = "exit" if leaving and send.kind == "cover" and send.asked_for else send.kind
        life = LIFE[kind] if send.asked_for else LIFE_UNASKED
        session = after.session.id if after.session else ""
        payload = encode(send)
        priority = PRIORITY[kind] if send.asked_for else UNASKED
        session = session if to.state == "active" else ""
        self._out(sealer, after, to, payload, place, ms, kind, POLICY[kind], priority, life, session)

    def _wipe(self, sealer: Sealer, after: Conversation, wipe: Wipe, hers: Phone | None, place: int, ms: int) -> None:
        if hers is not None and hers.channel == "telegram":
            how = (encode({}), place, ms, "wipe", "repeat", PRIORITY["wipe"], LIFE_WIPE)
            self._out(sealer, after, hers, *how, wipe.session)

    def _out(
        self,
        sealer: Sealer,
        after: Conversation,
        to: Phone,
        payload: bytes,
        place: int,
        ms: int,
        kind: str,
        policy: str,
        priority: int,
        life: timedelta,
        session: str,
    ) -> None:
        row_id = new_id(ms)
        row = {
            "id": row_id,
            "owner_kind": "person",
            "owner_id": after.person,
            "address_id": to.id,
            "line": to.id if to.state == "cover" else line_of(kind, after.person),
            "seq": after.turns * SEQ_PER_TURN + place,
            "kind": kind,
            "policy": policy,
            "priority": priority,
            "status": "due",
            "due_at": ms,
            "expires_at": ms + int(life.total_seconds() * 1000),
            "claim": 0,
            "attempts": 0,
            "alert_id": None,
            "session": session,
            "sealed": b"",
        }
        self.outbox.append(row)
        self.open.append((row, sealer, payload, Place("outbox", "sealed", row_id, after.person, 0)))

    def _schedule(self, person: str, effect: Schedule, ms: int) -> None:
        row = {
            "id": new_id(ms),
            "due_at": stamp(effect.due),
            "kind": effect.kind,
            "owner_id": person,
            "key": effect.key,
        }
        self.timers.append(row)

    def _stop(self, person: str, effect: Cancel) -> None:
        which = (effect.kind, person, effect.key)
        self.timers = [row for row in self.timers if (row["kind"], row["owner_id"], row["key"]) != which]
        self.stopped.append((effect.kind, person, effect.key))

    def _events(
        self,
        sealer: Sealer,
        after: Conversation,
        turn: Turn,
        event: Event,
        said: list[Send],
        facts: list[object],
        ms: int,
    ) -> None:
        """Two rows at most: what was said, kept briefly, and what is for the record."""
        talk: dict[str, object] = {"at": ms, "event": type(event).__name__}
        if isinstance(event, Heard):
            talk["heard"] = turn.hide or event.text
            if turn.apart and not turn.hide:
                talk["apart"] = True
        if isinstance(event, WorkerSaid):
            talk["staff"] = event.staff
        if said:
            talk["sent"] = [_kept(send) for send in said]
        self._event(sealer, after, "talk", talk, ms)
        if facts:
            self._event(sealer, after, "record", {"at": ms, "facts": facts}, ms)

    def _event(self, sealer: Sealer, after: Conversation, kind: str, value: object, ms: int) -> None:
        row = {"person_id": after.person, "seq": after.turns, "kind": kind, "day": day(ms), "sealed": b""}
        self.events.append(row)
        self.open.append((row, sealer, encode(value), Place("events", kind, str(after.turns), after.person, 0)))

    def _her_message(
        self,
        sealer: Sealer,
        before: Conversation,
        after: Conversation,
        event: Event,
        arrival: Arrival,
        wrote: Phone | None,
        place: int,
    ) -> None:
        """Her own message of a session is on her phone too, and must go with the session (SAFETY 19).

        The code that moved her here goes at once: it is of no session, and it tells of another phone.
        """
        if not isinstance(arrival, Inbound) or not arrival.phone_message or wrote is None or wrote.state == "shut":
            return
        open_, ms = after.session or before.session, stamp(event.at)
        if isinstance(event, Moved):
            self._wipe(sealer, after, Wipe(event.fresh), wrote, place, ms)
            session = event.fresh
        elif open_ is not None and wrote.state == "active":
            session = open_.id
        else:
            return
        self.phone.append(phone_message(sealer, after.person, wrote.id, session, arrival.phone_message, ms))

    def _consent(self, person: str, was: str, now: str, ms: int) -> None:
        """The days of her answers: she agreed, she declined, she ended it, she came back."""
        declined, agreed = bool(was in UNANSWERED and not now), now == "self" != was
        if was and not now:
            self.ended.append((day(ms), person))
        if agreed or declined:
            row = {"id": new_id(ms), "person_id": person, "basis": was or now, "day": day(ms)}
            self.agreed.append(row | {"ended_day": day(ms) if declined else None})

    # the group's statements

    def write(self) -> None:
        """Everything gathered, in an order in which nothing cancels what the same group has just written."""
        conn = self.conn
        self._seal()
        bulk.insert(conn, inbox, self.inbox)
        reach("inbox.written")
        bulk.execute(conn, "DELETE FROM timers WHERE id = ?", self.fired)
        bulk.execute(conn, _CANCEL_SENDS, self.cancelled)
        bulk.execute(conn, "DELETE FROM timers WHERE kind = ? AND owner_id = ? AND key = ?", self.stopped)
        self._update_persons()
        bulk.insert(conn, events, self.events)
        bulk.insert(conn, outbox, self.outbox)
        bulk.upsert(conn, timers, self.timers, ("kind", "owner_id", "key"))
        bulk.insert(conn, phone_messages, self.phone)
        bulk.execute(conn, _END_CONSENT, self.ended)
        bulk.insert(conn, consents, self.agreed)
        bulk.insert(conn, codes, self.codes)
        bulk.execute(conn, "UPDATE addresses SET sender = ? WHERE id = ?", self.senders)
        if self.raised:
            raise_alerts(conn, self.vault, self.raised)

    def _seal(self) -> None:
        """All rows in one go: what is done again and again stays near the processor, and costs half (measured)."""
        for row, sealer, payload, place in self.open:
            row["sealed"] = sealer.seal(payload, place)

    def _update_persons(self) -> None:
        seal = self.vault.seal_state
        rows = [(after.turns, seal(sealer, after), who, was) for who, (sealer, after, was) in self.persons.items()]
        touched = bulk.execute(self.conn, _UPDATE_PERSON, rows)
        if touched not in (-1, len(self.persons)):
            raise RuntimeError("a person changed under a turn: the group is rolled back and nothing was answered")


def _kept(send: Send) -> dict[str, object]:
    """What the transcript makes the message from again; a one-time code is for nobody's eyes but hers."""
    params = dict(send.params) | {name: UNSHOWN for name in SECRET if name in send.params}
    kept: dict[str, object] = {"m": send.message, "p": params, "w": send.words, "k": send.kind, "l": send.language}
    if send.apart:
        kept["a"] = True
    return kept


def line_of(kind: str, person: str) -> str:
    """What is sent in order. An exit's cover and a wipe wait for nothing of hers that is in the air (SAFETY 18)."""
    return f"{kind}:{person}" if kind in ("exit", "wipe") else person


# What is in the air, or may have arrived, cannot be called back, but must not be tried again: it expires, and nobody
# waits for it (9).
_CANCEL_SENDS = """
    UPDATE outbox SET status = CASE status WHEN 'due' THEN 'cancelled' ELSE status END,
           expires_at = CASE status WHEN 'due' THEN expires_at ELSE ? END,
           priority = CASE status WHEN 'due' THEN priority ELSE 9 END
     WHERE line = ? AND status IN ('due', 'sending', 'checking')"""
_END_CONSENT = "UPDATE consents SET ended_day = ? WHERE person_id = ? AND ended_day IS NULL"
_UPDATE_PERSON = "UPDATE persons SET ver = ?, state = ? WHERE id = ? AND ver = ?"


def phone_message(sealer: Sealer, person: str, phone: str, session: str, message_id: str, ms: int) -> dict[str, Any]:
    row_id = new_id(ms)
    sealed = sealer.seal(message_id.encode(), Place("phone_messages", "sealed", row_id, person, 0))
    row = {"id": row_id, "person_id": person, "address_id": phone, "session": session, "at": ms}
    return row | {"state": "there", "sealed": sealed}
