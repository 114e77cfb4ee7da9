"""Example data: a night at the desk, and how a test puts it into the memory that the console runs on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec

from escalation.belongings import Phone, Token
from escalation.console import ConsoleSettings, Strings, Wiring
from escalation.console.sayings import Sayings
from escalation.keeping import EpochSeen, Kept
from escalation.ports import Account, Alert, Assessment, Duty, Line, PlanVersion, Refused, Role, Staff, Why
from escalation.receivers import shipped
from flows.authoring.load import SHIPPED, load_programme
from flows.engine.conversation import Contact, Goal, PlanItem, Score, Window
from flows.engine.forms import Form, forms_of
from flows.engine.programme import Programme
from flows.engine.safe_contact import Offered
from flows.engine.wording import page_text
from flows.text.catalogue import Catalogues
from flows.text.phrases import Phrases
from storage.memory import (
    Known,
    Memory,
    MemoryAccess,
    MemoryAccounts,
    MemoryAuditing,
    MemoryCasefile,
    MemoryChat,
    MemoryClaims,
    MemoryContacts,
    MemoryDecisions,
    MemoryDesk,
    MemoryKeeping,
    MemoryMeetings,
    MemoryMethods,
    MemoryPeople,
    MemoryRotas,
    MemorySamples,
    MemorySheets,
    MemoryShifts,
    MemorySupervision,
    MemoryTasks,
    MemoryTrying,
)

NOW = datetime(2026, 11, 20, 20, 40, tzinfo=UTC)
SEED = b"a seed of twenty byte"
TOKEN = "token-of-sam"
HER = "P-K2A"  # whose alert is K2A

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
WHY = Why(
    NOW - timedelta(minutes=4),
    "P1",
    ("fear.high", "threat.kill"),
    ("Fear 9 of 10, up from 4", "New since last time: a threat to kill"),
    ("dice que me mata si me voy",),
)
YESTERDAY, JUST_NOW = NOW - timedelta(days=1, hours=2), NOW - timedelta(minutes=5)
LINES = (
    Line(YESTERDAY, "bot", "¿Estás a salvo ahora? 1 sí, 2 no sé, 3 no", "checkin/safe_now", state="delivered"),
    Line(YESTERDAY, "her", "1"),
    Line(JUST_NOW, "bot", "¿Cuánto miedo has tenido, de 0 a 10?", "checkin/fear", state="delivered"),
    Line(JUST_NOW, "her", "9 dice que me mata si me voy", danger=("threat.kill",)),
    Line(JUST_NOW, "bot", "Gracias por contarlo. Una persona lo verá ahora.", "checkin/act", state="sent"),
)
PLAN = (
    PlanItem("collect", "todo", "Mi hermana Ana, con el coche", NOW - timedelta(days=40), NOW - timedelta(days=12)),
    PlanItem("keys_and_papers", "done", "En casa de Ana", NOW, NOW + timedelta(days=28)),
    PlanItem("children_out", "unsafe"),
    PlanItem("money", "worker"),
    PlanItem("pets", "unneeded"),
)
GOALS = (
    Goal("two", "Un trabajo", NOW - timedelta(days=40), (Score(2, NOW - timedelta(days=40)),), NOW - timedelta(days=9)),
    Goal(
        "one",
        "Dormir tranquila",
        NOW - timedelta(days=40),
        tuple(Score(value, NOW - timedelta(days=days)) for value, days in ((3, 40), (2, 20), (6, 5))),
    ),
    Goal("two", "Mi propio dinero", NOW - timedelta(days=9)),
)
FEARS = (3, 4, 4, None, 5, 4, 9)
ASSESSMENTS = tuple(
    Assessment(
        NOW - timedelta(days=7 * (len(FEARS) - 1 - i)),
        "P1" if fear == 9 else None,
        ("fear.high",) if fear == 9 else (),
        {"fear": fear},
        "first" if i == 0 else "up" if fear == 9 else "same",
    )
    for i, fear in enumerate(FEARS)
)
KEPT = Kept(
    (
        EpochSeen("20261101-0a1b2c", "active", NOW - timedelta(days=19), None),
        EpochSeen("20261001-3d4e5f", "decrypt", NOW - timedelta(days=50), NOW - timedelta(days=19)),
    ),
    False,
    NOW - timedelta(days=2),
    NOW - timedelta(hours=17),
    None,
)
STAFF: tuple[tuple[str, str, Role, Duty], ...] = (
    ("sam", "Sam Okafor", "worker", "on_call"),
    ("ines", "Inés Duarte", "worker", "backup"),
    ("ruth", "Ruth Adeyemi", "supervisor", "off"),
    ("ed", "Ed Lowe", "editor", "off"),
    ("ann", "Ann Voss", "auditor", "off"),
    ("adm", "Pat Quinn", "administrator", "off"),
    ("pia", "Pia Lind", "partner_support", "off"),
)


def an_alert(ref: str = "K2A", person: str = HER, **values: object) -> Alert:
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
    )
    return replace(alert, **values)  # type: ignore[arg-type]


def a_person(ref: str, contact: Contact) -> Known:
    """A recipient in an open session, in her safe hours."""
    return Known(
        ref,
        contact,
        joined_at=NOW - timedelta(days=48),
        open_since=JUST_NOW,
        heard_at=NOW - timedelta(minutes=4),
        lines=list(LINES),
        notes=[Line(NOW - timedelta(days=2), "note", "She wants to be asked in the evening only.", staff="s2")],
        plan=list(PLAN),
        plan_versions=[PlanVersion(item.at or NOW, item) for item in PLAN],
        goals=list(GOALS),
        assessments=list(ASSESSMENTS),
    )


class Clock:
    """A clock that only the test moves."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class House:
    """A memory, its doors and its clock. `forms`: what ships, and the made-up licensed ones of tests/instruments.

    `feeds`: what calendars elsewhere say, by address.
    """

    clock: Clock
    memory: Memory
    desk: MemoryDesk
    chat: MemoryChat
    people: MemoryPeople
    accounts: MemoryAccounts
    sheets: MemorySheets
    contacts: MemoryContacts
    claims: MemoryClaims
    rotas: MemoryRotas
    methods: MemoryMethods
    tasks: MemoryTasks
    casefile: MemoryCasefile
    shifts: MemoryShifts
    forms: Mapping[str, Form]
    feeds: dict[str, str] = field(default_factory=dict)

    async def feed(self, address: str) -> str:
        if address not in self.feeds:
            raise Refused("It answers 404.")
        return self.feeds[address]

    @property
    def access(self) -> MemoryAccess:
        return MemoryAccess(self.memory)

    @property
    def her(self) -> Known:
        return self.memory.people[HER]

    def wired(
        self,
        settings: ConsoleSettings,
        words: Catalogues | None = None,
        names: Mapping[str, Mapping[str, str]] | None = None,
        sayings: Sayings | None = None,
    ) -> Wiring:
        """A console on these doors, in English where there are no other words."""
        people = (self.desk, self.chat, self.people, self.accounts)
        ports = (*people, self.sheets, self.contacts, self.claims, self.rotas, self.methods)
        strings = Strings(words or Catalogues(), settings.language, sayings or Sayings())
        phrases, trying = Phrases(licensed().phrases, licensed().catalogues), MemoryTrying(self.memory)
        beside: dict[str, Any] = {
            "trying": trying,
            "supervision": MemorySupervision(self.memory),
            "shifts": self.shifts,
            "meetings": MemoryMeetings(self.memory),
        }
        beside |= {"access": self.access, "auditing": MemoryAuditing(self.memory), "keeping": MemoryKeeping(KEPT)}
        beside["decisions"] = MemoryDecisions(self.memory, tuple(shipped()))
        beside["samples"] = MemorySamples(self.memory)
        beside |= {"tasks": self.tasks, "casefile": self.casefile, "pages": partial(page_text, licensed())}
        beside["feed"] = self.feed
        forms = {"en": self.forms}
        return Wiring(*ports, self.clock, settings, forms, strings, names or {}, phrases, **beside)

    def put(self, alert: Alert, *why: Why) -> Known:
        """The alert, and whose it is, made where she is not there. Returns her."""
        contact = msgspec.structs.replace(CONTACT, channel=alert.channel, language=alert.language)
        her = self.memory.people.setdefault(alert.person, a_person(alert.person, contact))
        self.memory.put(alert, alert.kind, *why)
        return her

    def change(self, staff: str, **values: object) -> None:
        """Somebody of the staff, with some fields changed."""
        account = self.memory.accounts[staff]
        changed = replace(account.staff, **values)  # type: ignore[arg-type]
        self.memory.accounts[staff] = replace(account, staff=changed)


def a_house(password: str, clock: Clock | None = None, seed: bytes | None = SEED) -> House:
    """Two workers (s1, s2), a supervisor (s3) and one of each other role; nobody waits yet."""
    clock, memory = clock or Clock(), Memory(tokens={TOKEN: "s1"}, labels={TOKEN: Token("t1", "case system", NOW)})
    for number, (username, name, role, duty) in enumerate(STAFF, 1):
        staff = Staff(f"s{number}", username, name, role, duty, totp=seed is not None)
        memory.accounts[staff.id] = Account(staff, password, seed, 0)
    memory.phones["s3"] = [Phone("p3", "sms", "203", True)]  # pages get out
    programme = licensed()
    desk, chat = MemoryDesk(memory), MemoryChat(memory, clock, programme.instruments)
    sheets, forms = MemorySheets(memory, clock, programme.instruments), forms_of(programme, "en")
    contacts = MemoryContacts(memory, clock, Offered.by(programme))
    people, accounts, rotas = MemoryPeople(memory), MemoryAccounts(memory), MemoryRotas(memory)
    claims, methods, tasks = MemoryClaims(memory, desk), MemoryMethods(memory), MemoryTasks(memory)
    casefile, shifts = MemoryCasefile(memory, chat), MemoryShifts(memory, desk, claims)
    ports = (desk, chat, people, accounts, sheets, contacts, claims, rotas, methods, tasks, casefile, shifts)
    return House(clock, memory, *ports, forms)


@cache
def licensed() -> Programme:
    root = Path(__file__).parents[2]
    return load_programme([SHIPPED, root / "tests" / "instruments" / "licensed"], root / "locales")
