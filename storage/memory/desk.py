"""The queue and the cases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from escalation import apart
from escalation.answering import SPOKE
from escalation.claims import MOST_URGENT, SIGN_WITHIN, TooMany
from escalation.ladder import URGENT, unanswered
from escalation.order import place, waits
from escalation.ports import LONGEST_NUMBER, Alert, Case, Line, Place, Reading, Refused, Unknown
from flows.engine.conversation import Memory as Remembered
from flows.safety.hours import next_safe, safe_until
from storage.case_links import FOUND, NO_NUMBER
from storage.cases import standing_records
from storage.claims import GONE, RAN_OUT, RESOLVED, has_closed
from storage.closing import NEEDS_OUTCOME, is_incident
from storage.memory.supervision import due_after
from storage.memory.world import Memory, freed, held, unoffered
from storage.reading import BY_REASON, READING, TIMELINE
from storage.timeline import contact


class MemoryDesk:
    """`escalation.ports.Desk`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def queue(self, now: datetime, limit: int = 200) -> Sequence[Alert]:
        live = self._live(now)
        waiting, others = ([a for a in live if waits(a, now) == wanted][:limit] for wanted in (True, False))
        return sorted([*waiting, *others], key=lambda a: place(a, now))

    async def further(self, edge: Place, now: datetime, most: int, back: bool = False) -> Sequence[Alert]:
        waiting = [a for a in self._live(now) if waits(a, now)]
        if back:
            return [a for a in waiting if place(a, now) < edge][-most:]
        return [a for a in waiting if place(a, now) > edge][:most]

    def _live(self, now: datetime) -> list[Alert]:
        live = [self._shown(a, now) for a in self._memory.alerts.values() if a.state != "resolved"]
        return sorted(live, key=lambda a: place(a, now))

    async def alert(self, ref: str, now: datetime) -> Alert | None:
        alert = self._memory.alerts.get(ref.upper())
        return None if alert is None else self._shown(alert, now)

    async def claim(self, ref: str, staff: str, now: datetime, reason: str = "") -> Alert:
        alert = self._known(ref)
        until = alert.claim_until
        keeps = alert in self._memory.holds(staff, alert.person, now)
        urgent = alert.tier in URGENT and not keeps
        self._memory.require(staff, alert.person, "take_urgent" if urgent else "take", now)
        held_on = until is not None and until > now and not _silent(alert) and alert.offered_to != staff
        if alert.holder not in ("", staff) and held_on:
            raise Refused(f"{alert.holder_name} has it already.", alert.holder_name)
        self._room(alert, staff, reason, now)
        number = alert.claim if alert.holder == staff else alert.claim + 1
        name = self._memory.account(staff).staff.name
        taken = self.put("alert.claim", held(alert, staff, name, number, now), staff, now)
        self._memory.ended(alert)
        return taken

    async def renew(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        alert = self.mine(ref, staff, claim, now)
        return self.put("alert.renew", held(alert, staff, alert.holder_name, claim, now), staff, now)

    async def release(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        alert = self.mine(ref, staff, claim, now)
        free = self.put("alert.release", freed(alert, now), staff, now)
        self._memory.ended(alert)
        return free

    async def resolve(self, ref: str, staff: str, claim: int, outcome: str, note: str, now: datetime) -> Alert:
        alert = self.mine(ref, staff, claim, now)
        if alert.tier in NEEDS_OUTCOME and not (outcome.strip() and note.strip()):
            raise Refused(f"A {alert.tier} needs an outcome and a note on what was done.")
        if outcome.strip() or note.strip():
            self._memory.said(alert, outcome, note, staff, now)
        if outcome in SPOKE:
            self._memory.reached(alert.person, now)
            alert = self._known(ref)
        closing = alert.tier in NEEDS_OUTCOME
        done = replace(unoffered(alert), state="closing" if closing else "resolved", claim_until=None, closed_at=now)
        done = replace(done, next_page_at=now + SIGN_WITHIN if closing else None)
        done = self.put("alert.resolve", done, staff, now)
        self._memory.ended(alert)
        due_after(self._memory, alert, now)
        if is_incident(alert.tier, alert.kind, outcome):
            self._memory.over.append(alert)
        return done

    async def case(self, person: str, staff: str, reason: str, now: datetime, over_time: bool = False) -> Case:
        her = self._memory.person(person)
        self._memory.may_read(staff, her, reason, TIMELINE if over_time else READING, now)
        mine = [self._shown(a, now) for a in self._memory.alerts.values() if a.person == her.ref]
        return Case(
            ref=her.ref,
            contact=her.contact,
            mode=her.mode,
            suspect=her.verify_first or her.watched,
            watched=her.watched,
            joined_at=her.joined_at,
            last_heard_at=her.heard_at,
            writable_until=safe_until(her.contact, now),
            opens_next_at=next_safe(her.contact, now),
            plan=tuple(her.plan),
            assessments=tuple(apart.without_answers(each) for each in her.assessments),
            alerts=tuple(sorted(mine, key=lambda a: a.raised_at, reverse=True)),
            why={a.ref: self._memory.why[a.ref] for a in mine},
            notes=tuple(her.notes),
            worker_in=her.worker,
            worker_waits=her.waits,
            version=her.version,
            judgements=tuple(her.judgements),
            goals=tuple(her.goals),
            plan_versions=tuple(her.plan_versions),
            sheets=dict(her.sheets),
            recorded=standing_records(Remembered(recorded=her.recorded)),
            recordings=tuple(her.recordings),
            number=her.number if self._may_know(staff, her.ref, now) else None,
            linked=self._under(her.number, her.ref) if self._may_know(staff, her.ref, now) else (),
            contact_versions=tuple(her.contact_versions),
            contacts=tuple(her.contacts),
        )

    async def transcript(self, person: str, staff: str, reason: str, now: datetime) -> Sequence[Line]:
        her = self._memory.person(person)
        self._memory.may_read(staff, her, reason, "transcript.read", now)
        if not any(line.apart for line in her.lines):
            return list(her.lines)
        if not self._memory.stance(staff, her.ref, now).may("hear_apart"):
            return apart.closed(her.lines)
        self._memory.record_once(staff, apart.READ, her.ref, now)
        return list(her.lines)

    async def note(self, person: str, staff: str, text: str, now: datetime, reason: str = "") -> None:
        her = self._memory.person(person)
        self._memory.may_read(staff, her, reason, READING, now)
        if not text.strip():
            raise Refused("An empty note says nothing.")
        her.notes.append(Line(now, "note", text.strip(), staff=staff))
        self._memory.record(staff, "note.write", her.ref, now)
        self._memory.renew_all(staff, her.ref, now)
        self._memory.changed(her.ref)

    async def timeline(
        self, person: str, staff: str, now: datetime, reason: str = ""
    ) -> Sequence[Mapping[str, object]]:
        her = self._memory.person(person)
        self._memory.may_read(staff, her, reason, TIMELINE, now)
        found: list[Mapping[str, object]] = [
            {"at": a.raised_at, "what": "alert", "ref": a.ref, "tier": a.tier, "kind": a.kind, "state": a.state}
            for a in self._memory.alerts.values()
            if a.person == her.ref
        ]
        found += [
            {"at": a.at, "what": "assessment", "tier": a.tier, "rules": list(a.rules), "change": a.change}
            for a in her.assessments
        ]
        found += [contact(one.at, one.kind, one.staff) for one in her.contacts]
        return sorted(found, key=lambda entry: str(entry["at"]))

    async def number(self, person: str, staff: str, number: str, now: datetime, reason: str = "") -> None:
        her, number = self._memory.person(person), number.strip()
        self._memory.may_read(staff, her, reason, READING, now)
        self._memory.require(staff, her.ref, "number", now)
        if len(number) > LONGEST_NUMBER:
            raise Refused(NO_NUMBER)
        her.number = number
        self._memory.record(staff, "case.number", her.ref, now)
        self._memory.renew_all(staff, her.ref, now)
        self._memory.changed(her.ref)

    async def under_number(self, number: str, staff: str, now: datetime) -> Sequence[str]:
        if not 0 < len(number.strip()) <= LONGEST_NUMBER:
            raise Refused(NO_NUMBER)
        self._memory.record(staff, FOUND, "", now)
        found = self._under(number)
        return found if any(self._may_know(staff, ref, now) for ref in found) else ()

    def _may_know(self, staff: str, person: str, now: datetime) -> bool:
        return self._memory.stance(staff, person, now).may("number")

    def _under(self, number: str, but: str = "") -> tuple[str, ...]:
        one = " ".join(number.casefold().split())
        people = (her for her in self._memory.people.values() if her.number and her.ref != but)
        return tuple(sorted(her.ref for her in people if " ".join(her.number.casefold().split()) == one))

    async def opened_by_reason(self, most: int = 20) -> Sequence[Reading]:
        kinds = (f"{READING}{BY_REASON}", f"{TIMELINE}{BY_REASON}")
        opened = [a for a in reversed(self._memory.audit) if a.action in kinds]
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
            raise Unknown(GONE)
        if alert.state == "resolved":
            raise Refused(RESOLVED)
        if alert.state == "closing":
            raise Refused(has_closed(alert.holder_name), alert.holder_name)
        return alert

    def _room(self, alert: Alert, worker: str, reason: str, now: datetime) -> None:
        keeps = alert in self._memory.holds(worker, alert.person, now)
        if keeps or alert.tier not in URGENT or self._memory.load(worker, now, alert.ref) < MOST_URGENT:
            return
        free = [one.name for one in self._memory.who_next(alert.person, worker, now, MOST_URGENT)]
        if free and not reason.strip():
            raise TooMany(free)
        self._memory.record(worker, "alert.claim.third", alert.ref, now)
        if reason.strip():
            self._memory.said(alert, "third", reason, worker, now)

    def mine(self, ref: str, worker: str, claim: int, now: datetime) -> Alert:
        alert = self._known(ref)
        if not alert.holder:
            raise Refused("Nobody holds this alert now. Claim it first.")
        if alert.holder != worker or alert.claim != claim:
            raise Refused(f"{alert.holder_name} holds it now.", alert.holder_name)
        if alert.claim_until is None or alert.claim_until <= now:
            raise Refused(RAN_OUT)
        return alert

    def put(self, action: str, alert: Alert, worker: str, now: datetime) -> Alert:
        self._memory.alerts[alert.ref] = alert
        self._memory.record(worker, action, alert.ref, now)
        self._memory.changed("alerts")
        return self._shown(alert, now)

    def _shown(self, alert: Alert, now: datetime) -> Alert:
        return replace(alert, writable_until=safe_until(self._memory.person(alert.person).contact, now))


def _silent(alert: Alert) -> bool:
    return alert.state == "claimed" and unanswered(alert.level, alert.next_page_at, alert.claim_until)
