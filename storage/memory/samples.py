"""Closed conversations that are drawn for quality."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from escalation import apart, case_audit
from escalation.case_audit import Opened, Sample
from escalation.claims import APART, ONLY_SUPERVISOR
from escalation.ports import Alert, Refused, Unknown
from escalation.tasks import NewTask
from storage.ids import new_id
from storage.memory import to_do
from storage.memory.world import Memory
from storage.samples import DRAWN, FINISHED, KEPT, READ
from storage.schema import stamp


class MemorySamples:
    """`escalation.case_audit.Samples`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def samples(self, staff: str) -> tuple[Sample, ...]:
        self._supervises(staff)
        mine = (one for one, _ in self._standing() if one.by == staff and not one.done)
        return tuple(sorted(mine, key=lambda one: one.id))

    async def seen(self, staff: str, now: datetime) -> Mapping[str, Mapping[str, int]]:
        self._supervises(staff)
        return case_audit.counted(answers for one, answers in self._standing() if one.done)

    async def draw(self, staff: str, now: datetime) -> str:
        if len(await self.samples(staff)) >= case_audit.MOST_OPEN:
            raise Refused(case_audit.ENOUGH)
        could = [alert for alert in self._memory.alerts.values() if self._may_be_drawn(alert, staff, now)]
        if not could:
            raise Refused(case_audit.NONE_LEFT)
        alert, id = secrets.choice(could), new_id(stamp(now))
        self._memory.samples[id] = (Sample(id, alert.ref, alert.tier, staff, now), {})
        to_do.keep(self._memory, NewTask("sample", now + case_audit.WITHIN, alert.ref, staff, alert.ref), "", now)
        self._memory.record(staff, DRAWN, alert.person, now)
        return id

    def _may_be_drawn(self, alert: Alert, staff: str, now: datetime) -> bool:
        part = any(a.actor == staff and a.subject == alert.ref for a in self._memory.audit)
        drawn = any(one.ref == alert.ref for one, _ in self._memory.samples.values())
        lately = alert.closed_at is not None and alert.closed_at >= now - case_audit.RECENT
        away = part or drawn or self._memory.is_apart(staff, alert.person)
        return alert.state == "resolved" and bool(alert.holder) and lately and not away

    async def open(self, sample: str, staff: str, now: datetime) -> Opened:
        found, answers, alert = self._mine(sample, staff)
        her = self._memory.person(alert.person)
        self._memory.record_once(staff, READ, her.ref, now)
        start, end = alert.raised_at - case_audit.BEFORE, alert.closed_at or now
        lines = () if found.done else tuple(one for one in apart.closed(her.lines) if start <= one.at <= end)
        return Opened(found, her.contact.language, lines, answers)

    async def answer(self, sample: str, staff: str, answers: Mapping[str, str], now: datetime) -> None:
        found, kept, alert = self._mine(sample, staff)
        both = case_audit.merged(kept, answers)
        if found.done or both is None:
            raise Refused(case_audit.DONE if found.done else case_audit.NO_ANSWER)
        self._memory.samples[sample] = (replace(found, answered=case_audit.marked(both)), both)
        self._memory.record(staff, KEPT, alert.person, now)

    async def finish(self, sample: str, staff: str, now: datetime) -> None:
        found, kept, alert = self._mine(sample, staff)
        if found.done or not found.answered:
            raise Refused(case_audit.DONE if found.done else case_audit.NO_ANSWER)
        self._memory.samples[sample] = (replace(found, done=True), kept)
        to_do.settle(self._memory, "sample", alert.ref, staff, now)
        self._memory.record(staff, FINISHED, alert.person, now)

    def _standing(self) -> list[tuple[Sample, dict[str, str]]]:
        """Without those of the erased."""
        return [both for both in self._memory.samples.values() if both[0].ref in self._memory.alerts]

    def _mine(self, sample: str, staff: str) -> tuple[Sample, dict[str, str], Alert]:
        self._supervises(staff)
        found, answers = self._memory.samples.get(sample, (None, {}))
        if found is None or found.ref not in self._memory.alerts:
            raise Unknown(case_audit.NO_SAMPLE)
        if found.by != staff:
            raise Refused(case_audit.NOT_YOURS)
        alert = self._memory.alerts[found.ref]
        if self._memory.is_apart(staff, alert.person):
            raise Refused(APART)
        return found, answers, alert

    def _supervises(self, staff: str) -> None:
        if self._memory.account(staff).staff.role != "supervisor":
            raise Refused(ONLY_SUPERVISOR)
