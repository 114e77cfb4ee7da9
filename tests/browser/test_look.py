"""Every page by day and by night, on a desk and on the narrowest phone: nothing axe calls serious, nothing too wide."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from escalation.ports import Staff
from tests.browser.conftest import PASSWORD, Opener
from tests.browser.window import PHONE, WIDE, Window
from tests.journeys.house import House

LOOKS = [
    pytest.param({"width": width, "dark": dark}, id=f"{'dark' if dark else 'light'}-{width}")
    for width in (WIDE, PHONE)
    for dark in (False, True)
]


async def looked_at(window: Window, name: str, look: dict[str, int]) -> None:
    """With ROWAN_TEST_PICTURES=folder a picture of each page is left there, for people to look at."""
    if folder := os.environ.get("ROWAN_TEST_PICTURES"):
        night = "dark" if look["dark"] else "light"
        await window.page.screenshot(path=Path(folder) / f"{name}-{look['width']}-{night}.png", full_page=True)
    assert await window.too_wide() == [], name
    assert await window.axe() == [], name


@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_of_the_console(house: House, ana: Staff, opened: Opener, look: dict[str, int]) -> None:
    await house.worker("Bartholomew Featherstonehaugh-Cholmondeley", duty="backup")
    window = await opened(house.url, **look)
    page = window.page
    await page.goto("/console/sign-in")
    await looked_at(window, "sign-in", look)
    window.expect_status(403)
    await window.sign_in("ana", "wrong")
    await expect(page.get_by_role("alert")).to_be_visible()
    await looked_at(window, "sign-in-wrong", look)

    await window.sign_in("ana", PASSWORD)
    await expect(page.locator("#live")).to_have_text("Live")
    await looked_at(window, "queue-empty", look)
    await page.goto("/console/staff")
    await looked_at(window, "staff", look)
    await page.goto("/console/paged")
    await page.get_by_label("Number, Telegram").fill("+44 7700 900209")
    await page.get_by_role("button", name="Add it").click()
    await expect(page.get_by_role("status").first).to_contain_text("on its way")
    await looked_at(window, "paged", look)
    await page.goto("/console/joining-code")
    await page.get_by_role("button", name="Make").click()
    await expect(page.locator(".code")).to_be_visible()
    await looked_at(window, "joining", look)

    await house.recipient(may_read="my brother", verify_question="ما هو لون الدراجة الأولى؟")
    await house.she_texts("sunflower", "1", "afraid 9")
    await house.only_alert()
    await page.goto("/console/queue")
    await expect(page.locator("#waiting .row")).to_have_count(1)
    await looked_at(window, "queue", look)

    await page.get_by_role("button", name="Take the most urgent").click()
    await expect(page.locator("#acts")).to_contain_text("You have it")
    await looked_at(window, "case", look)
    await page.locator("#to-contact").click()
    await page.get_by_label("Who else may read it").fill("my brother, and her mother")
    await page.locator("#save-phone").click()
    await expect(page.locator("#history")).to_contain_text("her mother")
    await looked_at(window, "contact", look)
    await page.go_back()
    await page.goto(page.url.partition("/contact")[0])
    await page.get_by_role("button", name="Start chat").click()
    await expect(page.locator("#text")).to_be_visible()
    await looked_at(window, "chat", look)
    person = page.url.partition("/cases/")[2].partition("/")[0].partition("#")[0]
    await page.goto(f"/console/cases/{person}/erase")
    await looked_at(window, "erase", look)
    await page.get_by_label("How do you know").select_option("in_person")
    await page.get_by_label("Why, in a sentence").fill("She asked at the centre.")
    await page.get_by_label("to confirm").fill(person)
    await page.get_by_role("button", name="Erase for good").click()
    await expect(page.get_by_role("heading", name="Erased")).to_be_visible()
    await looked_at(window, "receipt", look)
