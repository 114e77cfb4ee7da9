"""The record of decisions; its chain is the database's alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from escalation.claims import SIGN_WITHIN
from escalation.decisions import (
    Decision,
    Draft,
    Entry,
    Received,
    Review,
    Shared,
    ToSign,
    arrived,
    fit,
    found,
    reviewed,
    same,
    standing,
)
from escalation.ladder import URGENT
from escalation.ladder.file import shipped
from escalation.referral import Pack, overdue_at
from escalation.referral import fit as fit_pack
from escalation.rota import with_duties
from escalation.tasks import NewTask
from flows.safety.hours import zone
from storage.decisions import ASKS, ENTRY, SAME
from storage.memory import to_do
from storage.memory.world import Known, Memory
from storage.reading import READING


class MemoryDecisions:
    """`escalation.decisions.Decisions`."""

    def __init__(self, memory: Memory, receivers: Collection[str]) -> None:
        self._memory, self._receivers = memory, receivers

    async def of(self, person: str, staff: str, now: datetime, reason: str = "") -> Sequence[Entry]:
        return list(self._opened(person, staff, now, reason).entries)

    async def decide(self, person: str, staff: str, draft: Draft, now: datetime, reason: str = "") -> int:
        her = self._opened(person, staff, now, reason)
        last = her.entries[-1] if her.entries else None
        if isinstance(last, Decision) and last.staff == staff and now - last.at <= SAME and same(last.draft, draft):
            return last.number
        mine = (alert for alert in self._memory.alerts.values() if alert.person == her.ref)
        stands = [alert.tier for alert in mine if alert.state != "resolved"]
        draft = fit(draft, stands, her.entries)
        number = self._kept(her, Decision(len(her.entries) + 1, now, staff, draft), "decision")
        for kind in ASKS:
            to_do.settle(self._memory, kind, f"{her.ref} {draft.instead}", staff, now)
        if draft.tier in URGENT:
            self._ask_for_a_second(her, staff, number, now)
        return number

    def _ask_for_a_second(self, her: Known, writer: str, number: int, now: datetime) -> None:
        team = [account.staff for account in self._memory.accounts.values() if account.staff.active]
        could = [one for one in team if one.id != writer and not self._memory.is_apart(one.id, her.ref)]
        on_now = [one.id for one in with_duties(could, self._memory.rota(now, now), now) if one.duty == "supervisor"]
        whose = next(iter([*on_now, *(one.id for one in could if one.role == "supervisor")]), "")
        task = NewTask("sign", now + SIGN_WITHIN, str(number), whose, f"{her.ref} {number}")
        to_do.keep(self._memory, task, "", now, her.ref)

    async def sign(
        self, person: str, staff: str, number: int, agreed: bool, word: str, now: datetime, reason: str = ""
    ) -> None:
        her = self._opened(person, staff, now, reason)
        self._memory.require(staff, her.ref, "sign", now)
        word = reviewed(her.entries, number, staff, agreed, word)
        review = Review(len(her.entries) + 1, now, staff, number, agreed, word)
        self._kept(her, review, "signed" if agreed else "returned")
        to_do.settle(self._memory, "sign", f"{her.ref} {number}", staff, now)
        if not agreed:
            self._ask_for_another(her, found(her.entries, number), now)

    def _ask_for_another(self, her: Known, decision: Decision, now: datetime) -> None:
        account = self._memory.accounts.get(decision.staff)
        here = account is not None and account.staff.active and not self._memory.is_apart(decision.staff, her.ref)
        whose, about = decision.staff if here else "", f"{her.ref} {decision.number}"
        task = NewTask("rewrite", now + SIGN_WITHIN, str(decision.number), whose, about)
        to_do.keep(self._memory, task, "", now, her.ref)

    async def share(self, person: str, staff: str, pack: Pack, now: datetime, reason: str = "") -> int:
        her = self._opened(person, staff, now, reason)
        pack, last = fit_pack(pack, self._receivers, now), her.entries[-1] if her.entries else None
        if isinstance(last, Shared) and (last.staff, last.pack) == (staff, pack) and now - last.at <= SAME:
            return last.number
        number = self._kept(her, Shared(len(her.entries) + 1, now, staff, pack), "shared")
        if pack.receipt is not None:
            due = max(overdue_at(pack.receipt, zone(shipped().zone)), now)
            task = NewTask("receipt", due, str(number), staff, f"{her.ref} {number}")
            to_do.keep(self._memory, task, "", now, her.ref)
        return number

    async def received(self, person: str, staff: str, number: int, word: str, now: datetime, reason: str = "") -> None:
        her = self._opened(person, staff, now, reason)
        word = arrived(her.entries, number, word)
        self._kept(her, Received(len(her.entries) + 1, now, staff, number, word), "received")
        to_do.settle(self._memory, "receipt", f"{her.ref} {number}", staff, now)

    async def to_sign(self, staff: str, now: datetime) -> Sequence[ToSign]:
        found = [
            ToSign(her.ref, one.number, one.at, one.staff, one.draft.tier, stands == "returned")
            for her in self._memory.people.values()
            if not self._memory.is_apart(staff, her.ref)
            for one in her.entries
            if isinstance(one, Decision) and (stands := standing(her.entries, one)) in ("waits", "returned")
        ]
        return sorted(found, key=lambda one: (one.tier, one.at))

    def _opened(self, person: str, staff: str, now: datetime, reason: str) -> Known:
        her = self._memory.person(person)
        self._memory.may_read(staff, her, reason, READING, now)
        return her

    def _kept(self, her: Known, entry: Entry, kind: str) -> int:
        her.entries.append(entry)
        self._memory.record(entry.staff, f"{ENTRY}{kind}", her.ref, entry.at, str(entry.number))
        self._memory.renew_all(entry.staff, her.ref, entry.at)
        return entry.number
