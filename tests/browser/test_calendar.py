"""A supervisor adds a calendar: seen before it counts, its names matched, put above another, taken away again."""

from __future__ import annotations

from datetime import timedelta

from playwright.async_api import expect

from tests.browser.conftest import PASSWORD, Opener, hashed
from tests.journeys.house import ANA_PHONE, House
from tests.rota.calendars import calendar


def a_file(house: House, *who: str) -> dict[str, str | bytes]:
    """Each of them from yesterday on, so many days in a row."""
    first = house.clock.now().date() - timedelta(days=1)
    starts = [first + timedelta(days=3 * number) for number in range(len(who))]
    events = [
        f"SUMMARY:{name}|DTSTART;VALUE=DATE:{day:%Y%m%d}|DURATION:P3D" for name, day in zip(who, starts, strict=True)
    ]
    return {"name": "nights.ics", "mimeType": "text/calendar", "buffer": calendar(*events).encode()}


async def test_a_calendar_from_a_file_to_the_rota_and_out_of_it(house: House, opened: Opener) -> None:
    await house.worker("Ana", duty="off", phone=ANA_PHONE)
    await house.worker("Bartholomew Featherstonehaugh-Cholmondeley", duty="backup")
    await house.worker("Ruth", duty="supervisor", password=hashed(), role="supervisor")
    window = await opened(house.url)
    page = window.page
    await window.sign_in("ruth", PASSWORD)
    await page.goto("/console/rota")
    await page.get_by_text("Add a calendar").click()
    assert await window.faults("rota-add") == []
    await page.get_by_label("What it is called here").fill("Nights")
    await page.get_by_label("Or a file").set_input_files(a_file(house, "ana", "Night: B. F-C", "ana"))  # type: ignore[arg-type]
    await page.get_by_role("button", name="Look at it first").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Nights: before it counts")
    await expect(page.get_by_text("Nobody would be on call at 2 times")).to_be_visible()
    await expect(page.locator(".calendar tbody tr")).to_have_count(14)
    assert await house.service.rotas.calendars() == [], "nothing is kept by looking"
    assert await window.faults("calendar") == []

    await page.get_by_label("B. F-C").select_option("Bartholomew Featherstonehaugh-Cholmondeley")
    await page.get_by_label("Layer").fill("2")
    await page.get_by_role("button", name="Look again").click()
    await expect(page.get_by_text("Nobody would be on call at 1 time ")).to_be_visible()
    await expect(page.locator(".calendar tbody")).to_contain_text("Featherstonehaugh")
    await page.get_by_role("button", name="Take it into the rota").click()
    await expect(page.get_by_role("status").first).to_have_text("The calendar counts from now on.")
    await expect(page.locator("#calendars + ul")).to_contain_text("layer 2")
    assert await window.faults("rota-with-a-calendar") == []

    await page.get_by_role("button", name="Change… Nights").click()
    await expect(page.get_by_label("B. F-C")).to_have_value(await _id(house, "Bartholomew"))
    await expect(page.locator(".order .mine")).to_contain_text("layer 2")
    assert await window.faults("calendar-changed") == []
    await page.get_by_role("link", name="Back to the rota").click()
    await page.get_by_role("button", name="Take away… Nights").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("The rota without Nights")
    assert await window.faults("calendar-away") == []
    await page.get_by_role("button", name="Take it out of the rota").click()
    await expect(page.get_by_text("No calendar yet")).to_be_visible()
    assert await house.service.rotas.calendars() == []


async def _id(house: House, name: str) -> str:
    return next(one.id for one in await house.service.accounts.staff() if one.name.startswith(name))
