"""Enrolment and erasure."""

from __future__ import annotations

import secrets
from datetime import datetime

from flows.text.canonical import canonical
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

    async def erase(self, person: str, staff: str, reason: str, now: datetime) -> str:
        her = self._memory.person(person)
        for ref in [a.ref for a in self._memory.alerts.values() if a.person == her.ref]:
            for kept in (self._memory.alerts, self._memory.keys, self._memory.why):
                kept.pop(ref, None)
        del self._memory.people[her.ref]
        receipt = secrets.token_hex(8)
        self._memory.record(staff, "recipient.erase", receipt, now, reason)
        self._memory.changed("alerts")
        return receipt
