"""A page as a notice of a worker's browser, from her answer to what the browser tells: shown, not shown, gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.channels.push import PushChannel
from bot.outward import Door
from escalation.ports import Staff
from storage import accounts
from tests.fakes.push import FakeBrowser, FakePush
from tests.journeys.house import BEN_PHONE, House, until, until_async

KEY = "1f" * 32
JUST_LATE = timedelta(seconds=61)


@pytest.fixture
async def push(tmp_path: Path) -> AsyncIterator[FakePush]:
    with FakePush(tmp_path) as fake:
        yield fake


@pytest.fixture
async def house(tmp_path: Path, push: FakePush) -> AsyncIterator[House]:
    """Over the one of this folder: with notices."""
    house = House(tmp_path, push_key=KEY)
    door = Door(outside_only=False)
    house.more_channels["push"] = PushChannel(KEY, house.url, house.clock.now, door, push.trust)
    async with house:
        yield house


@pytest.fixture
def browser(push: FakePush) -> FakeBrowser:
    return push.subscribe()


async def a_danger_is_said(house: House, browser: FakeBrowser) -> Staff:
    """Ana, whom only her browser reaches, and Ben as backup; a recipient says that she is not safe."""
    ana = await house.worker("Ana")
    add, vault = accounts.add_phone, house.service.vault
    await house.service.database.write(add, vault, ana.id, "push", browser.address, house.clock.now())
    await house.worker("Ben", "backup", phone=BEN_PHONE)
    await house.recipient()
    await house.she_texts("sunflower", "3")
    return ana


async def shows(house: House, token: str) -> int:
    """What the worker of notices does (static/notices.js); the status that it is answered with."""
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as web:
        return (await web.post("/channels/push/shown", content=token)).status_code


async def test_a_notice_says_no_more_than_any_page_and_leads_to_the_alert(house: House, browser: FakeBrowser) -> None:
    await a_danger_is_said(house, browser)
    await until(lambda: bool(browser.read), "a notice")
    alert = await house.only_alert()
    (read,) = browser.read
    assert read["say"] == f"P0 {alert.ref} waits. Press to open it."
    assert read["about"] == alert.ref


async def test_once_the_browser_has_shown_it_the_ladder_keeps_its_pace(house: House, browser: FakeBrowser) -> None:
    await a_danger_is_said(house, browser)
    await until(lambda: bool(browser.read), "a notice")
    token = browser.read[0]["token"]

    async def known() -> bool:
        return await shows(house, token) == 204

    await until_async(known, "its send is marked")
    assert await shows(house, token) == 204, "said twice is harmless"
    await house.pass_time(JUST_LATE)
    assert house.twilio.texts_to(BEN_PHONE) == []


@pytest.mark.parametrize("token", ["", "x" * 32, "x" * 65, "é" * 8, "x" * 100_000])
async def test_of_a_page_that_was_not_shown_the_next_person_hears(
    house: House, browser: FakeBrowser, token: str
) -> None:
    """Whatever somebody else says of it."""
    await a_danger_is_said(house, browser)
    await until(lambda: bool(browser.read), "a notice")
    assert await shows(house, token) == 404
    await house.pass_time(JUST_LATE)
    await until(lambda: bool(house.twilio.texts_to(BEN_PHONE)), "a page to Ben")


async def test_a_browser_that_is_gone_is_shut_and_the_next_person_hears_at_once(
    house: House, browser: FakeBrowser
) -> None:
    browser.gone = True
    ana = await a_danger_is_said(house, browser)
    await until(lambda: bool(house.twilio.texts_to(BEN_PHONE)), "a page to Ben")
    (way,) = await house.service.methods.of(ana.id)
    assert (way.method, way.state) == ("push", "shut")
