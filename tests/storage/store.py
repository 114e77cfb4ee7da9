"""A database with its keys, the little engine and a clock that only the test moves; and the worlds of the contract."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace

from escalation.access import Access
from escalation.accounts import Accounts
from escalation.belongings import Phone
from escalation.casefile import Casefile
from escalation.claims import Claims
from escalation.decisions import Decisions
from escalation.methods import METHODS, Methods
from escalation.people import People
from escalation.ports import Assessment, Chat, Desk, Line, PlanVersion, Sheets
from escalation.rota.port import OffCover, Rotas
from escalation.safe_contact import SafeContacts
from escalation.shifts import Shifts
from escalation.tasks import Tasks
from flows.engine.conversation import Contact, Conversation, Goal, PlanItem
from flows.engine.conversation import Memory as Remembered
from flows.engine.effects import Raise
from flows.engine.events import Event
from flows.engine.model import Tier
from flows.engine.safe_contact import Offered
from flows.safety.hours import PRESETS
from storage import accounts, outbox, paging, timers
from storage.arrivals import Act, Arrival, Taken
from storage.assignments import StoredAccess
from storage.casefile import StoredCasefile
from storage.contacts import StoredContacts
from storage.crypto.ring import Ring, new_ring
from storage.database import Database
from storage.decisions import StoredDecisions
from storage.desk import StoredAccounts, StoredChat, StoredClaims, StoredDesk, StoredPeople
from storage.enrolment import enrol
from storage.inbox import Inbound
from storage.memory import (
    Memory,
    MemoryAccess,
    MemoryAccounts,
    MemoryCasefile,
    MemoryChat,
    MemoryClaims,
    MemoryContacts,
    MemoryDecisions,
    MemoryDesk,
    MemoryMethods,
    MemoryPeople,
    MemoryRotas,
    MemorySheets,
    MemoryShifts,
    MemoryTasks,
)
from storage.methods import StoredMethods
from storage.migrating import upgrade
from storage.raising import Raised, raise_alerts
from storage.rota import StoredRotas
from storage.schema import alerts, audit, off_cover, persons, staff, stamp
from storage.sendings import Sending
from storage.sheets import StoredSheets
from storage.shifts import StoredShifts
from storage.tasks import StoredTasks, fall_due
from storage.turns import take
from storage.vault import Vault, open_vault
from tests.storage.little_engine import INSTRUMENTS, JOINING, PROGRAMME, decide, little_rescue

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
HER, OTHER = "+447700900123", "+447700900124"  # Ofcom's range for drama
ANA_PHONE, BEN_PHONE = "+447700900201", "+447700900202"
ALWAYS = PRESETS["always"]
RING = new_ring(NOON)
_numbers = count(1)


class Store:
    """One process on one database. `take` is what the group commit does, without its queue."""

    def __init__(self, url: str, ring: Ring = RING, now: datetime = NOON) -> None:
        self.url, self.ring, self.now = url, ring, now
        self.database = Database(url)
        upgrade(self.database.engine)
        self.vault: Vault = self.database.write_now(open_vault, ring)

    def close(self) -> None:
        self.database.close()

    def pass_time(self, **by: float) -> None:
        self.now += timedelta(**by)

    # people

    def recipient(
        self, address: str = HER, channel: str = "sms", memory: Remembered | None = None, **fields: Any
    ) -> str:
        """A recipient with consent, chat closed, always-safe hours unless `fields` say otherwise. Returns her id."""
        given: dict[str, Any] = {"channel": channel, "windows": ALWAYS, "consent": "worker"} | fields
        contact = Contact(**given)
        _, first = self.write(enrol, self.vault, address, contact, "worker", self.now, None, memory)
        return first.person

    def staff(self, name: str, phone: str, duty: str = "off") -> str:
        """A worker with a phone that takes texts. Returns the staff id."""
        made = self.write(accounts.add, self.vault, name, name, "worker", "x", None, self.now)
        self.write(accounts.add_phone, self.vault, made.id, "sms", phone, self.now)
        if duty != "off":
            self.write(accounts.duty, self.vault, made.id, duty, self.now)
        return str(made.id)

    def here(self, *names: str) -> None:
        """Workers without a phone, each with their name for an id."""
        known = {"role": "worker", "duty": "off", "active": True, "ver": 0, "password": "x", "last_step": 0}
        rows = [known | {"id": name, "username": name, "name": name.title()} for name in names]
        self.write(lambda conn: conn.execute(sa.insert(staff), rows))

    def ref(self, person: str) -> str:
        return str(self.rows(sa.select(persons.c.ref).where(persons.c.id == person))[0].ref)

    def state(self, person: str) -> Conversation:
        (row,) = self.rows(sa.select(persons).where(persons.c.id == person))
        return self.vault.open_state(row.id, bytes(row.wdek), bytes(row.state), row.ver)

    # what comes in

    def text(self, text: str, address: str = HER, channel: str = "sms", provider_id: str = "", **more: Any) -> Inbound:
        return Inbound(channel, provider_id or f"SM{next(_numbers):032x}", address, self.now, text, **more)

    def take(self, *arrivals: Arrival, deciding: Callable[[Conversation, Event], Any] = decide) -> list[Taken]:
        return self.write(take, self.vault, list(arrivals), deciding, little_rescue, JOINING)

    def hears(self, *texts: str, address: str = HER, channel: str = "sms") -> list[Taken]:
        """Her texts, each in a group of its own."""
        return [self.take(self.text(text, address, channel))[0] for text in texts]

    # what goes out

    def claim(self) -> list[Sending]:
        return self.write(outbox.claim, self.vault, self.now)

    def deliver(self) -> list[Sending]:
        """Everything due, claimed and marked as sent."""
        delivered = []
        while claimed := self.claim():
            for sending in claimed:
                self.sent(sending)
            delivered += claimed
        return delivered

    def sent(self, sending: Sending) -> bool:
        if sending.wipe is not None:
            self.write(outbox.wiped, self.vault, sending, (), self.now)
            return True
        return self.write(outbox.sent, self.vault, sending, f"out-{sending.id}", self.now)

    def fire(self) -> int:
        """Every timer due now: her turns, the ladder's steps. Returns how many."""
        people, pages = self.read(timers.due, self.now)
        for page in pages:
            self.write(paging.advance, self.vault, page.id, page.alert, self.now)
        waited = self.read(timers.tasks, self.now)
        for task in waited:
            self.write(fall_due, self.vault, task.id, task.task, self.now)
        for timer in people:
            self.take(timer)
        return len(people) + len(pages) + len(waited)

    # the database

    def write(self, unit: Callable[..., Any], *args: Any) -> Any:
        return self.database.write_now(unit, *args)

    def read(self, unit: Callable[..., Any], *args: Any) -> Any:
        return self.database.read_now(unit, *args)

    def rows(self, query: Any) -> Sequence[Any]:
        return self.read(lambda conn: conn.execute(query).all())  # type: ignore[no-any-return]

    def counted(self, table: sa.Table) -> int:
        """How many rows it has."""
        return int(self.rows(sa.select(sa.func.count()).select_from(table))[0][0])

    def run(self, statement: Any) -> int:
        return int(self.write(lambda conn: conn.execute(statement).rowcount))

    def statuses(self, person: str) -> list[str]:
        """Of everything that was to go to her, in order."""
        query = sa.select(outbox.outbox.c.status).where(outbox.outbox.c.owner_id == person)
        return [row.status for row in self.rows(query.order_by(outbox.outbox.c.line, outbox.outbox.c.seq))]


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


RECEIVERS = ("marac", "police")


@dataclass
class World:
    """What the contract of the ports is asked of: the doors, and what the line does behind them."""

    clock: Clock
    desk: Desk
    chat: Chat
    people: People
    accounts: Accounts
    sheets: Sheets
    contacts: SafeContacts
    claims: Claims
    rotas: Rotas
    methods: Methods
    access: Access
    tasks: Tasks
    casefile: Casefile
    shifts: Shifts
    decisions: Decisions
    store: Store | None = None
    memory: Memory | None = None
    _addresses: dict[str, str] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.clock.now

    def pass_time(self, **by: float) -> None:
        """Claims that run out meanwhile are seen, as the ladder sees them."""
        self.jump(**by)
        if self.memory is not None:
            self.memory.tick(self.now)
        if self.store is not None:
            self.store.now = self.now
            while self.store.fire():
                pass

    def jump(self, **by: float) -> None:
        """Time that no loop has seen yet."""
        self.clock.now += timedelta(**by)
        if self.store is not None:
            self.store.now = self.now

    async def worker(self, name: str = "Ana", role: str = "worker") -> str:
        staff = await self.accounts.add(name.lower(), name, role, "argon2id", None, self.now)  # type: ignore[arg-type]
        return staff.id

    def paged_at(self, staff: str, number: str) -> None:
        """The worker has this phone."""
        if self.memory is not None:
            phone = Phone(f"phone{len(self.memory.phones)}", "sms", number[-3:], True)
            self.memory.phones.setdefault(staff, []).append(phone)
        if self.store is not None:
            self.store.write(accounts.add_phone, self.store.vault, staff, "sms", number, self.now)

    def cannot_be_paged(self, staff: str) -> None:
        """Page after page to the worker was lost."""
        if self.memory is not None:
            self.memory.off_cover[staff] = OffCover(self.now, "failed")
        if self.store is not None:
            row = {"staff_id": staff, "since": stamp(self.now), "why": "failed"}
            self.store.run(sa.insert(off_cover).values(row))

    def recipient(self, joined: bool = False, **fields: Any) -> str:
        """Her case ref. `joined`: she has been through joining, so that her record is to be confirmed. `fields` of her
        record that differ."""
        if self.memory is not None:
            given: dict[str, Any] = {"channel": "sms", "windows": ALWAYS, "consent": "worker"} | fields
            return self.memory.enrol(Contact(**given), self.now)
        assert self.store is not None
        address = f"+4477009{len(self._addresses) + 100:05d}"
        memory = Remembered(joined_at=self.now) if joined else None
        ref = self.store.ref(self.store.recipient(address, memory=memory, **fields))
        self._addresses[ref] = address
        return ref

    async def alert(self, person: str, tier: str = "P1", key: str = "risk") -> str:
        """Raise one of hers. Returns its ref."""
        effect = Raise(tier, "risk", key, (f"rule.{tier}",), (f"It is {tier}",), ("her own words",))  # type: ignore[arg-type]
        if self.memory is not None:
            return self.memory.raises(person, effect, self.now)
        assert self.store is not None
        row = self.store.rows(sa.select(persons).where(persons.c.ref == person))[0]
        one = Raised(row.id, self.store.vault.sealer(row.id, bytes(row.wdek)), effect, self.now)
        self.store.write(raise_alerts, self.store.vault, [one])
        return str(self.store.rows(sa.select(alerts.c.ref).where(alerts.c.id == one.id))[0].ref)

    def assessed(self, person: str, tier: Tier) -> None:
        """By the instrument `t`: she answered it, and its rules gave this tier. Nothing else of it is looked at."""
        if self.memory is not None:
            self.memory.person(person).assessments.append(Assessment(self.now, tier, (), {}, "first", "t", "1"))
        if self.store is not None:
            self.store.hears(f"risk {tier}", address=self._addresses[person])

    def plans(self, person: str, words: str) -> None:
        """She writes down who collects her."""
        if self.memory is not None:
            her, item = self.memory.person(person), PlanItem("collect", "todo", words)
            her.plan.append(item)
            her.plan_versions.append(PlanVersion(self.now, item))
        if self.store is not None:
            self.store.hears(f"plan {words}", address=self._addresses[person])

    def wants(self, person: str, words: str) -> None:
        """She sets a goal; the one before has ended by it."""
        if self.memory is not None:
            her = self.memory.person(person)
            her.goals = [replace(goal, ended=self.now) for goal in her.goals] + [Goal("one", words, self.now)]
        if self.store is not None:
            self.store.hears(f"want {words}", address=self._addresses[person])

    def answers_apart(self, person: str, *texts: str) -> None:
        """She answers somebody independent, and is asked on."""
        for text in texts:
            if self.memory is not None:
                her = self.memory.person(person)
                her.lines += [Line(self.now, "her", text, apart=True), Line(self.now, "bot", "And then?", apart=True)]
                given = Assessment(
                    self.now, "P2", ("rule.P2",), {"said": text}, "first", "t", "1", {"total": 1}, apart=True
                )
                her.assessments.append(given)
            if self.store is not None:
                self.store.hears(f"apart {text}", address=self._addresses[person])

    def opens(self, person: str) -> None:
        """She opens her chat and writes."""
        if self.memory is not None:
            self.memory.hears(person, "I am here", self.now)
        if self.store is not None:
            self.store.hears("hello", "I am here", address=self._addresses[person])

    def is_watched(self, person: str) -> None:
        """She writes her duress word in her open chat."""
        if self.memory is not None:
            self.memory.person(person).watched = True
        if self.store is not None:
            self.store.hears("duress", address=self._addresses[person])

    def leaves(self, person: str) -> None:
        if self.memory is not None:
            self.memory.leaves(person)
        if self.store is not None:
            self.store.hears("x", address=self._addresses[person])

    def joins(self, code: str) -> bool:
        """A stranger writes this."""
        if self.memory is not None:
            return bool(self.memory.join(code, "sms", self.now))
        assert self.store is not None
        address = f"+4477009{len(self._addresses) + 100:05d}"
        self._addresses[f"stranger {address}"] = address
        return self.store.hears(code, address=address)[0].outcome == "done"

    def audited(self) -> list[tuple[str, str]]:
        """(actor, action), oldest first."""
        if self.memory is not None:
            return [(row.actor, row.action) for row in self.memory.audit]
        assert self.store is not None
        return [(row.actor, row.action) for row in self.store.rows(sa.select(audit).order_by(audit.c.seq))]


def memory_world() -> World:
    memory, clock = Memory(), Clock()
    chat = MemoryChat(memory, clock, INSTRUMENTS)
    sheets = MemorySheets(memory, clock, INSTRUMENTS)
    contacts = MemoryContacts(memory, clock, Offered.by(PROGRAMME))
    desk, people, accounts = MemoryDesk(memory), MemoryPeople(memory), MemoryAccounts(memory)
    claims, rotas, methods = MemoryClaims(memory, desk), MemoryRotas(memory), MemoryMethods(memory)
    tasks, shifts = MemoryTasks(memory), MemoryShifts(memory, desk, claims)
    ports = (desk, chat, people, accounts, sheets, contacts, claims, rotas, methods, MemoryAccess(memory))
    casework = (tasks, MemoryCasefile(memory, chat), shifts)
    return World(clock, *ports, *casework, MemoryDecisions(memory, RECEIVERS), memory=memory)


def stored_world(store: Store) -> World:
    clock = Clock()

    async def taking(act: Act) -> Taken:
        return (await asyncio.to_thread(store.take, act))[0]

    database, vault = store.database, store.vault

    rung: asyncio.Queue[str] = asyncio.Queue()
    ring = rung.put_nowait

    async def listen() -> Any:
        while True:
            yield await rung.get()

    desk = StoredDesk(database, vault, PROGRAMME, ring, listen)
    chat = StoredChat(database, vault, taking, clock, INSTRUMENTS)
    sheets = StoredSheets(database, vault, taking, clock, INSTRUMENTS)
    contacts = StoredContacts(database, vault, taking, clock, Offered.by(PROGRAMME))
    people, accounts = StoredPeople(database, vault, ring), StoredAccounts(database, vault, ring)
    claims, rotas = StoredClaims(database, vault, ring), StoredRotas(database, vault, ring)
    methods, access = StoredMethods(database, vault, METHODS, "GB"), StoredAccess(database, vault, ring)
    ports = (desk, chat, people, accounts, sheets, contacts, claims, rotas, methods, access)
    casefile = StoredCasefile(database, vault, taking, ring, "GB")
    casework = (StoredTasks(database, vault, ring), casefile, StoredShifts(database, vault, ring))
    return World(clock, *ports, *casework, StoredDecisions(database, vault, RECEIVERS, ring), store=store)
