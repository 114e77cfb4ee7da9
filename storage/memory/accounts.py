"""Staff, their sessions, their tokens, and the throttle."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from escalation.access import TAKES_CASES
from escalation.accounts import CHANGED_MEANWHILE, LAST_OF, OWN_ROLE, OWN_SIGN_IN
from escalation.belongings import Belongings, Token
from escalation.ports import Account, Duty, Refused, Role, Session, Staff, Unknown
from escalation.rota import with_duties
from storage.accounts import IDLE, LONGEST
from storage.ids import new_id
from storage.memory.supervision import leaves
from storage.memory.world import Memory, freed, unoffered
from storage.schema import stamp
from storage.team import CASEWORK


class MemoryAccounts:
    """`escalation.accounts.Accounts`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def account(self, username: str) -> Account | None:
        name = username.strip().lower()
        return next((a for a in self._memory.accounts.values() if a.staff.username == name), None)

    async def staff(self) -> Sequence[Staff]:
        return sorted((a.staff for a in self._memory.accounts.values()), key=lambda s: s.name)

    async def add(
        self, username: str, name: str, role: Role, password: str, totp: bytes | None, now: datetime, by: str = ""
    ) -> Staff:
        if await self.account(username) is not None:
            raise Refused("That username is taken.")
        person = Staff(new_id(stamp(now)), username.strip().lower(), name, role, totp=totp is not None)
        self._memory.accounts[person.id] = Account(person, password, totp, 0)
        self._memory.record(by or person.id, "staff.add", person.id, now)
        return person

    async def totp_used(self, staff: str, step: int) -> bool:
        account = self._memory.accounts[staff]
        if step <= account.last_step:
            return False
        self._memory.accounts[staff] = replace(account, last_step=step)
        return True

    async def begin(self, staff: str, token_hash: bytes, csrf: str, now: datetime) -> None:
        self._memory.sessions[token_hash] = Session(self._memory.account(staff).staff, csrf, now, now)

    async def session(self, token_hash: bytes, now: datetime, touch: bool = True) -> Session | None:
        session = self._memory.sessions.get(token_hash)
        if session is None:
            return None
        person = self._memory.account(session.staff.id).staff
        if not person.active or person.version != session.staff.version:
            return None
        if now - session.seen_at > IDLE or now - session.created_at > LONGEST:
            return None
        if touch:
            self._memory.sessions[token_hash] = replace(session, seen_at=now)
        (person,) = with_duties([person], self._memory.rota(now, now), now)
        return replace(session, staff=person)

    async def end(self, token_hash: bytes, now: datetime) -> None:
        self._memory.sessions.pop(token_hash, None)

    async def token(self, token: str, now: datetime) -> Staff | None:
        account = self._memory.accounts.get(self._memory.tokens.get(token, ""))
        return account.staff if account is not None and account.staff.active else None

    async def new_token(self, staff: str, label: str, now: datetime) -> str:
        token = f"rw_{secrets.token_urlsafe(32)}"
        self._memory.tokens[token] = staff
        self._memory.labels[token] = Token(new_id(stamp(now))[-16:], label, now)
        self._memory.record(staff, "token.new", staff, now)
        return token

    async def belongings(self, staff: str) -> Belongings:
        self._memory.account(staff)
        mine = [token for token, owner in self._memory.tokens.items() if owner == staff]
        browsers = sum(session.staff.id == staff for session in self._memory.sessions.values())
        phones = tuple(self._memory.phones.get(staff, ()))
        return Belongings(phones, tuple(self._memory.labels[token] for token in mine), browsers)

    async def remove_phone(self, staff: str, phone: str, by: str, now: datetime) -> None:
        phones = self._memory.phones.get(staff, [])
        if all(one.id != phone for one in phones):
            raise Unknown("There is no such phone.")
        self._memory.phones[staff] = [one for one in phones if one.id != phone]
        self._memory.record(by, "phone.remove", staff, now)

    async def revoke(self, staff: str, token: str, by: str, now: datetime) -> None:
        mine = [text for text, owner in self._memory.tokens.items() if owner == staff]
        found = [text for text in mine if token in (self._memory.labels[text].id, self._memory.labels[text].label)]
        if not found:
            raise Unknown("There is no such token.")
        for text in found:
            del self._memory.tokens[text]
        self._memory.record(by, "token.revoke", staff, now)

    async def end_sessions(self, staff: str, by: str, now: datetime) -> None:
        self._memory.account(staff)
        self._sign_out(staff)
        self._memory.record(by, "session.end_all", staff, now)

    async def deactivate(self, staff: str, by: str, now: datetime) -> None:
        account = self._memory.account(staff)
        if staff == by:
            raise Refused("Nobody can take themselves off. Ask a colleague, or the operator.")
        if not account.staff.active:
            raise Refused(f"{account.staff.name} is off already.")
        self._not_the_last(account.staff, by)
        gone = replace(account.staff, active=False, duty="off", version=account.staff.version + 1)
        self._memory.accounts[staff] = replace(account, staff=gone)
        self._sign_out(staff)
        self._memory.phones.pop(staff, None)
        self._memory.tokens = {token: owner for token, owner in self._memory.tokens.items() if owner != staff}
        self._waits_again(staff, by, now)
        self._memory.end_all(staff)
        leaves(self._memory, staff, by, now)
        self._memory.record(by, "staff.deactivate", staff, now)
        self._memory.changed("alerts")

    async def change_role(self, staff: str, role: Role, by: str, now: datetime) -> None:
        account = self._memory.account(staff)
        if staff == by:
            raise Refused(OWN_ROLE)
        if account.staff.role == role:
            return
        self._not_the_last(account.staff, by)
        duty = account.staff.duty if role in CASEWORK else "off"
        changed = replace(account.staff, role=role, duty=duty, version=account.staff.version + 1)
        self._memory.accounts[staff] = replace(account, staff=changed)
        self._sign_out(staff)
        self._waits_again(staff, by, now)
        if role not in TAKES_CASES:
            self._memory.end_all(staff)
        self._memory.record(by, f"staff.role.{role}", staff, now)
        self._memory.changed("alerts")

    async def new_sign_in(self, staff: str, password: str, totp: bytes, by: str, now: datetime) -> None:
        account = self._memory.account(staff)
        if staff == by:
            raise Refused(OWN_SIGN_IN)
        changed = replace(account.staff, totp=True, version=account.staff.version + 1)
        self._memory.accounts[staff] = Account(changed, password, totp, 0)
        self._sign_out(staff)
        self._memory.record(by, "staff.sign_in.new", staff, now)

    async def new_password(self, staff: str, version: int, password: str, now: datetime) -> None:
        account = self._memory.account(staff)
        if not account.staff.active or account.staff.version != version:
            raise Refused(CHANGED_MEANWHILE)
        changed = replace(account.staff, version=version + 1)
        self._memory.accounts[staff] = replace(account, staff=changed, password=password)
        self._sign_out(staff)
        self._memory.record(staff, "staff.password", staff, now)

    def _not_the_last(self, person: Staff, by: str) -> None:
        others = (a.staff for a in self._memory.accounts.values() if a.staff.id != person.id)
        if by and person.role in LAST_OF and not any(one.active and one.role == person.role for one in others):
            raise Refused(LAST_OF[person.role])

    def _waits_again(self, staff: str, by: str, now: datetime) -> None:
        for alert in [a for a in self._memory.alerts.values() if (a.holder, a.state) == (staff, "claimed")]:
            self._memory.alerts[alert.ref] = freed(alert, now)
            self._memory.ended(alert)
            self._memory.record(by, "alert.release", alert.ref, now)
        for alert in [a for a in self._memory.alerts.values() if a.offered_to == staff]:
            self._memory.alerts[alert.ref] = unoffered(alert)

    def _sign_out(self, staff: str) -> None:
        kept = {token: one for token, one in self._memory.sessions.items() if one.staff.id != staff}
        self._memory.sessions = kept

    async def allow(self, what: str, key: str, now: datetime, most: int, per_seconds: int) -> bool:
        level, at = self._memory.buckets.get((what, key), (0.0, now))
        gone = max(timedelta(0), now - at).total_seconds() * most / per_seconds
        level = max(0.0, level - gone)
        allowed = level + 1 <= most
        self._memory.buckets[what, key] = (level + 1 if allowed else level, now)
        return allowed

    async def duty(self, staff: str, duty: Duty, now: datetime) -> None:
        account = self._memory.account(staff)
        self._memory.accounts[staff] = replace(account, staff=replace(account.staff, duty=duty))
        self._memory.record(staff, f"duty.{duty}", staff, now)

    async def reads(self, staff: str, language: str) -> None:
        account = self._memory.account(staff)
        self._memory.accounts[staff] = replace(account, staff=replace(account.staff, language=language))

    async def cued(self, staff: str, cues: Sequence[str]) -> None:
        account = self._memory.account(staff)
        self._memory.accounts[staff] = replace(account, staff=replace(account.staff, cues=tuple(cues)))

    async def record(self, actor: str, action: str, subject: str, now: datetime) -> None:
        self._memory.record(actor, action, subject, now)
