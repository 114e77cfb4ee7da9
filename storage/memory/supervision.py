"""What a supervisor looks over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from escalation.claims import ONLY_SUPERVISOR, OURS
from escalation.ladder import URGENT
from escalation.ports import Alert, Refused, Unknown
from escalation.supervision import (
    DEBRIEF_AFTER,
    DEBRIEF_WITHIN,
    FOUR_WEEKS,
    WORKED,
    Debrief,
    Exposure,
    Handled,
    Load,
    Overview,
    exposures,
)
from escalation.tasks import NewTask
from flows.engine.model import Tier
from storage.debriefs import NO_DEBRIEF
from storage.memory import to_do
from storage.memory.world import Memory
from storage.supervising import CLOSED


def due_after(memory: Memory, alert: Alert, now: datetime) -> None:
    """Whoever held a P0 is talked with."""
    if alert.tier not in DEBRIEF_AFTER or alert.kind == OURS:
        return
    took = {a.actor for a in memory.audit if (a.action, a.subject) == ("alert.claim", alert.ref)}
    held, due = {alert.holder, *took} - {who for ref, who in memory.debriefs if ref == alert.ref}, now + DEBRIEF_WITHIN
    for worker in sorted(held):
        memory.debriefs[alert.ref, worker] = Debrief(alert.ref, worker, now)
        to_do.keep(memory, NewTask("debrief", due, alert.ref, worker, alert.ref), "", now)
    others = any(_supervisors(memory) - {worker} for worker in held)
    if others and not to_do.standing(memory, "talk", alert.ref):
        to_do.keep(memory, NewTask("talk", due, alert.ref, about=alert.ref), "", now)


def leaves(memory: Memory, worker: str, by: str, now: datetime) -> None:
    """Nobody talks with who has left, and they with nobody."""
    for task in [one for one in memory.tasks.values() if one.staff == worker and not one.person]:
        del memory.tasks[task.id]
    for ref in [ref for ref, who in memory.debriefs if who == worker]:
        talked_with_all(memory, ref, by, now)


def talked_with_all(memory: Memory, ref: str, by: str, now: datetime) -> None:
    """Of those who are here: with the last of them whoever supervises is done."""
    here = {id for id, account in memory.accounts.items() if account.staff.active}
    waits = {one.staff for one in memory.debriefs.values() if one.ref == ref and not one.other} & here
    if not any(_supervisors(memory) - {worker} for worker in waits):
        to_do.settle(memory, "talk", ref, by, now)


def _supervisors(memory: Memory) -> set[str]:
    staff = (account.staff for account in memory.accounts.values())
    return {one.id for one in staff if one.active and one.role == "supervisor"}


class MemorySupervision:
    """`escalation.supervision.Supervision`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def overview(self, now: datetime) -> Overview:
        live: dict[str, Counter[Tier]] = {}
        for alert in self._memory.alerts.values():
            if alert.state == "claimed" and alert.claim_until is not None and alert.claim_until > now:
                live.setdefault(alert.holder, Counter())[alert.tier] += 1
        exposed = self._exposures(now)
        loads = {who: Load(dict(live.get(who, {})), exposed.get(who, Exposure())) for who in {*live, *exposed}}
        return Overview(loads, self._handled(now))

    async def exposure(self, staff: str, now: datetime) -> Exposure:
        return self._exposures(now).get(staff, Exposure())

    async def debriefs(self, staff: str = "") -> Sequence[Debrief]:
        here = {id for id, account in self._memory.accounts.items() if account.staff.active}
        due = [d for d in self._memory.debriefs.values() if d.staff in here and d.ref in self._memory.alerts]
        return sorted((d for d in due if staff in ("", d.staff)), key=lambda d: (d.at, d.staff))

    async def talked(self, ref: str, staff: str, by: str, now: datetime) -> None:
        if staff != by and by not in _supervisors(self._memory):
            raise Refused(ONLY_SUPERVISOR)
        found = self._memory.debriefs.pop((ref.upper(), staff), None)
        if found is None:
            raise Unknown(NO_DEBRIEF)
        said = replace(found, own=True) if staff == by else replace(found, other=True)
        if not said.own or not (said.other or not _supervisors(self._memory) - {staff}):
            self._memory.debriefs[ref.upper(), staff] = said
        if staff == by:
            to_do.settle(self._memory, "debrief", ref.upper(), by, now, staff)
        talked_with_all(self._memory, ref.upper(), by, now)
        self._memory.record(by, "debrief.own" if staff == by else "debrief.other", ref.upper(), now)

    def _exposures(self, now: datetime) -> dict[str, Exposure]:
        urgent = {alert.ref for alert in self._memory.alerts.values() if alert.tier in URGENT}
        worked = [(a.actor, a.subject, a.at) for a in self._memory.audit if a.action in WORKED and a.subject in urgent]
        return dict(exposures(worked, now))

    def _handled(self, now: datetime) -> list[Handled]:
        recent = (alert for alert in self._memory.alerts.values() if alert.raised_at >= now - FOUR_WEEKS)
        return [
            Handled(a.tier, a.raised_at, a.breach_at, a.claimed_at, a.answered_at, a.state in CLOSED) for a in recent
        ]
