"""A calendar's host on this machine, which answers what the test says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Host:
    """Answers with what the test says."""

    url: str = ""
    answer: Answer | None = None
    asked: list[web.Request] = field(default_factory=list)


@asynccontextmanager
async def a_feed() -> AsyncIterator[Host]:
    made = Host()

    async def handle(request: web.Request) -> web.StreamResponse:
        made.asked.append(request)
        assert made.answer is not None
        return await made.answer(request)

    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    server = TestServer(app)
    await server.start_server()
    made.url = str(server.make_url("/rota.ics"))
    try:
        yield made
    finally:
        await server.close()


def says(text: str = "", status: int = 200, **headers: str) -> Answer:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=text, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return answer
