"""Instruments filled in by workers, by the engine's own decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from msgspec.structs import replace

from escalation.ports import Assessment, Refused
from flows.engine.conversation import Sheet
from flows.engine.effects import Raise
from flows.engine.events import SheetAnswered, SheetFinished
from flows.engine.model import Instrument
from flows.engine.sheets import (
    answers_of,
    assessed,
    is_repeat,
    refuses_answer,
    refuses_begin,
    refuses_finish,
    with_answer,
)
from flows.safety import risk
from flows.safety.risk import Fired
from storage.ids import new_id
from storage.memory.desk import MemoryDesk
from storage.memory.world import Known, Memory
from storage.schema import stamp


class MemorySheets:
    """`escalation.ports.Sheets`. Rules read the answers of the sheet, and of the one before as `previous`."""

    def __init__(self, memory: Memory, now: Callable[[], datetime], instruments: Mapping[str, Instrument]) -> None:
        self._memory, self._now, self._instruments = memory, now, instruments
        self._desk = MemoryDesk(memory)

    async def begin(self, person: str, staff: str, instrument: str, reason: str) -> None:
        her, now = await self._open(person, staff, reason), self._now()
        known = self._instruments.get(instrument)
        refused = refuses_begin(known, her.sheets.get(instrument), now.astimezone(UTC).date())
        if refused or known is None:
            raise Refused(refused)
        her.sheets[instrument] = Sheet(new_id(stamp(now)), instrument, known.version, now, staff)
        self._done(her, staff, "begin")

    async def answer(
        self,
        person: str,
        staff: str,
        instrument: str,
        sheet: str,
        item: str,
        value: str | None,
        origin: str,
        before: int,
        reason: str,
    ) -> None:
        her, known = await self._open(person, staff, reason), self._instruments.get(instrument)
        stands = her.sheets.get(instrument)
        event = SheetAnswered(self._now(), staff, instrument, sheet, item, value, origin, before)
        if is_repeat(stands, event):
            return
        refused = refuses_answer(known, stands, event)
        if refused or known is None or stands is None:
            raise Refused(refused)
        stands = with_answer(stands, event)
        fired = risk.said(known, self._names(her, known, stands), item, stands.fired)
        her.sheets[instrument] = replace(stands, fired=tuple(dict.fromkeys((*stands.fired, *(f.rule for f in fired)))))
        self._raise(her, fired)
        self._done(her, staff, "answer")

    async def finish(self, person: str, staff: str, instrument: str, sheet: str, reason: str) -> None:
        her, known = await self._open(person, staff, reason), self._instruments.get(instrument)
        stands, event = her.sheets.get(instrument), SheetFinished(self._now(), staff, instrument, sheet)
        if any(one.sheet == sheet for one in her.assessments):
            return
        refused = refuses_finish(known, stands, event.sheet)
        if refused or known is None or stands is None:
            raise Refused(refused)
        before = [one for one in her.assessments if one.instrument == instrument]
        was = (bool(before), before[-1].tier if before else None)
        result, fired = assessed(known, stands, self._names(her, known, stands), staff, was)
        said = (result.tier, result.rules, result.answers, result.change, instrument, result.version, result.score)
        her.assessments.append(Assessment(event.at, *said, staff, result.origins, result.says, result.sheet))
        del her.sheets[instrument]
        self._raise(her, tuple(one for one in fired if one.rule not in stands.fired))
        self._done(her, staff, "finish")

    async def _open(self, person: str, staff: str, reason: str) -> Known:
        await self._desk.case(person, staff, reason, self._now())
        return self._memory.person(person)

    def _names(self, her: Known, instrument: Instrument, sheet: Sheet) -> dict[str, object]:
        before = [one.answers for one in her.assessments if one.instrument == instrument.name]
        previous = {item: value for item, value in (before[-1] if before else {}).items() if value is not None}
        given = {item: value for item, value in answers_of(instrument, sheet).items() if value is not None}
        return {**given, "previous": previous}

    def _raise(self, her: Known, fired: tuple[Fired, ...]) -> None:
        fired = tuple(sorted((one for one in fired if one.tier != "P3"), key=lambda one: one.tier))
        if fired:
            rules, says = tuple(one.rule for one in fired), tuple(one.says for one in fired)
            self._memory.raises(her.ref, Raise(fired[0].tier, "risk", "risk", rules, says), self._now())

    def _done(self, her: Known, staff: str, what: str) -> None:
        self._memory.record(staff, f"sheet.{what}", her.ref, self._now())
        self._memory.renew_all(staff, her.ref, self._now())
        her.version += 1
        self._memory.changed(her.ref)
