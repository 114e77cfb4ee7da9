"""Instruments of K2A's case, and how the forms of their pages are sent."""

from __future__ import annotations

import httpx

from tests.console.conftest import Browser, Visitor
from tests.console.examples import House

ORCHARD = "/cases/P-K2A/instruments/orchard"
BASELINE = "/cases/P-K2A/instruments/baseline"
REASON = "Sam is ill, I go on with the form"


async def holding(browser: Browser) -> Visitor:
    """Sam, signed in anew on another day, and on the case again."""
    sam = await browser("sam")
    await sam.post("/alerts/K2A/claim")
    return sam


async def answered(visitor: Visitor, house: House, item: str, answer: str, **more: str) -> httpx.Response:
    """As the form of that item sends it, with `more` in place of its fields."""
    path = more.pop("path", ORCHARD)
    sheet = house.her.sheets[path.rpartition("/")[2]]
    stands = sheet.answers.get(item)
    before = str(stands.number if stands else 0)
    fields = {"sheet": sheet.id, "item": item, "before": before, "answer": answer, "origin": "her"} | more
    return await visitor.post(f"{path}/answer", **fields)


async def filled(visitor: Visitor, house: House, path: str, answers: dict[str, str]) -> None:
    await visitor.post(f"{path}/begin")
    for item, answer in answers.items():
        assert (await answered(visitor, house, item, answer, path=path)).status_code == 303
    done = await visitor.post(f"{path}/finish", sheet=house.her.sheets[path.rpartition("/")[2]].id)
    assert done.status_code == 303
