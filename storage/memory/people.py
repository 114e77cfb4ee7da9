"""Enrolment, moving, handing over and erasure."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from escalation.looking_up import as_typed
from escalation.people import Asking, Authority, Consent, Receipt, Sure
from escalation.ports import Refused, Unknown
from flows.engine.conversation import Conversation, Kept
from flows.engine.conversation import Memory as Remembered
from flows.text.canonical import canonical
from storage.erasing import NO_REASON, NO_RECEIPT, NOT_SURE
from storage.handing_over import HANDED_OVER, detail
from storage.handing_over import refuses as refuses_handing_over
from storage.ids import new_ref
from storage.memory import to_do
from storage.memory.world import Invitation, Known, Memory
from storage.people import CODE_LIFE, LOOKED_UP, MADE, refuses
from storage.reading import READING


class MemoryPeople:
    """`escalation.ports.People`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def invite(self, staff: str, now: datetime, language: str = "", case: str = "") -> str:
        code = new_ref(8)
        self._memory.codes[canonical(code)] = Invitation(staff, now + CODE_LIFE, language, case)
        self._memory.record(staff, "recipient.invite", "", now)
        return f"{code[:4]}-{code[4:]}"

    async def moving_code(self, person: str, staff: str, sure: Sure, now: datetime, reason: str = "") -> str:
        """Nobody moves in the memory: the code is good for nothing."""
        her = self._memory.person(person)
        self._memory.may_read(staff, her, reason, READING, now)
        refused = refuses(_state(her), sure)
        if refused:
            raise Refused(refused)
        code = new_ref(8)
        self._memory.record(staff, MADE, her.ref, now, sure)
        self._memory.renew_all(staff, her.ref, now)
        return f"{code[:4]}-{code[4:]}"

    async def look_up(self, typed: str, staff: str, now: datetime) -> str:
        self._memory.record(staff, LOOKED_UP, "", now)
        refs = as_typed(typed)
        of_alerts = [alert.person for ref, alert in self._memory.alerts.items() if ref in refs]
        found = next(iter([*of_alerts, *(ref for ref in self._memory.people if ref in refs)]), "")
        return "" if self._memory.is_apart(staff, found) else found

    async def hands_over(
        self, person: str, staff: str, asking: Asking, now: datetime, reason: str = ""
    ) -> Sequence[Consent]:
        her = self._memory.person(person)
        self._memory.may_read(staff, her, reason, READING, now)
        refused = refuses_handing_over(asking, her.watched or her.verify_first, now)
        if refused:
            raise Refused(refused)
        self._memory.record(staff, HANDED_OVER, her.ref, now, detail(asking))
        self._memory.renew_all(staff, her.ref, now)
        midnight = her.joined_at.replace(hour=0, minute=0, second=0, microsecond=0)
        return [Consent(her.contact.consent, midnight)] if her.contact.consent else []

    async def erase(self, person: str, staff: str, authority: Authority, reason: str, now: datetime) -> str:
        if not reason.strip():
            raise Refused(NO_REASON)
        her = self._memory.person(person)
        if authority == "in_chat" and her.watched:
            raise Refused(NOT_SURE)
        hers = [a.ref for a in self._memory.alerts.values() if a.person == her.ref]
        to_do.forget(self._memory, her.ref, set(hers))
        for ref in hers:
            for kept in (self._memory.alerts, self._memory.keys, self._memory.why):
                kept.pop(ref, None)
        del self._memory.people[her.ref]
        self._memory.assigned.pop(her.ref, None)
        receipt = secrets.token_hex(8)
        self._memory.receipts[receipt] = Receipt(receipt, now.replace(hour=0, minute=0, second=0, microsecond=0))
        self._memory.record(staff, "recipient.erase", receipt, now, f"{authority}: {reason.strip()}")
        self._memory.changed("alerts")
        return receipt

    async def receipt(self, receipt: str) -> Receipt:
        if receipt not in self._memory.receipts:
            raise Unknown(NO_RECEIPT)
        return self._memory.receipts[receipt]


def _state(her: Known) -> Conversation:
    """As far as a moving code looks at it."""
    memory = Remembered(verify_first=her.verify_first)
    stand_in = Kept(her.contact, (), (), memory) if her.watched else None
    return Conversation(her.ref, her.contact, memory=memory, stand_in=stand_in)
