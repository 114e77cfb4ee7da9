"""Her safe-contact record, by the engine's own decisions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from escalation.ports import Line, Refused
from escalation.safe_contact import NEEDS_NOTE, NOT_VERIFIED, Asked, ContactChange, ContactVersion
from flows.engine import confirming, safe_contact
from flows.engine.conversation import Memory as Remembered
from flows.engine.effects import ContactChanged, Raise
from flows.engine.her_words import refuses_reset
from flows.engine.safe_contact import Offered
from storage.contacts import ASKED, CONFIRMED, NEW_WORDS, SET, contact_set
from storage.ids import new_code
from storage.memory.desk import MemoryDesk
from storage.memory.world import Known, Memory


class MemoryContacts:
    """`escalation.safe_contact.SafeContacts`."""

    def __init__(self, memory: Memory, now: Callable[[], datetime], offered: Offered) -> None:
        self._memory, self._now, self._offered, self._desk = memory, now, offered, MemoryDesk(memory)

    async def set(self, person: str, staff: str, change: ContactChange, reason: str) -> None:
        now = self._now()
        await self._desk.case(person, staff, reason, now)
        her, event = self._memory.person(person), contact_set(change, staff, now)
        refused = safe_contact.refuses(her.contact, event, self._offered)
        if refused:
            raise Refused(refused)
        before = her.contact
        her.contact = safe_contact.changed(before, event.values, self._offered)
        if change.confirmed:
            her.contact = replace(her.contact, confirmed_at=now)
        made = ContactChanged.between(before, her.contact, "worker", staff)
        her.contact_versions.append(ContactVersion(now, her.contact, made.by, staff, made.changed))
        self._done(her, staff, CONFIRMED if change.confirmed else SET, now)

    async def asked(self, person: str, staff: str, outcome: Asked, note: str) -> None:
        her, now = self._memory.person(person), self._now()
        self._memory.require(staff, her.ref, "talk", now)
        if outcome != "right" and not note.strip():
            raise Refused(NEEDS_NOTE)
        if note.strip():
            her.notes.append(Line(now, "note", note.strip(), staff=staff))
        if outcome == "right":
            her.verify_first = her.watched = False
        elif outcome == "wrong":
            her.verify_first = True
            task = Raise("P2", "task", "task.verify", ("task.verify",), (confirming.WRONG,))
            self._memory.raises(her.ref, task, now)
        self._done(her, staff, f"{ASKED}.{outcome}", now)

    async def new_words(self, person: str, staff: str, verified: bool) -> str:
        her, now = self._memory.person(person), self._now()
        self._memory.require(staff, her.ref, "talk", now)
        memory = Remembered(verify_first=her.verify_first)
        refused = refuses_reset(her.contact, memory, her.watched) or ("" if verified else NOT_VERIFIED)
        if refused:
            raise Refused(refused)
        her.words_code = new_code()
        self._done(her, staff, NEW_WORDS, now)
        return her.words_code

    def _done(self, her: Known, staff: str, what: str, now: datetime) -> None:
        self._memory.record(staff, what, her.ref, now)
        self._memory.renew_all(staff, her.ref, now)
        her.version += 1
        self._memory.changed(her.ref)
