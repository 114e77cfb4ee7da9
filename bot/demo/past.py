"""What happened before the demo opened: weeks of made-up contact, really driven through the service in the past.

Nothing is written behind the service's back, so everything that the console shows hangs together: check-ins, their
answers and tiers, a plan, goals, forms, what is on record, alerts with pages, claims and outcomes, the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.demo.cast import RECIPIENTS, STAFF, Phone
from bot.demo.stage import Stage, person_at
from escalation.access import As
from escalation.auditing import Wanted
from escalation.ports import Alert, ItemAnswer, Outcome, Staff, StageSeen
from escalation.safe_contact import ContactChange
from escalation.tasks import NewTask
from flows.engine.confirming import AFTER_SEPARATION, DUE
from flows.engine.conversation import Fact
from flows.engine.conversation import Stage as OfChange
from flows.engine.goals import standing
from flows.engine.sheets import Origin
from storage import accounts
from storage.auditing import StoredAuditing
from storage.cases import ref_of
from storage.queue import of_person

days, hours, minutes = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BETWEEN = timedelta(seconds=24)  # two messages of one conversation: reading, thinking, typing
EXIT = "x"
MEETING = "Weekly meeting"  # why a worker opens a case of which nothing is held
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


async def live_through(house: House, until: datetime, scenes: Sequence[Scene]) -> None:
    """Play every scene at its time, with all that falls due in between; ends at `until`."""
    for scene in sorted(scenes, key=lambda scene: scene.before, reverse=True):
        await _arrive(house.stage, until - scene.before)
        await scene.play(house)
    await _arrive(house.stage, until)
    await confirm_all(house)


async def confirm_all(house: House) -> None:
    """Whose safe-contact record came due meanwhile, it was gone through with them."""
    service, worker, now = house.stage.service, house.staff["ana"], house.stage.clock.now()
    await service.settle()
    for alert in await service.desk.queue(now):
        if alert.state == "open" and alert.title in (DUE, AFTER_SEPARATION):
            await service.contacts.set(alert.person, worker.id, ContactChange({}, confirmed=True), MEETING)
            claimed = await service.desk.claim(alert.ref, worker.id, now)
            await _close(house, claimed, worker, "other", "", now)


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
            await _close(house, alert, worker, self.outcome, self.note, now)

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


@dataclass(frozen=True, slots=True)
class IsFilledIn:
    """`by` fills a form in, item by item; what it raises is taken and closed. Not `whole`: somebody goes on with it."""

    before: timedelta
    who: str
    by: str
    form: str
    answers: Mapping[str, tuple[str, Origin] | None]  # by item; None for skipped
    note: str = ""
    whole: bool = True

    async def play(self, house: House) -> None:
        service, worker, clock = house.stage.service, house.staff[self.by], house.stage.clock
        person = await _ref(house, self.who)
        await service.sheets.begin(person, worker.id, self.form, MEETING)
        sheet = (await service.desk.case(person, worker.id, MEETING, clock.now())).sheets[self.form].id
        for item, answer in self.answers.items():
            given = ItemAnswer(sheet, item, *(answer or (None, "")))
            await service.sheets.answer(person, worker.id, self.form, given, MEETING)
            clock.move(BETWEEN)
        if not self.whole:
            return
        await service.sheets.finish(person, worker.id, self.form, sheet, MEETING)
        for alert in await _claim(house, RECIPIENTS[self.who].phone, worker):
            await _close(house, alert, worker, "other", self.note, clock.now())


@dataclass(frozen=True, slots=True)
class IsRecorded:
    """`by` puts a fact of the two of them on record."""

    before: timedelta
    who: str
    by: str
    fact: Fact
    value: str

    async def play(self, house: House) -> None:
        person = await _ref(house, self.who)
        await house.stage.service.chat.record(person, house.staff[self.by].id, self.fact, self.value, MEETING)


@dataclass(frozen=True, slots=True)
class IsStaged:
    """`by` records the stage of change at a goal of hers that stands."""

    before: timedelta
    who: str
    by: str
    goal: str
    stage: OfChange

    async def play(self, house: House) -> None:
        service, worker, person = house.stage.service, house.staff[self.by], await _ref(house, self.who)
        case = await service.desk.case(person, worker.id, MEETING, house.stage.clock.now())
        goal = standing(case.goals, self.goal)
        if goal is None:
            raise LookupError(f"{self.who} has no goal {self.goal}: her conversation went another way")
        await service.chat.stage(person, worker.id, StageSeen(goal.name, goal.at, self.stage), MEETING)


@dataclass(frozen=True, slots=True)
class IsAssigned:
    """It is a case of `to` from now on, says `by`, with something `to` is to do about it within `days`."""

    before: timedelta
    who: str
    to: str
    as_: As
    by: str
    words: str
    days: int

    async def play(self, house: House) -> None:
        service, now, person = house.stage.service, house.stage.clock.now(), await _ref(house, self.who)
        to, by = house.staff[self.to].id, house.staff[self.by].id
        await service.access.assign(person, to, self.as_, by, now, MEETING)
        task = NewTask("contact", now + timedelta(days=self.days), self.words, to)
        await service.tasks.make(person, task, by, now, MEETING)


@dataclass(frozen=True, slots=True)
class IsSeen:
    """`by`, whose case it is, was in touch with her: a note says how, and what they were to do for her is done."""

    before: timedelta
    who: str
    by: str
    note: str

    async def play(self, house: House) -> None:
        service, now, person = house.stage.service, house.stage.clock.now(), await _ref(house, self.who)
        worker = house.staff[self.by].id
        await service.desk.note(person, worker, self.note, now)
        for task in await service.tasks.mine(worker, now):
            if task.person == person:
                await service.tasks.done(task.id, worker, now)


@dataclass(frozen=True, slots=True)
class IsAudited:
    """`by` has counted the audit log through, and taken a file of it along."""

    before: timedelta
    by: str

    async def play(self, house: House) -> None:
        service, now = house.stage.service, house.stage.clock.now()
        auditing, auditor = StoredAuditing(service.database, service.vault), house.staff[self.by].id
        await auditing.verify(auditor, now)
        await auditing.export(Wanted(), auditor, now)


async def _ref(house: House, who: str) -> str:
    """Her case ref."""
    service, phone = house.stage.service, RECIPIENTS[who].phone
    person = await service.database.read(person_at, service.vault, phone.channel, phone.address)
    return await service.database.read(ref_of, person)


async def _claim(house: House, phone: Phone, worker: Staff) -> list[Alert]:
    """Everything of hers that is open."""
    service, now = house.stage.service, house.stage.clock.now()
    await service.settle()
    person = await service.database.read(person_at, service.vault, phone.channel, phone.address)
    hers = await service.database.read(of_person, service.vault, person, now)
    return [await service.desk.claim(alert.ref, worker.id, now) for alert in hers if alert.state == "open"]


async def _close(house: House, alert: Alert, worker: Staff, outcome: str, note: str, now: datetime) -> None:
    """A P0 or P1 is signed by a colleague."""
    service = house.stage.service
    done = await service.desk.resolve(alert.ref, worker.id, alert.claim, outcome, note, now)
    if done.state == "closing":
        colleague = next(one for one in house.staff.values() if one.id != worker.id)
        await service.claims.sign(alert.ref, colleague.id, now)


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
