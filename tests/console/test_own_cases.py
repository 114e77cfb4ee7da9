"""Partner support at the console: its own cases, what it may do with them, and nothing of anybody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from escalation.access import Assignment
from tests.console.conftest import Browser, Visitor
from tests.console.examples import HER, NOW, WHY, House, an_alert

PIA = "s7"


@pytest.fixture
async def pia(browser: Browser, house: House) -> Visitor:
    """Pia, whose case is that of K2A."""
    house.memory.assigned[HER] = [Assignment("a1", PIA, "partner_support", NOW)]
    return await browser("pia")


async def test_the_first_page_is_her_own_cases_with_their_alerts_and_nothing_of_the_queue(
    pia: Visitor, house: House
) -> None:
    house.put(an_alert("ZZZ", "P-ZZZ"), WHY)
    assert (await pia.get("/")).headers["location"] == "/console/own"
    page = (await pia.get("/own")).text
    assert HER in page
    assert "K2A" in page
    assert "ZZZ" not in page
    assert (await pia.get("/queue")).status_code == 403


async def test_no_case_is_told_calmly(browser: Browser) -> None:
    assert "No case is assigned to you" in (await (await browser("pia")).get("/own")).text


async def test_her_own_case_opens_and_offers_what_she_may_do(pia: Visitor, house: House) -> None:
    page = (await pia.get(f"/cases/{HER}")).text
    assert 'id="on-call-takes"' in page
    assert 'id="claim"' not in page, "an urgent one is for who is on call"
    assert 'id="plan-change"' in page
    assert 'id="erase-link"' not in page
    assert 'id="assign"' not in page
    house.memory.alerts["K2A"] = replace(house.memory.alerts["K2A"], tier="P2")
    assert 'id="claim"' in (await pia.get(f"/cases/{HER}")).text
    assert (await pia.post("/alerts/K2A/claim")).headers["location"] == f"/console/cases/{HER}"
    released = await pia.post("/alerts/K2A/release", claim="1")
    assert released.headers["location"] == "/console/own?notice=released"


async def test_another_case_is_refused_whatever_the_reason(pia: Visitor, house: House) -> None:
    house.put(an_alert("ZZZ", "P-ZZZ"), WHY)
    for answer in (await pia.get("/cases/P-ZZZ"), await pia.post("/cases/P-ZZZ", reason="I know her")):
        assert answer.status_code == 403
        assert "Not one of your cases" in answer.text
        assert 'name="reason"' not in answer.text
    assert house.memory.audit == []


async def test_an_urgent_alert_is_refused_on_her_own_page(pia: Visitor) -> None:
    answer = await pia.post("/alerts/K2A/claim")
    assert answer.status_code == 409
    assert "A P0 or P1 is taken by who is on call." in answer.text
    assert "Your cases" in answer.text


async def test_a_supervisor_assigns_and_ends_on_the_case_page(ruth: Visitor, house: House) -> None:
    page = (await ruth.post(f"/cases/{HER}", reason="Weekly meeting")).text
    assert "Nobody is assigned to it." in page
    form = {"reason": "Weekly meeting", "staff": PIA, "as": "partner_support"}
    page = (await ruth.post(f"/cases/{HER}/assigned", **form)).text
    assert "Assigned." in page
    assert "Pia Lind</b> Partner support" in page
    (standing,) = house.memory.assigned[HER]
    ended = await ruth.post(f"/cases/{HER}/assigned/end", reason="Weekly meeting", assignment=standing.id)
    assert "Nobody is assigned to it." in ended.text
    assert (await ruth.post(f"/cases/{HER}/assigned", **{**form, "as": "owner"})).status_code == 422


async def test_who_opens_a_case_by_a_reason_cannot_make_it_theirs(ines: Visitor, house: House) -> None:
    page = (await ines.post(f"/cases/{HER}", reason="Sam fell ill")).text
    assert 'id="assign"' not in page
    answer = await ines.post(f"/cases/{HER}/assigned", reason="Sam fell ill", staff="s2", **{"as": "key_worker"})
    assert answer.status_code == 409
    assert house.memory.assigned.get(HER, []) == []


DECISION = {"facts": "She wants a refuge", "options": "Two near by", "decision": "Ask both", "tier": "P3"}


async def test_partner_support_writes_decisions_of_its_own_case_and_another_role_signs(
    pia: Visitor, ruth: Visitor, house: House
) -> None:
    assert f'href="/console/cases/{HER}/decisions"' in (await pia.get(f"/cases/{HER}")).text
    done = await pia.post(f"/cases/{HER}/decisions/write", basis="consent", shared_with="Both refuges", **DECISION)
    assert done.headers["location"] == f"/console/cases/{HER}/decisions?notice=decided"
    assert [task.staff for task in house.memory.tasks.values()] == ["s3"], "she has a P1: whoever supervises signs"
    other = {**DECISION, "facts": "By a worker"}
    await ruth.post(f"/cases/{HER}/decisions/write", basis="consent", shared_with="One", reason="Meeting", **other)
    page = (await pia.get(f"/cases/{HER}/decisions")).text
    assert "By a worker" in page
    assert 'id="sign-2"' not in page
    assert (await pia.post(f"/cases/{HER}/decisions/sign", number="2", agreed="1")).status_code == 403
    assert (await pia.get("/decisions")).status_code == 403
    signed = await ruth.post(f"/cases/{HER}/decisions/sign", number="1", agreed="1", reason="To sign")
    assert "Signed by Ruth Adeyemi" in signed.text


async def test_partner_support_gives_a_page_of_its_own_case_and_keeps_its_receipt(pia: Visitor, house: House) -> None:
    assert (await pia.get(f"/cases/{HER}/referral")).status_code == 200
    given = {"to": "Desk B", "basis": "consent", "handed": "post", "receipt": "2026-11-25"}
    page = await pia.post(f"/cases/{HER}/referral/give", receiver="refuge", chosen="goal.one", **given)
    assert page.status_code == 200
    assert [task.staff for task in house.memory.tasks.values()] == [PIA]
    await pia.post(f"/cases/{HER}/decisions/received", number="1", word="Their desk, by phone")
    assert [task.done_by for task in house.memory.tasks.values()] == [PIA]


async def test_of_another_s_case_partner_support_reads_and_writes_no_decision(pia: Visitor, house: House) -> None:
    her = house.put(an_alert("ZZZ", "P-ZZZ"), WHY)
    form = {"reason": "I know her", "basis": "none", **DECISION}
    for door in ("decisions", "decisions/write", "decisions/received", "referral", "referral/choose", "referral/give"):
        answer = await pia.post(f"/cases/P-ZZZ/{door}", receiver="marac", chosen="", number="1", **form)
        assert answer.status_code == 403, door
    assert her.entries == []
