"""The escalation ports on the database: each method is one unit of work and, where something changed, one ring."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from escalation.access import CLAIM_FIRST
from escalation.belongings import Belongings
from escalation.claims import Apart, Closing
from escalation.people import Asking, Authority, Consent, Receipt, Sure
from escalation.ports import (
    Account,
    Alert,
    Case,
    Duty,
    Line,
    Place,
    PlanChange,
    Reading,
    Refused,
    Role,
    Session,
    Staff,
    StageSeen,
    Unknown,
)
from flows.engine.conversation import Fact
from flows.engine.model import Instrument, Tier
from flows.engine.programme import Programme
from storage import (
    accounts,
    audit,
    case_links,
    cases,
    claims,
    closing,
    erasing,
    handing,
    leaving,
    people,
    queue,
    throttle,
)
from storage.admitting import What, admit, admit_judgement, admit_plan, admit_record, admit_stage
from storage.arrivals import Act, Taken
from storage.database import Database
from storage.handing_over import hand_over
from storage.reading import READING, TIMELINE, opened_by_reason
from storage.timeline import timeline
from storage.vault import Vault

Ring = Callable[[str], None]
Take = Callable[[Act], Awaitable[Taken]]
Listen = Callable[[], AsyncGenerator[str, None]]
Unit = Callable[[Connection], Any]  # returns the alert's row


MOST_REFS = 1000  # refs kept beside the ids that the bell knows


class StoredDesk:
    """`escalation.ports.Desk`."""

    def __init__(self, database: Database, vault: Vault, programme: Programme, ring: Ring, listen: Listen) -> None:
        self._database, self._vault, self._programme = database, vault, programme
        self._ring, self._listen = ring, listen
        self._refs: dict[str, str] = {}

    async def queue(self, now: datetime, limit: int = 200) -> Sequence[Alert]:
        return await self._database.read(queue.queue, self._vault, now, limit)

    async def further(self, edge: Place, now: datetime, most: int, back: bool = False) -> Sequence[Alert]:
        return await self._database.read(queue.further, self._vault, edge, now, most, back)

    async def alert(self, ref: str, now: datetime) -> Alert | None:
        return await self._database.read(queue.one, self._vault, ref, now)

    async def claim(self, ref: str, staff: str, now: datetime, reason: str = "") -> Alert:
        def unit(conn: Connection) -> Any:
            return claims.claim(conn, self._vault, ref, staff, now, reason)

        return await self._act("alert.claim", staff, now, unit)

    async def renew(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        def unit(conn: Connection) -> Any:
            return claims.renew(conn, self._vault, ref, staff, claim, now)

        return await self._act("alert.renew", staff, now, unit)

    async def release(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        return await self._act("alert.release", staff, now, lambda conn: claims.release(conn, ref, staff, claim, now))

    async def resolve(self, ref: str, staff: str, claim: int, outcome: str, note: str, now: datetime) -> Alert:
        def unit(conn: Connection) -> Any:
            return closing.resolve(conn, self._vault, ref, staff, claim, outcome, note, now)

        return await self._act("alert.resolve", staff, now, unit)

    async def _act(self, what: str, staff: str, now: datetime, unit: Unit) -> Alert:
        return await _acted(self._database, self._vault, self._ring, what, staff, now, unit)

    async def case(self, person: str, staff: str, reason: str, now: datetime, over_time: bool = False) -> Case:
        what = TIMELINE if over_time else READING
        return await self._database.write(cases.open_case, self._vault, person, staff, reason, now, what)

    async def transcript(self, person: str, staff: str, reason: str, now: datetime) -> Sequence[Line]:
        write = self._database.write
        return await write(cases.transcript, self._vault, self._programme, person, staff, reason, now)

    async def note(self, person: str, staff: str, text: str, now: datetime, reason: str = "") -> None:
        self._ring(await self._database.write(cases.note, self._vault, person, staff, text, now, reason))

    async def timeline(
        self, person: str, staff: str, now: datetime, reason: str = ""
    ) -> Sequence[Mapping[str, object]]:
        return await self._database.write(timeline, self._vault, person, staff, now, reason)

    async def number(self, person: str, staff: str, number: str, now: datetime, reason: str = "") -> None:
        self._ring(await self._database.write(cases.number, self._vault, person, staff, number, now, reason))

    async def under_number(self, number: str, staff: str, now: datetime) -> Sequence[str]:
        return await self._database.write(case_links.find, self._vault, number, staff, now)

    async def opened_by_reason(self, most: int = 20) -> Sequence[Reading]:
        return await self._database.read(opened_by_reason, self._vault, most)

    async def changes(self) -> AsyncIterator[str]:
        """What the bell says, in refs: an id never leaves the server."""
        async with aclosing(self._listen()) as words:
            async for word in words:
                yield await self._ref(word)

    async def _ref(self, word: str) -> str:
        if word in ("", "alerts"):
            return word
        if word not in self._refs:
            if len(self._refs) >= MOST_REFS:
                self._refs.clear()
            self._refs[word] = await self._database.read(cases.ref_of, word)
        return self._refs[word]


async def _acted(
    database: Database, vault: Vault, ring: Ring, what: str, staff: str, now: datetime, unit: Unit
) -> Alert:
    """One act on an alert, audited in its own transaction."""

    def whole(conn: Connection) -> Alert:
        row = unit(conn)
        audit.record(conn, vault, staff, what, row.ref, now)
        found = queue.one(conn, vault, row.ref, now)
        if found is None:
            raise Unknown(claims.GONE)
        return found

    alert = await database.write(whole)
    ring("alerts")
    return alert


class StoredClaims:
    """`escalation.claims.Claims`."""

    def __init__(self, database: Database, vault: Vault, ring: Ring) -> None:
        self._database, self._vault, self._ring = database, vault, ring

    async def offer(self, ref: str, staff: str, to: str, now: datetime) -> Alert:
        return await self._act("alert.offer", handing.offer, ref, staff, now, to, now)

    async def take_over(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        return await self._act("alert.offer", handing.take_over, ref, staff, now, claim, now)

    async def decline(self, ref: str, staff: str, now: datetime) -> Alert:
        return await self._act("alert.decline", handing.decline, ref, staff, now, now)

    async def snooze(self, ref: str, staff: str, claim: int, until: datetime, reason: str, now: datetime) -> Alert:
        return await self._act("alert.snooze", handing.snooze, ref, staff, now, claim, until, reason, now)

    async def reached(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        return await self._act("alert.reached", claims.reached, ref, staff, now, claim, now)

    async def closing(self, ref: str, staff: str, now: datetime) -> Closing:
        return await self._database.write(closing.read, self._vault, ref, staff, now)

    async def sign(self, ref: str, staff: str, now: datetime) -> Alert:
        return await self._act("alert.sign", closing.sign, ref, staff, now, now)

    async def give_back(self, ref: str, staff: str, word: str, now: datetime) -> Alert:
        return await self._act("alert.give_back", closing.give_back, ref, staff, now, word, now)

    async def keep_apart(self, person: str, staff: str, by: str, reason: str, now: datetime) -> None:
        self._ring(await self._database.write(handing.keep_apart, self._vault, person, staff, by, reason, now))
        self._ring("alerts")

    async def let_back(self, person: str, staff: str, by: str, now: datetime) -> None:
        self._ring(await self._database.write(handing.let_back, self._vault, person, staff, by, now))

    async def apart(self, person: str) -> Sequence[Apart]:
        return await self._database.read(handing.apart, self._vault, person)

    async def _act(
        self, what: str, unit: Callable[..., Any], ref: str, staff: str, now: datetime, *args: object
    ) -> Alert:
        def whole(conn: Connection) -> Any:
            return unit(conn, self._vault, ref, staff, *args)

        return await _acted(self._database, self._vault, self._ring, what, staff, now, whole)


class StoredPeople:
    """`escalation.ports.People`."""

    def __init__(self, database: Database, vault: Vault, ring: Ring) -> None:
        self._database, self._vault, self._ring = database, vault, ring

    async def invite(self, staff: str, now: datetime, language: str = "", case: str = "") -> str:
        return await self._database.write(people.invite, self._vault, staff, now, language, case)

    async def moving_code(self, person: str, staff: str, sure: Sure, now: datetime, reason: str = "") -> str:
        return await self._database.write(people.moving_code, self._vault, person, staff, sure, now, reason)

    async def look_up(self, typed: str, staff: str, now: datetime) -> str:
        return await self._database.write(people.look_up, self._vault, typed, staff, now)

    async def hands_over(
        self, person: str, staff: str, asking: Asking, now: datetime, reason: str = ""
    ) -> Sequence[Consent]:
        return await self._database.write(hand_over, self._vault, person, staff, asking, now, reason)

    async def erase(self, person: str, staff: str, authority: Authority, reason: str, now: datetime) -> str:
        """Also empties the write-ahead log, where the deleted pages still stand until then."""
        receipt = await self._database.write(erasing.erase, self._vault, person, staff, authority, reason, now)
        await self._database.empty_log()
        self._ring("alerts")
        return receipt

    async def receipt(self, receipt: str) -> Receipt:
        return await self._database.read(erasing.receipt_of, self._vault, receipt)


class StoredAccounts:
    """`escalation.accounts.Accounts`."""

    def __init__(self, database: Database, vault: Vault, ring: Ring) -> None:
        self._database, self._vault, self._ring = database, vault, ring

    async def account(self, username: str) -> Account | None:
        return await self._database.read(accounts.account, self._vault, username)

    async def staff(self) -> Sequence[Staff]:
        return await self._database.read(accounts.everybody)

    async def add(
        self, username: str, name: str, role: Role, password: str, totp: bytes | None, now: datetime, by: str = ""
    ) -> Staff:
        return await self._database.write(accounts.add, self._vault, username, name, role, password, totp, now, by)

    async def totp_used(self, staff: str, step: int) -> bool:
        return await self._database.write(accounts.totp_used, staff, step)

    async def begin(self, staff: str, token_hash: bytes, csrf: str, now: datetime) -> None:
        await self._database.write(accounts.begin, staff, token_hash, csrf, now)

    async def session(self, token_hash: bytes, now: datetime, touch: bool = True) -> Session | None:
        found = await self._database.read(accounts.session, token_hash, now)
        if touch and found is not None and now - found.seen_at > accounts.TOUCH:
            await self._database.write(accounts.touch, token_hash, now)
        return found

    async def end(self, token_hash: bytes, now: datetime) -> None:
        await self._database.write(accounts.end, token_hash)

    async def token(self, token: str, now: datetime) -> Staff | None:
        return await self._database.read(accounts.token, self._vault, token)

    async def new_token(self, staff: str, label: str, now: datetime) -> str:
        return await self._database.write(accounts.new_token, self._vault, staff, label, now)

    async def belongings(self, staff: str) -> Belongings:
        return await self._database.read(leaving.belongings, self._vault, staff)

    async def remove_phone(self, staff: str, phone: str, by: str, now: datetime) -> None:
        await self._database.write(leaving.remove_phone, self._vault, staff, phone, by, now)

    async def revoke(self, staff: str, token: str, by: str, now: datetime) -> None:
        await self._database.write(leaving.revoke, self._vault, staff, token, by, now)

    async def end_sessions(self, staff: str, by: str, now: datetime) -> None:
        await self._database.write(leaving.end_sessions, self._vault, staff, by, now)

    async def deactivate(self, staff: str, by: str, now: datetime) -> None:
        await self._database.write(leaving.deactivate, self._vault, staff, by, now)
        self._ring("alerts")

    async def change_role(self, staff: str, role: Role, by: str, now: datetime) -> None:
        await self._database.write(leaving.change_role, self._vault, staff, role, by, now)
        self._ring("alerts")

    async def new_sign_in(self, staff: str, password: str, totp: bytes, by: str, now: datetime) -> None:
        await self._database.write(leaving.new_sign_in, self._vault, staff, password, totp, by, now)

    async def new_password(self, staff: str, version: int, password: str, now: datetime) -> None:
        await self._database.write(leaving.new_password, self._vault, staff, version, password, now)

    async def allow(self, what: str, key: str, now: datetime, most: int, per_seconds: int) -> bool:
        return await self._database.write(throttle.allow, self._vault, what, key, now, most, per_seconds)

    async def duty(self, staff: str, duty: Duty, now: datetime) -> None:
        await self._database.write(accounts.duty, self._vault, staff, duty, now)

    async def reads(self, staff: str, language: str) -> None:
        await self._database.write(accounts.reads, staff, language)

    async def cued(self, staff: str, cues: Sequence[str]) -> None:
        await self._database.write(accounts.cued, staff, cues)

    async def record(self, actor: str, action: str, subject: str, now: datetime) -> None:
        await self._database.write(audit.record, self._vault, actor, action, subject, now)


class StoredChat:
    """`escalation.ports.Chat`: a worker's acts become turns, through the same door as her messages."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        take: Take,
        now: Callable[[], datetime],
        instruments: Mapping[str, Instrument] | None = None,
    ) -> None:
        self._database, self._vault, self._take, self._now = database, vault, take, now
        self._instruments = instruments or {}

    async def join(self, person: str, staff: str, confirmed: bool = False) -> None:
        await self._event(person, staff, "join", "", confirmed=confirmed)

    async def say(self, person: str, staff: str, text: str, nonce: str, confirmed: bool = False) -> None:
        if not text.strip():
            raise Refused("An empty message says nothing.")
        await self._event(person, staff, "say", text, nonce, confirmed)

    async def hand_back(self, person: str, staff: str) -> None:
        await self._event(person, staff, "left", "")

    async def verified(self, person: str, staff: str) -> None:
        await self._event(person, staff, "cleared", "")

    async def judge(self, person: str, staff: str, instrument: str, tier: Tier, reason: str, opening: str = "") -> None:
        known, write = self._instruments.get(instrument), self._database.write
        said = (person, staff, instrument, tier, reason, self._now(), opening)
        await self._take(await write(admit_judgement, self._vault, known, *said))

    async def plan(self, person: str, staff: str, change: PlanChange, nonce: str) -> None:
        write, now = self._database.write, self._now()
        await self._take(await write(admit_plan, self._vault, person, staff, change, nonce, now))

    async def record(self, person: str, staff: str, fact: Fact, value: str, reason: str = "") -> None:
        write, now = self._database.write, self._now()
        await self._take(await write(admit_record, self._vault, person, staff, fact, value, now, reason))

    async def stage(self, person: str, staff: str, seen: StageSeen, reason: str = "") -> None:
        write, now = self._database.write, self._now()
        await self._take(await write(admit_stage, self._vault, person, staff, seen, now, reason))

    async def _event(
        self, person: str, staff: str, what: What, text: str, nonce: str = "", confirmed: bool = False
    ) -> None:
        write, now = self._database.write, self._now()
        arrival = await write(admit, self._vault, person, staff, what, text, nonce, now, confirmed)
        taken = await self._take(arrival)
        if taken.outcome == "gone":
            raise Refused(CLAIM_FIRST)
