"""Instruments at the desk and on a phone, with scripts and without: begun, answered, gone on with, weighed, judged."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.app import LOCALES, SHIPPED
from flows.authoring.load import load_programme
from tests.browser.conftest import PASSWORD, Opener, hashed
from tests.browser.test_look import looked_at
from tests.browser.window import PHONE, Window
from tests.instruments.conftest import LICENSED
from tests.journeys import house as houses
from tests.journeys.house import HER_PHONE, House


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> object:
    """A house whose programme has the made-up licensed forms."""
    licensed = load_programme([SHIPPED, LICENSED], LOCALES)
    monkeypatch.setattr(houses, "content", lambda: licensed)
    async with House(tmp_path, telegram="off") as house:  # type: ignore[arg-type]
        yield house


async def on_her_case(house: House, at_the_desk: Opener, **how: object) -> Window:
    await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9", "x")
    await house.only_alert()
    window = await at_the_desk(**how)
    await window.page.get_by_role("button", name="Take the most urgent").click()
    await expect(window.page.locator("#acts")).to_contain_text("You have it")
    return window


async def press(page: Page, item: str, answer: str) -> None:
    """One answer to the item that stands, and the next one is there."""
    await expect(page.locator(".question > legend")).to_contain_text(item)
    await page.get_by_role("button", name=answer, exact=True).click()
    await expect(page.locator("#hand")).not_to_contain_text(item)


async def test_without_scripts_from_the_first_item_to_the_judgement(house: House, at_the_desk: Opener) -> None:
    sent = len(house.twilio.texts_to(HER_PHONE))
    window = await on_her_case(house, at_the_desk, scripts=False, width=PHONE)
    sent, page = len(house.twilio.texts_to(HER_PHONE)), window.page
    await page.get_by_role("button", name="Begin Orchard").click()
    await page.get_by_label("Seen by a worker").check()
    await press(page, "Invented item 1:", "No")
    await press(page, "Invented item 2:", "Not known")
    await press(page, "Invented item 3:", "Skip this one")
    await page.get_by_role("button", name="Answer item 7").click()
    await expect(page.get_by_label("Seen by a worker")).to_be_checked()
    await press(page, "Invented item 7:", "Yes")
    assert await window.too_wide() == []

    await page.get_by_role("link", name="Back to").click()
    await expect(page.locator("#why")).to_contain_text("Item 7, alone")
    await page.get_by_role("link", name="Go on with Orchard").click()
    await expect(page.locator("#so-far")).to_contain_text("4 of 24 looked at")
    await page.get_by_role("button", name="Finish and weigh").click()
    await expect(page.get_by_role("status").first).to_contain_text("Finished.")
    await expect(page.locator("#gave")).to_contain_text("P1")
    await expect(page.locator("#gave")).to_contain_text("21 items have no answer.")

    await page.locator("#judge").get_by_text("P0").check()
    await page.get_by_label("Why").fill("What the neighbour saw")
    await page.get_by_role("button", name="Keep the judgement").click()
    await expect(page.locator("#judge")).to_contain_text("What the neighbour saw")
    assert (await house.only_alert()).tier == "P0"
    assert len(house.twilio.texts_to(HER_PHONE)) == sent, "nothing of it reaches her phone"


async def test_an_answer_without_an_origin_is_asked_for_it(house: House, at_the_desk: Opener) -> None:
    window = await on_her_case(house, at_the_desk)
    page = window.page
    await page.get_by_role("button", name="Begin Baseline").click()
    await page.get_by_role("button", name="No", exact=True).click()
    assert await page.locator("input[name=origin]").first.evaluate("box => box.validity.valueMissing")
    await expect(page.locator("#so-far")).to_contain_text("0 of 4 looked at")


async def test_by_keyboard_alone(house: House, at_the_desk: Opener) -> None:
    window = await on_her_case(house, at_the_desk)
    page = window.page
    await page.get_by_role("button", name="Begin Baseline").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#live")).to_have_text("Live")  # a page that is still loading goes to its #at once more
    await page.get_by_label("She said it").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Yes", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#so-far")).to_contain_text("1 of 4 looked at")


async def test_two_at_once_see_each_other_and_the_later_is_told(
    house: House, at_the_desk: Opener, opened: Opener
) -> None:
    ana = await on_her_case(house, at_the_desk)
    await house.worker("Ben", password=hashed())
    ben = await opened(house.url, scripts=False)
    await ana.page.get_by_role("button", name="Begin Baseline").click()
    address = ana.page.url.partition("#")[0]
    await expect(ana.page.locator("#live")).to_have_text("Live")
    await ana.mark()

    await ben.sign_in("ben", PASSWORD)
    ben.expect_status(403)
    await ben.page.goto(address)
    await ben.page.get_by_label("Why do you need to read it?").fill("Two of us fill it in")
    await ben.page.get_by_role("button", name="Open the case").click()
    await ben.page.get_by_label("She said it").check()
    await press(ben.page, "put you down", "No")
    assert "Two" not in ben.page.url

    await expect(ana.page.locator("#item-humiliated")).to_contain_text("Ben")
    await expect(ana.page.locator("#hand")).to_contain_text("So far: No")
    assert await ana.was_never_reloaded()

    await ana.page.get_by_role("button", name="Answer item 2").click()
    await ana.page.get_by_label("She said it").check()
    await press(ana.page, "been afraid", "Yes")
    ben.expect_status(409)
    await ben.page.get_by_role("button", name="No", exact=True).click()
    await expect(ben.page.get_by_role("alert")).to_contain_text("answered meanwhile")
    await expect(ben.page.locator("#hand")).to_contain_text("So far: Yes")

    await ben.page.get_by_role("button", name="Finish and weigh").click()
    await expect(ben.page.locator("#gave")).to_contain_text("2 items have no answer.")
    await expect(ana.page.locator("#hand")).to_contain_text("A colleague has finished this one")


async def test_how_it_looks(house: House, at_the_desk: Opener) -> None:
    window = await on_her_case(house, at_the_desk)
    page = window.page
    for answers in (("Yes", "Yes", "No"), ("Yes", "No", "Not known")):
        await page.goto((await case_of(house)) + "/instruments/harbour")
        await page.get_by_role("button", name="Begin").click()
        await page.get_by_label("She said it").check()
        for number, answer in enumerate(answers, 1):
            await press(page, f"Invented item {number}:", answer)
        await looked_at(window, "sheet")
        await page.get_by_role("button", name="Finish and weigh").click()
        await expect(page.locator("#gave")).to_be_visible()
    await looked_at(window, "outcome")
    await page.goto(await case_of(house))
    await page.locator("#trend-harbour summary").click()
    await expect(page.locator("#trend-harbour svg")).to_be_visible()
    await looked_at(window, "case-instruments")


async def case_of(house: House) -> str:
    return f"/console/cases/{(await house.only_alert()).person}"
