"""A whole Rowan over real HTTP, with both providers' doubles and a clock that can be moved: for stories."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import sqlalchemy as sa
import uvicorn

from bot.app import Service, open_service, read_content
from bot.channels.base import Channel
from bot.clock import Clock
from bot.demo.stage import person_at, state_of
from bot.serving import Serving, channels_of
from bot.settings import Settings
from escalation.console.settings import ConsoleSettings
from escalation.ladder.file import read_ladder
from escalation.ports import Alert, Duty, Staff
from escalation.rota.file import read_called
from flows.engine.conversation import Contact, Conversation, Memory, Window
from flows.engine.programme import Programme
from flows.safety.hours import PRESETS
from storage import accounts
from storage.crypto.ring import Ring, new_ring
from storage.enrolment import enrol
from storage.schema import persons
from tests.fakes.ports import free_port
from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import FakeTwilio

# Ofcom's range for drama.
HER_PHONE = "+447700900123"
HER_CHAT = 900123
ANA_PHONE, BEN_PHONE = "+447700900201", "+447700900202"
ANA_CHAT = 900201
PATIENCE = 15.0  # seconds a story waits for something that happens by itself; it goes on the moment it happens
ALWAYS = PRESETS["always"]


@lru_cache(maxsize=1)
def content() -> Programme:
    return read_content()


class House:
    """`async with House(tmp_path) as house`. Everything of the service is real but the providers and the clock."""

    def __init__(self, folder: Path, *, telegram: str = "polling", at: datetime | None = None, **more: Any) -> None:
        self.folder, self._telegram_mode = folder, telegram
        self.clock, self._more = Clock(at), more
        self.database = f"sqlite:///{folder / 'rowan.db'}"
        self.programme: Path | None = None  # its own folder; of it ladder and rota are read, at each start
        self.twilio, self.telegram = FakeTwilio(), FakeTelegram()
        self.twilio.clock, self.telegram.clock = self.clock.now, lambda: self.clock.now().timestamp()
        self.more_channels: dict[str, Channel] = {}  # beside those of the settings
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.service: Service
        self._server: uvicorn.Server | None = None
        self._ring: Ring | None = None

    async def __aenter__(self) -> Self:
        self.twilio.start()
        self.telegram.start()
        self.twilio.app = f"{self.url}/channels/twilio/inbound#rc=3&rp=all"
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        self.twilio.stop()
        self.telegram.stop()

    def settings(self) -> Settings:
        given: dict[str, Any] = {
            "public_url": self.url.replace("http:", "https:") if self._telegram_mode == "webhook" else self.url,
            "port": self.port,
            "twilio_account_sid": self.twilio.account,
            "twilio_auth_token": self.twilio.token,
            "twilio_numbers": self.twilio.number,
            "twilio_base_url": self.twilio.url,
            "telegram_mode": self._telegram_mode,
            "telegram_token": self.telegram.token,
            "telegram_webhook_secret": "a-secret-of-the-webhook",
            "telegram_base_url": self.telegram.url,
        }
        return Settings(_env_file=None, **given | self._more)

    async def start(self) -> None:
        """The service comes up on its database, as after a restart."""
        settings = self.settings()
        await asyncio.to_thread(content)
        self.service = self.replica(settings)
        console = ConsoleSettings(origin=self.url, secure_cookies=False, demo=True, require_code=False)
        app = Serving(self.service, settings, console).app()
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_config=None, access_log=False, ws="none")
        self._server = uvicorn.Server(config)
        self._task = asyncio.create_task(self._server.serve())
        await until(lambda: self._server is not None and self._server.started, "the service is up")

    def replica(self, settings: Settings) -> Service:
        """One more on the same database, clock and providers. Whoever asked for it starts and stops it."""
        self._ring = self._ring or new_ring(self.clock.now())
        channels = channels_of(settings, self.clock) | self.more_channels
        deletes, ladder = settings.delete_provider_copies, read_ladder(self.programme)
        own: dict[str, Any] = {"ladder": ladder, "called": read_called(self.programme)}
        return open_service(self.database, self._ring, content(), channels, self.clock, delete_copies=deletes, **own)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.should_exit = True
            await self._task
            self._server = None

    # people

    async def worker(
        self,
        name: str,
        duty: Duty = "on_call",
        phone: str = "",
        chat: int = 0,
        password: str = "",
        role: str = "worker",
    ) -> Staff:
        """Somebody of the team, with the phones that pages go to."""
        write, vault, now = self.service.database.write, self.service.vault, self.clock.now()
        staff = await write(accounts.add, vault, name.lower(), name, role, password, None, now)  # type: ignore[arg-type]
        await write(accounts.duty, vault, staff.id, duty, now)
        if phone:
            self.twilio.arrives.add(phone)
            await write(accounts.add_phone, vault, staff.id, "sms", phone, now)
        if chat:
            await write(accounts.add_phone, vault, staff.id, "telegram", str(chat), now)
        return staff

    async def caller(self, staff: Staff) -> httpx.AsyncClient:
        """A system that acts for this member of staff at the API."""
        token = await self.service.accounts.new_token(staff.id, "case system", self.clock.now())
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(base_url=f"{self.url}/api/v1", headers=headers, trust_env=False)

    async def recipient(
        self, channel: str = "sms", address: str = HER_PHONE, windows: tuple[Window, ...] = ALWAYS, **fields: Any
    ) -> str:
        """A recipient who joined some weeks ago, chat closed: sunflower, marigold, x. Returns her case ref."""
        now = self.clock.now()
        contact = Contact(channel=channel, windows=windows, consent="worker", **fields)
        words = {"signal": "sunflower", "duress": "marigold", "exit": "x"}
        memory = Memory(joined_at=now - timedelta(days=20))
        write, vault = self.service.database.write, self.service.vault
        _, first = await write(enrol, vault, address, contact, "worker", now, words, memory)
        query = sa.select(persons.c.ref).where(persons.c.id == first.person)
        return str(await self.service.database.read(lambda conn: conn.execute(query).scalar_one()))

    async def state(self, channel: str = "sms", address: str = HER_PHONE) -> Conversation:
        def unit(conn: sa.Connection) -> Conversation:
            return state_of(conn, self.service.vault, person_at(conn, self.service.vault, channel, address))

        return await self.service.database.read(unit)

    # her phone

    async def she_texts(self, *texts: str, phone: str = HER_PHONE) -> list[str]:
        """Texts her words one by one; returns what came back to each, joined."""
        answers = []
        for text in texts:
            before = len(self.twilio.texts_to(phone))
            delivered = await self.twilio.deliver(text, phone)
            assert delivered.ok, delivered
            await until(lambda before=before: len(self.twilio.texts_to(phone)) > before, f"an answer to {text!r}")
            answers.append(self.twilio.texts_to(phone)[-1])
        return answers

    async def she_writes(self, *texts: str, chat: int = HER_CHAT) -> list[str]:
        """The same on Telegram."""
        answers = []
        for text in texts:
            before = len(self.telegram.texts_to(chat))
            self.telegram.say(chat, text)
            await until(lambda before=before: len(self.telegram.texts_to(chat)) > before, f"an answer to {text!r}")
            answers.append(self.telegram.texts_to(chat)[-1])
        return answers

    # the desk

    async def queue(self) -> list[Alert]:
        return list(await self.service.desk.queue(self.clock.now()))

    async def only_alert(self) -> Alert:
        await until_async(self.queue, "an alert in the queue")
        (alert,) = await self.queue()
        return alert

    async def pass_time(self, by: timedelta) -> None:
        await self.service.pass_time(by)


async def until(true: Callable[[], bool], what: str) -> None:
    """Go on as soon as it is so; fail with a sentence when it never is."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"never happened: {what}"
        await asyncio.sleep(0.01)


async def until_async(get: Callable[[], Awaitable[object]], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not await get():
        assert time.monotonic() < end, f"never happened: {what}"
        await asyncio.sleep(0.01)


NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
