"""Every page by day and by night, on a desk and on the narrowest phone: nothing that axe finds, nothing too wide.

A story is told once; each of its pages is looked at on both screens by both lights.
"""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.async_api import expect

from escalation.ports import Staff
from escalation.rota.port import Asked
from storage import calendars
from storage.calendars import Given
from tests.browser.conftest import PASSWORD, Opener, hashed
from tests.browser.window import Window
from tests.journeys.house import BEN_PHONE, House
from tests.rota.calendars import calendar


async def looked_at(window: Window, name: str) -> None:
    assert await window.faults(name) == []


async def planned(house: House, ana: Staff) -> None:
    """Ana by a calendar until the day after tomorrow, and cover for a part of it."""
    service, now = house.service, house.clock.now()
    event = f"SUMMARY:ana|DTSTART;VALUE=DATE:{now - timedelta(days=1):%Y%m%d}|DURATION:P3D"
    given = Given("Nights", "on_call", 1, "Europe/London", text=calendar(event, event.replace("ana", "Zoe")))
    everybody = await service.accounts.staff()
    reading = calendars.read(given, everybody, now)
    await service.database.write(calendars.put, service.vault, given, reading, "", now)
    other = next(one.id for one in everybody if one.id != ana.id)
    times = (now + timedelta(hours=20), now + timedelta(hours=24))
    await service.rotas.ask(Asked("swap", other, ana.id, *times), ana.id, now)


async def test_every_page_of_the_console(house: House, ana: Staff, opened: Opener) -> None:
    await house.worker("Bartholomew Featherstonehaugh-Cholmondeley", duty="backup")
    window = await opened(house.url)
    page = window.page
    await page.goto("/console/sign-in")
    await looked_at(window, "sign-in")
    window.expect_status(403)
    await window.sign_in("ana", "wrong")
    await expect(page.get_by_role("alert")).to_be_visible()
    await looked_at(window, "sign-in-wrong")

    await window.sign_in("ana", PASSWORD)
    await expect(page.locator("#live")).to_have_text("Live")
    await looked_at(window, "queue-empty")
    await page.goto("/console/staff")
    await looked_at(window, "staff")
    await planned(house, ana)
    await page.goto("/console/rota?view=month")
    await expect(page.locator(".calendar tbody tr")).to_have_count(28)
    await expect(page.get_by_text("In no calendar. By hand: Ana.")).to_be_visible()
    await looked_at(window, "rota")
    await page.goto("/console/paged")
    await page.get_by_label("Number, Telegram").fill("+44 7700 900209")
    await page.get_by_role("button", name="Add it").click()
    await expect(page.get_by_role("status").first).to_contain_text("on its way")
    await looked_at(window, "paged")
    await page.goto("/console/password")
    await looked_at(window, "password")
    await page.goto("/console/joining-code")
    await page.get_by_role("button", name="Make").click()
    await expect(page.locator(".code")).to_be_visible()
    await looked_at(window, "joining")

    await house.recipient(may_read="my brother", verify_question="ما هو لون الدراجة الأولى؟")
    await house.she_texts("sunflower", "1", "afraid 9")
    await house.only_alert()
    await page.goto("/console/queue")
    await expect(page.locator("#waiting .row")).to_have_count(1)
    await looked_at(window, "queue")

    await page.get_by_role("button", name="Take the most urgent").click()
    await expect(page.locator("#acts")).to_contain_text("You have it")
    await looked_at(window, "case")
    await page.locator("#to-contact").click()
    await page.get_by_label("Who else may read it").fill("my brother, and her mother")
    await page.locator("#save-phone").click()
    await expect(page.locator("#history")).to_contain_text("her mother")
    await looked_at(window, "contact")
    await page.go_back()
    await page.goto(page.url.partition("/contact")[0])
    await page.get_by_role("button", name="Start chat").click()
    await expect(page.locator("#text")).to_be_visible()
    await looked_at(window, "chat")
    person = page.url.partition("/cases/")[2].partition("/")[0].partition("#")[0]
    await page.goto(f"/console/cases/{person}/erase")
    await looked_at(window, "erase")
    await page.get_by_label("How do you know").select_option("in_person")
    await page.get_by_label("Why, in a sentence").fill("She asked at the centre.")
    await page.get_by_label("to confirm").fill(person)
    await page.get_by_role("button", name="Erase for good").click()
    await expect(page.get_by_role("heading", name="Erased")).to_be_visible()
    await looked_at(window, "receipt")


async def test_an_alert_goes_from_hand_to_hand(house: House, ana: Staff, opened: Opener) -> None:
    """Phrases, the card to hand on and put off, what is offered, put off and to be signed, and signing."""
    ben = await house.worker("Ben", duty="backup", phone=BEN_PHONE, password=hashed())
    await house.recipient(language="es")
    await house.she_texts("sunflower", "1", "afraid 9")
    alert = await house.only_alert()
    window = await opened(house.url)
    page = window.page
    await window.sign_in("ana", PASSWORD)
    await page.get_by_role("button", name="Take the most urgent").click()
    await page.get_by_role("button", name="Start chat").click()
    await page.locator("#phrases summary").click()
    await looked_at(window, "phrases")
    await page.get_by_role("button", name="Estoy aquí y te leo.").click()
    await expect(page.locator("#lines")).to_contain_text("Estoy aquí y te leo.")
    await page.get_by_role("button", name="Take over from me").click()
    await expect(page.locator("#offered")).to_contain_text("Ben")
    await page.locator("#apart-more summary").click()
    await looked_at(window, "handing")

    colleague = await opened(house.url)
    await colleague.sign_in("ben", PASSWORD)
    await expect(colleague.page.locator("#asked")).to_contain_text("Ana has it and asks you to take it")
    await looked_at(colleague, "asked")
    await colleague.page.get_by_role("button", name="Say no").click()
    await expect(colleague.page.locator("#asked")).to_be_hidden()

    held = await house.only_alert()
    window.expect_status(403)  # Ana's page asks on for a case that is no longer hers to read
    now = house.clock.now()
    await house.service.desk.resolve(alert.ref, ana.id, held.claim, "spoke_safe", "At her sister's until Monday.", now)
    await colleague.page.goto("/console/queue")
    await expect(colleague.page.locator("#closing")).to_contain_text("Ana closed it")
    await looked_at(colleague, "closing")
    await colleague.page.get_by_role("link", name="Look and sign").click()
    await expect(colleague.page.get_by_text("At her sister's until Monday.")).to_be_visible()
    await looked_at(colleague, "sign")
    await colleague.page.locator("#sign").click()
    await expect(colleague.page.get_by_text("Signed. It is resolved.")).to_be_visible()
    assert [one.kind for one in await house.queue()] == ["task"], "her record is to be confirmed"
    assert ben.active


async def test_the_ladder_tried(house: House, ana: Staff, opened: Opener) -> None:
    await house.worker("Bartholomew Featherstonehaugh-Cholmondeley", duty="backup", phone=BEN_PHONE)
    await house.worker("Ruth", "supervisor", chat=900209, password=hashed(), role="supervisor")
    window = await opened(house.url)
    await window.sign_in("ruth", PASSWORD)
    await window.page.goto("/console/staff")
    await window.page.get_by_role("link", name="Who is paged, and when").click()
    await expect(window.page.get_by_role("img")).to_have_accessible_name(re.compile("Pages for a P0"))
    await window.page.get_by_label("Tier").select_option("P2")
    await window.page.get_by_role("button", name="Show").click()
    await window.page.get_by_text("As a table").click()
    await expect(window.page.locator("#steps tbody tr")).to_have_count(7)
    await looked_at(window, "ladder")
