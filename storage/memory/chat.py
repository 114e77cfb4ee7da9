"""The live line to her phone: her chat is a list of lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec.structs import replace

from escalation.contacted import Contacted
from escalation.ports import (
    Assessment,
    Judgement,
    Line,
    PlanChange,
    PlanVersion,
    Recording,
    Refused,
    StageSeen,
)
from flows.engine import crisis_plan, goals
from flows.engine.conversation import Fact, PlanItem, Standing
from flows.engine.conversation import Memory as Remembered
from flows.engine.effects import Raise
from flows.engine.model import Instrument, Tier
from flows.safety import recorded
from flows.safety.judgement import refuses
from flows.safety.risk import worse
from flows.safety.traces import leaves_traces
from storage.admitting import must_confirm, planned, recording, staged, told_apart
from storage.memory.world import Known, Memory
from storage.reading import LONGEST_REASON, READING


class MemoryChat:
    """`escalation.ports.Chat`."""

    def __init__(
        self, memory: Memory, now: Callable[[], datetime], instruments: Mapping[str, Instrument] | None = None
    ) -> None:
        self._memory, self._now, self._instruments = memory, now, instruments or {}

    async def join(self, person: str, staff: str, confirmed: bool = False) -> None:
        """Into the open chat, or waiting for her to open it: a worker never opens it."""
        her = self._admit(person, staff, "join", confirmed=confirmed)
        her.worker, her.waits = (staff, "") if her.open_since else ("", staff)
        if her.worker:
            her.contacts.append(Contacted(self._now(), "worker_joined", staff))

    async def say(self, person: str, staff: str, text: str, nonce: str, confirmed: bool = False) -> None:
        if not text.strip():
            raise Refused("An empty message says nothing.")
        her = self._admit(person, staff, "say", text, confirmed)
        if nonce not in self._memory.nonces:
            self._memory.nonces.add(nonce)
            her.lines.append(Line(self._now(), "worker", text, staff=staff, state="due"))
            self._memory.reached(her.ref, self._now())

    async def hand_back(self, person: str, staff: str) -> None:
        her = self._admit(person, staff, "left")
        her.contacts.append(Contacted(self._now(), "worker_left", staff))
        her.worker = her.waits = ""

    async def verified(self, person: str, staff: str) -> None:
        her = self._admit(person, staff, "cleared")
        her.verify_first = her.watched = False

    async def judge(self, person: str, staff: str, instrument: str, tier: Tier, reason: str, opening: str = "") -> None:
        her, known, now = self._memory.person(person), self._instruments.get(instrument), self._now()
        self._memory.may_read(staff, her, opening, READING, now)
        known_tiers: list[Assessment | Judgement] = [*her.assessments, *her.judgements]
        said = sorted((one for one in known_tiers if one.instrument == instrument), key=lambda one: one.at)
        found = said[-1].tier if said else None
        refused = refuses(known, found, bool(said), tier, reason)
        if refused or known is None:
            raise Refused(refused)
        reason = reason.strip()[:LONGEST_REASON]
        her.judgements.append(Judgement(now, instrument, known.version, found, tier, reason, staff))
        self._memory.record(staff, "case.judge", her.ref, now)
        self._memory.renew_all(staff, her.ref, now)
        if worse(tier, found) and tier != "P3":
            says = tuple(filter(None, (f"A worker judges {instrument} as {tier}", reason)))
            self._memory.raises(her.ref, Raise(tier, "risk", "risk", (f"judged.{instrument}",), says), now)
        her.version += 1
        self._memory.changed(her.ref)

    async def plan(self, person: str, staff: str, change: PlanChange, nonce: str) -> None:
        her, now = self._memory.person(person), self._now()
        self._memory.require(staff, her.ref, "plan", now)
        before = crisis_plan.named(her.plan, change.name)
        refused = crisis_plan.refuses(before, planned(change, staff, now))
        if refused:
            raise Refused(refused)
        once = f"plan {change.name} {nonce}"
        if once in self._memory.nonces:
            return
        self._memory.nonces.add(once)
        item = PlanItem(change.name, change.status, change.words.strip(), now, change.review_on)
        held = replace(item, words="") if item.status == "worker" else item
        her.plan = [held if each.name == item.name else each for each in her.plan]
        her.plan_versions.append(PlanVersion(now, item, staff))
        self._memory.record(staff, "case.plan", her.ref, now)
        self._memory.renew_all(staff, her.ref, now)
        her.version += 1
        self._memory.changed(her.ref)

    async def record(self, person: str, staff: str, fact: Fact, value: str, reason: str = "") -> None:
        her, now = self._memory.person(person), self._now()
        self._memory.may_read(staff, her, reason, READING, now)
        refused = recorded.refuses(her.contact, Remembered(recorded=her.recorded), fact, value)
        if refused:
            raise Refused(refused)
        her.recorded.pop(fact, None)
        if fact == "no_contact_order":
            her.recorded.pop("negotiated_exit", None)
        if value:
            her.recorded[fact] = Standing(value, staff, now)
        her.recordings.append(Recording(now, fact, value, staff))
        self._memory.record(staff, recording(fact, value), her.ref, now)
        self._memory.renew_all(staff, her.ref, now)
        her.version += 1
        self._memory.changed(her.ref)

    async def stage(self, person: str, staff: str, seen: StageSeen, reason: str = "") -> None:
        her, now = self._memory.person(person), self._now()
        self._memory.may_read(staff, her, reason, READING, now)
        event = staged(seen, staff, now)
        refused = goals.refuses(her.goals, event)
        if refused:
            raise Refused(refused)
        goal = goals.standing(her.goals, seen.goal)
        her.goals = [goals.with_stage(each, event) if each is goal else each for each in her.goals]
        self._memory.record(staff, "case.stage", her.ref, now)
        self._memory.renew_all(staff, her.ref, now)
        her.version += 1
        self._memory.changed(her.ref)

    def _admit(self, person: str, worker: str, what: str, text: str = "", confirmed: bool = False) -> Known:
        her = self._memory.person(person)
        self._memory.require(worker, her.ref, "talk", self._now())
        if what == "say" and her.open_since is None:
            raise Refused("Her chat is closed. She opens it with her word; you will be in it then.")
        if what == "say" and her.worker != worker:
            raise Refused("Join the chat first.")
        betrays = leaves_traces(text)
        shows = her.watched and (what == "say" or (what == "join" and her.open_since is not None))
        must_confirm(shows, betrays, confirmed)
        self._memory.record(worker, f"chat.{what}{told_apart(shows, betrays)}", her.ref, self._now())
        self._memory.renew_all(worker, her.ref, self._now())
        her.version += 1
        self._memory.changed(her.ref)
        return her
