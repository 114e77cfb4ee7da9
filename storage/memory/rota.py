"""The rota, in lists."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from escalation.ports import Refused, Staff, Unknown
from escalation.rota import Cover, Rota, Shift
from escalation.rota.asking import check, check_accepting, check_ending, covers_of
from escalation.rota.port import Asked, Calendar, OffCover, Proposed
from escalation.rota.reading import BadCalendar, Reading
from storage import calendars
from storage.calendars import Given, Kept
from storage.covers import NO_SUCH
from storage.ids import new_id
from storage.memory.world import Memory
from storage.off_cover import STILL_SHUT
from storage.rota import NO_LINK
from storage.schema import stamp


class MemoryRotas:
    """`escalation.rota.port.Rotas`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def rota(self, start: datetime, end: datetime) -> Rota:
        return self._memory.rota(start, end)

    async def calendars(self) -> Sequence[Calendar]:
        return sorted(self._memory.calendars, key=lambda one: -one.layer)

    async def read(self, proposed: Proposed, now: datetime) -> Reading:
        _, reading = self._read(proposed, now)
        return reading

    async def take(self, proposed: Proposed, by: str, now: datetime) -> None:
        given, reading = self._read(proposed, now)
        before = self._taken_out(proposed.name)
        fetched = now if given.source else None
        changes = before is not None and not proposed.text
        row_id = before.id if before is not None and changes else new_id(stamp(now))
        kept = Kept(row_id, 0, replace(given, findings=reading.findings), fetched, None)
        self._memory.given[given.name] = kept.given
        self._memory.calendars.append(kept.shown)
        self._memory.shifts += [
            Shift(turn.staff, given.duty, given.layer, turn.start, turn.end, row_id) for turn in reading.turns
        ]
        self._memory.record(by, "rota.change" if changes else "rota.import", row_id, now)

    async def remove(self, name: str, by: str, now: datetime) -> None:
        before = self._taken_out(name)
        if before is None:
            raise Unknown(f"There is no calendar {name}.")
        self._memory.record(by, "rota.remove", before.id, now)

    def _read(self, proposed: Proposed, now: datetime) -> tuple[Given, Reading]:
        given = calendars.meant(self._memory.given.get(proposed.name), proposed)
        try:
            return given, calendars.read(given, list(self._active().values()), now)
        except BadCalendar as bad:
            raise Refused(bad.why) from None

    def _taken_out(self, name: str) -> Calendar | None:
        found = next((one for one in self._memory.calendars if one.name == name), None)
        if found is not None:
            self._memory.given.pop(name, None)
            self._memory.calendars.remove(found)
            self._memory.shifts = [one for one in self._memory.shifts if one.calendar != found.id]
        return found

    async def ask(self, asked: Asked, by: str, now: datetime) -> str:
        starts, ends = zip((asked.start, asked.end), *([asked.back] if asked.back else []), strict=True)
        person = self._active().get(by)
        if person is None:
            raise Unknown("There is no such member of staff.")
        check(asked, self._memory.rota(min(starts), max(ends)), self._active(), person, now)
        ids = (new_id(stamp(now)), new_id(stamp(now)))
        at_once = now if person.role == "supervisor" else None
        self._memory.covers += covers_of(asked, ids, by, at_once)
        self._memory.record(by, f"rota.{asked.kind}", ids[0], now)
        return ids[0]

    async def accept(self, promise: str, by: str, now: datetime) -> None:
        mine = self._promised(promise)
        check_accepting(mine, self._active()[by], now)
        self._replace(mine, [replace(cover, accepted_at=now) for cover in mine])
        self._memory.record(by, "rota.accept", promise, now)

    async def end(self, promise: str, by: str, now: datetime) -> None:
        mine = self._promised(promise)
        check_ending(mine, self._active()[by], now)
        counts = [cover for cover in mine if cover.accepted_at is not None and cover.start < now]
        self._replace(mine, [replace(cover, end=min(cover.end, now)) for cover in counts])
        self._memory.record(by, "rota.end", promise, now)

    async def off_cover(self) -> Mapping[str, OffCover]:
        return dict(self._memory.off_cover)

    async def back(self, staff: str, by: str, now: datetime) -> None:
        if not any(phone.open for phone in self._memory.phones.get(staff, ())):
            raise Refused(STILL_SHUT)
        if self._memory.off_cover.pop(staff, None) is not None:
            self._memory.record(by, "rota.back", staff, now)

    async def link(self, staff: str, now: datetime) -> str:
        token = secrets.token_urlsafe(24)
        self._memory.links[staff] = (token, now)
        self._memory.record(staff, "rota.link", staff, now)
        return token

    async def linked_since(self, staff: str) -> datetime | None:
        return self._memory.links[staff][1] if staff in self._memory.links else None

    async def revoke_link(self, staff: str, now: datetime) -> None:
        if self._memory.links.pop(staff, None) is not None:
            self._memory.record(staff, "rota.unlink", staff, now)

    async def by_link(self, token: str) -> str:
        found = next((staff for staff, (held, _) in self._memory.links.items() if held == token), "")
        if found not in self._active():
            raise Unknown(NO_LINK)
        return found

    def _active(self) -> dict[str, Staff]:
        return {id: account.staff for id, account in self._memory.accounts.items() if account.staff.active}

    def _promised(self, promise: str) -> list[Cover]:
        found = [cover for cover in self._memory.covers if cover.promise == promise]
        if not found:
            raise Unknown(NO_SUCH)
        return sorted(found, key=lambda cover: cover.id != promise)

    def _replace(self, before: list[Cover], after: list[Cover]) -> None:
        self._memory.covers = [cover for cover in self._memory.covers if cover not in before] + after
