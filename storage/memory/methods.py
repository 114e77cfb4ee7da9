"""How a worker is paged."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from escalation.belongings import Phone
from escalation.methods import METHODS, Method, Way
from escalation.ports import Refused, Unknown
from storage.crypto.address import typed_address
from storage.crypto.errors import BadAddress
from storage.ids import new_id
from storage.leaving import LAST
from storage.memory.world import Memory
from storage.methods import DIGITS, ENOUGH, MOST, NO_ADDRESS, NO_SUCH, NOT_THE_CODE, PROVEN, TRIES, way
from storage.schema import stamp
from storage.silence import PAGED


class MemoryMethods:
    """`escalation.methods.Methods`. Codes do not age here, and nothing is throttled."""

    offered: tuple[Method, ...] = METHODS

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def of(self, staff: str) -> Sequence[Way]:
        self._memory.account(staff)
        return [way(phone) for phone in self._memory.phones.get(staff, [])]

    async def add(self, staff: str, method: Method, address: str, now: datetime) -> None:
        try:
            written = typed_address(method, address, "GB")
        except BadAddress:
            raise Refused(NO_ADDRESS) from None
        theirs = self._memory.phones.setdefault(staff, [])
        if len(theirs) >= MOST:
            raise Refused(ENOUGH)
        theirs.append(Phone(new_id(stamp(now)), method, written[-LAST:], False, False))
        self._memory.record(staff, "phone.add", staff, now)
        await self.send_code(staff, theirs[-1].id, now)

    async def send_code(self, staff: str, way: str, now: datetime) -> None:
        if self._theirs(staff, way).proven:
            raise Refused(PROVEN)
        self._memory.proofs[way] = (f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}", 0)

    async def prove(self, staff: str, way: str, code: str, now: datetime) -> None:
        phone = self._theirs(staff, way)
        if phone.proven:
            return
        right, tries = self._memory.proofs.get(way, ("", TRIES))
        if code != right or tries >= TRIES:
            self._memory.proofs[way] = (right, tries + 1)
            raise Refused(NOT_THE_CODE)
        del self._memory.proofs[way]
        self._put(staff, replace(phone, open=True, proven=True))
        self._memory.record(staff, "phone.proven", way, now)

    async def remove(self, staff: str, way: str, now: datetime) -> None:
        self._theirs(staff, way)
        self._memory.phones[staff] = [one for one in self._memory.phones[staff] if one.id != way]
        self._memory.record(staff, "phone.remove", staff, now)

    async def test(self, staff: str, now: datetime) -> int:
        found = [phone.id for phone in self._memory.phones.get(staff, []) if phone.open]
        self._memory.rings += found
        return len(found)

    async def silent(self, now: datetime) -> bool:
        staff = [account.staff for account in self._memory.accounts.values()]
        paged = [one.id for one in staff if one.active and one.role in PAGED]
        return not any(phone.open for worker in paged for phone in self._memory.phones.get(worker, []))

    def _theirs(self, staff: str, way: str) -> Phone:
        found = next((phone for phone in self._memory.phones.get(staff, []) if phone.id == way), None)
        if found is None:
            raise Unknown(NO_SUCH)
        return found

    def _put(self, staff: str, phone: Phone) -> None:
        self._memory.phones[staff] = [phone if one.id == phone.id else one for one in self._memory.phones[staff]]
