"""Orders, agencies and workers' own items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from escalation.casefile import HAS_ENDED, NO_ENTRY, TOLD_BEFORE, Agency, Entry, Kept, Order, may_keep
from escalation.news import News, Sent, Told, may_tell, way_to
from escalation.ports import Refused, Unknown
from escalation.tasks import NewTask
from storage.agency_news import whole
from storage.casefile import FORBIDS, SOON
from storage.decisions import ENTRY
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
        if isinstance(entry, Agency):
            entry = replace(entry, news_to=whole(entry.news_to, "GB"))
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

    async def tell(self, person: str, entry: str, alert: str, by: str, language: str, now: datetime) -> None:
        her = self._memory.person(person)
        self._memory.may_read(by, her, "", READING, now)
        found, raised = self._memory.casefile.get(her.ref, {}).get(entry), self._memory.alerts.get(alert)
        if found is None:
            raise Unknown(NO_ENTRY)
        before = [one for one in her.entries if isinstance(one, Told)]
        agency = may_tell(found, raised if raised and raised.person == her.ref else None, before, by, now)
        news = News(entry, agency.name, way_to(agency), alert, new_id(stamp(now)))
        her.entries.append(Told(len(her.entries) + 1, now, by, news))
        self._memory.record(by, f"{ENTRY}told", her.ref, now, str(len(her.entries)))
        self._memory.renew_all(by, her.ref, now)
        self._memory.changed(her.ref)

    async def told(self, person: str) -> Sequence[Sent]:
        of_her = [one for one in self._memory.person(person).entries if isinstance(one, Told)]
        return [Sent(one, *self._memory.went.get(one.news.message, ("waits",))) for one in of_her]

    async def of_person(self, person: str) -> Sequence[Kept]:
        return list(self._memory.casefile.get(self._memory.person(person).ref, {}).values())
