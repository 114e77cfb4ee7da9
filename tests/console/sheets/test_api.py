"""Instruments for other programs: begun, answered, weighed and judged at the API."""

from __future__ import annotations

import httpx
import pytest

from storage.memory import Audited
from tests.console.examples import HER, House
from tests.console.test_api import problem

API = "/api/v1/recipients/P-K2A/instruments"


async def test_the_api_fills_in_weighs_and_judges(caller: httpx.AsyncClient, house: House) -> None:
    await caller.post("/api/v1/alerts/K2A/claim")
    every = (await caller.get(API)).json()["instruments"]
    assert [(one["name"], one["items"], one["refused"]) for one in every] == [
        ("baseline", 4, ""), ("harbour", 20, ""), ("meadow", 11, ""), ("orchard", 24, ""),
    ]  # fmt: skip
    problem(await caller.get(f"{API}/orchard"), 404)
    begun = await caller.post(f"{API}/orchard/begin")
    assert begun.status_code == 201
    sheet = begun.json()["sheet"]
    assert begun.json()["items"][6]["answers"] == {"yes": "Yes to this", "no": "No to this", "unsure": "Not sure"}
    body = {"sheet": sheet, "item": "q07", "value": "yes", "origin": "service"}
    kept = (await caller.post(f"{API}/orchard/answer", json=body)).json()
    assert kept["items"][6]["given"] == {
        "value": "yes", "origin": "service", "staff": "s1", "at": "2026-11-20T20:40:00Z", "number": 1,
    }  # fmt: skip
    problem(await caller.post(f"{API}/orchard/answer", json={**body, "value": "no"}), 409)
    done = (await caller.post(f"{API}/orchard/finish", json={"sheet": sheet})).json()
    (one,) = done["assessments"]
    assert (one["tier"], one["by"], one["origins"]) == ("P1", "s1", {"q07": "service"})
    judged = (await caller.post(f"{API}/orchard/judge", json={"tier": "P2", "reason": "Years ago"})).json()
    assert [(j["found"], j["tier"], j["reason"]) for j in judged["judgements"]] == [("P1", "P2", "Years ago")]
    assert (await caller.get(f"{API}/orchard/assessments")).json() == judged


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sheet": "s", "item": "q07"},
        {"sheet": "s", "item": "q07", "value": "yes", "origin": "rumour"},
        {"sheet": "s", "item": "Q 7", "value": "yes"},
        {"sheet": "s", "item": "q07", "value": 1},
        {"sheet": "s", "item": "q07", "value": None, "before": -1},
        {"sheet": "s", "item": "q07", "value": None, "note": "x"},
    ],
)
async def test_the_api_takes_no_other_answer(body: dict[str, object], caller: httpx.AsyncClient) -> None:
    await caller.post("/api/v1/alerts/K2A/claim")
    problem(await caller.post(f"{API}/orchard/answer", json=body), 422)


async def test_the_api_opens_a_case_by_a_reason_in_a_header(caller: httpx.AsyncClient, house: House) -> None:
    problem(await caller.get(API), 409)
    problem(await caller.post(f"{API}/orchard/judge", json={"tier": "P1"}), 409)
    assert house.memory.audit == []
    headers = {"Rowan-Reason": "Für Inés, die krank ist".encode()}
    assert (await caller.get(API, headers=headers)).status_code == 200  # type: ignore[arg-type]
    (row,) = house.memory.audit
    assert row == Audited("s1", "case.read.break_glass", HER, row.at, "Für Inés, die krank ist")
    problem(await caller.get(f"{API}/nothing", headers={"Rowan-Reason": "x"}), 404)
