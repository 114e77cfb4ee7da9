"""The door: who gets in, what is told to those who do not, and leaving."""

from __future__ import annotations

from playwright.async_api import expect

from escalation.ports import Staff
from tests.browser.conftest import PASSWORD, Opener
from tests.journeys.house import House


async def test_the_right_password_lands_in_the_queue(house: House, ana: Staff, opened: Opener) -> None:
    window = await opened(house.url)
    await window.page.goto("/")
    await expect(window.page.get_by_role("heading", name="Sign in")).to_be_visible()

    await window.sign_in("ana", PASSWORD)

    await expect(window.page).to_have_url(f"{house.url}/console/queue")
    await expect(window.page.get_by_role("heading", level=1)).to_contain_text("Waiting")


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(
    house: House, ana: Staff, opened: Opener
) -> None:
    window = await opened(house.url)
    window.expect_status(403)
    answers = []
    for name in ("ana", "nobody"):
        await window.sign_in(name, "not the password")
        await expect(window.page.get_by_role("alert")).to_be_visible()
        await window.page.get_by_label("Name").fill("")
        answers.append(await window.page.locator("main").inner_text())
    assert answers[0] == answers[1]
    assert await window.context.cookies() == []


async def test_a_page_asked_for_without_signing_in_comes_after_signing_in(
    house: House, ana: Staff, opened: Opener
) -> None:
    window = await opened(house.url)
    await window.page.goto("/console/staff")
    await window.page.get_by_label("Name").fill("ana")
    await window.page.get_by_label("Password").fill(PASSWORD)
    await window.page.keyboard.press("Enter")
    await expect(window.page).to_have_url(f"{house.url}/console/staff")


async def test_signed_out_is_out_and_the_back_button_shows_nothing(house: House, at_the_desk: Opener) -> None:
    await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9")
    alert = await house.only_alert()
    window = await at_the_desk()
    await expect(window.page.get_by_text(alert.ref).first).to_be_visible()

    await window.page.locator(".me summary").click()
    await window.page.get_by_role("button", name="Sign out").click()
    await expect(window.page.get_by_text("You are signed out.")).to_be_visible()

    await window.page.go_back()
    await expect(window.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert alert.ref not in await window.page.content()


async def test_the_session_is_out_of_reach_of_scripts(at_the_desk: Opener) -> None:
    window = await at_the_desk()
    (cookie,) = await window.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert await window.page.evaluate("() => document.cookie") == ""
