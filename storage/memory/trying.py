"""Trying the ladder that ships on the staff in memory."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from escalation.ladder.file import shipped
from escalation.ladder.trying import Tried, simulate
from escalation.methods import Method
from flows.engine.model import Tier
from storage.memory.world import Memory


class MemoryTrying:
    """`escalation.ladder.trying.Trying`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    @property
    def zone(self) -> str:
        return shipped().zone

    async def tried(self, tier: Tier, raised: datetime) -> Tried:
        team = [account.staff for account in self._memory.accounts.values() if account.staff.active]
        phones = {
            staff: [method for method in get_args(Method) if any(p.open and p.channel == method for p in has)]
            for staff, has in self._memory.phones.items()
        }
        return simulate(shipped(), tier, raised, lambda _: team, phones)
