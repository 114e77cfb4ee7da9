"""Live updates: a change is told at once, nothing is told but that it changed, and nobody is told who is signed out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.types import Message

from tests.console.conftest import Visitor
from tests.console.examples import House, an_alert

PATIENCE = 5.0  # seconds until a test that waits for an event gives up


class Stream:
    """One open stream, read event by event; the app runs as under a real server."""

    def __init__(self, app: Starlette, cookie: str, query: str = "") -> None:
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self.left = asyncio.Event()
        headers = [(b"cookie", f"__Host-rowan={cookie}".encode())]
        scope = {
            "type": "http", "method": "GET", "path": "/console/live", "raw_path": b"/console/live", "root_path": "",
            "query_string": query.encode(), "headers": headers, "scheme": "https", "http_version": "1.1",
            "server": ("desk.example", 443), "client": ("203.0.113.9", 1), "asgi": {"version": "3.0"},
        }  # fmt: skip
        self.task = asyncio.ensure_future(app(scope, self._receive, self.sent.put))

    async def _receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def status(self) -> int:
        start = await asyncio.wait_for(self.sent.get(), PATIENCE)
        return int(start["status"])

    async def event(self, skip: str = "beat") -> str:
        """The next event's name, past the heartbeats."""
        async with asyncio.timeout(PATIENCE):
            while True:
                part = await self.sent.get()
                if not part.get("more_body", False):
                    return "end"
                name: str = next(row[7:] for row in part["body"].decode().splitlines() if row.startswith("event: "))
                if name != skip:
                    return name

    async def leave(self) -> None:
        self.left.set()
        await asyncio.wait_for(self.task, PATIENCE)


@asynccontextmanager
async def streaming(app: Starlette, visitor: Visitor, query: str = "") -> AsyncIterator[Stream]:
    stream = Stream(app, visitor.client.cookies["__Host-rowan"], query)
    try:
        assert await stream.status() == 200
        assert await stream.event(skip="") == "beat"
        yield stream
    finally:
        await stream.leave()


async def test_a_new_alert_is_told_at_once(app: Starlette, sam: Visitor, house: House) -> None:
    async with streaming(app, sam) as stream:
        house.put(an_alert("NEW", "P-NEW"))
        assert await stream.event() == "changed"


async def test_an_idle_stream_says_that_it_is_alive(app: Starlette, sam: Visitor) -> None:
    async with streaming(app, sam) as stream:
        assert await stream.event(skip="") == "beat"


async def test_the_stream_carries_no_word_of_what_changed(app: Starlette, sam: Visitor, house: House) -> None:
    async with streaming(app, sam, "case=P-K2A") as stream:
        house.memory.changed("P-K2A")
        parts = b""
        async with asyncio.timeout(PATIENCE):
            while b"changed" not in parts:
                parts += (await stream.sent.get())["body"]
    assert b"k2a" not in parts.lower()


async def test_a_case_page_hears_of_its_own_case_and_of_the_queue(app: Starlette, sam: Visitor, house: House) -> None:
    async with streaming(app, sam, "case=P-K2A") as stream:
        house.memory.changed("P-OTHER")
        assert await stream.event(skip="") == "beat"
        house.memory.changed("P-K2A")
        assert await stream.event() == "changed"
        house.memory.changed("alerts")
        assert await stream.event() == "changed"


async def test_the_queue_hears_of_every_change_for_any_may_move_it(app: Starlette, sam: Visitor, house: House) -> None:
    async with streaming(app, sam) as stream:
        house.memory.changed("P-K2A")
        assert await stream.event() == "changed"


async def test_a_busy_line_is_one_change(app: Starlette, sam: Visitor, house: House) -> None:
    async with streaming(app, sam) as stream:
        for number in range(1000):
            house.memory.changed(f"P-{number}")
        assert await stream.event() == "changed"
        assert await stream.event(skip="") == "beat"


async def test_signing_out_elsewhere_ends_the_stream(app: Starlette, sam: Visitor, house: House) -> None:
    async with streaming(app, sam) as stream:
        house.memory.sessions.clear()
        assert await stream.event() == "gone"
        assert await stream.event() == "end"


async def test_a_stream_does_not_keep_an_idle_session_alive(app: Starlette, sam: Visitor, house: House) -> None:
    async with streaming(app, sam) as stream:
        events = []
        for _ in range(2):
            house.clock.forward(minutes=8)
            house.memory.changed("alerts")
            events.append(await stream.event())
        assert events == ["changed", "gone"]


async def test_when_the_browser_goes_the_desk_is_not_listened_to_any_more(
    app: Starlette, sam: Visitor, house: House
) -> None:
    async with streaming(app, sam):
        assert len(house.memory.listeners) == 1
    assert house.memory.listeners == []


async def test_a_stranger_gets_no_stream(app: Starlette, house: House) -> None:
    stream = Stream(app, "nobody")
    assert await stream.status() == 401
    await stream.leave()
    assert house.memory.listeners == []


async def test_an_empty_case_is_the_queue(app: Starlette, house: House, sam: Visitor) -> None:
    async with streaming(app, sam, "case=") as stream:
        house.memory.changed("")
        assert await stream.event() == "changed"
        assert await stream.event(skip="") == "beat"


async def test_a_desk_that_fails_ends_the_stream_and_is_not_hidden(app: Starlette, house: House, sam: Visitor) -> None:
    async def broken() -> AsyncIterator[str]:
        yield "alerts"
        raise RuntimeError("the desk broke")

    house.desk.changes = broken  # type: ignore[method-assign]
    stream = Stream(app, sam.client.cookies["__Host-rowan"])
    with pytest.raises(RuntimeError, match="the desk broke"):
        await asyncio.wait_for(stream.task, PATIENCE)


async def test_when_the_desk_closes_the_stream_ends(app: Starlette, house: House, sam: Visitor) -> None:
    closing = asyncio.Event()

    async def until_closed() -> AsyncIterator[str]:
        yield "alerts"
        await closing.wait()

    house.desk.changes = until_closed  # type: ignore[method-assign]
    async with streaming(app, sam) as stream:
        assert await stream.event() == "changed"
        closing.set()
        assert await stream.event() == "end"
