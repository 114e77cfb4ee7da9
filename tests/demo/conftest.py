"""The demo over real HTTP on a free port, and a browser that sends its forms."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from bot.app import read_content
from bot.demo.showing import listen, opened, server_of
from bot.demo.table import Table
from flows.engine.programme import Programme

PATIENCE = 30.0  # seconds for one answer: the machine may be busy, nothing is measured here


@dataclass(frozen=True, slots=True)
class Browser:
    """Sends what the page's forms send and reads regions of the page by their id."""

    http: httpx.AsyncClient
    table: Table

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self.http.post(path, data=fields, headers={"Origin": str(self.http.base_url).rstrip("/")})

    async def say(self, slot: str, *texts: str) -> None:
        """Written on the phone that lies there; each is answered before the next."""
        for text in texts:
            answer = await self.post("/demo/say", slot=slot, text=text)
            assert answer.status_code == 303, answer.text

    async def move(self, by: str) -> None:
        """Until the clock stands where it was sent."""
        assert (await self.post("/demo/clock", by=by)).status_code == 303
        while self.table.hands.moving:  # noqa: ASYNC110 - a long move goes on behind its answer
            await asyncio.sleep(0)

    async def region(self, name: str) -> str:
        """The HTML of a region of the page as it is now."""
        html = (await self.http.get("/demo/parts")).text
        found = re.search(rf'<(\w+)[^>]*\bid="{name}"[^>]*>(.*?)</\1>', html, re.DOTALL)
        assert found, f"no region {name}"
        return found[2]

    async def read(self, slot: str) -> list[str]:
        """The words on a phone's screen, the oldest first."""
        return re.findall(r'<p class="said" dir="auto">(.*?)</p>', await self.region(f"{slot}-lines"), re.DOTALL)

    async def rows(self, name: str = "waiting") -> list[str]:
        """Each alert of the queue (`waiting` or `held`) in plain words."""
        html = (await self.http.get("/demo/parts")).text
        part = html.partition(f'id="{name}"')[2].partition('id="held"' if name == "waiting" else 'class="enter"')[0]
        return [plain(row) for row in re.findall(r'<li id="alert-.*?</li>', part, re.DOTALL)]

    async def happened(self) -> str:
        return plain(await self.region("entries"))


def plain(html: str) -> str:
    """Without tags, with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def ref_of(row: str) -> str:
    """'P1 high 4:59 to claim 7F3 Fear 9 …' or a page: the alert's ref."""
    found = re.search(r"\b(?=[2-9A-Z]{3}\b)(?!P[0-3])[2-9A-Z]*[A-Z0-9]{3}\b", row)
    assert found, row
    return found[0]


@asynccontextmanager
async def served(programme: Programme, past: bool) -> AsyncIterator[Browser]:
    listening = listen(0)
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with opened(origin, past, programme) as table:
        server = server_of(table)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        async with httpx.AsyncClient(base_url=origin, timeout=PATIENCE) as http:
            yield Browser(http, table)
        server.should_exit = True
        await serving


@pytest.fixture(scope="session")
def programme() -> Programme:
    return read_content()


@pytest.fixture
async def browser(programme: Programme) -> AsyncIterator[Browser]:
    """A demo without a past: everybody joined a moment ago, nothing waits."""
    async with served(programme, past=False) as browser:
        yield browser


@pytest.fixture
async def lived(programme: Programme) -> AsyncIterator[Browser]:
    """The demo as `rowan demo` shows it, with its weeks of contact."""
    async with served(programme, past=True) as browser:
        yield browser
