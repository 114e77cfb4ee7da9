"""The demo's own doors. They are given to `Serving` as `extra` by `rowan demo`, and by nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.demo.page import draw
from bot.demo.shelf import SLOTS, NoMorePhones, Slot
from escalation.console import forgery
from escalation.console.doors import read_form
from escalation.console.headers import StrictHeaders
from escalation.console.live import EventStream

if TYPE_CHECKING:
    from bot.demo.table import Table

MOVES: Mapping[str, timedelta] = {"5m": timedelta(minutes=5), "2h": timedelta(hours=2), "1d": timedelta(days=1)}
PATIENCE = 2.0  # seconds that a browser waits for the clock; a long move goes on behind it, and the page follows
LARGEST = 16 * 1024  # bytes of a form
LONGEST = 1600  # characters of a message: what a provider takes
# The headers of the console: scripts and styles come from files only, nothing is kept.
STRICT = [Middleware(StrictHeaders, secure=False), Middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST)]


class Wrong(Exception):
    """Not a form of the demo's page."""


Act = Callable[[Mapping[str, str]], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Doors:
    """Each act is a form's POST and leads back to the page; with scripts the page swaps in what changed of it."""

    table: Table

    def routes(self) -> Sequence[BaseRoute]:
        """For `Serving.extra`."""
        static = StaticFiles(directory=str(resources.files("bot.demo").joinpath("static")))
        kept = [Middleware(StrictHeaders, secure=False, static="/")]
        return [
            Route("/", self.page, methods=["GET"], middleware=STRICT),
            Route("/demo/parts", self.parts, methods=["GET"], middleware=STRICT),
            Route("/demo/live", self.live, methods=["GET"], middleware=STRICT),
            Route("/demo/say", self._acting(self.say), methods=["POST"], middleware=STRICT),
            Route("/demo/press", self._acting(self.press), methods=["POST"], middleware=STRICT),
            Route("/demo/delete", self._acting(self.delete), methods=["POST"], middleware=STRICT),
            Route("/demo/phone", self._acting(self.phone), methods=["POST"], middleware=STRICT),
            Route("/demo/drill", self._acting(self.drill), methods=["POST"], middleware=STRICT),
            Route("/demo/clock", self._acting(self.clock), methods=["POST"], middleware=STRICT),
            Mount("/demo/static", static, middleware=kept),
        ]

    # to look at

    async def page(self, request: Request) -> Response:
        return HTMLResponse(await draw(self.table, "page.html"))

    async def parts(self, request: Request) -> Response:
        return HTMLResponse(await draw(self.table, "parts.html"))

    async def live(self, request: Request) -> Response:
        return EventStream(self.table.audience.events())

    # to do

    def _acting(self, act: Act) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if not forgery.came_from_here(request.headers, self.table.origin):
                return PlainTextResponse("This form was sent from another page.", 403)
            try:
                place = await act(await read_form(request))
            except Wrong as wrong:
                return PlainTextResponse(str(wrong), 422)
            except NoMorePhones:
                return PlainTextResponse("Every made-up number was used. Start the demo again.", 409)
            return RedirectResponse(f"/#{place}", 303)

        return answer

    async def say(self, form: Mapping[str, str]) -> str:
        """Whoever holds the phone writes; a blank text is a message too."""
        slot = _slot(form)
        phone = self.table.shelf.on(slot)
        text = form.get("text", "")[:LONGEST]
        await self.table.hear(phone, self.table.stage.phones.say(phone.channel, phone.address, text))
        return slot

    async def press(self, form: Mapping[str, str]) -> str:
        """A button under a message, which only Telegram has."""
        slot = _slot(form)
        phone = self.table.shelf.on(slot)
        token = form.get("token", "")
        if phone.channel != "telegram" or not token:
            raise Wrong("This phone has no such button.")
        await self.table.hear(phone, self.table.stage.phones.press(phone.address, token))
        return slot

    async def delete(self, form: Mapping[str, str]) -> str:
        """She deletes what stands on her own screen: on a texting phone nobody else can."""
        slot = _slot(form)
        phone, phones = self.table.shelf.on(slot), self.table.stage.phones
        for bubble in phones.screen(phone.channel, phone.address):
            phones.delete_on_phone(phone.channel, phone.address, bubble.id)
        return slot

    async def phone(self, form: Mapping[str, str]) -> str:
        """Another phone on this place: one that is there, `fresh:LANGUAGE`, or `stranger`."""
        slot = _slot(form)
        if not await self.table.lay(slot, form.get("show", "")):
            raise Wrong("There is no such phone.")
        return slot

    async def drill(self, form: Mapping[str, str]) -> str:
        """Somebody else has the phone, or she has it back, or the summary is read."""
        slot = _slot(form)
        phone, drills = self.table.shelf.on(slot), self.table.drills
        if phone.kind == "worker":
            raise Wrong("This is a worker's phone.")
        match form.get("do", ""):
            case "begin":
                await self.table.take_away(phone)
            case "end":
                drills.end(phone)
            case "away":
                drills.put_away(phone)
            case _:
                raise Wrong("A drill begins, ends or is put away.")
        self.table.audience.tell("phones")
        return slot

    async def clock(self, form: Mapping[str, str]) -> str:
        hands, by = self.table.hands, form.get("by", "")
        if by != "next" and by not in MOVES:
            raise Wrong("The clock moves by 5m, 2h, 1d or to the next thing that is due.")
        move = self.table.behind(hands.to_next() if by == "next" else hands.forward(MOVES[by]))
        await asyncio.wait({move}, timeout=PATIENCE)
        return "clock"


def _slot(form: Mapping[str, str]) -> Slot:
    for slot in SLOTS:
        if form.get("slot") == slot:
            return slot
    raise Wrong("There is no such phone on the table.")
