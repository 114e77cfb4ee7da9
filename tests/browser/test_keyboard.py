"""The walk of docs/keyboard.md, key by key, and every stop of the pages that it leads over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from escalation.rota.port import Asked
from tests.browser.conftest import PASSWORD, Opener, hashed
from tests.browser.window import PHONE
from tests.journeys.house import BEN_PHONE, House, until

WALK = Path(__file__).parents[2] / "docs" / "keyboard.md"
ROW = re.compile(r"^\| (?P<key>`.+?`|write)(?P<to> to)? \| (?P<what>.*?) ?\| (?P<says>.*?) ?\|$", re.MULTILINE)
NEW_PHONE = "+447700900209"
MOST = 150  # stops of the longest page; more of them is a trap


@dataclass(frozen=True, slots=True)
class Step:
    """One row. `key` is '' where words are written; `to` is the name of what must have the focus then."""

    key: str
    to: str
    words: str
    says: str


def walk() -> list[Step]:
    def step(row: re.Match[str]) -> Step:
        key, what, says = row["key"].strip("`"), row["what"], row["says"]
        if key == "write":
            return Step("", "", what, says)
        return Step(key, what if row["to"] else "", "", says)

    return [step(row) for row in ROW.finditer(WALK.read_text(encoding="utf-8"))]


async def test_every_row_of_the_walk_is_pressed() -> None:
    rows = [line for line in WALK.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert len(walk()) == len([line for line in rows if not line.startswith("| press")]) > 60
    assert all(step.to or step.words or step.key in ("Enter", "Space") for step in walk())


async def stop(page: Page) -> dict[str, Any] | None:
    """What has the focus, and what is wrong with how it is shown; None on the page as a whole."""
    found: dict[str, Any] | None = await page.evaluate(STOP)
    return found


async def tab_to(page: Page, key: str, name: str) -> None:
    """Press on until it has the focus: each stop on the way is in order, and none of them is a trap."""
    stops: list[str] = []
    while len(stops) < MOST:
        await page.keyboard.press(key)
        at = await stop(page)
        assert at is not None, f"{name} does not lie ahead; on the way: {stops}"
        assert at["wrong"] == [], f"on the way to {name}: {at}"
        if at["name"].startswith(name):
            return
        stops.append(at["name"])
    raise AssertionError(f"a trap on the way to {name}: {stops}")


async def press(page: Page, step: Step, given: dict[str, str]) -> None:
    if step.words:
        await page.keyboard.type(given.get(step.words, step.words))
    elif "Tab" in step.key:
        await tab_to(page, step.key, step.to)
    elif step.to:
        await expect(page.locator("#live")).to_have_text("Live")  # single letters come with the scripts
        await page.keyboard.press(step.key)
        at = await stop(page)
        assert at is not None
        assert (at["name"].startswith(step.to), at["wrong"]) == (True, []), f"{step}: {at}"
    else:
        await page.keyboard.press(step.key)
    if step.says:
        await expect(page.locator("body")).to_contain_text(step.says)
        await page.wait_for_load_state()


async def at_night(house: House) -> None:
    """Ana and Ben are on call, Ben asks for a swap, and a recipient has said how afraid she is."""
    ana = await house.worker("Ana", password=hashed())
    ben = await house.worker("Ben", phone=BEN_PHONE, password=hashed())
    now = house.clock.now()
    asked = Asked("swap", ana.id, ben.id, now + timedelta(hours=20), now + timedelta(hours=24))
    await house.service.rotas.ask(asked, ben.id, now)
    await house.recipient(may_read="my brother", verify_question="The colour of the first bicycle")
    await house.she_texts("sunflower", "1", "afraid 9")
    await house.only_alert()


async def test_the_walk_key_by_key(house: House, opened: Opener) -> None:
    await at_night(house)
    house.twilio.arrives.add(NEW_PHONE)
    window = await opened(house.url)
    window.expect_status(403)  # the page of a case that is closed now may ask once more
    page, given = window.page, {"your password": PASSWORD}
    await page.goto("/")
    for step in walk():
        if step.words == "the code":
            await until(lambda: bool(house.twilio.texts_to(NEW_PHONE)), "a code")
            given["the code"] = "".join(re.findall(r"\d{6}", house.twilio.texts_to(NEW_PHONE)[-1]))
        await press(page, step, given)
    assert [one.kind for one in await house.queue()] == ["task"], "signed; her record is to be confirmed"


async def stops_of(page: Page) -> list[dict[str, Any]]:
    """Every stop from the top of the page to its end."""
    await page.wait_for_load_state()
    stops: list[dict[str, Any]] = []
    while len(stops) < MOST:
        await page.keyboard.press("Tab")
        at = await stop(page)
        if at is None:
            return stops
        stops.append(at)
    raise AssertionError(f"the focus never leaves the page: {[at['name'] for at in stops[-5:]]}")


async def test_every_stop_shows_its_ring_under_nothing(house: House, opened: Opener) -> None:
    """On a phone, where the bar at the bottom and the safe-contact banner leave the least room."""
    await at_night(house)
    window = await opened(house.url, width=PHONE)
    await window.sign_in("ana", PASSWORD)
    page = window.page
    await expect(page.locator("#live")).to_have_text("Live")
    queue = await stops_of(page)
    assert queue[0]["name"].startswith("Skip")
    assert "take" in [at["id"] for at in queue]
    assert any(at["id"].startswith("claim-") for at in queue)
    wrong = [("queue", at) for at in queue if at["wrong"]]
    await page.get_by_role("button", name="Take the most urgent").click()
    await page.get_by_role("button", name="Start chat").click()
    await expect(page.locator("#text")).to_be_visible()
    case = re.sub(r"(/cases/\w+).*", r"\1", page.url)
    for path in (case, f"{case}/contact", "/console/rota", "/console/paged", "/console/staff"):
        if path != case:
            await page.goto(path)
        stops = await stops_of(page)
        assert len(stops) > 5, path
        wrong += [(path, at) for at in stops if at["wrong"]]
    assert wrong == []


# Its name as it is announced; wrong: no ring, under something else (2.4.11), or smaller than 24 pixels (2.5.8), which a
# link in the middle of a sentence may be; a box to tick is as large as the label around it.
STOP = """
() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element), box = element.getBoundingClientRect(), wrong = [];
  const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  if (!drawn && element.id !== 'main') wrong.push('no ring');
  const places = [[0.5, 0.5], [0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9]];
  const over = places.map(([x, y]) => document.elementFromPoint(box.x + box.width * x, box.y + box.height * y));
  if (!over.some((top) => top && (element.contains(top) || top.contains(element)))) wrong.push('hidden');
  const target = (element.closest('label') ?? element).getBoundingClientRect();
  if (style.display !== 'inline' && Math.min(target.width, target.height) < 24) wrong.push('small');
  const name = element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent;
  return {id: element.id, name: name.trim().replace(/\\s+/g, ' '), wrong};
}
"""
