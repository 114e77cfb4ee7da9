"""Orders, agencies and workers' own items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from escalation.casefile import HAS_ENDED, NO_ENTRY, TOLD_BEFORE, Entry, Kept, Order, may_keep
from escalation.ports import Refused, Unknown
from escalation.tasks import NewTask
from storage.casefile import FORBIDS, SOON
from storage.ids import new_id
from storage.memory.chat import MemoryChat
from storage.memory.tasks import MemoryTasks
from storage.memory.world import Memory
from storage.reading import READING
from storage.schema import stamp


class MemoryCasefile:
    """`escalation.casefile.Casefile`."""

    def __init__(self, memory: Memory, chat: MemoryChat, tasks: MemoryTasks) -> None:
        self._memory, self._chat, self._tasks = memory, chat, tasks

    async def keep(self, person: str, entry: Entry, by: str, now: datetime, reason: str = "") -> None:
        her = self._memory.person(person)
        may_keep(entry, now)
        self._memory.may_read(by, her, reason, READING, now)
        if isinstance(entry, Order) and FORBIDS not in her.recorded:
            await self._chat.record(person, by, FORBIDS, "stands", reason)
        kept = Kept(new_id(stamp(now)), entry, now, by)
        if isinstance(entry, Order) and entry.until is not None:
            words, due = f"{entry.who}, {entry.whom}. {entry.words}", max(entry.until - TOLD_BEFORE, now + SOON)
            before = set(self._memory.tasks)
            await self._tasks.make(person, NewTask("order", due, words), by, now, reason)
            (self._memory.of_orders[kept.id],) = set(self._memory.tasks) - before
        self._memory.casefile.setdefault(her.ref, {})[kept.id] = kept
        self._memory.record(by, "case.file", her.ref, now)
        self._memory.changed(her.ref)

    async def end(self, person: str, entry: str, by: str, now: datetime, reason: str = "") -> None:
        her = self._memory.person(person)
        self._memory.may_read(by, her, reason, READING, now)
        found = self._memory.casefile.get(her.ref, {}).get(entry)
        if found is None:
            raise Unknown(NO_ENTRY)
        if found.ended_at is not None:
            raise Refused(HAS_ENDED)
        self._memory.casefile[her.ref][entry] = replace(found, ended_at=now, ended_by=by)
        task = self._memory.tasks.get(self._memory.of_orders.get(entry, ""))
        if task is not None and task.done_at is None:
            await self._tasks.done(task.id, by, now, reason)
        self._memory.record(by, "case.file_end", her.ref, now)
        self._memory.changed(her.ref)

    async def of_person(self, person: str) -> Sequence[Kept]:
        return list(self._memory.casefile.get(self._memory.person(person).ref, {}).values())
