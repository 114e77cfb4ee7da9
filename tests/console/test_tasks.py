"""Tasks by the forms of the case page, and on the page of whose they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from escalation.tasks import Task
from tests.console.conftest import Visitor
from tests.console.examples import HER, House

WORDS = "Ring the school about <b>Friday</b>"


def the_task(house: House) -> Task:
    (task,) = house.memory.tasks.values()
    return task


async def test_a_task_is_made_and_done_on_the_case_page(claimed: Visitor, house: House) -> None:
    made = await claimed.post(
        f"/cases/{HER}/tasks", kind="contact", task_words=WORDS, by="2026-11-21T09:30", whose="s2"
    )
    assert made.headers["location"] == f"/console/cases/{HER}?notice=task_made"
    task = the_task(house)
    assert (task.kind, task.words, task.staff, task.by) == ("contact", WORDS, "s2", "s1")
    assert task.due_at.isoformat() == "2026-11-21T09:30:00+00:00"
    page = (await claimed.get(f"/cases/{HER}")).text
    assert "Ring the school about &lt;b&gt;Friday&lt;/b&gt;" in page
    assert "Inés Duarte" in page
    done = await claimed.post(f"/cases/{HER}/tasks/done", task=task.id)
    assert done.headers["location"] == f"/console/cases/{HER}?notice=task_done"
    assert the_task(house).done_by == "s1"
    assert 'id="tasks-done"' in (await claimed.get(f"/cases/{HER}")).text
    again = await claimed.post(f"/cases/{HER}/tasks/done", task=task.id)
    assert again.status_code == 409
    assert "done already" in again.text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"by": "2026-11-20T09:30"}, 409),  # that is over
        ({"task_words": " "}, 409),
        ({"whose": "s4"}, 409),  # an editor has no cases
        ({"by": "tomorrow"}, 422),
        ({"kind": "order"}, 422),  # the service's own
        ({"task_words": "x" * 501}, 422),
    ],
)
async def test_what_is_no_task_is_refused_and_what_was_typed_stays(
    claimed: Visitor, house: House, fields: dict[str, str], status: int
) -> None:
    form = {"kind": "general", "task_words": "Ask the court", "by": "2026-11-21T09:30"} | fields
    refused = await claimed.post(f"/cases/{HER}/tasks", **form)
    assert refused.status_code == status
    assert house.memory.tasks == {}
    if status == 409:
        assert f'value="{form["by"]}"' in refused.text


async def test_my_tasks_shows_what_is_mine_and_leads_to_the_case(claimed: Visitor, ines: Visitor, house: House) -> None:
    await claimed.post(f"/cases/{HER}/tasks", kind="contact", task_words=WORDS, by="2026-11-20T20:50", whose="s2")
    assert "Nothing is given to you." in (await claimed.get("/tasks")).text
    page = (await ines.get("/tasks")).text
    assert f'href="/console/cases/{HER}#tasks"' in page
    assert "Ring the school" not in page, "she has not opened the case"
    assert "Overdue" not in page
    house.clock.forward(minutes=11)
    house.memory.tick(house.clock())
    assert "Overdue" in (await ines.get("/tasks")).text
    queue = (await ines.get("/queue")).text
    assert "A task is due: be in touch with her." in queue
    assert "Offered to you" in queue
    done = await ines.post("/tasks/done", task=the_task(house).id)
    assert done.headers["location"] == "/console/tasks?notice=task_done"
    assert "A task is due" not in (await ines.get("/queue")).text


async def test_a_task_of_another_wants_a_reason(ines: Visitor, claimed: Visitor, house: House) -> None:
    await claimed.post(f"/cases/{HER}/tasks", kind="general", task_words=WORDS, by="2026-11-21T09:30")
    task = the_task(house).id
    assert (await ines.post("/tasks/done", task=task)).status_code == 409
    assert (await ines.post(f"/cases/{HER}/tasks/done", task=task)).status_code == 403
    assert (await ines.post("/tasks/done", task="none")).status_code == 404
    assert the_task(house).done_at is None
    assert (await ines.post(f"/cases/{HER}/tasks/done", task=task, reason="Sam is ill")).status_code == 200
    assert the_task(house).done_by == "s2"


async def test_what_the_service_asks_leads_to_where_it_is_done_and_has_no_press_of_done(
    claimed: Visitor, ruth: Visitor, house: House
) -> None:
    written = {"facts": "He has a knife", "options": "A refuge", "decision": "Tonight", "basis": "none", "tier": "P1"}
    await claimed.post(f"/cases/{HER}/decisions/write", **written)
    page = (await ruth.get("/tasks")).text
    assert "A decision to sign" in page
    assert f'href="/console/cases/{HER}/decisions"' in page
    assert "knife" not in page
    assert 'action="/console/tasks/done"' not in page
    task = the_task(house).id
    refused = await ruth.post("/tasks/done", task=task)
    assert refused.status_code == 409
    case = (await claimed.get(f"/cases/{HER}")).text
    assert "A decision to sign" in case
    assert f'value="{task}"' not in case
    await ruth.post(f"/cases/{HER}/decisions/sign", number="1", agreed="1", reason="To sign")
    assert "Nothing is given to you." in (await ruth.get("/tasks")).text
    assert "A decision to sign" in (await claimed.get(f"/cases/{HER}")).text, "among those done lately"


async def test_a_receipt_is_asked_for_and_may_be_given_up(claimed: Visitor, house: House) -> None:
    given = {"to": "Desk B", "basis": "consent", "handed": "post", "ask": "Hear it", "receipt": "2026-11-25"}
    await claimed.post(f"/cases/{HER}/referral/give", receiver="marac", chosen="", **given)
    page = (await claimed.get("/tasks")).text
    assert "Ask whether a referral has arrived" in page
    assert "No. 1" in page
    assert f'href="/console/cases/{HER}/decisions"' in page
    assert 'action="/console/tasks/done"' in page
    await claimed.post(f"/cases/{HER}/decisions/received", number="1", word="Their desk, by phone")
    assert "Nothing is given to you." in (await claimed.get("/tasks")).text


async def test_after_a_p0_each_finds_the_page_on_which_it_is_said(
    claimed: Visitor, ines: Visitor, ruth: Visitor, house: House
) -> None:
    house.memory.alerts["K2A"] = replace(house.memory.alerts["K2A"], tier="P0")
    number = str(house.memory.alerts["K2A"].claim)
    await claimed.post("/alerts/K2A/resolve", claim=number, outcome="other", closing="At her sister's")
    mine, hers = (await claimed.get("/tasks")).text, (await ruth.get("/tasks")).text
    assert "A talk after a P0 that you held" in mine
    assert 'href="/console/my-load"' in mine
    assert "A talk with whoever held a P0" in hers
    assert 'href="/console/supervision"' in hers
    assert "K2A" in mine
    assert "Nothing is given to you." in (await ines.get("/tasks")).text
    await claimed.post("/debriefs/K2A", staff="s1")
    await ruth.post("/debriefs/K2A", staff="s1", **{"from": "supervision"})
    for visitor in (claimed, ruth):
        assert "Nothing is given to you." in (await visitor.get("/tasks")).text
