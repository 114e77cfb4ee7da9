"""`escalation.ports.Sheets` on the database: each act of a worker becomes a turn, as her own answers are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import assert_never

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import ItemAnswer, Refused
from flows.engine.conversation import Sheet
from flows.engine.effects import Assessed, SheetKept
from flows.engine.events import SheetAnswered, SheetBegun, SheetEvent, SheetFinished
from flows.engine.model import Instrument
from flows.engine.sheets import MEANWHILE, is_repeat, refuses_answer, refuses_begin, refuses_finish
from storage import audit
from storage.arrivals import Act, Taken
from storage.cases import open_person
from storage.claims import renew_all
from storage.database import Database
from storage.ids import new_id
from storage.reading import READING, may_read
from storage.schema import inbox, stamp
from storage.vault import Vault

ACTIONS: Mapping[type[SheetEvent], str] = {
    SheetBegun: "sheet.begin",
    SheetAnswered: "sheet.answer",
    SheetFinished: "sheet.finish",
}  # of the audit log
NOT_KEPT = "It could not be kept. Try again; if it happens again, tell the operator."


class StoredSheets:
    """`take` is the one door of turns; `now` the service's clock."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        take: Callable[[Act], Awaitable[Taken]],
        now: Callable[[], datetime],
        instruments: Mapping[str, Instrument],
    ) -> None:
        self._database, self._vault, self._take, self._now = database, vault, take, now
        self._instruments = instruments

    async def begin(self, person: str, staff: str, instrument: str, reason: str) -> None:
        now = self._now()
        await self._act(person, reason, SheetBegun(now, staff, instrument, new_id(stamp(now))))

    async def answer(self, person: str, staff: str, instrument: str, given: ItemAnswer, reason: str) -> None:
        now = self._now()
        fresh = new_id(stamp(now))
        said = (given.sheet, given.item, given.value, given.origin, given.before)
        await self._act(person, reason, SheetAnswered(now, staff, instrument, *said, fresh))

    async def finish(self, person: str, staff: str, instrument: str, sheet: str, reason: str) -> None:
        now = self._now()
        await self._act(person, reason, SheetFinished(now, staff, instrument, sheet, new_id(stamp(now))))

    async def _act(self, person: str, reason: str, event: SheetEvent) -> None:
        known = self._instruments.get(event.instrument)
        act = await self._database.write(admit_sheet, self._vault, known, person, reason, event)
        if act is None:
            return
        taken = await self._take(act)
        if taken.outcome == "failed":
            raise Refused(NOT_KEPT)
        effects = taken.turn.effects if taken.turn is not None else ()
        if taken.outcome == "done" and not any(isinstance(effect, SheetKept | Assessed) for effect in effects):
            raise Refused(MEANWHILE)  # a colleague's act was taken between the look and the turn


def admit_sheet(
    conn: Connection, vault: Vault, instrument: Instrument | None, ref: str, reason: str, event: SheetEvent
) -> Act | None:
    """Whether it may be done now, audited in the same transaction; None for what has been kept already.

    Raises Refused. What was answered stands in her record, not in the audit log.
    """
    row, _, state = open_person(conn, vault, ref)
    may_read(conn, vault, row, event.staff, reason, READING, event.at)
    sheet, nonce = state.memory.sheets.get(event.instrument), _nonce(event)
    if _was_kept(conn, vault, sheet, event, nonce):
        return None
    refused = _refuses(instrument, sheet, event)
    if refused:
        raise Refused(refused)
    audit.record(conn, vault, event.staff, ACTIONS[type(event)], row.ref, event.at)
    renew_all(conn, vault, event.staff, row.id, event.at)
    return Act(row.id, event, nonce)


def _nonce(event: SheetEvent) -> str:
    """What makes two acts one."""
    match event:
        case SheetBegun():
            return event.fresh
        case SheetAnswered():
            return f"{event.sheet}.{event.item}.{event.before}.{event.staff}.{event.value}.{event.origin}"
        case SheetFinished():
            return f"{event.sheet}.finish"
        case _:
            assert_never(event)


def _was_kept(conn: Connection, vault: Vault, sheet: Sheet | None, event: SheetEvent, nonce: str) -> bool:
    if isinstance(event, SheetAnswered):
        return is_repeat(sheet, event)
    return conn.execute(sa.select(inbox.c.mac).where(inbox.c.mac == vault.message("desk", nonce))).first() is not None


def _refuses(instrument: Instrument | None, sheet: Sheet | None, event: SheetEvent) -> str:
    match event:
        case SheetBegun():
            return refuses_begin(instrument, sheet, event.at.astimezone(UTC).date())
        case SheetAnswered():
            return refuses_answer(instrument, sheet, event)
        case SheetFinished():
            return refuses_finish(instrument, sheet, event.sheet)
        case _:
            assert_never(event)
