"""A group of turns in one transaction: load, accept, step, record. Reads top to bottom; `take` is the whole path.

One query loads, a few `executemany`s record, one commit makes all of it durable before any provider is answered. A
second arrival of the same person in a group steps on from where the first left her, in order of arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flows.engine.conversation import Contact, Conversation
from flows.engine.effects import PhoneMoved, Turn
from flows.engine.events import Event, Joined, Moved, WorkerGone
from flows.text.canonical import canonical
from storage import answers_of_staff, bulk, moving, people, phones, presence, throttle
from storage.arrivals import Act, Arrival, DueTimer, Taken, event_of
from storage.crypto.errors import BadAddress, CryptoProblem
from storage.enrolment import enrol
from storage.failpoint import reach
from storage.ids import new_id
from storage.inbox import Inbound
from storage.last_door import refuse_out_of_session
from storage.people import Joining
from storage.phones import Phone
from storage.raising import Raised
from storage.recording import Recorder
from storage.schema import addresses, persons, stamp, timers
from storage.vault import Vault

Decide = Callable[[Conversation, Event], Turn]
State = Literal["done", "failed"]
Rescue = Callable[[Conversation, Event, Exception], Turn]

ASKED_AT_ONCE = 500  # values of one query; SQLite takes 32,766


@dataclass(frozen=True, slots=True)
class Waiting:
    """An arrival with what finds it: `mac` makes it one, `lines` are the hashes of the address it came from."""

    arrival: Arrival
    mac: bytes
    lines: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A recipient of aggression with her opened state; `before` is None when her row cannot be opened."""

    person: str
    wdek: bytes
    before: Conversation | None
    error: Exception | None = None


def take(
    conn: Connection, vault: Vault, arrivals: Sequence[Arrival], decide: Decide, rescue: Rescue, joining: Joining
) -> list[Taken]:
    """Take a group of arrivals. An engine error is isolated: that one is kept as failed and staff are told."""
    waiting = [_waiting(vault, arrival) for arrival in arrivals]
    group = _Group(conn, vault, decide, rescue, joining)
    group.load(waiting)
    seen = _seen(conn, waiting)
    reach("inbox.before")
    taken = []
    for one in waiting:
        again = one.mac in seen
        seen.add(one.mac)
        taken.append(_again(one) if again else group.turn(one))
    group.record.write()
    reach("turn.written")
    return taken


# accept


def _waiting(vault: Vault, arrival: Arrival) -> Waiting:
    """What makes this arrival one: the provider's id, the nonce of the act, the timer's row."""
    match arrival:
        case Inbound():
            return Waiting(arrival, vault.message(arrival.channel, arrival.provider_id), address_macs(vault, arrival))
        case Act():
            return Waiting(arrival, vault.message("desk", arrival.nonce))
        case DueTimer():
            return Waiting(arrival, arrival.id.encode())


def address_macs(vault: Vault, inbound: Inbound) -> tuple[bytes, ...]:
    try:
        return vault.addresses(inbound.channel, inbound.address)
    except BadAddress:
        return ()  # a short code or an alphanumeric sender: nobody of ours


def _seen(conn: Connection, waiting: Sequence[Waiting]) -> set[bytes]:
    """Arrivals that were taken before. Asked after the people are locked, so that two replicas cannot both say no."""
    wanted = [one.mac for one in waiting if not isinstance(one.arrival, DueTimer)]
    found = {bytes(row[0]) for row in bulk.select(conn, _SEEN, wanted)}
    ids = [one.arrival.id for one in waiting if isinstance(one.arrival, DueTimer)]
    if ids:
        standing = set(conn.execute(_STANDING, {"ids": ids}).scalars())
        found |= {i.encode() for i in ids if i not in standing}
    return found


def untaken(conn: Connection, vault: Vault, found: Sequence[Inbound]) -> list[Inbound]:
    """Those of a provider's messages that no turn has taken, in their order. Only a look: `take` asks again."""
    seen: set[bytes] = set()
    macs = [vault.message(one.channel, one.provider_id) for one in found]
    for start in range(0, len(macs), ASKED_AT_ONCE):
        seen.update(bytes(row[0]) for row in bulk.select(conn, _SEEN, macs[start : start + ASKED_AT_ONCE]))
    return [one for one, mac in zip(found, macs, strict=True) if mac not in seen]


def _again(one: Waiting) -> Taken:
    return Taken("gone" if isinstance(one.arrival, DueTimer) else "duplicate")


_SEEN = "SELECT mac FROM inbox WHERE mac IN (?)"
_STANDING = sa.select(timers.c.id).where(timers.c.id.in_(sa.bindparam("ids", expanding=True)))


class _Group:
    """One transaction's people and rows."""

    def __init__(self, conn: Connection, vault: Vault, decide: Decide, rescue: Rescue, joining: Joining) -> None:
        self._conn, self._vault, self._joining = conn, vault, joining
        self._decide, self._rescue = decide, rescue
        self._people: dict[str, Known] = {}
        self._staff: dict[bytes, str] = {}
        self._phones: dict[bytes, Phone] = {}  # recipients', by the hash of the address
        self._hers: dict[str, Phone] = {}  # by person, the one that is active
        self._allowed: dict[bytes, bool] = {}  # by arrival, whether it is looked at as a code
        self.record = Recorder(conn, vault)

    # load

    def load(self, waiting: Sequence[Waiting]) -> None:
        """Everybody the group is about: by address hash, and by id those whose own phone did not write."""
        macs = [mac for one in waiting for mac in one.lines]
        ids = {one.arrival.person for one in waiting if not isinstance(one.arrival, Inbound)}
        texts = [one.arrival for one in waiting if isinstance(one.arrival, Inbound)]
        ids |= moving.whose(self._conn, self._vault, [each.text for each in texts if moving.may_be_code(each)])
        if self._conn.dialect.name == "postgresql":
            self._lock(macs, ids)
        for mac, kind, owner, phone, channel, state_, sender, *her in bulk.select(self._conn, _BY_ADDRESS, macs):
            if kind == "staff":
                self._staff[bytes(mac)] = owner
                continue
            self._found(bytes(mac), Phone(phone, owner, channel, state_, sender))
            self._open(owner, *her)
        missing = sorted((ids | {phone.owner for phone in self._phones.values()}) - self._hers.keys())
        if missing:
            for owner, phone, channel, sender, *her in self._conn.execute(_BY_ID, {"ids": missing}):
                if phone is not None:
                    self._hers[owner] = Phone(phone, owner, channel, "active", sender)
                self._open(owner, *her)

        if self._conn.dialect.name == "postgresql":
            throttle.hold(self._conn, self._vault, self._tries(waiting), max(one.arrival.at for one in waiting))

    def _tries(self, waiting: Sequence[Waiting]) -> set[bytes]:
        """The addresses from which something came that may be a try at a code."""
        tries = (one for one in waiting if isinstance(one.arrival, Inbound) and self._is_try(one, one.arrival))
        return {one.lines[0] for one in tries}

    def _found(self, mac: bytes, phone: Phone) -> None:
        self._phones[mac] = phone
        if phone.state == "active":
            self._hers[phone.owner] = phone

    def _lock(self, macs: Sequence[bytes], ids: set[str]) -> None:
        """In one order everywhere, so that two replicas wait for each other instead of dying together."""
        owners = self._conn.execute(_OWNERS, {"macs": macs}).scalars() if macs else ()
        self._conn.execute(_LOCK, {"ids": sorted(ids | set(owners))})

    def _open(self, person: str, ver: int, wdek: bytes, state: bytes) -> None:
        if person in self._people:
            return
        try:
            before = self._vault.open_state(person, bytes(wdek), bytes(state), ver)
            self._people[person] = Known(person, bytes(wdek), before)
        except (CryptoProblem, ValueError) as error:
            self._people[person] = Known(person, bytes(wdek), None, error)

    # step and record

    def turn(self, one: Waiting) -> Taken:
        """One arrival, whoever it is from."""
        worker = next((self._staff[mac] for mac in one.lines if mac in self._staff), "")
        if worker and isinstance(one.arrival, Inbound):
            self.record.accept(one.mac, one.arrival, worker, "done")
            if one.arrival.call:
                return Taken("staff", worker)  # no answer to a page, and nothing to answer
            return answers_of_staff.take(self._conn, self._vault, worker, one.arrival)
        code = self._code(one)
        if code is not None:
            return self._move(one, code)
        who = self._who(one)
        if who is None:
            return self._stranger(one)
        if who.before is None:
            return self._unreadable(one, who)
        if isinstance(one.arrival, Act) and presence.comes_too_late(self._conn, who.person, one.arrival.event):
            return Taken("gone", who.person)
        return self._step(one, who, who.before)

    def _unreadable(self, one: Waiting, who: Known) -> Taken:
        self.record.accept(one.mac, one.arrival, who.person, "failed")
        self.record.unreadable(who.person, one.arrival.at)
        return Taken("failed", who.person, error=who.error)

    def _who(self, one: Waiting) -> Known | None:
        if not isinstance(one.arrival, Inbound):
            return self._people.get(one.arrival.person)
        phone = self._wrote(one)
        return self._people[phone.owner] if phone is not None else None

    def _wrote(self, one: Waiting) -> Phone | None:
        """The recipient's phone that this came from."""
        for mac in one.lines:
            if mac in self._phones:
                return self._phones[mac]
        return None

    def _step(self, one: Waiting, who: Known, before: Conversation) -> Taken:
        phone = self._wrote(one)
        event = event_of(self._vault, one.arrival, who.person, before, phone)
        error: Exception | None = None
        try:
            before = before if isinstance(event, WorkerGone) else self._told(who, before, event.at)
            turn = self._decide(before, event)
            refuse_out_of_session(turn)
        except Exception as failure:  # noqa: BLE001 - the engine's, whatever it is: kept, and told to staff
            error, turn = failure, self._rescue(before, event, failure)
        state: State = "failed" if error else "done"
        raised = self._keep(one, who, before, turn, event, state, phone)
        return Taken(state, who.person, turn, raised, error)

    def _told(self, who: Known, before: Conversation, at: datetime) -> Conversation:
        """Of a worker who is not there any more she hears first, in a turn of its own, whatever came in."""
        missed = presence.missed(self._conn, before, at)
        if missed is None:
            return before
        worker, asked = missed
        kind = presence.GONE if asked else presence.DONE
        timer = DueTimer("", who.person, kind, worker, at)  # of no row: nothing is to be taken away
        event = event_of(self._vault, timer, who.person, before, None)
        turn = self._decide(before, event)
        sealer = self._vault.sealer(who.person, who.wdek)
        self.record.turn(sealer, before, turn, event, timer, self._hers.get(who.person))
        return turn.conversation

    def _keep(
        self,
        one: Waiting,
        who: Known,
        before: Conversation,
        turn: Turn,
        event: Event,
        state: State,
        wrote: Phone | None,
        hers: Phone | None = None,
    ) -> tuple[Raised, ...]:
        """`hers`: her phone before the turn, where the turn has changed it."""
        self.record.accept(one.mac, one.arrival, who.person, state)
        self._people[who.person] = Known(who.person, who.wdek, turn.conversation)
        sealer = self._vault.sealer(who.person, who.wdek)
        if wrote is not None and isinstance(one.arrival, Inbound):
            wrote = self.record.wrote_to(sealer, wrote, one.arrival.to)
            self._found(one.lines[0], wrote)
        hers = hers or self._hers.get(who.person)
        return self.record.turn(sealer, before, turn, event, one.arrival, hers, wrote)

    # another phone

    def _code(self, one: Waiting) -> moving.Code | None:
        """An open code, written where it can move a chat to: a stranger's phone, or one that its person has left.

        From either it is guessed as a joining code is, and counted with those: what is too much is not looked at.
        """
        phone = self._wrote(one)
        if not isinstance(one.arrival, Inbound) or not self._heard(one, one.arrival):
            return None
        code = moving.offered(self._conn, self._vault, one.arrival)
        known = code is not None and code.person in self._people and code.person in self._hers
        return code if known and code is not None and (phone is None or phone.owner == code.person) else None

    def _move(self, one: Waiting, code: moving.Code) -> Taken:
        """The engine says whether it moves. If not, the phone is remembered as one that gets the cover alone."""
        who, arrival, was = self._people[code.person], one.arrival, self._hers[code.person]
        if who.before is None or not isinstance(arrival, Inbound):
            return self._unreadable(one, who)
        before = who.before
        known = self._wrote(one)
        new = known or Phone(new_id(stamp(arrival.at)), who.person, arrival.channel, "cover")
        fresh = new_id(stamp(arrival.at))
        event = Moved(arrival.at, arrival.channel, new.id, was.id, code.good, code.staff, fresh)
        try:
            before = self._told(who, before, arrival.at)
            turn = self._decide(before, event)
            refuse_out_of_session(turn)
        except Exception as failure:  # noqa: BLE001 - the engine's: nothing moves, and staff are told
            turn = self._rescue(before, event, failure)
            return Taken("failed", who.person, turn, self._keep(one, who, before, turn, event, "failed", None), failure)
        moves = any(isinstance(effect, PhoneMoved) for effect in turn.effects)
        moving.used(self._conn, code, moves)
        if known is None:
            phones.add(self._conn, self._vault, self._vault.sealer(who.person, who.wdek), new, arrival.address)
        if moves:
            self._hand_over(was, new)
            new = replace(new, state="active")
        self._found(one.lines[0], new)
        return Taken("done", who.person, turn, self._keep(one, who, before, turn, event, "done", new, was))

    def _hand_over(self, was: Phone, new: Phone) -> None:
        """One at a time is active: the first must go before the second comes."""
        phones.set_state(self._conn, was.id, "cover")
        reach("move.between")
        phones.set_state(self._conn, new.id, "active")
        reach("move.handed")
        for mac, phone in self._phones.items():
            if phone.id == was.id:
                self._phones[mac] = replace(phone, state="cover")

    # strangers

    def _stranger(self, one: Waiting) -> Taken:
        """Without a code or the keyword nothing is answered or kept but that something came (SAFETY 1)."""
        arrival = one.arrival
        if not isinstance(arrival, Inbound):
            return Taken("gone")
        heard = self._heard(one, arrival)
        basis, language = people.basis(self._conn, self._vault, arrival, self._joining) if heard else ("", "")
        if not basis:
            self.record.accept(one.mac, arrival, "", "stranger")
            return Taken("stranger")
        contact = Contact(channel=arrival.channel, language=language, zone=self._joining.zone)
        phone = new_id(stamp(arrival.at))
        wdek, before = enrol(self._conn, self._vault, arrival.address, contact, "", arrival.at, phone=phone)
        if basis == "code":
            sealer = self._vault.sealer(before.person, wdek)
            people.used(self._conn, self._vault, sealer, arrival.text, before.person, arrival.at)
        event = Joined(arrival.at, basis, arrival.channel, language, self._joining.zone, new_id(stamp(arrival.at)))
        turn = self._decide(before, event)
        who, hers = Known(before.person, wdek, before), Phone(phone, before.person, arrival.channel)
        raised = self._keep(one, who, before, turn, event, "done", hers)
        return Taken("done", before.person, turn, raised)

    def _heard(self, one: Waiting, arrival: Inbound) -> bool:
        """Whether it is looked at as a code or the keyword. Counted once, however often it is asked."""
        if one.mac not in self._allowed:
            tries = self._is_try(one, arrival)
            allowed = tries and throttle.stranger(self._conn, self._vault, one.lines[0], arrival.at)
            self._allowed[one.mac] = allowed
        return self._allowed[one.mac]

    def _is_try(self, one: Waiting, arrival: Inbound) -> bool:
        """A stranger's words; on a phone that its person has left only what may be a code, for the rest is covered."""
        if not one.lines or any(mac in self._staff for mac in one.lines) or self._late(arrival):
            return False
        phone = self._wrote(one)
        if phone is None:
            return bool(canonical(arrival.text))
        return phone.state != "active" and moving.may_be_code(arrival)

    def _late(self, arrival: Inbound) -> bool:
        return arrival.said is not None and arrival.at - arrival.said >= self._joining.lasts


_BY_ADDRESS = """
    SELECT addresses.mac, addresses.owner_kind, addresses.owner_id, addresses.id, addresses.channel, addresses.state,
           addresses.sender, persons.ver, persons.wdek, persons.state
      FROM addresses LEFT JOIN persons ON persons.id = addresses.owner_id
     WHERE addresses.mac IN (?)"""
_OWNERS = sa.select(addresses.c.owner_id).where(addresses.c.mac.in_(sa.bindparam("macs", expanding=True)))
_LOCK = (
    sa.select(persons.c.id)
    .where(persons.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(persons.c.id)
    .with_for_update()
)
_HERS = sa.and_(addresses.c.owner_id == persons.c.id, addresses.c.state == "active")
_BY_ID = (
    sa.select(
        *(persons.c.id, addresses.c.id, addresses.c.channel, addresses.c.sender),
        *(persons.c.ver, persons.c.wdek, persons.c.state),
    )
    .join_from(persons, addresses, _HERS, isouter=True)
    .where(persons.c.id.in_(sa.bindparam("ids", expanding=True)))
)
