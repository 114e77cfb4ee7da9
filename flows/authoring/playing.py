"""Playing a transcript: the engine alone, with a clock, timers and a phone of its own.

Between any two lines the conversation is written out and read back, as it is in service, so that a state which does not
survive storage cannot pass. What differs from the transcript is told line by line.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from flows.authoring.differences import differences, unfit
from flows.authoring.findings import Finding
from flows.authoring.transcripts import BEGINS, LineFile, Transcript, TranscriptFile, given_values
from flows.engine import record
from flows.engine.conversation import Contact, Conversation, Goal, Memory, PlanItem, Standing, read, write
from flows.engine.crisis_plan import STATUSES
from flows.engine.effects import Cancel, Effect, Schedule, Send
from flows.engine.events import (
    Due,
    Event,
    Heard,
    Joined,
    WorkerCleared,
    WorkerGone,
    WorkerJoined,
    WorkerLeft,
    WorkerRecorded,
    WorkerResetWords,
    WorkerSaid,
)
from flows.engine.her_words import CODE_LIFE
from flows.engine.programme import Programme
from flows.engine.rhythm import NEVER
from flows.engine.step import step
from flows.safety.hours import PRESETS
from flows.text.canonical import canonical

SIGNAL, DURESS = "sunflower", "marigold"  # the demo's words (DESIGN.md, Contracts)
READING = timedelta(seconds=20)  # between two lines; far below every lock
MOST_FIRED = (
    1_000  # timers in one wait: a year of daily ones and their consequences; more is a timer that renews itself
)
STAFF = "worker"
CODE = "2A4C-7HJK"  # as a one-time code looks


def play(transcript: Transcript, programme: Programme, language: str | None = None) -> list[Finding]:
    """What differs, in the order of the talk; empty is good. `language` in place of the transcript's own."""
    phone = Phone(transcript.file, programme, language or transcript.file.phone.language)
    found: list[Finding] = []
    for number, line in enumerate(transcript.file.talk):
        heard = phone.take(line)
        problems = (*heard.problems, *differences(line, heard.effects, phone.conversation))
        found += [transcript.finding(number, f"[{phone.language}] {problem}") for problem in problems]
    return found


@dataclass(slots=True)
class Taken:
    """All that came of one line. `problems` are those of no line: what no turn may ever do."""

    effects: list[Effect] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Phone:
    """A recipient's phone: the conversation as storage would keep it, the clock, timers that wait, buttons seen."""

    def __init__(self, file: TranscriptFile, programme: Programme, language: str) -> None:
        self.programme, self.language = programme, language
        self.now = file.begins or BEGINS
        self.channel = file.phone.channel
        self.conversation = _begun(file, programme, language, self.now)
        self.timers: dict[tuple[str, str], datetime] = {}
        self.buttons: dict[str, str] = {}  # the tag of each message's last question, and "" for the very last
        self.turns = 0
        if file.phone.new is None:
            self.timers["checkin", ""] = self.now + timedelta(days=self.conversation.contact.rhythm_days)

    def fork(self) -> Phone:
        """The same phone at the same moment, so that more than one thing can happen next."""
        other = copy(self)
        other.timers, other.buttons = dict(self.timers), dict(self.buttons)
        return other

    def take(self, line: LineFile) -> Taken:
        heard = Taken()
        self.now += READING
        if line.wait is not None:
            self._wait(line.wait, heard)
        elif line.records is not None:
            for fact, value in line.records.items():
                self._step(WorkerRecorded(self.now, STAFF, fact, _value(value), self._fresh()), heard)
        else:
            self._step(self._event(line), heard)
        return heard

    def _event(self, line: LineFile) -> Event:
        if line.joins is not None:
            zone = self.programme.rules.zone
            return Joined(self.now, line.joins, self.channel, self.language, zone, self._fresh())
        if line.worker is not None:
            return _WORKER[line.worker](self.now, STAFF, self._fresh())
        if line.worker_says is not None:
            return WorkerSaid(self.now, STAFF, line.worker_says, self._fresh())
        if line.press is not None:
            tag = self.buttons.get(line.of or "", "")
            return Heard(self.now, fresh=self._fresh(), button=f"{tag}:{line.press}", code=CODE)
        if line.sends is not None:
            media = () if line.sends == "blank" else (line.sends,)
            return Heard(self.now, fresh=self._fresh(), media=media)
        text = line.they if line.they is not None else line.edits or ""
        return Heard(self.now, text, mac(text), self._fresh(), edited=line.edits is not None, code=CODE)

    def _fresh(self) -> str:
        self.turns += 1
        return f"turn{self.turns:06}"

    def _wait(self, span: timedelta, heard: Taken) -> None:
        until = self.now + span
        for _ in range(MOST_FIRED):
            which = min(self.timers, key=self.timers.__getitem__, default=None)
            if which is None or self.timers[which] > until:
                break
            self.now = max(self.now, self.timers.pop(which))
            self._step(Due(self.now, *which, self._fresh()), heard)
        else:
            heard.problems.append(f"more than {MOST_FIRED} timers fired in {span}")
        self.now = until

    def _step(self, event: Event, heard: Taken) -> None:
        before = self.conversation
        turn = step(self.programme, before, event)
        self.conversation = read(write(turn.conversation))
        if self.conversation != turn.conversation:
            heard.problems.append("the conversation is not the same after it was written out and read back")
        heard.problems += unfit(before, turn, self.programme)
        for effect in turn.effects:
            self._note(effect)
        heard.effects += turn.effects

    def _note(self, effect: Effect) -> None:
        match effect:
            case Schedule():
                self.timers[effect.kind, effect.key] = effect.due
            case Cancel():
                self.timers.pop((effect.kind, effect.key), None)
            case Send() if effect.tag:
                self.buttons[effect.message] = self.buttons[""] = effect.tag


def _value(word: str) -> str:
    """`none` in a transcript takes back."""
    return "" if word == "none" else word


_WORKER: dict[str, Callable[[datetime, str, str], Event]] = {
    "joins": WorkerJoined,
    "leaves": WorkerLeft,
    "clears": WorkerCleared,
    "gone": lambda at, staff, fresh: WorkerGone(at, staff, asked=True, fresh=fresh),
    "done": lambda at, staff, fresh: WorkerGone(at, staff, asked=False, fresh=fresh),
    "resets": lambda at, staff, fresh: WorkerResetWords(at, staff, mac(CODE), at + CODE_LIFE, fresh),
}


def mac(text: str) -> str:
    """Stands for the keyed hash of a word: readable, and as good for comparing."""
    word = canonical(text)
    return f"mac:{word}" if word else ""


# what stands before the talk


def _begun(file: TranscriptFile, programme: Programme, language: str, now: datetime) -> Conversation:
    rules = programme.rules
    contact = Contact(channel=file.phone.channel, language=language, cover=rules.cover, zone=rules.zone)
    if file.phone.new is not None:
        return Conversation("transcript", contact)
    contact = replace(
        contact, windows=PRESETS["always"], signal=mac(SIGNAL), duress=mac(DURESS), consent="worker", shared_phone="yes"
    )
    for name, value in file.given.contact.items():
        contact = record.FIELDS[f"contact.{name}"](contact, value, now)
    checkin = given_values(file.given.previous)
    memory = Memory(
        checkin=checkin, checked_at=now - timedelta(days=7) if checkin else None, joined_at=now - timedelta(days=30)
    )
    not_before = {n: NEVER for n, flow in programme.flows.items() if flow.schedule is not None and n != file.given.due}
    standing = {fact: Standing(value, STAFF, now) for fact, value in file.given.recorded.items()}
    asked = file.given.due == rules.confirming
    memory = replace(memory, not_before=not_before, recorded=standing, ask_confirm=asked)
    plan = tuple(_item(name, words, now) for name, words in file.given.plan.items())
    wanted = tuple(Goal(name, words, now - timedelta(days=7)) for name, words in file.given.goals.items())
    return Conversation("transcript", contact, plan=plan, memory=memory, goals=wanted)


def _item(name: str, words: str, now: datetime) -> PlanItem:
    if words in STATUSES:
        return PlanItem(name, words, "", now - timedelta(days=7))
    return PlanItem(name, "todo", words, now - timedelta(days=7))
