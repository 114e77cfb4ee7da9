"""`make pictures`: the pictures of docs/on-call.md, of a made-up night, each taken from the real service."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, async_playwright, expect

from escalation.console.passwords import hash_password
from tests.browser.conftest import PASSWORD, SWITCHES
from tests.browser.window import PHONE, Window
from tests.conftest import BROWSERS
from tests.journeys.house import ANA_PHONE, BEN_PHONE, HER_PHONE, House

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
NIGHT = datetime(2026, 11, 20, 3, 4, tzinfo=UTC)
SHARP = 2  # device pixels a pixel


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="rowan-pictures-") as folder:
        async with House(Path(folder), telegram="off", at=NIGHT) as house, async_playwright() as playwright:
            path = next(filter(None, map(shutil.which, BROWSERS)))
            browser = await playwright.chromium.launch(executable_path=path, args=SWITCHES, headless=True)
            await _night(house, browser)
            await browser.close()


async def _night(house: House, browser: Browser) -> None:
    hashed = hash_password(PASSWORD)
    await house.worker("Ana", phone=ANA_PHONE, password=hashed)
    await house.worker("Ben", "backup", phone=BEN_PHONE, password=hashed)
    other = "+447700900124"
    await house.recipient(address=other, language="es")
    await house.recipient(may_read="my brother", verify_question="The colour of the first bicycle")
    await house.she_texts("sunflower", "worker", phone=other)
    await house.pass_time(timedelta(minutes=3))
    await house.she_texts("sunflower", "3")
    phone = await Window.open(browser, house.url, width=PHONE, dark=True, device_scale_factor=SHARP)
    await phone.sign_in("ana", PASSWORD)
    await expect(phone.page.locator("#live")).to_have_text("Live")
    await _take(phone, "on-call-queue")
    await phone.page.get_by_role("button", name="Take the most urgent").click()
    await expect(phone.page.locator("#acts")).to_contain_text("You have it")
    await _take(phone, "on-call-case")
    await phone.page.get_by_role("button", name="Start chat").click()
    await expect(phone.page.locator("#live")).to_have_text("Live")
    await phone.page.locator("#text").fill("This is Ana. Can you write now?")
    await phone.page.get_by_role("button", name="Send").click()
    await expect(phone.page.locator("#lines .worker").last).to_contain_text("This is Ana")
    await house.twilio.deliver("yes. he is asleep", HER_PHONE)
    await expect(phone.page.locator("#lines .her").last).to_contain_text("asleep")
    await _take(phone, "on-call-chat")
    await phone.page.get_by_role("link", name="Resolve…").click()
    await _take(phone, "on-call-resolve")
    desk = await Window.open(browser, house.url, device_scale_factor=SHARP)
    await desk.sign_in("ben", PASSWORD)
    await expect(desk.page.locator("#live")).to_have_text("Live")
    await _take(desk, "on-call-desk")


async def _take(window: Window, name: str) -> None:
    """What is on the screen, as wide and as high as it is."""
    await window.page.wait_for_load_state()
    await window.page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(main())
