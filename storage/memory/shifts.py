"""The end of a shift, in dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from escalation import shifts as rules
from escalation.claims import HANDED_OVER
from escalation.ladder import URGENT
from escalation.ports import Alert, Staff, Unknown
from escalation.rota.duty import on_duty
from escalation.rota.ends import AHEAD, ends_at, followers
from escalation.shifts import SHIFT, Handed, Leaving
from storage.memory.claims import MemoryClaims
from storage.memory.desk import MemoryDesk
from storage.memory.world import Memory, freed
from storage.shifts import ENDED, GONE, READ
from storage.team import CASEWORK


class MemoryShifts:
    """`escalation.shifts.Shifts`."""

    def __init__(self, memory: Memory, desk: MemoryDesk, claims: MemoryClaims) -> None:
        self._memory, self._desk, self._claims = memory, desk, claims

    async def leaving(self, staff: str, now: datetime) -> Leaving:
        return self._leaving(self._known(staff), self._of(staff, now), now)

    async def handed(self, staff: str, now: datetime) -> Sequence[Handed]:
        open_ = [a for a in self._memory.alerts.values() if a.state in ("open", "claimed") and a.offered_to == staff]
        found = [self._with_line(alert, alert.holder, now) for alert in _ordered(open_)]
        for one in found:
            if one.at is not None:
                self._memory.record_once(staff, READ, one.alert.ref, now)
        return found

    async def line(self, ref: str, staff: str, claim: int, risk: str, contact: str, to: str, now: datetime) -> Alert:
        said = rules.words(risk, contact)
        alert = self._desk.mine(ref, staff, claim, now)
        if to and alert.offered_to != to:
            await self._claims.offer(ref, staff, to, now)
        elif not to:
            await self._claims.take_over(ref, staff, claim, now)
        self._memory.said(alert, HANDED_OVER, said, staff, now)
        self._memory.renew_all(staff, alert.person, now)
        self._memory.record(staff, "shift.line", alert.ref, now)
        return self._memory.alerts[alert.ref]

    async def end(self, staff: str, by: str, reason: str, now: datetime) -> Sequence[str]:
        self._known(staff)
        mine = self._of(staff, now)
        rules.may_end(mine, staff, by, self._memory.account(by).staff.role == "supervisor", reason)
        held = [one.alert for one in mine if one.held]
        for alert in held:
            self._desk.put("alert.release", freed(alert, now), by, now)
            self._memory.ended(alert)
        self._memory.record(by, ENDED, staff, now, reason.strip() if by != staff else "")
        return [alert.ref for alert in held]

    async def others(self, staff: str, now: datetime) -> Sequence[Leaving]:
        each = [(one, self._of(one.id, now)) for one in self._everybody() if one.id != staff]
        bare = [(one, [Handed(h.alert, held=h.held) for h in mine]) for one, mine in each if mine]
        return [self._leaving(one, mine, now) for one, mine in bare]

    def _leaving(self, who: Staff, mine: Sequence[Handed], now: datetime) -> Leaving:
        rota = self._memory.rota(now, now + AHEAD)
        next_ = followers(rota, who.id, now)
        shown = replace(who, duty=on_duty(rota, now).get(who.id, "off"))
        after = tuple(one for one in self._everybody() if one.id in next_)
        return Leaving(shown, ends_at(rota, who.id, now), after, tuple(mine))

    def _of(self, worker: str, now: datetime) -> list[Handed]:
        alerts = self._memory.alerts.values()
        held = [a for a in alerts if (a.holder, a.state) == (worker, "claimed") and _runs(a, now)]
        nobodys = [a for a in alerts if a.tier in URGENT and (a.state == "open" or _ran_out(a, now))]
        last = self._last(worker, now)
        left = [a for a in nobodys if last.get(a.ref) == worker and not self._memory.is_apart(worker, a.person)]
        return [self._with_line(a, worker, now) for a in _ordered(held)] + [
            Handed(a, held=False) for a in _ordered(left)
        ]

    def _last(self, worker: str, now: datetime) -> dict[str, str]:
        """Ref to who claimed it last within a shift; nothing of a shift of theirs that was ended since."""
        last: dict[str, str] = {}
        for row in (one for one in self._memory.audit if one.at >= now - SHIFT):
            if row.action == "alert.claim":
                last[row.subject] = row.actor
            elif (row.action, row.subject) == (ENDED, worker):
                last = {ref: who for ref, who in last.items() if who != worker}
        return last

    def _with_line(self, alert: Alert, by: str, now: datetime) -> Handed:
        notes = [one for one in self._memory.person(alert.person).notes if one.state == alert.ref]
        mine = [one for one in notes if (one.message, one.staff) == (HANDED_OVER, by) and one.at >= now - SHIFT]
        if not mine:
            return Handed(alert)
        return Handed(alert, *rules.said(mine[-1].text), self._memory.account(by).staff.name, mine[-1].at)

    def _everybody(self) -> list[Staff]:
        active = [account.staff for account in self._memory.accounts.values() if account.staff.active]
        return sorted((one for one in active if one.role in CASEWORK), key=lambda one: one.username)

    def _known(self, worker: str) -> Staff:
        found = next((one for one in self._everybody() if one.id == worker), None)
        if found is None:
            raise Unknown(GONE)
        return found


def _runs(alert: Alert, now: datetime) -> bool:
    return alert.claim_until is not None and alert.claim_until > now


def _ran_out(alert: Alert, now: datetime) -> bool:
    return alert.state == "claimed" and not _runs(alert, now)


def _ordered(alerts: Sequence[Alert]) -> list[Alert]:
    return sorted(alerts, key=lambda a: (a.tier, a.breach_at, a.ref))
