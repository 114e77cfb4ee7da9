"""The desk without a mouse, and with a sound: single keys bring the focus, Enter acts, and both can be switched off."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import Opener
from tests.journeys.house import House

OTHER = "+447700900124"


async def two_wait(house: House) -> None:
    for phone, words in ((None, ("sunflower", "1", "afraid 9")), (OTHER, ("sunflower", "worker"))):
        await house.recipient(**({"address": phone} if phone else {}))
        await house.she_texts(*words, **({"phone": phone} if phone else {}))


async def test_a_case_is_taken_by_keys_alone(house: House, at_the_desk: Opener) -> None:
    await two_wait(house)
    window = await at_the_desk()
    page = window.page
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert await window.axe() == []
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)

    rows = page.locator("#waiting li button")
    await page.keyboard.press("j")
    await expect(rows.nth(0)).to_be_focused()
    await page.keyboard.press("j")
    await expect(rows.nth(1)).to_be_focused()
    await page.keyboard.press("k")
    await expect(rows.nth(0)).to_be_focused()
    await page.keyboard.press("n")
    await expect(page.locator("#take")).to_be_focused()
    assert len(await house.queue()) == 2, "a key alone takes nothing"
    await page.keyboard.press("Enter")
    await expect(page.locator("#acts")).to_contain_text("You have it")

    await page.get_by_role("button", name="Start chat").click()
    text = page.locator("#text")
    await expect(text).to_be_visible()
    await expect(page.locator("#live")).to_have_text("Live")  # single letters come with the scripts
    await page.locator("#main").focus()
    await page.keyboard.press("r")
    await expect(text).to_be_focused()
    await page.keyboard.type("jkn?")
    await expect(text).to_have_value("jkn?")


async def test_keys_that_are_switched_off_do_nothing(house: House, at_the_desk: Opener) -> None:
    await two_wait(house)
    page = (await at_the_desk()).page
    await page.locator(".me summary").click()
    await page.get_by_role("button", name="Keys").click()
    await expect(page.locator("body")).to_have_attribute("data-cues", "")
    await page.keyboard.press("j")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert await page.evaluate("document.activeElement === document.body")


async def test_a_new_alert_sounds_once_somebody_has_pressed_something(house: House, at_the_desk: Opener) -> None:
    window = await at_the_desk()
    page = window.page
    await page.locator(".me summary").click()
    await page.get_by_role("button", name="Sound").click()
    hint = page.locator("#silent")
    await expect(hint).to_be_visible()
    await page.get_by_role("heading", level=1).click()
    await expect(hint).to_be_hidden()
    assert await page.evaluate("document.body.dataset.played") is None
    await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9")
    await expect(page.locator("body")).to_have_attribute("data-played", "1")
