"""A worker's own browser becomes a way of paging: it is added, proven by a notice, shows a page and says that it did.

What stands in is the push service: `PushManager` is a script that gives what a browser of the double would have, and
what that one was sent is handed to Chromium by its own devtools. All else is real: the leave to show notices, the
console's policy, the worker of notices, what it shows and what it tells the service.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Worker, expect

from bot.channels.push import PushChannel
from bot.channels.push_sealing import public_key
from bot.outward import Door
from escalation.ports import Staff
from tests.browser.conftest import PASSWORD, Opener, hashed
from tests.browser.window import Window
from tests.fakes.push import FakeBrowser, FakePush
from tests.journeys.house import House, until, until_async

KEY = "1f" * 32
STANDS_IN = """
const given = {endpoint: '%s', keys: %s};
const subscription = {...given, toJSON: () => given};
PushManager.prototype.subscribe = async ({userVisibleOnly, applicationServerKey}) => {
  if (!userVisibleOnly || applicationServerKey !== '%s') throw new Error('not as a browser wants it');
  localStorage.subscribed = 'yes';
  return subscription;
};
PushManager.prototype.getSubscription = async () => localStorage.subscribed ? subscription : null;
"""
NOTICES = "self.registration.getNotifications().then((all) => all.map((one) => one.title))"
PRESSED = """async () => {
  const [notice] = (await self.registration.getNotifications()).filter((one) => one.data.includes('#'));
  const opened = new Promise((then) => { self.clients.openWindow = async (url) => then(url); });
  self.dispatchEvent(new NotificationEvent('notificationclick', {notification: notice}));
  return [await opened, (await self.registration.getNotifications()).length];
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def push(tmp_path: Path) -> AsyncIterator[FakePush]:
    with FakePush(tmp_path) as fake:
        yield fake


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path, push: FakePush) -> AsyncIterator[House]:
    """Over the one of this folder: with notices."""
    house = House(tmp_path, telegram="off", push_key=KEY)
    door = Door(outside_only=False)
    house.more_channels["push"] = PushChannel(KEY, house.url, house.clock.now, door, push.trust)
    async with house:
        yield house


@pytest_asyncio.fixture(loop_scope="session")
async def ana(house: House) -> Staff:
    """Over the one of this folder: on call, without any phone."""
    return await house.worker("Ana", password=hashed())


async def allowed(window: Window, browser: FakeBrowser) -> None:
    """Ana says yes when she is asked; the push service stands in."""
    await window.context.grant_permissions(["notifications"], origin=window.origin)
    stands_in = STANDS_IN % (browser.endpoint, json.dumps(browser.keys), public_key(KEY))
    await window.context.add_init_script(stands_in)


class Carried:
    """What the double was sent comes to this window's worker of notices."""

    def __init__(self, window: Window, browser: FakeBrowser) -> None:
        self._window, self._browser = window, browser
        self._registrations: list[dict[str, Any]] = []

    async def listen(self) -> None:
        self._devtools = await self._window.context.new_cdp_session(self._window.page)
        heard = "ServiceWorker.workerRegistrationUpdated"
        self._devtools.on(heard, lambda told: self._registrations.extend(told["registrations"]))
        await self._devtools.send("ServiceWorker.enable")

    async def nth(self, place: int) -> Worker:
        """The worker of notices, once it has this message, counted from 0."""
        await until(lambda: len(self._browser.read) > place, "a push message")
        await until(lambda: bool(self._registrations), "the worker of notices")
        to = {"origin": self._window.origin, "registrationId": self._registrations[0]["registrationId"]}
        message = {"data": json.dumps(self._browser.read[place])}
        (worker,) = self._window.context.service_workers
        title, looks = self._browser.read[place]["say"], count()

        async def shown() -> bool:
            """Devtools lose one now and then. What is delivered twice is one notice: it has a tag."""
            if next(looks) % 50 == 0:
                await self._devtools.send("ServiceWorker.deliverPushMessage", to | message)
            return title in await worker.evaluate(NOTICES)

        await until_async(shown, "the notice")
        return worker


async def delivered(house: House) -> list[str]:
    """What became of all pages."""
    return await house.service.database.read(
        lambda conn: list(conn.exec_driver_sql("SELECT status FROM outbox WHERE kind = 'page'").scalars())
    )


async def test_a_browser_is_added_and_proven_and_is_paged_from_then_on(
    house: House, push: FakePush, ana: Staff, opened: Opener
) -> None:
    browser, window = push.subscribe(), await opened(house.url)
    await allowed(window, browser)
    await window.sign_in("ana", PASSWORD)
    page, carried = window.page, Carried(window, browser)
    await page.goto("/console/paged")
    await carried.listen()
    assert await window.faults("paged") == []
    await page.get_by_role("button", name="Page me on this browser").click()
    await expect(page.get_by_text("A code is on its way.")).to_be_visible()
    await expect(page.get_by_text("This browser is in the list above.")).to_be_visible()
    await expect(page.get_by_role("button", name="Page me on this browser")).to_be_hidden()
    await carried.nth(0)
    code = browser.read[0]["say"].partition(" ")[0]
    await page.get_by_label("The code that came there").fill(code)
    await page.get_by_role("button", name="This is the code").click()
    await expect(page.get_by_text("Pages go here.")).to_be_visible()
    assert await window.faults("paged-proven") == []
    await page.get_by_role("button", name="Send me a test page").click()
    await expect(page.get_by_text("A test page is on its way to each of your open ways.")).to_be_visible()
    await carried.nth(1)

    async def known() -> bool:
        return await delivered(house) == ["delivered"] * 2

    await until_async(known, "the service is told that both were shown")


async def test_a_press_on_the_notice_opens_the_console_at_the_alert(
    house: House, push: FakePush, ana: Staff, opened: Opener
) -> None:
    browser, window = push.subscribe(), await opened(house.url)
    await allowed(window, browser)
    await window.sign_in("ana", PASSWORD)
    page, carried = window.page, Carried(window, browser)
    await page.goto("/console/paged")
    await carried.listen()
    await page.get_by_role("button", name="Page me on this browser").click()
    await carried.nth(0)
    (way,) = await house.service.methods.of(ana.id)
    code = browser.read[0]["say"].partition(" ")[0]
    await house.service.methods.prove(ana.id, way.id, code, house.clock.now())
    await page.locator(".me summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await house.recipient()
    await house.she_texts("sunflower", "3")
    alert = await house.only_alert()
    worker = await carried.nth(1)
    leads, left = await worker.evaluate(PRESSED)
    assert leads == f"{house.url}/console/queue#alert-{alert.ref}"
    assert left == 1, "the notice that was pressed is gone, the other stays"
    await page.goto(leads)
    await expect(page.get_by_label("Password")).to_be_visible()
    await window.sign_in("ana", PASSWORD)
    await page.goto(leads)
    await expect(page.locator(f"#alert-{alert.ref}")).to_be_in_viewport()


async def test_where_notices_are_not_allowed_the_page_says_so(house: House, ana: Staff, opened: Opener) -> None:
    window = await opened(house.url)
    await window.context.add_init_script("Object.defineProperty(Notification, 'permission', {value: 'denied'})")
    await window.sign_in("ana", PASSWORD)
    await window.page.goto("/console/paged")
    await expect(window.page.get_by_text("notices of this page are not allowed in this browser")).to_be_visible()
    await expect(window.page.get_by_role("button", name="Page me on this browser")).to_be_hidden()
    assert await window.faults("paged-denied") == []


async def test_what_fails_may_be_tried_again(house: House, push: FakePush, ana: Staff, opened: Opener) -> None:
    window = await opened(house.url)
    await allowed(window, push.subscribe())
    refuses = "PushManager.prototype.subscribe = async () => { throw new DOMException('no', 'NotAllowedError'); }"
    await window.context.add_init_script(refuses)
    await window.sign_in("ana", PASSWORD)
    await window.page.goto("/console/paged")
    add = window.page.get_by_role("button", name="Page me on this browser")
    await add.click()
    await expect(window.page.get_by_text("The browser could not be added. Try again")).to_be_visible()
    await expect(add).to_be_visible()
    assert await house.service.methods.of(ana.id) == []


async def test_where_a_browser_has_no_notices_the_page_says_so(house: House, ana: Staff, opened: Opener) -> None:
    window = await opened(house.url)
    await window.context.add_init_script("delete window.PushManager")
    await window.sign_in("ana", PASSWORD)
    await window.page.goto("/console/paged")
    await expect(window.page.get_by_text("this browser shows no notices of web pages")).to_be_visible()


async def test_without_scripts_the_page_says_why_it_is_not_offered(house: House, ana: Staff, opened: Opener) -> None:
    window = await opened(house.url, scripts=False)
    await window.sign_in("ana", PASSWORD)
    await window.page.goto("/console/paged")
    await expect(window.page.get_by_text("it needs scripts, and they are off in this browser")).to_be_visible()
    await expect(window.page.get_by_role("button", name="Page me on this browser")).to_be_hidden()
