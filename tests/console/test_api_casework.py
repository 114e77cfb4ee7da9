"""Tasks and what is on file at the API: as the pages have them, for the same people, with every act in the audit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from escalation.access import Assignment
from escalation.casefile import Agency, Order, OwnItem
from escalation.tasks import NewTask
from storage.memory import to_do
from tests.console.examples import HER, NOW, TOKEN, House
from tests.console.test_api import WHY_HERE, api_time, problem

TASKS, HERS = "/api/v1/tasks", f"/api/v1/recipients/{HER}"
A_TASK = {"kind": "contact", "words": "Ring the school", "due_at": "2026-11-21T09:30:00+01:00"}
AN_ORDER = {"kind": "no_contact", "who": "Mr. R.", "whom": "her", "until": "2026-12-24"}
DOORS = [
    ("GET", "tasks", None),
    ("POST", "tasks", A_TASK),
    ("GET", "file", None),
    ("POST", "orders", AN_ORDER),
    ("POST", "agencies", {"name": "Housing", "consent": "yes"}),
    ("POST", "own-items", {"words": "Ask the school"}),
    ("POST", "file/end", {"entry": "e1"}),
]


@pytest.fixture
async def holder(caller: httpx.AsyncClient) -> httpx.AsyncClient:
    """Sam's system, with her alert claimed."""
    await caller.post("/api/v1/alerts/K2A/claim")
    return caller


async def test_a_task_is_made_listed_and_done(holder: httpx.AsyncClient, house: House) -> None:
    made = await holder.post(f"{HERS}/tasks", json=A_TASK)
    assert made.status_code == 201
    (task,) = made.json()["tasks"]
    assert (task["words"], task["staff"], task["recipient"], task["done_at"]) == ("Ring the school", "s1", HER, None)
    assert task["due_at"].startswith("2026-11-21T09:30:00+01:00")
    assert (await holder.get(TASKS)).json() == (await holder.get(f"{HERS}/tasks")).json() == made.json()
    done = await holder.post(f"{TASKS}/{task['id']}/done")
    assert done.json() == {"id": task["id"], "done_at": api_time(NOW)}
    assert (await holder.get(TASKS)).json() == {"tasks": []}
    (after,) = (await holder.get(f"{HERS}/tasks")).json()["tasks"]
    assert after["done_by"] == "s1"
    assert "done already" in problem(await holder.post(f"{TASKS}/{task['id']}/done"), 409)["detail"]
    assert [row.action for row in house.memory.audit][-3:] == ["case.read", "task.make", "task.done"]


async def test_a_task_is_for_a_colleague_or_for_whoever_is_on_duty(holder: httpx.AsyncClient, house: House) -> None:
    await holder.post(f"{HERS}/tasks", json=A_TASK | {"staff": "s2"})
    await holder.post(f"{HERS}/tasks", json=A_TASK | {"staff": ""})
    assert [task.staff for task in house.memory.tasks.values()] == ["s2", ""]
    assert (await holder.get(TASKS)).json() == {"tasks": []}
    problem(await holder.post(f"{HERS}/tasks", json=A_TASK | {"staff": "s4"}), 409)


async def test_of_a_case_that_is_not_open_to_the_caller_no_word_of_a_task_is_said(
    caller: httpx.AsyncClient, house: House
) -> None:
    due = NOW + timedelta(days=1)
    await house.tasks.make(HER, NewTask("general", due, "canary", "s1"), "s2", NOW, "Planning")
    (task,) = (await caller.get(TASKS)).json()["tasks"]
    assert (task["recipient"], task["words"]) == (HER, "")


async def test_what_ends_by_its_act_is_not_done_by_a_call(holder: httpx.AsyncClient, house: House) -> None:
    to_do.keep(house.memory, NewTask("debrief", NOW + timedelta(days=3), "K2A", "s1", "K2A"), "", NOW)
    (task,) = (await holder.get(TASKS)).json()["tasks"]
    assert (task["kind"], task["recipient"], task["by"]) == ("debrief", "", "")
    assert "ends by itself" in problem(await holder.post(f"{TASKS}/{task['id']}/done"), 409)["detail"]


async def test_what_is_on_file_is_kept_and_ended_and_stays_to_be_read(holder: httpx.AsyncClient, house: House) -> None:
    kept = await holder.post(f"{HERS}/orders", json=AN_ORDER | {"words": "Not within the town"})
    assert kept.status_code == 201
    (order,) = kept.json()["orders"]
    assert (order["who"], order["since"], order["until"], order["stands"]) == ("Mr. R.", None, "2026-12-24", True)
    exit_ = {"fact": "negotiated_exit", "value": "agreed"}
    assert "order stands" in problem(await holder.post(f"{HERS}/records", json=exit_), 409)["detail"]
    agency = {"name": "Housing", "consent": "no", "person": "duty officer", "reference": "H-12", "since": "2026-11-01"}
    agency["news_to"] = "duty@housing.example"
    await holder.post(f"{HERS}/agencies", json=agency)
    await holder.post(f"{HERS}/own-items", json={"words": "Ask the school"})
    found = (await holder.get(f"{HERS}/file")).json()
    assert {name: found["agencies"][0][name] for name in agency} == agency
    assert [one["words"] for one in found["own_items"]] == ["Ask the school"]
    assert [task.kind for task in house.memory.tasks.values()] == ["order"]
    after = (await holder.post(f"{HERS}/file/end", json={"entry": order["id"]})).json()
    assert [(one["stands"], one["ended_by"]) for one in after["orders"]] == [(False, "s1")]
    assert [task.done_by for task in house.memory.tasks.values()] == ["s1"]
    entries = [one.entry for one in await house.casefile.of_person(HER)]
    assert [type(one) for one in entries] == [Order, Agency, OwnItem]
    assert [row.action for row in house.memory.audit if row.action.startswith("case.file")] == [
        "case.file", "case.file", "case.file", "case.file_end",
    ]  # fmt: skip


@pytest.mark.parametrize(("method", "door", "body"), DOORS)
async def test_each_opens_the_case_by_the_one_rule(
    method: str, door: str, body: dict[str, Any] | None, caller: httpx.AsyncClient, house: House
) -> None:
    """Nothing without a reason where nothing is held; partner support its own cases, and no other for any reason."""
    assert "reason" in problem(await caller.request(method, f"{HERS}/{door}", json=body), 409)["detail"]
    assert (house.memory.tasks, house.memory.casefile, house.her.recorded) == ({}, {}, {})
    known = {200, 201, 404 if door == "file/end" else 200}
    assert (await caller.request(method, f"{HERS}/{door}", json=body, headers=WHY_HERE)).status_code in known
    read = [(row.actor, row.action, row.detail) for row in house.memory.audit if row.action.startswith("case.read")]
    assert read == [("s1", "case.read.break_glass", WHY_HERE["Rowan-Reason"])]
    house.memory.tokens[TOKEN] = "s7"
    refused = await caller.request(method, f"{HERS}/{door}", json=body, headers=WHY_HERE)
    assert "not assigned to you" in problem(refused, 409)["detail"]
    house.memory.assigned[HER] = [Assignment("a1", "s7", "partner_support", NOW)]
    assert (await caller.request(method, f"{HERS}/{door}", json=body)).status_code in known


@pytest.mark.parametrize(
    ("door", "body", "status"),
    [
        ("tasks", A_TASK | {"kind": "sign"}, 422),  # the service's own
        ("tasks", A_TASK | {"words": ""}, 422),
        ("tasks", A_TASK | {"words": " "}, 409),
        ("tasks", A_TASK | {"due_at": "2026-11-21T09:30:00"}, 422),
        ("tasks", A_TASK | {"due_at": "2026-11-20T09:30:00Z"}, 409),  # that is over
        ("tasks", A_TASK | {"due_at": "9999-12-31T23:59:59Z"}, 409),
        ("tasks", A_TASK | {"who": "s2"}, 422),
        ("orders", AN_ORDER | {"who": " "}, 409),
        ("orders", AN_ORDER | {"until": "2026-11-01"}, 409),
        ("orders", AN_ORDER | {"until": "soon"}, 422),
        ("orders", AN_ORDER | {"since": "0001-01-01", "until": "9999-12-31"}, 201),
        ("orders", AN_ORDER | {"kind": "house arrest"}, 422),
        ("orders", AN_ORDER | {"words": "x" * 501}, 422),
        ("agencies", {"name": "", "consent": "yes"}, 409),
        ("agencies", {"name": "Housing", "consent": "perhaps"}, 422),
        ("own-items", {"words": ""}, 409),
        ("file/end", {"entry": "none"}, 404),
    ],
)
async def test_what_is_nothing_to_keep_is_refused(
    door: str, body: dict[str, Any], status: int, holder: httpx.AsyncClient, house: House
) -> None:
    assert (await holder.post(f"{HERS}/{door}", json=body)).status_code == status
    assert (house.memory.tasks == {}) == (status != 201)


async def test_a_task_that_is_not_there(holder: httpx.AsyncClient) -> None:
    problem(await holder.post(f"{TASKS}/none/done"), 404)
