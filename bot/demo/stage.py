"""A whole Rowan on throwaway data with simulated phones: for `rowan chat`, the demo and tests."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Literal, Self

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.app import Service, open_service, read_content
from bot.channels.simulated import Phones
from bot.clock import Clock
from escalation.ladder import Ladder
from flows.engine.conversation import Contact, Conversation, Memory
from flows.engine.programme import Programme
from flows.engine.rhythm import after
from flows.safety.hours import PRESETS, next_safe
from storage.crypto.address import provider_address
from storage.crypto.ring import Ring, new_ring
from storage.crypto.ring_source import RingFile
from storage.enrolment import enrol
from storage.ids import new_id
from storage.inbox import Inbound
from storage.schema import addresses, persons, stamp, timers
from storage.vault import Vault

ChannelName = Literal["sms", "telegram"]
# Numbers of Ofcom's range for drama, and chat ids no account has.
HER_ADDRESS: dict[str, str] = {"sms": "+447700900123", "telegram": "900123"}
STRANGER: dict[str, str] = {"sms": "+447700900987", "telegram": "900987"}
WORDS = {"signal": "sunflower", "duress": "marigold", "exit": "x"}
JOINED_AGO = timedelta(days=40)
NO_PACE: Mapping[str, tuple[float, float]] = {}  # simulated phones have no provider who could be asked too fast


class Stage:
    """`async with Stage(clock) as stage`: a service whose loops are turned by hand (`settle`, `pass_time`)."""

    def __init__(
        self,
        clock: Clock,
        database: Path | None = None,
        programme: Programme | None = None,
        ladder: Ladder | None = None,
    ) -> None:
        self.clock = clock
        # A kept database has seen the low message ids of its earlier runs.
        self.phones = Phones(clock.now, first=1 if database is None else secrets.randbelow(10**9))
        self._programme, self._ladder = programme, ladder
        self._folder = TemporaryDirectory(prefix="rowan-")
        self._path = database or Path(self._folder.name) / "rowan.db"
        self._turns: asyncio.Task[None] | None = None
        self.service: Service

    async def __aenter__(self) -> Self:
        programme = await asyncio.to_thread(read_content) if self._programme is None else self._programme
        channels = {name: self.phones.channel(name) for name in ("sms", "telegram")}
        url, ring = f"sqlite:///{self._path}", _ring(self._path, self.clock)
        self.service = open_service(url, ring, programme, channels, self.clock, NO_PACE, ladder=self._ladder)
        self._turns = asyncio.create_task(self.service.turns.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._turns is not None:
            await self.hand_over()
            await self.service.stop()
        self._folder.cleanup()

    async def hand_over(self) -> None:
        """From here on the service's own loops turn, and whoever started them stops the service."""
        if self._turns is not None:
            self._turns.cancel()
            with suppress(asyncio.CancelledError):
                await self._turns
            self._turns = None

    async def enrol(
        self,
        channel: str,
        address: str,
        language: str = "en",
        cover: str = "recipes",
        flow: str = "",
        words: Mapping[str, str] | None = None,
        rhythm_days: int = 7,
        missed_rule: str = "retry_then_worker",
        missed_after_hours: int = 24,
        joined_ago: timedelta = JOINED_AGO,
        verify_question: str = "The colour of her first bicycle",
    ) -> str:
        """A recipient: chat closed, always-safe hours, a check-in in `rhythm_days`, no scheduled flow due yet.

        Returns her id; known ones stay.
        """
        known = await self.service.database.read(person_at, self.service.vault, channel, address)
        if known:
            return known
        now = self.clock.now()
        contact = Contact(
            channel=channel,
            language=language,
            cover=cover,
            windows=PRESETS["always"],
            shared_phone="yes",
            consent="worker",
            confirmed_at=now,
            rhythm_days=rhythm_days,
            missed_rule=missed_rule,
            missed_after_hours=missed_after_hours,
            verify_question=verify_question,
        )
        joined = now - joined_ago
        flows = self.service.programme.flows.values()
        done = {one.name: after(one.schedule, joined, now) for one in flows if one.schedule is not None}
        memory = Memory(next_flow=flow, joined_at=joined, not_before=done)
        return await self.service.database.write(
            _enrolled, self.service.vault, address, contact, now, words or WORDS, memory
        )

    async def hear(self, inbound: Inbound) -> None:
        """Take a message and let everything that follows happen."""
        await self.service.turns.take(inbound)
        await self.service.settle()

    async def state(self, person: str) -> Conversation:
        return await self.service.database.read(state_of, self.service.vault, person)


def _ring(path: Path, clock: Clock) -> Ring:
    """Kept beside a database that is kept, so that `--db` opens again."""
    keys = path.with_suffix(".keys.json")
    if not keys.exists():
        new_ring(clock.now()).write(keys)
    return Ring.read(RingFile(keys))


def _enrolled(
    conn: Connection,
    vault: Vault,
    address: str,
    contact: Contact,
    now: datetime,
    words: Mapping[str, str],
    memory: Memory,
) -> str:
    """As the joining conversation leaves her: her rows, and the time of her next check-in. Returns her id."""
    _, first = enrol(conn, vault, address, contact, "worker", now, words, memory)
    due = next_safe(contact, now + timedelta(days=contact.rhythm_days))
    if due is not None:
        row = {"id": new_id(stamp(now)), "due_at": stamp(due), "kind": "checkin", "owner_id": first.person, "key": ""}
        conn.execute(sa.insert(timers), row)
    return first.person


def person_at(conn: Connection, vault: Vault, channel: str, address: str) -> str:
    """Whose address this is, or ''."""
    macs = vault.addresses(channel, provider_address(channel, address))
    return conn.execute(sa.select(addresses.c.owner_id).where(addresses.c.mac.in_(macs))).scalar() or ""


def state_of(conn: Connection, vault: Vault, person: str) -> Conversation:
    row = conn.execute(sa.select(persons).where(persons.c.id == person)).one()
    return vault.open_state(person, bytes(row.wdek), bytes(row.state), row.ver)
