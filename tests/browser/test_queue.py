"""The live queue: what happens on a phone is seen at the desk, at once and without a reload."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.async_api import Page, expect

from tests.browser.conftest import Opener
from tests.browser.window import PHONE
from tests.journeys.house import ANA_PHONE, House, until


async def test_an_alert_appears_while_the_page_is_open(house: House, at_the_desk: Opener) -> None:
    await house.recipient()
    window = await at_the_desk()
    await expect(window.page.get_by_text("Nobody is waiting")).to_have_count(2)  # one to see, one to hear
    await expect(window.page.locator("#live")).to_have_text("Live")
    await window.mark()

    await house.she_texts("sunflower", "1", "afraid 9")

    alert = await house.only_alert()
    row = window.page.locator(f"#alert-{alert.ref}")
    await expect(row).to_contain_text("P1")
    await expect(row).to_contain_text(alert.title)
    await expect(window.page).to_have_title(re.compile(r"^\(1\)"))
    await expect(window.page.get_by_role("status").filter(has_text=alert.ref)).to_have_count(1)
    assert await window.was_never_reloaded()


async def test_the_most_urgent_is_taken_by_the_big_button(house: House, at_the_desk: Opener) -> None:
    await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9")
    alert = await house.only_alert()
    window = await at_the_desk()

    await window.page.get_by_role("button", name="Take the most urgent").click()

    await expect(window.page.get_by_role("heading", level=1)).to_have_text(alert.person)
    await expect(window.page.locator("#acts")).to_contain_text("You have it")
    assert (await house.only_alert()).state == "claimed"


async def test_a_claim_from_a_phone_is_seen_by_everybody_at_once(house: House, at_the_desk: Opener) -> None:
    await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9")
    alert = await house.only_alert()
    window = await at_the_desk()
    await expect(window.page.locator("#live")).to_have_text("Live")
    await window.mark()

    await claims_by_text(house, alert.ref)

    await expect(window.page.locator(f"#mine #alert-{alert.ref}")).to_be_visible()
    await expect(window.page.locator("#waiting .row")).to_have_count(0)
    assert await window.was_never_reloaded()


async def test_a_claim_that_runs_out_comes_back(house: House, at_the_desk: Opener) -> None:
    await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9")
    alert = await house.only_alert()
    await claims_by_text(house, alert.ref)
    await house.pass_time(timedelta(minutes=8))
    window = await at_the_desk()
    await expect(window.page.locator(f"#mine #alert-{alert.ref}")).to_be_visible()

    await house.pass_time(timedelta(minutes=8))  # past the lease of 15, within the browser's own 15

    await expect(window.page.locator(f"#waiting #alert-{alert.ref}")).to_be_visible()


OTHER = "+447700900124"
SAME = "(button) => button.isConnected && document.elementFromPoint(...button.middle) === button"
MIDDLE = """(button) => {
  const {x, y, width, height} = button.getBoundingClientRect();
  return button.middle = [x + width / 2, y + height / 2];
}"""


async def under_the_finger(house: House, page: Page) -> str:
    """An alert's button is pressed and not let go, and a worse one has come meanwhile. Returns the first one's ref."""
    await house.recipient()
    await house.recipient(address=OTHER)
    await house.she_texts("sunflower", "worker")
    first = await house.only_alert()
    button = await page.locator(f"#claim-{first.ref}").evaluate_handle("(button) => button")
    await page.mouse.move(*await button.evaluate(MIDDLE))
    await page.mouse.down()
    await house.she_texts("sunflower", "1", "afraid 9", phone=OTHER)
    await until(lambda: len(house.twilio.texts_to(ANA_PHONE)) == 2, "two pages")
    worse = next(one for one in await house.queue() if one.ref != first.ref)
    await expect(page.locator("#summary")).to_contain_text(worse.ref)  # the update is there: said, but not shown
    await expect(page.locator(f"#alert-{worse.ref}")).to_have_count(0)
    assert await button.evaluate(SAME), "it stands where it stood"
    return first.ref


async def test_what_is_being_pressed_is_not_taken_away_by_a_live_update(house: House, at_the_desk: Opener) -> None:
    page = (await at_the_desk()).page
    await expect(page.locator("#live")).to_have_text("Live")
    ref = await under_the_finger(house, page)
    await page.mouse.up()
    await expect(page.locator("#acts")).to_contain_text("You have it")
    assert {one.ref for one in await house.queue() if one.state == "claimed"} == {ref}, "what was meant"


async def test_let_go_beside_it_nothing_is_claimed_and_the_page_catches_up(house: House, at_the_desk: Opener) -> None:
    page = (await at_the_desk()).page
    await expect(page.locator("#live")).to_have_text("Live")
    await under_the_finger(house, page)
    await page.mouse.move(1, 1)
    await page.mouse.up()
    await expect(page.locator("#waiting .row")).to_have_count(2)
    assert {one.state for one in await house.queue()} == {"open"}


async def test_a_lost_stream_says_so_and_catches_up(house: House, at_the_desk: Opener) -> None:
    await house.recipient()
    window = await at_the_desk()
    await expect(window.page.locator("#live")).to_have_text("Live")
    window.expected.add("ERR_INTERNET_DISCONNECTED")
    await window.context.set_offline(True)
    await window.page.evaluate("() => document.querySelector('#page').dispatchEvent(new Event('nothing'))")
    await house.she_texts("sunflower", "1", "afraid 9")
    await expect(window.page.locator("#live")).to_have_text("Live updates lost, trying again")
    await expect(window.page.locator("#live")).to_be_in_viewport()

    await window.context.set_offline(False)

    alert = await house.only_alert()
    await expect(window.page.locator(f"#alert-{alert.ref}")).to_be_visible()
    await expect(window.page.locator("#live")).to_have_text("Live")


async def test_on_a_phone_the_main_act_is_under_the_thumb(house: House, at_the_desk: Opener) -> None:
    await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9")
    await house.only_alert()
    window = await at_the_desk(width=PHONE)
    box = await window.page.get_by_role("button", name="Take the most urgent").bounding_box()
    assert box is not None
    assert box["y"] > 780 / 2, "in the lower half"
    assert box["height"] >= 44
    await window.page.get_by_role("button", name="Take the most urgent").tap()
    await expect(window.page.locator("#acts")).to_contain_text("You have it")


async def claims_by_text(house: House, ref: str) -> None:
    """Ana answers the page on her phone."""
    await until(lambda: bool(house.twilio.texts_to(ANA_PHONE)), "a page to Ana")
    assert (await house.twilio.deliver(f"A {ref}", ANA_PHONE)).ok
