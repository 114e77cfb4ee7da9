"""Whose case is whose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from escalation.access import NO_ASSIGNMENT, NOT_TO_THEM, TAKES_CASES, As, Assignment, OwnCase
from escalation.claims import NOT_THEM
from escalation.ports import Refused, Unknown
from storage.assignments import in_order
from storage.ids import new_id
from storage.memory.world import Known, Memory, freed, unoffered
from storage.reading import READING
from storage.schema import stamp


class MemoryAccess:
    """`escalation.access.Access`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def assigned(self, person: str) -> Sequence[Assignment]:
        return list(self._memory.assigned.get(self._memory.person(person).ref, ()))

    async def assign(self, person: str, staff: str, as_: As, by: str, now: datetime, reason: str = "") -> None:
        her = self._opened(person, by, now, reason)
        who = self._memory.account(staff).staff
        if not who.active or who.role not in TAKES_CASES:
            raise Refused(NOT_TO_THEM)
        if self._memory.is_apart(staff, her.ref):
            raise Refused(NOT_THEM)
        standing = self._memory.assigned.setdefault(her.ref, [])
        if any((one.staff, one.as_) == (staff, as_) for one in standing):
            return
        for one in [one for one in standing if as_ == one.as_ == "key_worker"]:
            standing.remove(one)
            self._memory.record(by, "case.unassign.key_worker", f"{her.ref} {one.staff}", now)
        standing.append(Assignment(new_id(stamp(now)), staff, as_, now))
        self._memory.record(by, f"case.assign.{as_}", f"{her.ref} {staff}", now)
        self._memory.changed(her.ref)

    async def end(self, person: str, assignment: str, by: str, now: datetime, reason: str = "") -> None:
        her = self._opened(person, by, now, reason)
        standing = self._memory.assigned.get(her.ref, [])
        found = next((one for one in standing if one.id == assignment), None)
        if found is None:
            raise Unknown(NO_ASSIGNMENT)
        standing.remove(found)
        self._memory.record(by, f"case.unassign.{found.as_}", f"{her.ref} {found.staff}", now)
        self._let_go(her, found.staff, by, now)
        self._memory.changed("alerts")

    def _let_go(self, her: Known, staff: str, by: str, now: datetime) -> None:
        if self._memory.account(staff).staff.role != "partner_support" or self._memory.is_own(staff, her.ref):
            return
        for alert in self._memory.holds(staff, her.ref):
            self._memory.alerts[alert.ref] = freed(alert, now)
            self._memory.ended(alert)
            self._memory.record(by, "alert.release", alert.ref, now)
        for alert in list(self._memory.alerts.values()):
            if (alert.person, alert.offered_to) == (her.ref, staff):
                self._memory.alerts[alert.ref] = unoffered(alert)

    async def own(self, staff: str, now: datetime) -> Sequence[OwnCase]:
        found = []
        for ref, standing in self._memory.assigned.items():
            mine = [one for one in standing if one.staff == staff]
            if mine:
                live = [a for a in self._memory.alerts.values() if a.person == ref and a.state != "resolved"]
                live.sort(key=lambda one: (one.tier, one.breach_at))
                found.append(OwnCase(ref, tuple(one.as_ for one in mine), mine[0].start, tuple(live)))
        return in_order(found)

    def _opened(self, person: str, by: str, now: datetime, reason: str) -> Known:
        her = self._memory.person(person)
        self._memory.may_read(by, her, reason, READING, now)
        self._memory.require(by, her.ref, "assign", now)
        return her
