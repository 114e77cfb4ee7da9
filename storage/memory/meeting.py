"""The weekly safety-planning meeting, in dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from escalation import meeting as rules
from escalation.claims import APART, AT_MEETING, NO_CASEWORK, NOT_THEM
from escalation.meeting import Assessed, Reviewed, Week
from escalation.ports import Line, Refused
from escalation.tasks import NewTask, may_make
from storage.meeting import READ
from storage.memory import to_do
from storage.memory.world import Known, Memory
from storage.team import CASEWORK


class MemoryMeetings:
    """`escalation.meeting.Meetings`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def sheet(self, staff: str, week: Week, now: datetime) -> Sequence[Reviewed]:
        people = [one for one in self._memory.people.values() if not self._memory.is_apart(staff, one.ref)]
        found = rules.in_order(self._reviewed(one, week) for one in people)
        for one in found:
            self._memory.record_once(staff, READ, one.person, now)
        return found

    async def say(self, person: str, staff: str, week: Week, text: str, now: datetime) -> None:
        said, her = rules.words(text), self._hers(person, staff)
        her.notes.append(Line(now, "note", said, AT_MEETING, staff, week.name))
        self._memory.record(staff, "meeting.say", her.ref, now)

    async def agree(self, person: str, staff: str, week: Week, task: NewTask, now: datetime) -> None:
        may_make(task, now)
        her = self._hers(person, staff)
        if task.staff:
            who = self._memory.accounts.get(task.staff)
            if who is None or not who.staff.active or who.staff.role not in CASEWORK:
                raise Refused(NO_CASEWORK)
            if self._memory.is_apart(task.staff, her.ref):
                raise Refused(NOT_THEM)
        to_do.keep(self._memory, task, staff, now, her.ref)
        self._memory.record(staff, "meeting.agree", her.ref, now)

    def _hers(self, person: str, staff: str) -> Known:
        her = self._memory.person(person)
        if self._memory.is_apart(staff, her.ref):
            raise Refused(APART)
        return her

    def _reviewed(self, her: Known, week: Week) -> Reviewed:
        hers = [one for one in self._memory.alerts.values() if one.person == her.ref]
        raised = sorted((one for one in hers if week.start <= one.raised_at < week.end), key=lambda one: one.tier)
        assessed = [Assessed(one.at, one.tier) for one in her.assessments]
        planned = {one.item.name for one in her.plan_versions if week.start <= one.at < week.end}
        said = tuple(one for one in her.notes if (one.message, one.state) == (AT_MEETING, week.name))
        agreed = rules.of_week(week, [one for one in self._memory.tasks.values() if one.person == her.ref])
        tiers, missed = tuple(one.tier for one in raised), sum(one.kind == "missed" for one in raised)
        return Reviewed(her.ref, *rules.change(week, assessed), tiers, missed, len(planned), said, agreed)
