"""The queue behind its first page, on a phone and a desk, with keys, and with scripts off."""

from __future__ import annotations

import re

import sqlalchemy as sa
from playwright.async_api import expect
from sqlalchemy.engine import Connection

from escalation.console.queue_rows import MOST
from flows.engine.effects import Raise
from storage.raising import Raised, raise_alerts
from storage.schema import persons
from tests.browser.conftest import Opener
from tests.browser.window import PHONE
from tests.journeys.house import House


async def a_long_night(house: House, count: int) -> None:
    """So many alerts wait, all of one recipient: how they came is told elsewhere."""
    await house.recipient()
    vault, now = house.service.vault, house.clock.now()

    def raised(conn: Connection) -> None:
        row = conn.execute(sa.select(persons.c.id, persons.c.wdek)).one()
        sealer = vault.sealer(row.id, bytes(row.wdek))
        effects = (Raise("P2", "talk", f"key.{number}", ("r",), ("Asked for a worker",)) for number in range(count))
        raise_alerts(conn, vault, [Raised(row.id, sealer, effect, now) for effect in effects])

    await house.service.database.write(raised)


async def test_one_goes_on_by_keys_and_back_again(house: House, at_the_desk: Opener) -> None:
    await a_long_night(house, MOST + 3)
    window = await at_the_desk()
    page = window.page
    await expect(page.locator("#waiting .row")).to_have_count(MOST)
    await page.locator("#waiting .row button").last.focus()
    await page.keyboard.press("j")
    await expect(page.get_by_role("link", name="On, less urgent")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("The queue, further down")
    await expect(page.locator("#waiting .row")).to_have_count(3)
    assert await window.faults("further") == []
    await page.keyboard.press("n")
    await expect(page.get_by_role("button", name="Take the most urgent")).to_be_focused()
    await page.get_by_role("link", name="Back, more urgent").click()
    await expect(page).to_have_url(re.compile(r"/console/queue$"))
    await expect(page.locator("#live")).to_have_text("Live")


async def test_on_a_phone_without_scripts_somebody_further_down_is_taken(house: House, at_the_desk: Opener) -> None:
    await a_long_night(house, MOST + 3)
    page = (await at_the_desk(width=PHONE, scripts=False)).page
    await page.get_by_role("link", name="On, less urgent").click()
    await expect(page.get_by_text("This page does not update by itself.")).to_be_visible()
    ref = await page.locator("#waiting .row .ref").last.inner_text()
    await page.get_by_role("button", name=f"Claim {ref}").click()
    await expect(page.locator("#acts")).to_contain_text("You have it")
    assert [one.ref for one in await house.queue() if one.state == "claimed"] == [ref]
