"""The audit log as an auditor reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from escalation.auditing import MOST_EXPORTED, MOST_ROWS, NOBODY, Chain, Row, Wanted
from storage.auditing import CHECKED, EXPORTED
from storage.memory.world import Audited, Memory


class MemoryAuditing:
    """`escalation.auditing.Auditing`. Nothing here can be tampered with, so its chain holds."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def rows(self, wanted: Wanted, most: int = MOST_ROWS) -> Sequence[Row]:
        numbered = list(enumerate(self._memory.audit, 1))[::-1]
        found = [
            Row(seq, row.at, row.actor, row.action, row.subject, bool(row.detail))
            for seq, row in numbered
            if _is(wanted, seq, row)
        ]
        return found[:most]

    async def verify(self, staff: str, now: datetime) -> Chain:
        counted = len(self._memory.audit)
        self._memory.record(staff, CHECKED, "", now)
        return Chain(counted, None)

    async def export(self, wanted: Wanted, staff: str, now: datetime) -> Sequence[Row]:
        found = await self.rows(wanted, MOST_EXPORTED)
        self._memory.record(staff, EXPORTED, "", now)
        return found


def _is(wanted: Wanted, seq: int, row: Audited) -> bool:
    return (
        (not wanted.actor or row.actor == ("" if wanted.actor == NOBODY else wanted.actor))
        and (not wanted.actions or row.action.startswith(wanted.actions))
        and (not wanted.subject or wanted.subject in row.subject.split())
        and (wanted.since is None or row.at >= wanted.since)
        and (wanted.until is None or row.at < wanted.until)
        and (wanted.before is None or seq < wanted.before)
    )
