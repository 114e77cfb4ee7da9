"""The queue as a screen reader has it: its outline, what is said when an alert comes, and what is found again."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.conftest import Opener
from tests.journeys.house import House

OTHER = "+447700900124"
# Roles, names and their order; what time and chance make of it is left open.
OUTLINE = r"""
- status: '/1 waiting\. Most urgent: P1, \w+\./'
- region "Waiting for someone 1":
  - heading "Waiting for someone 1" [level=1]
  - button /Take the most urgent P1 · \w+ · .+/
  - list:
    - listitem:
      - text: P1 high
      - paragraph: /\w+ .+/
      - paragraph: /SMS · English · .+/
      - paragraph:
        - time: /\d+:\d+/
        - text: to claim
      - paragraph:
        - time: /\d+:\d+/
        - text: waiting
      - button /Claim \w+/
- complementary:
  - region "On call now"
- search:
  - text: Reference
  - textbox "Reference"
  - button "Find"
- status: Live
"""


async def test_the_queue_reads_in_the_order_in_which_it_matters(house: House, at_the_desk: Opener) -> None:
    await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9")
    await house.only_alert()
    window = await at_the_desk()
    await expect(window.page.locator("#live")).to_have_text("Live")
    await expect(window.page.locator("main")).to_match_aria_snapshot(OUTLINE)


async def test_an_alert_that_comes_is_said_once_and_takes_the_focus_from_nobody(
    house: House, at_the_desk: Opener
) -> None:
    await house.recipient()
    await house.recipient(address=OTHER)
    await house.she_texts("sunflower", "1", "afraid 9")
    first = await house.only_alert()
    window = await at_the_desk()
    page = window.page
    await expect(page.locator("#live")).to_have_text("Live")
    await page.keyboard.press("/")
    find = page.get_by_role("search").get_by_role("textbox", name="Reference")
    await expect(find).to_be_focused()
    await page.keyboard.type(first.ref.lower()[:2])
    await page.evaluate(HEARD)

    await house.she_texts("sunflower", "worker", phone=OTHER)

    await expect(page.locator("#summary")).to_have_text(re.compile(r"2 waiting\. Most urgent: P1"))
    assert await page.evaluate("window.heard") == [await page.locator("#summary").text_content()]
    await expect(find).to_be_focused()
    await expect(find).to_have_value(first.ref.lower()[:2])
    await page.keyboard.type(first.ref.lower()[2:])
    window.expected.add("403")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("This case is not yours")


async def test_a_filter_is_kept_while_the_list_keeps_itself_up_to_date(house: House, at_the_desk: Opener) -> None:
    await house.recipient()
    await house.recipient(address=OTHER)
    await house.she_texts("sunflower", "worker")
    await house.she_texts("sunflower", "worker", phone=OTHER)
    window = await at_the_desk()
    page = window.page
    await page.get_by_text("Show only").click()
    await page.get_by_role("link", name="P2 2").click()
    await expect(page.locator("#sift-title")).to_have_text("Show only: P2")
    await expect(page.locator("#live")).to_have_text("Live")
    await window.mark()
    assert await window.axe() == []

    await house.she_texts("1", "afraid 9")

    await expect(page.locator("#hidden")).to_contain_text("1 more waits")
    await expect(page.locator("#waiting .row")).to_have_count(2)
    assert await window.was_never_reloaded()
    await page.get_by_role("link", name="Show all").click()
    await expect(page.locator("#waiting .row")).to_have_count(3)


# What a screen reader would say: every text that comes into a live region.
HEARD = """
() => {
  window.heard = [];
  for (const region of document.querySelectorAll('[role=status], [role=alert], [role=log], [aria-live]'))
    new MutationObserver(() => window.heard.push(region.textContent)).observe(
      region, { childList: true, characterData: true, subtree: true });
}
"""
