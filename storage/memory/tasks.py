"""What somebody is to do by a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from escalation.access import TAKES_CASES
from escalation.claims import APART, NO_CASEWORK, NOT_THEM
from escalation.ports import Refused, Unknown
from escalation.tasks import BY_ITS_ACT, IS_DONE, NO_TASK, NOT_BY_HAND, NOT_YOURS, NewTask, Task, may_make
from storage.memory import to_do
from storage.memory.world import Memory
from storage.reading import READING
from storage.tasks import LATELY, MOST_DONE


class MemoryTasks:
    """`escalation.tasks.Tasks`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def make(self, person: str, task: NewTask, by: str, now: datetime, reason: str = "") -> None:
        her = self._memory.person(person)
        self._memory.may_read(by, her, reason, READING, now)
        may_make(task, now)
        if task.staff:
            who = self._memory.accounts.get(task.staff)
            if who is None or not who.staff.active or who.staff.role not in TAKES_CASES:
                raise Refused(NO_CASEWORK)
            if self._memory.is_apart(task.staff, her.ref):
                raise Refused(NOT_THEM)
        to_do.keep(self._memory, task, by, now, her.ref)
        self._memory.record(by, "task.make", her.ref, now)
        self._memory.changed(her.ref)

    async def done(self, task: str, by: str, now: datetime, reason: str = "") -> None:
        found = self._memory.tasks.get(task)
        if found is None:
            raise Unknown(NO_TASK)
        self._may_do(found, by, reason, now)
        if found.done_at is not None:
            raise Refused(IS_DONE)
        if found.kind in BY_ITS_ACT:
            raise Refused(NOT_BY_HAND)
        to_do.finish(self._memory, found, by, now)
        self._memory.record(by, "task.done", found.person or found.staff, now)
        self._memory.changed(found.person)

    def _may_do(self, task: Task, by: str, reason: str, now: datetime) -> None:
        if not task.person:
            if by != task.staff and self._memory.account(by).staff.role != "supervisor":
                raise Refused(NOT_YOURS)
        elif by != task.staff:
            self._memory.may_read(by, self._memory.person(task.person), reason, READING, now)
        elif self._memory.is_apart(by, task.person):
            raise Refused(APART)

    async def of_person(self, person: str, now: datetime) -> Sequence[Task]:
        hers = [task for task in self._memory.tasks.values() if task.person == self._memory.person(person).ref]
        standing = sorted((task for task in hers if task.done_at is None), key=lambda task: (task.due_at, task.id))
        lately = [(task.done_at, task) for task in hers if task.done_at is not None and task.done_at >= now - LATELY]
        lately.sort(key=lambda pair: pair[0], reverse=True)
        return [*standing, *(task for _, task in lately[:MOST_DONE])]

    async def mine(self, staff: str, now: datetime) -> Sequence[Task]:
        overseen = self._memory.account(staff).staff.role == "supervisor"
        standing = [task for task in self._memory.tasks.values() if task.done_at is None]
        given = [one for one in standing if one.staff == staff or (overseen and not (one.staff or one.person))]
        given = [task for task in given if not (task.person and self._memory.is_apart(staff, task.person))]
        opens = {task.person: self._memory.stance(staff, task.person, now).may("read") for task in given if task.person}
        shown = (task if opens.get(task.person, True) else replace(task, words="") for task in given)
        return sorted(shown, key=lambda task: (task.due_at, task.id))
