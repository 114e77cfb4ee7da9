"""The queue and the cases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from escalation import apart
from escalation.ladder import unanswered
from escalation.ports import Alert, Case, Line, Reading, Refused, Unknown
from flows.engine.conversation import Memory as Remembered
from flows.safety.hours import next_safe, safe_until
from storage.cases import BY_REASON, NEEDS_REASON, ONE_READING, standing_records
from storage.claims import GONE, NEEDS_OUTCOME
from storage.memory.world import Known, Memory, freed, held


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
        if alert.holder not in ("", staff) and until is not None and until > now and not _silent(alert):
            raise Refused(f"{alert.holder_name} has it already.", alert.holder_name)
        number = alert.claim if alert.holder == staff else alert.claim + 1
        name = self._memory.account(staff).staff.name
        taken = self._put("alert.claim", held(alert, staff, name, number, now), staff, now)
        self._memory.ended(alert)
        return taken

    async def renew(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        alert = self._mine(ref, staff, claim)
        return self._put("alert.renew", held(alert, staff, alert.holder_name, claim, now), staff, now)

    async def release(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        alert = self._mine(ref, staff, claim)
        free = self._put("alert.release", freed(alert, now), staff, now)
        self._memory.ended(alert)
        return free

    async def resolve(self, ref: str, staff: str, claim: int, outcome: str, note: str, now: datetime) -> Alert:
        alert = self._mine(ref, staff, claim)
        if alert.tier in NEEDS_OUTCOME and not (outcome.strip() and note.strip()):
            raise Refused(f"A {alert.tier} needs an outcome and a note on what was done.")
        if outcome.strip() or note.strip():
            line = Line(now, "note", note.strip(), outcome, staff, alert.ref)
            self._memory.person(alert.person).notes.append(line)
        done = replace(alert, state="resolved", next_page_at=None, claim_until=None)
        done = self._put("alert.resolve", done, staff, now)
        self._memory.ended(alert)
        return done

    async def case(self, person: str, staff: str, reason: str, now: datetime) -> Case:
        her = self._memory.person(person)
        self._may_read(her, staff, reason, "case.read", now)
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
            contact_versions=tuple(her.contact_versions),
        )

    async def transcript(self, person: str, staff: str, reason: str, now: datetime) -> Sequence[Line]:
        her = self._memory.person(person)
        self._may_read(her, staff, reason, "transcript.read", now)
        if not any(line.apart for line in her.lines):
            return list(her.lines)
        if not apart.may_read(self._memory.account(staff).staff.role, bool(self._memory.holds(staff, her.ref))):
            return apart.closed(her.lines)
        self._record_once(staff, apart.READ, her.ref, now)
        return list(her.lines)

    async def note(self, person: str, staff: str, text: str, now: datetime) -> None:
        her = self._memory.person(person)
        if not text.strip():
            raise Refused("An empty note says nothing.")
        her.notes.append(Line(now, "note", text.strip(), staff=staff))
        self._memory.record(staff, "note.write", her.ref, now)
        self._memory.renew_all(staff, her.ref, now)
        self._memory.changed(her.ref)

    async def timeline(self, person: str, staff: str, now: datetime) -> Sequence[Mapping[str, object]]:
        her = self._memory.person(person)
        self._memory.record(staff, "timeline.read", her.ref, now)
        found: list[Mapping[str, object]] = [
            {"at": a.raised_at, "what": "alert", "ref": a.ref, "tier": a.tier, "kind": a.kind, "state": a.state}
            for a in self._memory.alerts.values()
            if a.person == her.ref
        ]
        found += [
            {"at": a.at, "what": "assessment", "tier": a.tier, "rules": list(a.rules), "change": a.change}
            for a in her.assessments
        ]
        return sorted(found, key=lambda entry: str(entry["at"]))

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
            raise Unknown(GONE)
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
        holds, reason = bool(self._memory.holds(worker, her.ref)), reason.strip()
        if not holds and not reason:
            raise Refused(NEEDS_REASON)
        action, detail = (what, "") if holds else (f"{what}{BY_REASON}", reason)
        self._record_once(worker, action, her.ref, now, detail)
        self._memory.renew_all(worker, her.ref, now)

    def _record_once(self, worker: str, action: str, ref: str, now: datetime, detail: str = "") -> None:
        """A page that refreshes itself is read once."""
        lately = (a for a in self._memory.audit if a.at >= now - ONE_READING)
        if (worker, action, ref, detail) not in ((a.actor, a.action, a.subject, a.detail) for a in lately):
            self._memory.record(worker, action, ref, now, detail)


def _silent(alert: Alert) -> bool:
    return alert.state == "claimed" and unanswered(alert.level, alert.next_page_at, alert.claim_until)
