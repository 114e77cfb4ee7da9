"""Erasing somebody: three things asked, one receipt; at the page and at the API (SAFETY 29)."""

from __future__ import annotations

import httpx
import pytest

from tests.console.conftest import Visitor
from tests.console.examples import House

WHOLE = {"authority": "in_person", "reason": "She asked at the centre.", "confirm": "P-K2A"}


async def test_a_worker_erases_and_gets_a_receipt(sam: Visitor, house: House) -> None:
    assert "Erase everything about her" in (await sam.post("/cases/P-K2A", reason="to look")).text
    assert "Type P-K2A to confirm" in (await sam.get("/cases/P-K2A/erase")).text
    answer = await sam.post("/cases/P-K2A/erase", **WHOLE)
    (number,) = house.memory.receipts
    assert (answer.status_code, answer.headers["location"]) == (303, f"/console/erasures/{number}")
    page = (await sam.get(f"/erasures/{number}")).text
    assert number in page
    assert "P-K2A" not in page
    assert "P-K2A" not in house.memory.people
    last = house.memory.audit[-1]
    assert (last.actor, last.action, last.subject) == ("s1", "recipient.erase", number)
    assert last.detail == "in_person: She asked at the centre."
    assert (await sam.get("/cases/P-K2A")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"confirm": "P-K2B"}, "Nothing was erased"),
        ({"confirm": ""}, "Nothing was erased"),
        ({"authority": ""}, "Choose how you know"),
        ({"authority": "hearsay"}, "Choose how you know"),
        ({"reason": "  "}, "say why"),
        ({"reason": "x" * 501}, "at most 500"),
    ],
)
async def test_what_is_missing_is_asked_again_and_nothing_is_done(
    wrong: dict[str, str], said: str, sam: Visitor, house: House
) -> None:
    before = list(house.memory.audit)
    answer = await sam.post("/cases/P-K2A/erase", **WHOLE | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert "P-K2A" in house.memory.people
    assert house.memory.audit == before


async def test_what_was_written_stays_in_its_box(sam: Visitor) -> None:
    page = (await sam.post("/cases/P-K2A/erase", **WHOLE | {"confirm": "other", "reason": "<b>she</b> asked"})).text
    assert "&lt;b&gt;she&lt;/b&gt; asked</textarea>" in page
    assert '<option value="in_person" selected>' in page


async def test_a_chat_that_may_not_be_hers_is_no_word_of_hers(sam: Visitor, house: House) -> None:
    house.memory.person("P-K2A").watched = True
    answer = await sam.post("/cases/P-K2A/erase", **WHOLE | {"authority": "in_chat"})
    assert answer.status_code == 409
    assert "Verify first that it is her" in answer.text
    assert "P-K2A" in house.memory.people


async def test_nobody_and_no_receipt_are_404(sam: Visitor) -> None:
    assert (await sam.post("/cases/P-ZZZ/erase", **WHOLE | {"confirm": "P-ZZZ"})).status_code == 404
    assert (await sam.get("/erasures/0123456789abcdef")).status_code == 404


async def test_the_api_erases_with_the_same_three(caller: httpx.AsyncClient, house: House) -> None:
    url = "/api/v1/recipients/P-K2A/erase"
    differs = await caller.post(url, json=WHOLE | {"confirm": "K2A"})
    assert (differs.status_code, "P-K2A" in house.memory.people) == (422, True)
    assert (await caller.post(url, json={"reason": "x", "confirm": "P-K2A"})).status_code == 422
    answer = await caller.post(url, json=WHOLE)
    (number,) = house.memory.receipts
    assert (answer.status_code, answer.json()["receipt"]) == (201, number)
    again = await caller.get(f"/api/v1/erasures/{number}")
    assert again.json() == answer.json()
    assert set(again.json()) == {"receipt", "day", "waiting", "stays", "copies"}
    assert (await caller.post(url, json=WHOLE)).status_code == 404
