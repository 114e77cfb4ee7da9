"""What happened before the demo opened: weeks of made-up contact, really driven through the service in the past.

Nothing is written behind the service's back, so everything that the console shows hangs together: check-ins, their
answers and tiers, a plan, alerts with pages, claims and outcomes, the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.demo.cast import RECIPIENTS, STAFF, Phone
from bot.demo.stage import Stage, person_at
from escalation.ports import Alert, Outcome, Staff
from storage import accounts
from storage.queue import of_person

days, hours, minutes = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BETWEEN = timedelta(seconds=24)  # two messages of one conversation: reading, thinking, typing
EXIT = "x"
BEGAN = 43 * days  # before the demo opens: a day before the first recipient joins


@dataclass(frozen=True, slots=True)
class House:
    """The stage and its staff by username."""

    stage: Stage
    staff: Mapping[str, Staff]


class Scene(Protocol):
    """Something that happened `before` the demo opened."""

    @property
    def before(self) -> timedelta: ...

    async def play(self, house: House) -> None: ...


async def hire(stage: Stage, password: str) -> Mapping[str, Staff]:
    """The staff, their phones and duties. `password` is an Argon2id string, the same for all."""
    service, now = stage.service, stage.clock.now()
    found: dict[str, Staff] = {}
    for one in STAFF:
        member = await service.accounts.add(one.username, one.name, one.role, password, None, now)
        for channel, address in one.phones.items():
            await service.database.write(accounts.add_phone, service.vault, member.id, channel, address, now)
        await service.accounts.duty(member.id, one.duty, now)
        found[one.username] = member
    return found


async def live_through(house: House, until: datetime) -> None:
    """Play every scene at its time, with all that falls due in between; ends at `until`."""
    for scene in sorted(SCENES, key=lambda scene: scene.before, reverse=True):
        await _arrive(house.stage, until - scene.before)
        await scene.play(house)
    await _arrive(house.stage, until)


async def enrol_all(house: House) -> None:
    """Without a past: everybody joins now."""
    for who in RECIPIENTS:
        await Joins(timedelta(0), who).play(house)


async def _arrive(stage: Stage, at: datetime) -> None:
    await stage.service.pass_time(max(at - stage.clock.now(), timedelta(0)))


async def hear(stage: Stage, phone: Phone, line: str) -> None:
    """She writes; the answer arrives; she reads it."""
    await stage.service.turns.take(stage.phones.say(phone.channel, phone.address, line))
    await stage.service.delivery.drain()
    stage.clock.move(BETWEEN)


@dataclass(frozen=True, slots=True)
class Joins:
    """A worker enrols her."""

    before: timedelta
    who: str

    async def play(self, house: House) -> None:
        her = RECIPIENTS[self.who]
        await house.stage.enrol(
            her.phone.channel,
            her.phone.address,
            her.phone.language,
            words=her.phone.speech.words,
            missed_rule=her.missed_rule,
            missed_after_hours=her.missed_after_hours,
            joined_ago=timedelta(0),
            verify_question=her.verify_question,
        )


@dataclass(frozen=True, slots=True)
class Talks:
    """She opens with her word, answers, hides it, and deletes from a texting phone what no service can."""

    before: timedelta
    who: str
    answers: Sequence[str]

    async def play(self, house: House) -> None:
        stage, phone = house.stage, RECIPIENTS[self.who].phone
        with _Tidied(stage, phone):
            for line in (phone.speech.signal, *self.answers, EXIT):
                await hear(stage, phone, line)


@dataclass(frozen=True, slots=True)
class IsHelped:
    """She asks for a worker; `by` takes every alert of hers, writes with her, and closes them with an outcome."""

    before: timedelta
    who: str
    answers: Sequence[str]
    by: str
    talk: Sequence[tuple[str, str]]  # the worker's line and her answer
    outcome: Outcome
    note: str

    async def play(self, house: House) -> None:
        stage, phone, worker = house.stage, RECIPIENTS[self.who].phone, house.staff[self.by]
        with _Tidied(stage, phone):
            for line in (phone.speech.signal, *self.answers):
                await hear(stage, phone, line)
            claimed = await _claim(house, phone, worker)
            await self._write_with_her(stage, phone, claimed[0].person, worker)
            await hear(stage, phone, EXIT)
        for alert in claimed:
            now = stage.clock.now()
            await stage.service.desk.resolve(alert.ref, worker.id, alert.claim, self.outcome, self.note, now)

    async def _write_with_her(self, stage: Stage, phone: Phone, person: str, worker: Staff) -> None:
        chat = stage.service.chat
        await chat.join(person, worker.id)
        for number, (said, answer) in enumerate(self.talk):
            await chat.say(person, worker.id, said, f"{person}-{number}")
            await stage.service.settle()
            stage.clock.move(BETWEEN)
            await hear(stage, phone, answer)
        await chat.hand_back(person, worker.id)
        await stage.service.settle()


@dataclass(frozen=True, slots=True)
class IsTaken:
    """A colleague has claimed what waits of her, and is on it."""

    before: timedelta
    who: str
    by: str

    async def play(self, house: House) -> None:
        await _claim(house, RECIPIENTS[self.who].phone, house.staff[self.by])


async def _claim(house: House, phone: Phone, worker: Staff) -> list[Alert]:
    """Everything of hers that is open."""
    service, now = house.stage.service, house.stage.clock.now()
    await service.settle()
    person = await service.database.read(person_at, service.vault, phone.channel, phone.address)
    hers = await service.database.read(of_person, service.vault, person, now)
    return [await service.desk.claim(alert.ref, worker.id, now) for alert in hers if alert.state == "open"]


class _Tidied:
    """Deletes, at the end, what a conversation left on a texting phone: all of it but the cover's own reply."""

    def __init__(self, stage: Stage, phone: Phone) -> None:
        self._stage, self._phone = stage, phone
        self._before: frozenset[str] = frozenset()

    def __enter__(self) -> None:
        self._before = frozenset(self._ids())

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._phone.channel == "sms":
            for bubble in [one for one in self._ids() if one not in self._before][:-1]:
                self._stage.phones.delete_on_phone("sms", self._phone.address, bubble)

    def _ids(self) -> list[str]:
        return [bubble.id for bubble in self._stage.phones.screen(self._phone.channel, self._phone.address)]


# safe, afraid, changed, new (and, from a fear of 6, for their life), wanted
STEADY = ("1", "4", "2", "1", "1")
CALM = ("1", "3", "2", "1", "1")
PLAN = ("1", "5", "2", "1", "3", "1", "My sister, at any hour", "2", "Both walk to school with the neighbour", "2")
WORSE = ("1", "6", "3", "1", "3", "2", "1")  # afraid 6, worse, not for their life, then: a worker
UNSURE = ("2", "4", "2", "1", "3", "1", "3")  # not sure whether safe, afraid 4, not for her life

SCENES: Sequence[Scene] = (
    *(Joins(one.joined, name) for name, one in RECIPIENTS.items()),
    Talks(41 * days, "english", PLAN),
    Talks(35 * days - 100 * minutes, "english", STEADY),
    IsHelped(
        28 * days - 100 * minutes,
        "english",
        WORSE,
        "ana",
        (
            ("This is the team. Can you write now?", "Yes he is out until six"),
            ("Thank you. What would help most today?", "He found the bag. I need another place for it"),
            ("Your sister could keep it. Shall we put that in the plan next time?", "Yes. Thank you"),
        ),
        "spoke_plan_acted",
        "Bag moved to the sister. Fear eased while we wrote. Look again at the next check-in.",
    ),
    Talks(21 * days - 100 * minutes, "english", STEADY),
    Talks(14 * days - 100 * minutes, "english", STEADY),
    Talks(7 * days - 100 * minutes, "english", CALM),
    Talks(27 * days, "spanish", CALM),
    Talks(20 * days, "spanish", STEADY),
    Talks(13 * days, "spanish", CALM),
    Talks(6 * days, "spanish", STEADY),
    Talks(12 * days, "arabic", CALM),
    Talks(5 * days + 2 * hours, "arabic", STEADY),
    Talks(52 * minutes, "arabic", ("1", "5", "3", "1", "2", "1", "3")),
    Talks(9 * days, "welsh", CALM),
    Talks(2 * days + 4 * hours, "welsh", CALM),
    Talks(31 * minutes, "welsh", UNSURE),
    IsTaken(19 * minutes, "welsh", "ben"),
)
