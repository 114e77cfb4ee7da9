"""The demo's page: what a visitor types on a phone is seen in the queue, on the worker's phone and in the log."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest_asyncio
import uvicorn
from playwright.async_api import Locator, Page, expect

from bot.demo.showing import opened as demo_opened
from bot.demo.table import Table
from tests.browser.conftest import Opener
from tests.browser.test_look import looked_at
from tests.journeys.house import until


@dataclass(frozen=True)
class Show:
    """The demo as it is served."""

    table: Table
    url: str


@pytest_asyncio.fixture(loop_scope="session")
async def show() -> AsyncIterator[Show]:
    """Everybody is enrolled, nothing has happened yet: the table that `rowan demo` lays, without its weeks of past."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with demo_opened(url, past=False) as table:
            config = uvicorn.Config(table.app(), log_config=None, access_log=False, timeout_graceful_shutdown=1)
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            await until(lambda: server.started or serving.done(), "the demo is up")
            yield Show(table, url)
            server.should_exit = True
            await serving


async def types(page: Page, slot: str, *texts: str) -> None:
    """Writes on the phone of this place and waits for the answer to each."""
    lines = page.locator(f"#{slot}-lines .bot")
    for text in texts:
        before = await lines.count()
        await page.locator(f"#{slot}-text").fill(text)
        await page.locator(f"#{slot} .send").click()
        await expect(lines).not_to_have_count(before)
    await expect(page.locator(f"#{slot}-text")).to_have_value("")


def last(page: Page, slot: str) -> Locator:
    return page.locator(f"#{slot}-lines .bot").last


async def test_afraid_nine_is_seen_paged_and_claimed_from_the_workers_phone(show: Show, opened: Opener) -> None:
    window = await opened(show.url)
    page = window.page
    await page.goto("/")
    await expect(page.locator("#live")).to_have_text("Live")
    await expect(page.locator("#waiting .row")).to_have_count(0)
    await window.mark()

    await types(page, "one", "sunflower", "1", "afraid 9")

    row = page.locator("#waiting .row")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("P1")
    ref = await row.locator(".ref").inner_text()
    paged = last(page, "worker")
    await expect(paged).to_contain_text(ref)
    for word in ("afraid", "fear", "recipes", "900123", "sunflower"):
        assert word not in (await paged.inner_text()).lower()

    await types(page, "worker", f"A {ref}")
    await expect(page.locator("#held .row")).to_contain_text("Ana")
    await expect(page.locator("#waiting .row")).to_have_count(0)
    await expect(page.locator("#entries")).to_contain_text(ref)
    assert await window.was_never_reloaded()


async def test_quick_exit_wipes_the_session_from_the_telegram_phone(show: Show, opened: Opener) -> None:
    window = await opened(show.url)
    page = window.page
    await page.goto("/")
    await expect(page.locator("#live")).to_have_text("Live")
    lines = page.locator("#two-lines .line")
    before = await lines.count()
    await types(page, "two", "girasol", "1")
    assert await lines.count() > before + 2

    await page.locator("#two .hide").click()

    await expect(page.locator("#two-lines")).not_to_contain_text("girasol")
    await expect(page.locator("#two-state")).to_contain_text("Closed")
    assert await lines.count() <= before + 1, "the cover's word at most"


async def test_two_hours_pass_while_you_watch(show: Show, opened: Opener) -> None:
    window = await opened(show.url)
    page = window.page
    await page.goto("/")
    await expect(page.locator("#live")).to_have_text("Live")
    await types(page, "one", "sunflower", "1", "afraid 9")
    await expect(page.locator("#worker-lines .bot")).to_have_count(1)
    was = show.table.stage.clock.now()
    await window.mark()

    await page.get_by_role("button", name="Move the clock by +2 h").click()

    pages = page.locator("#worker-lines .bot")
    await expect(pages).not_to_have_count(1)  # nobody claims, so the ladder pages again
    await expect(page.locator("#waiting .late")).to_be_visible()
    later = re.compile(re.escape((was + timedelta(hours=2)).strftime("%Y-%m-%dT%H:")))
    await expect(page.locator("#time")).to_have_attribute("datetime", later)
    assert await window.was_never_reloaded()


async def test_one_button_leads_into_the_console(show: Show, opened: Opener) -> None:
    window = await opened(show.url)
    await window.page.goto("/")
    async with window.context.expect_page() as coming:
        await window.page.locator(".enter").get_by_role("button", name="Ana").click()
    console = await coming.value
    await expect(console).to_have_url(re.compile(r"/console/queue$"))


async def test_the_demo_works_with_scripts_off(show: Show, opened: Opener) -> None:
    window = await opened(show.url, scripts=False)
    page = window.page
    await page.goto("/")
    for text in ("sunflower", "1", "afraid 9"):
        await page.locator("#one-text").fill(text)
        await page.locator("#one .send").click()
        await expect(page.locator("#one-lines .her").last).to_contain_text(text)
    row = page.locator("#waiting .row")
    await expect(row).to_contain_text("P1")
    ref = await row.locator(".ref").inner_text()
    await page.locator("#worker-text").fill(f"A {ref}")
    await page.locator("#worker .send").click()
    await expect(page.locator("#held .row")).to_contain_text("Ana")
    await page.get_by_role("button", name="Move the clock by +2 h").click()
    await expect(page.locator("#time")).to_be_visible()
    await page.locator("#one .hide").click()
    await expect(page.locator("#one-state")).to_contain_text("Closed")


async def test_three_phones_and_the_queue_stand_above_the_fold_of_a_laptop(show: Show, opened: Opener) -> None:
    window = await opened(show.url)
    page = window.page
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.goto("/")
    for what in ("#one .send", "#two .send", "#worker .send", "#worker .tries button", "#waiting", ".enter"):
        await expect(page.locator(what).first).to_be_in_viewport(ratio=1)


async def test_a_trainer_tries_what_somebody_else_would_with_the_phone(show: Show, opened: Opener) -> None:
    window = await opened(show.url)
    page = window.page
    await page.goto("/")
    await expect(page.locator("#live")).to_have_text("Live")
    drill = page.locator("#one-drill")
    await window.mark()

    await drill.get_by_role("button", name="Someone else has the phone").click()
    await expect(page.locator("#one-state")).to_have_text("Taken: nothing learned")
    await types(page, "one", "who is this", "marigold")
    await expect(drill.locator("li").first).to_contain_text("Saw: Home recipes, a harmless service. Learned nothing.")
    await expect(drill.locator("li").first).to_contain_text("Staff see: P0 Duress word")
    await expect(page.locator("#waiting .row")).to_contain_text("P0")

    await drill.get_by_role("button", name="She has it back").click()
    await expect(drill).to_contain_text("2 tries. Nothing was learned from the answers.")
    await drill.get_by_role("button", name="Put away").click()
    await expect(drill).to_have_text("Someone else has the phone")
    assert await window.was_never_reloaded()


async def test_the_demo_is_readable_everywhere(show: Show, opened: Opener) -> None:
    window = await opened(show.url)
    page = window.page
    await page.goto("/")
    await expect(page.locator("#live")).to_have_text("Live")
    await types(page, "one", "sunflower", "1", "afraid 9")
    await types(page, "two", "girasol")
    await expect(page.locator("#waiting .row")).to_have_count(1)
    await page.locator("#one-drill button").click()  # with an open chat and texts on the screen: all that it can say
    await types(page, "one", "2", "x")
    await expect(page.locator("#one-drill li")).to_have_count(2)
    await looked_at(window, "demo")
