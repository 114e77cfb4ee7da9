"""Everything a worker must do, with scripts off: plain pages and forms, end to end."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import PASSWORD, Opener
from tests.journeys.house import HER_PHONE, House, until


async def test_the_whole_way_without_scripts(house: House, at_the_desk: Opener) -> None:
    await house.recipient()
    window = await at_the_desk(scripts=False)
    page = window.page
    await expect(page.get_by_text("This page refreshes every 20 seconds")).to_be_visible()
    await house.she_texts("sunflower", "1", "afraid 9")
    alert = await house.only_alert()
    await page.reload()
    await expect(page.locator(f"#alert-{alert.ref}")).to_be_visible()

    await page.get_by_role("button", name="Take the most urgent").click()
    await expect(page.locator("#acts")).to_contain_text("You have it")
    await expect(page.locator("#banner")).to_be_visible()

    await page.get_by_role("button", name="Start chat").click()
    await page.locator("#text").fill("This is Ana.")
    await page.get_by_role("button", name="Send").click()
    await until(lambda: house.twilio.texts_to(HER_PHONE).count("This is Ana.") == 1, "Ana's words, once")
    await expect(page.locator("#lines .worker").last).to_contain_text("This is Ana.")

    assert (await house.twilio.deliver("yes", HER_PHONE)).ok
    await page.get_by_role("button", name="Refresh").click()
    await expect(page.locator("#lines .her").last).to_contain_text("yes")

    await page.get_by_role("button", name="Hand back to the bot").click()
    await expect(page.locator("#text")).to_have_count(0)
    await page.get_by_label("Something else").check()
    await page.locator("#closing").fill("She will write tomorrow.")
    await page.get_by_role("button", name="Resolve the alert").click()
    await expect(page.get_by_text("until a second person has signed")).to_be_visible()
    assert [one.state for one in await house.queue() if one.kind != "task"] == ["closing"]

    await page.locator(".me summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert window.unexpected() == []


async def test_a_password_is_changed_without_scripts(house: House, at_the_desk: Opener) -> None:
    window = await at_the_desk(scripts=False)
    page = window.page
    await page.locator(".me summary").click()
    await page.get_by_role("link", name="My password").click()
    window.expect_status(403)
    for known in ("not the password", PASSWORD):
        await page.get_by_label("The password you have now").fill(known)
        for label in ("New password", "The new one again"):
            await page.get_by_label(label).fill("four other quiet words")
        await page.get_by_role("button", name="Change my password").click()
        if known != PASSWORD:
            await expect(page.get_by_role("alert")).to_contain_text("not the password you have now")
    await expect(page.get_by_role("status")).to_contain_text("Your password is changed.")
    await page.goto("/console/queue")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Waiting")
    assert window.unexpected() == []
