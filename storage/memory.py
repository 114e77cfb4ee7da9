"""The escalation ports without a database: plain Python that refuses what the real ones refuse, for tests.

One `Memory` holds everything; `MemoryDesk`, `MemoryChat`, `MemoryPeople` and `MemoryAccounts` are its four doors. What
the line would do (a person joins, an alert is raised, her words come in, a claim runs out) are plain methods of
`Memory`. `tests/storage/test_ports.py` holds it and both databases to one contract.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from escalation.ladder import LADDER, breach_after, page_due
from escalation.ports import (
    Account,
    Alert,
    Assessment,
    Case,
    Duty,
    Line,
    Reading,
    Refused,
    Role,
    Session,
    Staff,
    Unknown,
    Why,
)
from flows.engine.conversation import Contact
from flows.engine.effects import Raise
from flows.safety.hours import next_safe, safe_until
from flows.safety.risk import worse
from flows.text.canonical import canonical
from storage.accounts import IDLE, LONGEST
from storage.cases import BY_REASON, GONE, NEEDS_REASON, ONE_READING
from storage.claims import GONE as NO_ALERT
from storage.claims import NEEDS_OUTCOME
from storage.ids import new_id, new_ref
from storage.people import CODE_LIFE
from storage.schema import stamp


@dataclass
class Known:
    """One recipient of aggression. `open_since` is None while her chat is closed."""

    ref: str
    contact: Contact
    joined_at: datetime
    open_since: datetime | None = None
    worker: str = ""
    verify_first: bool = False
    heard_at: datetime | None = None
    version: int = 0
    lines: list[Line] = field(default_factory=list)
    notes: list[Line] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)


@dataclass
class Audited:
    """One row of the audit log, with the reason in clear (the database seals it)."""

    actor: str
    action: str
    subject: str
    at: datetime
    detail: str = ""


@dataclass
class Memory:
    """Everything there is, by ref, by staff id, by hash."""

    people: dict[str, Known] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)  # alert ref to the key it was raised under
    why: dict[str, tuple[Why, ...]] = field(default_factory=dict)
    outcomes: dict[str, tuple[str, str]] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    sessions: dict[bytes, tuple[str, int, Session]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    buckets: dict[tuple[str, str], tuple[float, datetime]] = field(default_factory=dict)
    codes: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    audit: list[Audited] = field(default_factory=list)
    listeners: list[asyncio.Queue[str]] = field(default_factory=list)

    # what the line does

    def enrol(self, contact: Contact, now: datetime) -> str:
        """A recipient with her chat closed. Returns her case ref."""
        ref = new_ref(6)
        self.people[ref] = Known(ref, contact, now)
        return ref

    def join(self, text: str, channel: str, now: datetime) -> str:
        """A stranger wrote. Returns her new case ref, or '' when it is no open joining code."""
        code = canonical(text)
        until, language = self.codes.get(code, (now, ""))
        if code not in self.codes or until < now:
            return ""
        del self.codes[code]
        return self.enrol(Contact(channel=channel, language=language or "en", consent="code"), now)

    def hears(self, ref: str, text: str, now: datetime) -> None:
        """Her words, in a session that they open where it was closed."""
        person = self.person(ref)
        person.open_since = person.open_since or now
        person.heard_at, person.version = now, person.version + 1
        person.lines.append(Line(now, "her", text))

    def leaves(self, ref: str) -> None:
        person = self.person(ref)
        person.open_since, person.worker, person.version = None, "", person.version + 1

    def raises(self, ref: str, effect: Raise, now: datetime) -> str:
        """One open alert per person and key: the same key adds its reasons and may lift the tier. Returns its ref."""
        open_ = (a for a in self.alerts.values() if a.person == ref and a.state != "resolved")
        standing = next((a for a in open_ if self.keys[a.ref] == effect.key), None)
        alert = self._raised(ref, effect, now) if standing is None else _lifted(standing, effect, now)
        self.alerts[alert.ref], self.keys[alert.ref] = alert, effect.key
        why = Why(now, effect.tier, effect.rules, effect.reasons, effect.saw)
        self.why[alert.ref] = (*self.why.get(alert.ref, ()), why)
        return alert.ref

    def _raised(self, ref: str, effect: Raise, now: datetime) -> Alert:
        contact = self.person(ref).contact
        return Alert(
            ref=new_ref(4),
            person=ref,
            tier=effect.tier,
            kind=effect.kind,
            state="open",
            raised_at=now,
            breach_at=now + breach_after(effect.tier),
            channel=contact.channel,
            language=contact.language,
            title=effect.reasons[0] if effect.reasons else effect.kind,
            next_page_at=page_due(effect.tier, now, 0),
        )

    def tick(self, now: datetime) -> None:
        """What the ladder does by itself: a claim that ran out is open again."""
        for ref, alert in self.alerts.items():
            if alert.state == "claimed" and alert.claim_until is not None and alert.claim_until <= now:
                self.alerts[ref] = _free(alert, now)

    # what the doors share

    def person(self, ref: str) -> Known:
        found = self.people.get(ref.upper())
        if found is None:
            raise Unknown(GONE)
        return found

    def staff(self, worker: str) -> Staff:
        found = self.accounts.get(worker)
        if found is None:
            raise Unknown("There is no such member of staff.")
        return found.staff

    def holds(self, worker: str, person: str) -> list[Alert]:
        return [a for a in self.alerts.values() if (a.person, a.holder, a.state) == (person, worker, "claimed")]

    def changed(self, word: str) -> None:
        for listener in self.listeners:
            listener.put_nowait(word)

    def record(self, actor: str, action: str, subject: str, now: datetime, detail: str = "") -> None:
        self.audit.append(Audited(actor, action, subject, now, detail))

    def lately(self, actor: str, subject: str, since: datetime) -> set[str]:
        return {a.action for a in self.audit if (a.actor, a.subject) == (actor, subject) and a.at >= since}

    def renew_all(self, worker: str, person: str, now: datetime) -> None:
        for alert in self.holds(worker, person):
            self.alerts[alert.ref] = _held(alert, worker, alert.holder_name, alert.claim, now)


def _lifted(alert: Alert, effect: Raise, now: datetime) -> Alert:
    if not worse(effect.tier, alert.tier):
        return alert
    breach = min(alert.breach_at, now + breach_after(effect.tier))
    return replace(alert, tier=effect.tier, breach_at=breach, level=0, next_page_at=page_due(effect.tier, now, 0))


def _held(alert: Alert, worker: str, name: str, claim: int, now: datetime) -> Alert:
    until = now + LADDER[alert.tier].lease
    return replace(
        alert, state="claimed", holder=worker, holder_name=name, claim=claim, claim_until=until, next_page_at=until
    )


def _free(alert: Alert, now: datetime) -> Alert:
    return replace(alert, state="open", holder="", holder_name="", claim_until=None, next_page_at=now)


class MemoryDesk:
    """`escalation.ports.Desk`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def queue(self, now: datetime, limit: int = 200) -> Sequence[Alert]:
        live = [self._shown(a, now) for a in self._memory.alerts.values() if a.state != "resolved"]
        return sorted(live, key=lambda a: (a.tier, a.breach_at, a.raised_at))[:limit]

    async def alert(self, ref: str, now: datetime) -> Alert | None:
        alert = self._memory.alerts.get(ref.upper())
        return None if alert is None else self._shown(alert, now)

    async def claim(self, ref: str, staff: str, now: datetime) -> Alert:
        alert = self._known(ref)
        until = alert.claim_until
        if alert.holder not in ("", staff) and until is not None and until > now:
            raise Refused(f"{alert.holder_name} has it already.", alert.holder_name)
        number = alert.claim if alert.holder == staff else alert.claim + 1
        return self._put("alert.claim", _held(alert, staff, self._memory.staff(staff).name, number, now), staff, now)

    async def renew(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        alert = self._mine(ref, staff, claim)
        return self._put("alert.renew", _held(alert, staff, alert.holder_name, claim, now), staff, now)

    async def release(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        return self._put("alert.release", _free(self._mine(ref, staff, claim), now), staff, now)

    async def resolve(self, ref: str, staff: str, claim: int, outcome: str, note: str, now: datetime) -> Alert:
        alert = self._mine(ref, staff, claim)
        if alert.tier in NEEDS_OUTCOME and not (outcome.strip() and note.strip()):
            raise Refused(f"A {alert.tier} needs an outcome and a note on what was done.")
        self._memory.outcomes[alert.ref] = (outcome, note)
        done = replace(alert, state="resolved", next_page_at=None, claim_until=None)
        return self._put("alert.resolve", done, staff, now)

    async def case(self, person: str, staff: str, reason: str, now: datetime) -> Case:
        her = self._memory.person(person)
        self._may_read(her, staff, reason, "case.read", now)
        mine = [self._shown(a, now) for a in self._memory.alerts.values() if a.person == her.ref]
        mode = "closed" if her.open_since is None else "worker" if her.worker else "open"
        return Case(
            ref=her.ref,
            contact=her.contact,
            mode=mode,  # type: ignore[arg-type]
            suspect=her.verify_first,
            joined_at=her.joined_at,
            last_heard_at=her.heard_at,
            writable_until=safe_until(her.contact, now),
            opens_next_at=next_safe(her.contact, now),
            plan=(),
            assessments=tuple(her.assessments),
            alerts=tuple(sorted(mine, key=lambda a: a.raised_at, reverse=True)),
            why={a.ref: self._memory.why[a.ref] for a in mine},
            notes=tuple(her.notes),
            worker_in=her.worker,
            version=her.version,
        )

    async def transcript(self, person: str, staff: str, reason: str, now: datetime) -> Sequence[Line]:
        her = self._memory.person(person)
        self._may_read(her, staff, reason, "transcript.read", now)
        return list(her.lines)

    async def note(self, person: str, staff: str, text: str, now: datetime) -> None:
        her = self._memory.person(person)
        if not text.strip():
            raise Refused("An empty note says nothing.")
        her.notes.append(Line(now, "note", text.strip(), staff=staff))
        self._memory.record(staff, "note.write", her.ref, now)
        self._memory.renew_all(staff, her.ref, now)

    async def timeline(self, person: str, staff: str, now: datetime) -> Sequence[Mapping[str, object]]:
        her = self._memory.person(person)
        self._memory.record(staff, "timeline.read", her.ref, now)
        hers = (a for a in self._memory.alerts.values() if a.person == her.ref)
        return [
            {"at": a.raised_at, "what": "alert", "ref": a.ref, "tier": a.tier, "kind": a.kind, "state": a.state}
            for a in sorted(hers, key=lambda a: a.raised_at)
        ]

    async def opened_by_reason(self, most: int = 20) -> Sequence[Reading]:
        opened = [a for a in reversed(self._memory.audit) if a.action == f"case.read{BY_REASON}"]
        return [Reading(a.at, a.actor, a.subject, a.detail) for a in opened[:most]]

    async def changes(self) -> AsyncIterator[str]:
        listener: asyncio.Queue[str] = asyncio.Queue()
        self._memory.listeners.append(listener)
        try:
            while True:
                yield await listener.get()
        finally:
            self._memory.listeners.remove(listener)

    def _known(self, ref: str) -> Alert:
        alert = self._memory.alerts.get(ref.upper())
        if alert is None:
            raise Unknown(NO_ALERT)
        if alert.state == "resolved":
            raise Refused("This alert is resolved.")
        return alert

    def _mine(self, ref: str, worker: str, claim: int) -> Alert:
        alert = self._known(ref)
        if not alert.holder:
            raise Refused("Nobody holds this alert now. Claim it first.")
        if alert.holder != worker or alert.claim != claim:
            raise Refused(f"{alert.holder_name} holds it now.", alert.holder_name)
        return alert

    def _put(self, action: str, alert: Alert, worker: str, now: datetime) -> Alert:
        self._memory.alerts[alert.ref] = alert
        self._memory.record(worker, action, alert.ref, now)
        self._memory.changed("alerts")
        return self._shown(alert, now)

    def _shown(self, alert: Alert, now: datetime) -> Alert:
        return replace(alert, writable_until=safe_until(self._memory.person(alert.person).contact, now))

    def _may_read(self, her: Known, worker: str, reason: str, what: str, now: datetime) -> None:
        lately = self._memory.lately(worker, her.ref, now - ONE_READING)
        if self._memory.holds(worker, her.ref):
            if what not in lately:
                self._memory.record(worker, what, her.ref, now)
            self._memory.renew_all(worker, her.ref, now)
            return
        if not reason.strip():
            raise Refused(NEEDS_REASON)
        if f"{what}{BY_REASON}" not in lately:
            self._memory.record(worker, f"{what}{BY_REASON}", her.ref, now, reason.strip())


class MemoryChat:
    """`escalation.ports.Chat`: her chat is a list of lines."""

    def __init__(self, memory: Memory, now: Callable[[], datetime]) -> None:
        self._memory, self._now = memory, now

    async def join(self, person: str, staff: str) -> None:
        self._admit(person, staff, "join").worker = staff

    async def say(self, person: str, staff: str, text: str, nonce: str) -> None:
        if not text.strip():
            raise Refused("An empty message says nothing.")
        her = self._admit(person, staff, "say")
        if nonce not in self._memory.nonces:
            self._memory.nonces.add(nonce)
            her.lines.append(Line(self._now(), "worker", text, staff=staff, state="due"))

    async def hand_back(self, person: str, staff: str) -> None:
        self._admit(person, staff, "left").worker = ""

    async def verified(self, person: str, staff: str) -> None:
        self._admit(person, staff, "cleared").verify_first = False

    def _admit(self, person: str, worker: str, what: str) -> Known:
        her = self._memory.person(person)
        if not self._memory.holds(worker, her.ref):
            raise Refused("Claim one of this person's alerts first.")
        if what == "say" and her.open_since is None:
            raise Refused("Her chat is closed. She opens it with her word; you will be in it then.")
        if what == "say" and her.worker != worker:
            raise Refused("Join the chat first.")
        self._memory.record(worker, f"chat.{what}", her.ref, self._now())
        self._memory.renew_all(worker, her.ref, self._now())
        her.version += 1
        return her


class MemoryPeople:
    """`escalation.ports.People`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def invite(self, staff: str, now: datetime, language: str = "", case: str = "") -> str:
        code = new_ref(8)
        self._memory.codes[canonical(code)] = (now + CODE_LIFE, language)
        self._memory.record(staff, "recipient.invite", "", now)
        return f"{code[:4]}-{code[4:]}"

    async def erase(self, person: str, staff: str, reason: str, now: datetime) -> str:
        her = self._memory.person(person)
        for ref in [a.ref for a in self._memory.alerts.values() if a.person == her.ref]:
            for kept in (self._memory.alerts, self._memory.keys, self._memory.why, self._memory.outcomes):
                kept.pop(ref, None)
        del self._memory.people[her.ref]
        receipt = secrets.token_hex(8)
        self._memory.record(staff, "recipient.erase", receipt, now, reason)
        return receipt


class MemoryAccounts:
    """`escalation.ports.Accounts`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def account(self, username: str) -> Account | None:
        name = username.strip().lower()
        return next((a for a in self._memory.accounts.values() if a.staff.username == name), None)

    async def staff(self) -> Sequence[Staff]:
        return sorted((a.staff for a in self._memory.accounts.values()), key=lambda s: s.name)

    async def add(
        self, username: str, name: str, role: Role, password: str, totp: bytes | None, now: datetime
    ) -> Staff:
        if await self.account(username) is not None:
            raise Refused("That username is taken.")
        person = Staff(new_id(stamp(now)), username.strip().lower(), name, role, totp=totp is not None)
        self._memory.accounts[person.id] = Account(person, password, totp, 0)
        self._memory.record(person.id, "staff.add", person.id, now)
        return person

    async def totp_used(self, staff: str, step: int) -> bool:
        account = self._memory.accounts[staff]
        if step <= account.last_step:
            return False
        self._memory.accounts[staff] = replace(account, last_step=step)
        return True

    async def begin(self, staff: str, token_hash: bytes, csrf: str, now: datetime) -> None:
        person = self._memory.staff(staff)
        self._memory.sessions[token_hash] = (staff, person.version, Session(person, csrf, now, now))

    async def session(self, token_hash: bytes, now: datetime, touch: bool = True) -> Session | None:
        if token_hash not in self._memory.sessions:
            return None
        worker, version, session = self._memory.sessions[token_hash]
        person = self._memory.staff(worker)
        if not person.active or person.version != version:
            return None
        if now - session.seen_at > IDLE or now - session.created_at > LONGEST:
            return None
        session = replace(session, staff=person)
        if touch:
            self._memory.sessions[token_hash] = (worker, version, replace(session, seen_at=now))
        return session

    async def end(self, token_hash: bytes, now: datetime) -> None:
        self._memory.sessions.pop(token_hash, None)

    async def token(self, token: str, now: datetime) -> Staff | None:
        account = self._memory.accounts.get(self._memory.tokens.get(_hash(token), ""))
        return account.staff if account is not None and account.staff.active else None

    async def new_token(self, staff: str, label: str, now: datetime) -> str:
        token = f"rw_{secrets.token_urlsafe(32)}"
        self._memory.tokens[_hash(token)] = staff
        self._memory.record(staff, "token.new", staff, now)
        return token

    async def allow(self, what: str, key: str, now: datetime, most: int, per_seconds: int) -> bool:
        level, at = self._memory.buckets.get((what, key), (0.0, now))
        gone = max(timedelta(0), now - at).total_seconds() * most / per_seconds
        level = max(0.0, level - gone)
        allowed = level + 1 <= most
        self._memory.buckets[what, key] = (level + 1 if allowed else level, now)
        return allowed

    async def duty(self, staff: str, duty: Duty, now: datetime) -> None:
        account = self._memory.accounts.get(staff)
        if account is None:
            raise Unknown("There is no such member of staff.")
        self._memory.accounts[staff] = replace(account, staff=replace(account.staff, duty=duty))
        self._memory.record(staff, f"duty.{duty}", staff, now)

    async def record(self, actor: str, action: str, subject: str, now: datetime) -> None:
        self._memory.record(actor, action, subject, now)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
