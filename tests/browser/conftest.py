"""One Chromium for all of these tests, a house for each, and windows whose complaints fail the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from escalation.console.passwords import hash_password
from escalation.ports import Staff
from tests.browser.window import PATIENCE, Window
from tests.journeys.house import ANA_PHONE, House

HERE = Path(__file__).parent
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "six quiet words for a test"

expect.set_options(timeout=PATIENCE)

Opener = Callable[..., Awaitable[Window]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One loop for all of them: the browser lives on it."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=SWITCHES, headless=True)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path, telegram="off") as house:
        yield house


@pytest_asyncio.fixture(loop_scope="session")
async def ana(house: House) -> Staff:
    """On call, with a phone for pages, and a password for the console."""
    return await house.worker("Ana", phone=ANA_PHONE, password=hashed())


@pytest_asyncio.fixture(loop_scope="session")
async def opened(browser: Browser) -> AsyncIterator[Opener]:
    """Opens windows on any origin; none may have complained when the test is over."""
    windows: list[Window] = []

    async def opened(origin: str, **how: Any) -> Window:
        windows.append(await Window.open(browser, origin, **how))
        return windows[-1]

    yield opened
    for window in windows:
        await window.context.close()
    assert [line for window in windows for line in window.unexpected()] == []


@pytest.fixture
def at_the_desk(house: House, ana: Staff, opened: Opener) -> Opener:
    """Opens windows in which Ana has signed in and sees the queue."""

    async def at_the_desk(**how: Any) -> Window:
        window = await opened(house.url, **how)
        await window.sign_in("ana", PASSWORD)
        await expect(window.page.get_by_role("heading", level=1)).to_be_visible()
        return window

    return at_the_desk


@lru_cache(maxsize=1)
def hashed() -> str:
    return hash_password(PASSWORD)
