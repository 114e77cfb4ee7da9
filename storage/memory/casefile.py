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
from storage.memory import to_do
from storage.memory.chat import MemoryChat
from storage.memory.world import Memory
from storage.reading import READING
from storage.schema import stamp


class MemoryCasefile:
    """`escalation.casefile.Casefile`."""

    def __init__(self, memory: Memory, chat: MemoryChat) -> None:
        self._memory, self._chat = memory, chat

    async def keep(self, person: str, entry: Entry, by: str, now: datetime, reason: str = "") -> None:
        her = self._memory.person(person)
        may_keep(entry, now)
        self._memory.may_read(by, her, reason, READING, now)
        if isinstance(entry, Order) and FORBIDS not in her.recorded:
            await self._chat.record(person, by, FORBIDS, "stands", reason)
        kept = Kept(new_id(stamp(now)), entry, now, by)
        if isinstance(entry, Order) and entry.until is not None:
            words, due = f"{entry.who}, {entry.whom}. {entry.words}", max(entry.until - TOLD_BEFORE, now + SOON)
            to_do.keep(self._memory, NewTask("order", due, words, about=kept.id), by, now, her.ref)
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
        to_do.settle(self._memory, "order", entry, by, now)
        self._memory.record(by, "case.file_end", her.ref, now)
        self._memory.changed(her.ref)

    async def of_person(self, person: str) -> Sequence[Kept]:
        return list(self._memory.casefile.get(self._memory.person(person).ref, {}).values())
