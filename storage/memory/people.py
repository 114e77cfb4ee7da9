"""Enrolment and erasure."""

from __future__ import annotations

import secrets
from datetime import datetime

from escalation.people import Authority, Receipt
from escalation.ports import Refused, Unknown
from flows.text.canonical import canonical
from storage.erasing import NO_REASON, NO_RECEIPT, NOT_SURE
from storage.ids import new_ref
from storage.memory.world import Invitation, Memory
from storage.people import CODE_LIFE


class MemoryPeople:
    """`escalation.ports.People`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def invite(self, staff: str, now: datetime, language: str = "", case: str = "") -> str:
        code = new_ref(8)
        self._memory.codes[canonical(code)] = Invitation(staff, now + CODE_LIFE, language, case)
        self._memory.record(staff, "recipient.invite", "", now)
        return f"{code[:4]}-{code[4:]}"

    async def erase(self, person: str, staff: str, authority: Authority, reason: str, now: datetime) -> str:
        if not reason.strip():
            raise Refused(NO_REASON)
        her = self._memory.person(person)
        if authority == "in_chat" and her.watched:
            raise Refused(NOT_SURE)
        for ref in [a.ref for a in self._memory.alerts.values() if a.person == her.ref]:
            for kept in (self._memory.alerts, self._memory.keys, self._memory.why):
                kept.pop(ref, None)
        del self._memory.people[her.ref]
        receipt = secrets.token_hex(8)
        self._memory.receipts[receipt] = Receipt(receipt, now.replace(hour=0, minute=0, second=0, microsecond=0))
        self._memory.record(staff, "recipient.erase", receipt, now, f"{authority}: {reason.strip()}")
        self._memory.changed("alerts")
        return receipt

    async def receipt(self, receipt: str) -> Receipt:
        if receipt not in self._memory.receipts:
            raise Unknown(NO_RECEIPT)
        return self._memory.receipts[receipt]
