"""The table of the demo: three phones, the desk, the clock; what the page does to them and what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.applications import Starlette

from bot.demo.audience import Audience
from bot.demo.cast import LINES, SPEECH, Phone
from bot.demo.chronicle import Chronicle
from bot.demo.drill import Drills
from bot.demo.hands import Hands, quiet
from bot.demo.routes import Doors
from bot.demo.shelf import CHANNEL, Shelf, Slot
from bot.demo.stage import Stage, person_at
from bot.serving import Serving
from bot.settings import Settings
from escalation.console.settings import ConsoleSettings
from escalation.ports import Staff
from flows.engine.conversation import Conversation
from storage.inbox import Inbound

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[Any]]

MOMENT = 0.1  # seconds in which many changes of the desk count as one


@dataclass(slots=True)
class Table:
    """The demo while it runs. Whoever has its page open sees the same three phones."""

    stage: Stage
    staff: Mapping[str, Staff]
    origin: str
    token: str
    shelf: Shelf
    audience: Audience
    chronicle: Chronicle
    hands: Hands
    drills: Drills
    names: dict[str, str]  # of phones, by person id
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def app(self) -> Starlette:
        """The whole service with the demo's doors; its lifespan starts and stops the service's own loops."""
        settings = Settings.model_construct(public_url=self.origin)  # nothing of the environment reaches the demo
        console = ConsoleSettings(
            origin=self.origin,
            secure_cookies=False,
            demo=True,
            require_code=False,
            languages=tuple(SPEECH),
            lines=LINES,
        )
        app = Serving(self.stage.service, settings, console, Doors(self).routes()).app()
        app.router.lifespan_context = self._lifespan(app.router.lifespan_context)
        return app

    def _lifespan(self, services: Lifespan) -> Lifespan:
        """From the first request the service's own loops turn, and the page follows them; it stops before they do."""

        @asynccontextmanager
        async def lifespan(app: Starlette) -> AsyncIterator[None]:
            await self.stage.hand_over()
            async with services(app):
                self.behind(self.follow_phones())
                self.behind(self.follow_desk())
                try:
                    yield
                finally:
                    await self.end()

        return lifespan

    # what the page does

    async def hear(self, phone: Phone, inbound: Inbound) -> None:
        """Take what was written on a phone, and wait until what it caused has arrived."""
        await self.hands.still()
        self.drills.writes(phone, inbound)
        taken = await self.stage.service.turns.take(inbound)
        self.drills.written(phone, taken)
        if phone.kind != "worker" and taken.person:
            self.names.setdefault(taken.person, phone.name)
        await quiet(self.stage.service)

    async def state(self, phone: Phone) -> Conversation | None:
        """What the service holds of her; None for a stranger."""
        service = self.stage.service
        person = await service.database.read(person_at, service.vault, phone.channel, phone.address)
        return await self.stage.state(person) if person else None

    async def take_away(self, phone: Phone) -> None:
        """From here on somebody else has it, until `drills.end`."""
        screen = self.stage.phones.screen(phone.channel, phone.address)
        self.drills.begin(phone, await self.state(phone), screen)

    async def lay(self, slot: Slot, show: str) -> bool:
        """Put a phone on its place: a known one by key, or a new one: `fresh:LANGUAGE`, `stranger`."""
        fresh, _, language = show.partition(":")
        if slot in CHANNEL and (show == "stranger" or (fresh == "fresh" and language in SPEECH)):
            show = await self._another(slot, language)
        laid = self.shelf.lay(slot, show)
        self.audience.tell("phones")
        return laid

    async def _another(self, slot: Slot, language: str) -> str:
        """A phone nobody has seen: enrolled in this language, or a stranger's with a joining code. Returns its key."""
        key, address = self.shelf.unused(CHANNEL[slot])
        phone = Phone(key, "recipient", CHANNEL[slot], address, language or "en")
        if language:
            person = await self.stage.enrol(phone.channel, address, language, words=phone.speech.words)
            self.names[person] = phone.name
        else:
            code = await self.stage.service.people.invite(self.staff["ana"].id, self.stage.clock.now())
            phone = replace(phone, kind="stranger", code=code)
        self.shelf.add(phone)
        return key

    def codes(self, phone: Phone) -> list[str]:
        """What a worker may reply: the last page on this phone that says how to take it."""
        for bubble in reversed(self.stage.phones.screen(phone.channel, phone.address)):
            taken = bubble.from_us and bubble.text.rpartition("reply ")[2]
            if taken and taken.startswith("A ") and len(taken.split()) == 2:
                return [taken]
        return []

    def behind(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let it go on when nobody waits for it any more."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # what the page is told

    async def see(self) -> None:
        """Something may have changed: everybody's page asks again, consoles too."""
        await self.chronicle.look()
        self.stage.service.bell.ring("desk", "alerts")
        self.audience.tell("clock")

    async def follow_phones(self) -> None:
        async for _ in self.stage.phones.subscribe():
            self.audience.tell("phones")

    async def follow_desk(self) -> None:
        """Every sent message rings this bell: one look is enough for all that rang in a moment."""
        ringing = asyncio.Event()

        async def hear() -> None:
            async for _ in self.stage.service.bell.listen():
                ringing.set()

        self.behind(hear())
        while True:
            await ringing.wait()
            ringing.clear()
            await self.chronicle.look()
            self.audience.tell("queue")
            await asyncio.sleep(MOMENT)

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
