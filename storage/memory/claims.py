"""Alerts handed over, put off and signed; who is kept apart from whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from escalation import claims as rules
from escalation.access import TAKES_CASES
from escalation.claims import LONGEST_WORD, Apart, Closing
from escalation.ladder import URGENT
from escalation.ports import Alert, Refused, Unknown
from storage.claims import GONE, RESOLVED
from storage.memory import to_do
from storage.memory.desk import MemoryDesk
from storage.memory.world import Memory, freed, held, unoffered


class MemoryClaims:
    """`escalation.claims.Claims`."""

    def __init__(self, memory: Memory, desk: MemoryDesk) -> None:
        self._memory, self._desk = memory, desk

    async def offer(self, ref: str, staff: str, to: str, now: datetime) -> Alert:
        alert = self._found(ref)
        if alert.state not in ("open", "claimed"):
            raise Refused(RESOLVED if alert.state == "resolved" else rules.ONLY_HOLDER)
        holds = alert.holder == staff and alert.claim_until is not None and alert.claim_until > now
        if not holds:
            self._memory.require(staff, alert.person, "look_over", now, rules.ONLY_HOLDER)
        self._takes_cases(to)
        if alert.holder == to:
            raise Refused(rules.ALREADY_THEIRS)
        if self._memory.is_apart(to, alert.person):
            raise Refused(rules.NOT_THEM)
        urgent = alert.tier in URGENT
        self._memory.require(to, alert.person, "take_urgent" if urgent else "take", now, rules.NOT_TO_THEM)
        return self._offered(alert, staff, to, now)

    async def take_over(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        alert = self._desk.mine(ref, staff, claim, now)
        people = [one.id for one in self._memory.who_next(alert.person, staff, now)]
        if not people:
            raise Refused(rules.NOBODY_NEXT)
        place = people.index(alert.offered_to) + 1 if alert.offered_to in people else 0
        return self._offered(alert, staff, people[place % len(people)], now)

    def _offered(self, alert: Alert, staff: str, to: str, now: datetime) -> Alert:
        name = self._memory.account(to).staff.name
        return self._desk.put("alert.offer", replace(alert, offered_to=to, offered_name=name), staff, now)

    async def decline(self, ref: str, staff: str, now: datetime) -> Alert:
        alert = self._found(ref)
        if alert.offered_to != staff:
            raise Refused(rules.NOT_OFFERED)
        return self._desk.put("alert.decline", unoffered(alert), staff, now)

    async def snooze(self, ref: str, staff: str, claim: int, until: datetime, reason: str, now: datetime) -> Alert:
        alert = self._desk.mine(ref, staff, claim, now)
        rules.may_snooze(alert.tier, until, reason, now)
        self._memory.said(alert, "snoozed", reason, staff, now)
        asleep = self._desk.put(
            "alert.snooze", replace(freed(alert, now), state="snoozed", next_page_at=until), staff, now
        )
        self._memory.ended(alert)
        return asleep

    async def reached(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        alert = await self._desk.renew(ref, staff, claim, now)
        self._memory.reached(alert.person, now)
        return self._desk.put("alert.reached", self._found(ref), staff, now)

    async def closing(self, ref: str, staff: str, now: datetime) -> Closing:
        alert = self._to_sign(ref, staff, now)
        self._memory.record(staff, "closing.read", alert.ref, now)
        lines = [line for line in self._memory.person(alert.person).notes if line.state == alert.ref]
        closed = [line for line in lines if line.message not in rules.SAID][-1]
        return Closing(alert, alert.holder_name, alert.closed_at or now, closed.message, closed.text)

    async def sign(self, ref: str, staff: str, now: datetime) -> Alert:
        alert = self._to_sign(ref, staff, now)
        self._memory.said(alert, "signed", "", staff, now)
        done = replace(alert, state="resolved", next_page_at=None, closed_at=now)
        return self._desk.put("alert.sign", done, staff, now)

    async def give_back(self, ref: str, staff: str, word: str, now: datetime) -> Alert:
        alert = self._to_sign(ref, staff, now)
        if not word.strip():
            raise Refused(rules.NO_REASON)
        self._memory.said(alert, "given_back", word[:LONGEST_WORD], staff, now)
        who = self._memory.account(alert.holder).staff
        phones = self._memory.phones.get(who.id, ())
        if who.active and any(one.open for one in phones) and not self._memory.is_apart(who.id, alert.person):
            again = held(alert, who.id, who.name, alert.claim + 1, now)
        else:
            again = freed(alert, now)
        return self._desk.put("alert.give_back", again, staff, now)

    async def keep_apart(self, person: str, staff: str, by: str, reason: str, now: datetime) -> None:
        her = self._memory.person(person)
        if staff != by:
            self._memory.require(by, her.ref, "look_over", now, rules.ONLY_SUPERVISOR)
        self._takes_cases(staff)
        self._memory.apart.setdefault(her.ref, {})[staff] = Apart(staff, now, reason.strip()[:LONGEST_WORD])
        self._memory.record(by, "case.keep_apart", f"{her.ref} {staff}", now)
        self._memory.end_all(staff, her.ref)
        self._gives_up_samples(staff, her.ref, now)
        for alert in self._memory.holds(staff, her.ref):
            self._desk.put("alert.release", freed(alert, now), by, now)
            self._memory.ended(alert)
        for alert in list(self._memory.alerts.values()):
            if (alert.person, alert.offered_to) == (her.ref, staff):
                self._memory.alerts[alert.ref] = unoffered(alert)
        self._memory.changed(her.ref)

    def _gives_up_samples(self, staff: str, person: str, now: datetime) -> None:
        for id, (sample, _) in list(self._memory.samples.items()):
            alert = self._memory.alerts.get(sample.ref)
            if (sample.by, sample.done) == (staff, False) and alert is not None and alert.person == person:
                del self._memory.samples[id]
                to_do.settle(self._memory, "sample", sample.ref, staff, now)

    async def let_back(self, person: str, staff: str, by: str, now: datetime) -> None:
        her = self._memory.person(person)
        self._memory.require(by, her.ref, "look_over", now, rules.ONLY_SUPERVISOR)
        if staff == by:
            raise Refused(rules.ONLY_SUPERVISOR)
        if self._memory.apart.get(her.ref, {}).pop(staff, None):
            self._memory.record(by, "case.let_back", f"{her.ref} {staff}", now)
        self._memory.changed(her.ref)

    async def apart(self, person: str) -> Sequence[Apart]:
        return list(self._memory.apart.get(self._memory.person(person).ref, {}).values())

    def _found(self, ref: str) -> Alert:
        alert = self._memory.alerts.get(ref.upper())
        if alert is None:
            raise Unknown(GONE)
        return alert

    def _to_sign(self, ref: str, staff: str, now: datetime) -> Alert:
        alert = self._found(ref)
        if alert.state != "closing":
            raise Refused(RESOLVED if alert.state == "resolved" else rules.ONLY_CLOSED)
        self._memory.require(staff, alert.person, "sign", now)
        if alert.holder == staff:
            raise Refused(rules.NOT_ALONE)
        return alert

    def _takes_cases(self, staff: str) -> None:
        who = self._memory.account(staff).staff
        if not who.active or who.role not in TAKES_CASES:
            raise Refused(rules.NO_CASEWORK)
