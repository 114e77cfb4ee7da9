"""The case: whether it is safe to write, why it rose, what was said, and a chat from the desk to her phone and back."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Opener
from tests.browser.window import PHONE, WIDE, Window
from tests.journeys.house import HER_PHONE, House, until


async def claimed(house: House, at_the_desk: Opener, **how: object) -> Window:
    """Her answer raised an alert and the worker took it: the case is open."""
    await house.recipient(may_read="my brother", verify_question="The colour of the first bicycle")
    await house.she_texts("sunflower", "1", "afraid 9")
    await house.only_alert()
    window = await at_the_desk(**how)
    await window.page.get_by_role("button", name="Take the most urgent").click()
    await expect(window.page.locator("#acts")).to_contain_text("You have it")
    return window


async def test_the_first_thing_on_a_case_is_whether_to_write(house: House, at_the_desk: Opener) -> None:
    window = await claimed(house, at_the_desk)
    banner = window.page.locator("#banner")
    await expect(banner).to_be_in_viewport()
    await expect(banner).to_contain_text("my brother")
    await expect(banner).to_contain_text("The colour of the first bicycle")
    order = await window.page.locator("main section").evaluate_all("sections => sections.map(({id}) => id)")
    assert order[0] == "banner"


async def test_it_says_why_it_rose_and_shows_what_was_said_only_when_asked(house: House, at_the_desk: Opener) -> None:
    window = await claimed(house, at_the_desk)
    await expect(window.page.locator("#why .reasons li").first).to_be_visible()
    await expect(window.page.locator("#why")).to_contain_text("P1")
    assert "afraid 9" not in await window.page.locator("#talk").inner_text()

    await window.page.get_by_role("button", name="Open the conversation").click()

    await expect(window.page.locator("#lines .her").last).to_contain_text("afraid 9")
    assert HER_PHONE not in await window.page.content()


async def test_a_chat_from_the_desk_to_her_phone_and_back(house: House, at_the_desk: Opener) -> None:
    window = await claimed(house, at_the_desk)
    page = window.page
    await page.get_by_role("button", name="Start chat").click()
    await expect(page.locator("#live")).to_have_text("Live")
    await window.mark()

    await page.locator("#text").fill("This is Ana. Can you write now?")
    await page.get_by_role("button", name="Send").click()
    await until(lambda: "This is Ana. Can you write now?" in house.twilio.texts_to(HER_PHONE), "Ana's words")
    await expect(page.locator("#lines .worker").last).to_contain_text("This is Ana. Can you write now?")
    await expect(page.locator("#text")).to_have_value("")
    await expect(page.locator("#text")).to_be_focused()

    await page.locator("#text").fill("What I am still")
    assert (await house.twilio.deliver("yes <b>I</b> can", HER_PHONE)).ok
    await expect(page.locator("#lines .her").last).to_contain_text("yes <b>I</b> can")
    await expect(page.locator("#text")).to_have_value("What I am still")  # typing is never lost to an update
    assert await window.was_never_reloaded()

    window.expect_status(409)
    await page.locator("#text").fill("Ring 0808 2000 247")
    await expect(page.locator(".reply-asked")).to_be_hidden()
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".reply-told")).to_contain_text("Not sent")
    await page.get_by_label("She asked for this").check()
    await page.get_by_role("button", name="Send").click()
    await until(lambda: "Ring 0808 2000 247" in house.twilio.texts_to(HER_PHONE), "the number, as she asked")
    await expect(page.locator(".reply-asked")).to_be_hidden()
    assert await window.was_never_reloaded()

    before = len(house.twilio.texts_to(HER_PHONE))
    await page.get_by_role("button", name="Hand back to the bot").click()
    await until(lambda: len(house.twilio.texts_to(HER_PHONE)) > before, "the bot is back")
    await expect(page.locator("#text")).to_have_count(0)
    assert (await house.state()).mode == "open"


async def test_what_cannot_be_sent_is_said_and_kept(house: House, at_the_desk: Opener) -> None:
    window = await claimed(house, at_the_desk)
    page = window.page
    await page.get_by_role("button", name="Start chat").click()
    await expect(page.locator("#text")).to_be_visible()
    await page.locator("#text").fill("Still there?")
    window.expect_status(409)
    shown = page.locator(".reply-told, #told").filter(has_text=re.compile("."))
    await page.route("**/live**", lambda route: route.abort())  # the desk has not heard yet that she left
    window.expected.add("ERR_FAILED")
    assert (await house.twilio.deliver("x", HER_PHONE)).ok
    await page.get_by_role("button", name="Send").click()
    await expect(shown.first).to_be_visible()
    assert "Still there?" not in house.twilio.texts_to(HER_PHONE)


async def test_resolved_with_an_outcome_it_waits_for_a_second_person(house: House, at_the_desk: Opener) -> None:
    window = await claimed(house, at_the_desk)
    page = window.page
    window.expect_status(403)  # the page may ask once more, on its way out, for a case that is no longer hers to read
    await page.get_by_role("link", name="Resolve…").click()
    await page.get_by_label("Spoke with her, she says that she is safe").check()
    await page.locator("#closing").fill("At her sister's until Monday.")
    await page.get_by_role("button", name="Resolve the alert").click()
    await expect(page.get_by_text("until a second person has signed")).to_be_visible()
    (closing,) = [alert for alert in await house.queue() if alert.kind != "task"]  # and her record is to be confirmed
    assert closing.state == "closing"


async def test_the_chat_fits_a_phone(house: House, at_the_desk: Opener) -> None:
    window = await claimed(house, at_the_desk, width=PHONE)
    page = window.page
    await page.get_by_role("button", name="Start chat").tap()
    await expect(page.locator("#text")).to_be_in_viewport()
    await expect(page.get_by_role("button", name="Send")).to_be_in_viewport()
    await expect(page.locator(".notices").first).to_be_in_viewport()
    assert await window.too_wide() == []


# At each place of the page: whether the box is seen, and whether the first notice is, with nothing over it.
PLACES = """() => {
  const seen = (id) => {
    const [one] = document.querySelectorAll(id), box = one.getBoundingClientRect();
    if (box.bottom <= 0 || box.top >= innerHeight) return false;
    const x = box.left + Math.min(box.width, 40) / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    return one.contains(document.elementFromPoint(x, y));
  };
  const found = [];
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 3) {
    scrollTo({top: y, behavior: 'instant'});
    found.push([seen('#text'), seen('#banner .notices li')]);
  }
  return found;
}"""


@pytest.mark.parametrize("width", [WIDE, PHONE])
async def test_whether_to_write_stays_in_sight_beside_the_reply_box_however_far_one_scrolls(
    house: House, at_the_desk: Opener, width: int
) -> None:
    window = await claimed(house, at_the_desk, width=width)
    await window.page.get_by_role("button", name="Start chat").click()
    await expect(window.page.locator("#text")).to_be_visible()
    places = await window.page.evaluate(PLACES)
    assert len(places) > 4, "the page is longer than the screen"
    assert sum(box for box, _ in places) > 0
    assert [place for place, (box, notice) in enumerate(places) if box and not notice] == []
