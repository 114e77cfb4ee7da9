"""`escalation.safe_contact.SafeContacts` on the database: what a worker does with her record becomes a turn of hers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.engine import Connection

from escalation.ports import Refused
from escalation.safe_contact import NEEDS_NOTE, NOT_VERIFIED, Asked, ContactChange
from flows.engine.effects import ContactChanged, Noted
from flows.engine.events import WorkerAsked, WorkerCleared, WorkerResetWords, WorkerSetContact
from flows.engine.her_words import CODE_LIFE, RESET, VERIFY_FIRST, refuses_reset
from flows.engine.safe_contact import MEANWHILE, Offered, refuses
from storage import notes
from storage.access import require
from storage.arrivals import Act, Taken
from storage.audit import record
from storage.cases import open_person
from storage.claims import renew_all
from storage.database import Database
from storage.ids import new_code, new_id
from storage.reading import READING, may_read
from storage.schema import stamp
from storage.vault import Vault

SET, CONFIRMED, ASKED = "contact.set", "contact.confirm", "contact.asked"  # in the audit, with what came of it
NEW_WORDS = "contact.new_words"


class StoredContacts:
    """`take` is the one door of turns; `now` the service's clock."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        take: Callable[[Act], Awaitable[Taken]],
        now: Callable[[], datetime],
        offered: Offered,
    ) -> None:
        self._database, self._vault, self._take, self._now, self._offered = database, vault, take, now, offered

    async def set(self, person: str, staff: str, change: ContactChange, reason: str) -> None:
        write, now = self._database.write, self._now()
        act = await write(admit_contact, self._vault, self._offered, person, staff, change, reason, now)
        taken = await self._take(act)
        effects = taken.turn.effects if taken.turn is not None else ()
        if not any(isinstance(effect, ContactChanged) for effect in effects):
            raise Refused(MEANWHILE)  # another change was taken between the look and the turn

    async def asked(self, person: str, staff: str, outcome: Asked, note: str) -> None:
        act = await self._database.write(admit_asked, self._vault, person, staff, outcome, note, self._now())
        await self._take(act)

    async def new_words(self, person: str, staff: str, verified: bool) -> str:
        code = new_code()
        act = await self._database.write(admit_new_words, self._vault, person, staff, verified, code, self._now())
        taken = await self._take(act)
        effects = taken.turn.effects if taken.turn is not None else ()
        if not any(isinstance(effect, Noted) and effect.what == RESET for effect in effects):
            raise Refused(VERIFY_FIRST)  # it became doubtful between the look and the turn
        return code


def admit_contact(
    conn: Connection,
    vault: Vault,
    offered: Offered,
    ref: str,
    worker: str,
    change: ContactChange,
    reason: str,
    now: datetime,
) -> Act:
    """Raises Refused. What was changed stands in her record, not in the audit log."""
    row, _, state = open_person(conn, vault, ref)
    may_read(conn, vault, row, worker, reason, READING, now)
    event = contact_set(change, worker, now, new_id(stamp(now)))
    refused = refuses(state.contact, event, offered)
    if refused:
        raise Refused(refused)
    record(conn, vault, worker, CONFIRMED if change.confirmed else SET, row.ref, now)
    renew_all(conn, vault, worker, row.id, now)
    return Act(row.id, event, event.fresh)


def contact_set(change: ContactChange, worker: str, now: datetime, fresh: str = "") -> WorkerSetContact:
    return WorkerSetContact(now, worker, dict(change.values), change.seen, change.confirmed, fresh)


def admit_asked(conn: Connection, vault: Vault, ref: str, worker: str, outcome: Asked, note: str, now: datetime) -> Act:
    """Raises Refused. The note is hers, sealed with her other notes."""
    row, sealer, _ = open_person(conn, vault, ref)
    require(conn, row.id, worker, "talk", now)
    if outcome != "right" and not note.strip():
        raise Refused(NEEDS_NOTE)
    if note.strip():
        notes.keep(conn, sealer, row.id, worker, note, now)
    record(conn, vault, worker, f"{ASKED}.{outcome}", row.ref, now)
    renew_all(conn, vault, worker, row.id, now)
    fresh = new_id(stamp(now))
    event = WorkerCleared(now, worker, fresh) if outcome == "right" else WorkerAsked(now, worker, outcome, fresh)
    return Act(row.id, event, fresh)


def admit_new_words(
    conn: Connection, vault: Vault, ref: str, worker: str, verified: bool, code: str, now: datetime
) -> Act:
    """Raises Refused. Only the code's keyed hash goes on from here."""
    row, _, state = open_person(conn, vault, ref)
    require(conn, row.id, worker, "talk", now)
    refused = refuses_reset(state.contact, state.memory, state.suspect) or ("" if verified else NOT_VERIFIED)
    if refused:
        raise Refused(refused)
    record(conn, vault, worker, NEW_WORDS, row.ref, now)
    renew_all(conn, vault, worker, row.id, now)
    fresh = new_id(stamp(now))
    return Act(row.id, WorkerResetWords(now, worker, vault.word(row.id, code), now + CODE_LIFE, fresh), fresh)
