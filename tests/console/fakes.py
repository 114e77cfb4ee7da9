"""The ports in memory, small and honest: they refuse what the real ones refuse, and remember what was asked of them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

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
from flows.engine.conversation import Contact, PlanItem, Window

NOW = datetime(2026, 11, 20, 20, 40, tzinfo=UTC)
LEASE = timedelta(minutes=15)
IDLE, LONGEST = timedelta(minutes=15), timedelta(hours=12)
SEED = b"a seed of twenty byte"
TOKEN = "token-of-sam"


class Clock:
    """A clock that only the test moves."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class FakeDesk:
    """`audit` keeps who opened what, with which reason."""

    clock: Clock
    accounts: FakeAccounts
    alerts: dict[str, Alert] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    why: dict[str, tuple[Why, ...]] = field(default_factory=dict)
    lines: dict[str, list[Line]] = field(default_factory=dict)
    audit: list[tuple[str, str, str, str]] = field(default_factory=list)
    opened: list[Reading] = field(default_factory=list)
    outcomes: dict[str, tuple[str, str]] = field(default_factory=dict)
    listeners: list[asyncio.Queue[str | None]] = field(default_factory=list)

    def close(self) -> None:
        for listener in self.listeners:
            listener.put_nowait(None)

    def changed(self, word: str) -> None:
        for listener in self.listeners:
            listener.put_nowait(word)

    def put(self, alert: Alert) -> None:
        self.alerts[alert.ref] = alert
        self.changed("alerts")

    async def queue(self, now: datetime, limit: int = 200) -> Sequence[Alert]:
        live = [a for a in self.alerts.values() if a.state != "resolved"]
        return sorted(live, key=lambda a: (a.tier, a.breach_at, a.raised_at))[:limit]

    async def alert(self, ref: str, now: datetime) -> Alert | None:
        return self.alerts.get(ref)

    async def claim(self, ref: str, staff: str, now: datetime) -> Alert:
        alert = self._known(ref)
        if alert.state == "claimed" and alert.claim_until and alert.claim_until > now:
            raise Refused(f"{alert.holder_name} was first.", alert.holder_name)
        name = self.accounts.people[staff].name
        claimed = replace(
            alert, state="claimed", holder=staff, holder_name=name, claim=alert.claim + 1, claim_until=now + LEASE
        )
        self.put(claimed)
        return claimed

    async def renew(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        renewed = replace(self._held(ref, staff, claim), claim_until=now + LEASE)
        self.put(renewed)
        return renewed

    async def release(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        alert = self._held(ref, staff, claim)
        freed = replace(alert, state="open", holder="", holder_name="", claim_until=None)
        self.put(freed)
        return freed

    async def resolve(self, ref: str, staff: str, claim: int, outcome: str, note: str, now: datetime) -> Alert:
        alert = self._held(ref, staff, claim)
        if alert.tier in ("P0", "P1") and not note:
            raise Refused("A P0 or P1 needs a note.")
        self.outcomes[ref] = (outcome, note)
        done = replace(alert, state="resolved")
        self.put(done)
        return done

    async def case(self, person: str, staff: str, reason: str, now: datetime) -> Case:
        self._may_read(person, staff, reason, "case")
        mine = tuple(a for a in self.alerts.values() if a.person == person)
        return replace(self.cases[person], alerts=mine, why=self.why)

    async def transcript(self, person: str, staff: str, reason: str, now: datetime) -> Sequence[Line]:
        self._may_read(person, staff, reason, "transcript")
        return tuple(self.lines.get(person, ()))

    async def note(self, person: str, staff: str, text: str, now: datetime) -> None:
        case = self._case(person)
        self.cases[person] = replace(case, notes=(*case.notes, Line(now, "note", text, staff=staff)))
        self.changed(person)

    async def timeline(self, person: str, staff: str, now: datetime) -> Sequence[Mapping[str, object]]:
        self._case(person)
        hers = [alert for alert in self.alerts.values() if alert.person == person]
        return [{"at": alert.raised_at, "what": "alert", "tier": alert.tier} for alert in hers]

    async def opened_by_reason(self, most: int = 20) -> Sequence[Reading]:
        return tuple(self.opened[:most])

    async def changes(self) -> AsyncIterator[str]:
        listener: asyncio.Queue[str | None] = asyncio.Queue()
        self.listeners.append(listener)
        try:
            while (word := await listener.get()) is not None:
                yield word
        finally:
            self.listeners.remove(listener)

    def _known(self, ref: str) -> Alert:
        if ref not in self.alerts:
            raise Unknown("There is no such alert.")
        return self.alerts[ref]

    def _case(self, person: str) -> Case:
        if person not in self.cases:
            raise Unknown("There is no such person.")
        return self.cases[person]

    def _held(self, ref: str, staff: str, claim: int) -> Alert:
        alert = self._known(ref)
        if alert.holder != staff or alert.claim != claim or alert.state != "claimed":
            raise Refused("The claim is not yours any more.", alert.holder_name)
        return alert

    def _may_read(self, person: str, staff: str, reason: str, what: str) -> None:
        self._case(person)
        holds = any(a.person == person and a.holder == staff and a.state == "claimed" for a in self.alerts.values())
        if not holds and not reason:
            raise Refused("You hold no alert of hers.")
        self.audit.append((what, person, staff, reason))


@dataclass
class FakeChat:
    """The gate: open only while she has the chat open. A nonce is sent once."""

    desk: FakeDesk
    nonces: set[str] = field(default_factory=set)
    waiting: dict[str, str] = field(default_factory=dict)

    async def join(self, person: str, staff: str) -> None:
        if self.desk._case(person).mode == "closed":
            self.waiting[person] = staff
            return
        self._open(person)
        self._set(person, worker_in=staff, mode="worker")

    async def say(self, person: str, staff: str, text: str, nonce: str) -> None:
        case = self._open(person)
        if case.worker_in != staff:
            raise Refused("Start the chat first.")
        if nonce not in self.nonces:
            self.nonces.add(nonce)
            line = Line(self.desk.clock(), "worker", text, staff=staff, state="due")
            self.desk.lines.setdefault(person, []).append(line)
            self.desk.changed(person)

    async def hand_back(self, person: str, staff: str) -> None:
        self._open(person)
        self._set(person, worker_in="", mode="open")

    async def verified(self, person: str, staff: str) -> None:
        self._set(person, suspect=False)

    def _open(self, person: str) -> Case:
        case = self.desk._case(person)
        if case.mode not in ("open", "worker"):
            raise Refused("Her chat is closed. Nothing was sent.")
        return case

    def _set(self, person: str, **values: object) -> None:
        self.desk.cases[person] = replace(self.desk._case(person), **values)  # type: ignore[arg-type]
        self.desk.changed(person)


@dataclass
class FakePeople:
    invited: list[tuple[str, str, str]] = field(default_factory=list)

    async def invite(self, staff: str, now: datetime, language: str = "", case: str = "") -> str:
        self.invited.append((staff, language, case))
        return "HARVESTMOON" if len(self.invited) == 1 else f"CODE{len(self.invited):04d}"

    async def erase(self, person: str, staff: str, reason: str, now: datetime) -> str:
        return "receipt"


@dataclass
class FakeAccounts:
    people: dict[str, Staff] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    seeds: dict[str, bytes | None] = field(default_factory=dict)
    steps: set[tuple[str, int]] = field(default_factory=set)
    sessions: dict[bytes, Session] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    tries: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)
    records: list[tuple[str, str, str]] = field(default_factory=list)

    async def account(self, username: str) -> Account | None:
        found = next((p for p in self.people.values() if p.username == username), None)
        return Account(found, self.passwords[found.id], self.seeds[found.id], 0) if found else None

    async def staff(self) -> Sequence[Staff]:
        return list(self.people.values())

    async def add(
        self, username: str, name: str, role: Role, password: str, totp: bytes | None, now: datetime
    ) -> Staff:
        person = Staff(f"s{len(self.people) + 1}", username, name, role, totp=totp is not None)
        self.people[person.id], self.passwords[person.id], self.seeds[person.id] = person, password, totp
        return person

    async def totp_used(self, staff: str, step: int) -> bool:
        fresh = (staff, step) not in self.steps
        self.steps.add((staff, step))
        return fresh

    async def begin(self, staff: str, token_hash: bytes, csrf: str, now: datetime) -> None:
        self.sessions[token_hash] = Session(self.people[staff], csrf, now, now)

    async def session(self, token_hash: bytes, now: datetime, touch: bool = True) -> Session | None:
        session = self.sessions.get(token_hash)
        if session is None or now - session.seen_at > IDLE or now - session.created_at > LONGEST:
            return None
        session = replace(session, staff=self.people[session.staff.id], seen_at=now if touch else session.seen_at)
        self.sessions[token_hash] = session
        return session

    async def end(self, token_hash: bytes, now: datetime) -> None:
        self.sessions.pop(token_hash, None)

    async def token(self, token: str, now: datetime) -> Staff | None:
        return self.people.get(self.tokens.get(token, ""))

    async def new_token(self, staff: str, label: str, now: datetime) -> str:
        token = hashlib.sha256(f"{staff}{label}{len(self.tokens)}".encode()).hexdigest()
        self.tokens[token] = staff
        return token

    async def allow(self, what: str, key: str, now: datetime, most: int, per_seconds: int) -> bool:
        recent = [t for t in self.tries.get((what, key), []) if now - t < timedelta(seconds=per_seconds)]
        self.tries[what, key] = [*recent, now]
        return len(recent) < most

    async def duty(self, staff: str, duty: Duty, now: datetime) -> None:
        self.people[staff] = replace(self.people[staff], duty=duty)

    async def record(self, actor: str, action: str, subject: str, now: datetime) -> None:
        self.records.append((actor, action, subject))


CONTACT = Contact(
    channel="telegram",
    language="es",
    zone="Europe/Madrid",
    windows=(Window((0, 1, 2, 3, 4), 9 * 60 + 30, 14 * 60 + 30), Window((0, 1, 2, 3, 4, 5, 6), 18 * 60, 22 * 60)),
    shared_phone="yes",
    may_read="Her older son",
    verify_question="The name of her first school",
    confirmed_at=NOW - timedelta(days=12),
    consent="self",
)


def an_alert(ref: str = "K2A", person: str = "p-k2a", **values: object) -> Alert:
    """An open P1 of four minutes ago; `values` replace its fields."""
    alert = Alert(
        ref=ref,
        person=person,
        tier="P1",
        kind="risk",
        state="open",
        raised_at=NOW - timedelta(minutes=4, seconds=18),
        breach_at=NOW + timedelta(minutes=5, seconds=42),
        channel="telegram",
        language="es",
        title="Fear 9, new threat",
        writable_until=NOW + timedelta(minutes=20),
    )
    return replace(alert, **values)  # type: ignore[arg-type]


def a_case(ref: str = "p-k2a", **values: object) -> Case:
    """A recipient in an open session, in her safe hours; `values` replace its fields."""
    fears = (3, 4, 4, None, 5, 4, 9)
    case = Case(
        ref=ref,
        contact=CONTACT,
        mode="open",
        suspect=False,
        joined_at=NOW - timedelta(days=48),
        last_heard_at=NOW - timedelta(minutes=4),
        writable_until=NOW + timedelta(minutes=20),
        opens_next_at=None,
        plan=(
            PlanItem("collect", "todo", "Mi hermana Ana, con el coche"),
            PlanItem("keys_and_papers", "done", "En casa de Ana", NOW),
            PlanItem("children_out", "unsafe"),
            PlanItem("money", "worker"),
            PlanItem("pets", "unneeded"),
        ),
        assessments=tuple(
            Assessment(
                NOW - timedelta(days=7 * (len(fears) - 1 - i)),
                "P1" if fear == 9 else None,
                ("fear.high",) if fear == 9 else (),
                {"fear": fear},
                "first" if i == 0 else "up" if fear == 9 else "same",
            )
            for i, fear in enumerate(fears)
        ),
        alerts=(),
        notes=(Line(NOW - timedelta(days=2), "note", "She wants to be asked in the evening only.", staff="s2"),),
    )
    return replace(case, **values)  # type: ignore[arg-type]


WHY = (
    Why(
        NOW - timedelta(minutes=4),
        "P1",
        ("fear.high", "threat.kill"),
        ("Fear 9 of 10, up from 4", "New since last time: a threat to kill"),
        ("dice que me mata si me voy",),
    ),
)
YESTERDAY, JUST_NOW = NOW - timedelta(days=1, hours=2), NOW - timedelta(minutes=5)
LINES = [
    Line(YESTERDAY, "bot", "¿Estás a salvo ahora? 1 sí, 2 no sé, 3 no", "checkin/safe_now", state="delivered"),
    Line(YESTERDAY, "her", "1"),
    Line(JUST_NOW, "bot", "¿Cuánto miedo has tenido, de 0 a 10?", "checkin/fear", state="delivered"),
    Line(JUST_NOW, "her", "9 dice que me mata si me voy", danger=("threat.kill",)),
    Line(JUST_NOW, "bot", "Gracias por contarlo. Una persona lo verá ahora.", "checkin/act", state="sent"),
]


@dataclass
class House:
    """A console's worth of fakes, seeded with two workers, a supervisor and one of each other role."""

    clock: Clock
    desk: FakeDesk
    chat: FakeChat
    people: FakePeople
    accounts: FakeAccounts


async def a_house(password_hash: str) -> House:
    clock, accounts = Clock(), FakeAccounts()
    for username, name, role in (
        ("sam", "Sam Okafor", "worker"),
        ("ines", "Inés Duarte", "worker"),
        ("ruth", "Ruth Adeyemi", "supervisor"),
        ("ed", "Ed Lowe", "editor"),
        ("ann", "Ann Voss", "auditor"),
        ("adm", "Pat Quinn", "administrator"),
    ):
        await accounts.add(username, name, role, password_hash, SEED, clock())  # type: ignore[arg-type]
    await accounts.duty("s1", "on_call", clock())
    await accounts.duty("s2", "backup", clock())
    accounts.tokens[TOKEN] = "s1"
    desk = FakeDesk(clock, accounts)
    return House(clock, desk, FakeChat(desk), FakePeople(), accounts)
