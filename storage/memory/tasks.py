"""What somebody is to do by a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from escalation.access import TAKES_CASES
from escalation.claims import APART, NO_CASEWORK, NOT_THEM
from escalation.ports import Refused, Unknown
from escalation.tasks import IS_DONE, LONGEST_WORDS, NO_TASK, NOT_YOURS, NewTask, Task, may_make
from storage.ids import new_id
from storage.memory.world import Memory, freed
from storage.reading import READING
from storage.schema import stamp
from storage.tasks import LATELY, MOST_DONE, key_of


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
        words = task.words.strip()[:LONGEST_WORDS]
        kept = Task(new_id(stamp(now)), task.kind, task.due_at, words, her.ref, task.staff, by, now)
        self._memory.tasks[kept.id] = kept
        self._memory.record(by, "task.make", her.ref, now)
        self._memory.changed(her.ref)

    async def done(self, task: str, by: str, now: datetime, reason: str = "") -> None:
        found = self._memory.tasks.get(task)
        if found is None:
            raise Unknown(NO_TASK)
        self._may_do(found, by, reason, now)
        if found.done_at is not None:
            raise Refused(IS_DONE)
        self._memory.tasks[task] = replace(found, done_at=now, done_by=by)
        self._memory.record(by, "task.done", found.person or found.staff, now)
        for ref, alert in list(self._memory.alerts.items()):
            standing = self._memory.keys[ref] == key_of(task) and alert.state != "resolved"
            held = alert.state == "claimed" and alert.claim_until is not None and alert.claim_until > now
            if standing and (not held or alert.holder == by):
                done = replace(freed(alert, now), state="resolved", next_page_at=None, closed_at=now)
                self._memory.alerts[ref] = done
                self._memory.record(by, "alert.resolve", ref, now)
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
        given = [task for task in self._memory.tasks.values() if task.staff == staff and task.done_at is None]
        given = [task for task in given if not (task.person and self._memory.is_apart(staff, task.person))]
        opens = {task.person: self._memory.stance(staff, task.person, now).may("read") for task in given if task.person}
        shown = (task if opens.get(task.person, True) else replace(task, words="") for task in given)
        return sorted(shown, key=lambda task: (task.due_at, task.id))
