"""Who is on call, and the code that lets somebody in."""

from __future__ import annotations

import pytest

from escalation.ports import Reading
from tests.console.conftest import Visitor
from tests.console.fakes import NOW, House


async def test_everybody_at_the_desk_sees_who_is_on_call(sam: Visitor) -> None:
    page = (await sam.get("/staff")).text
    assert page.index("Sam Okafor</b>") < page.index("Inés Duarte</b>") < page.index("Ruth Adeyemi</b>")
    assert "Supervisors change who is on call." in page
    assert 'name="duty"' not in page


async def test_a_supervisor_changes_who_is_on_call_and_it_is_recorded(ruth: Visitor, house: House) -> None:
    answer = await ruth.post("/staff/s2/duty", duty="on_call")
    assert answer.headers["location"] == "/console/staff?notice=duty_changed"
    assert house.accounts.people["s2"].duty == "on_call"
    assert ("s3", "duty.on_call", "s2") in house.accounts.records


async def test_a_supervisor_sees_who_opened_a_case_with_a_reason_and_a_worker_does_not(
    ruth: Visitor, sam: Visitor, house: House
) -> None:
    assert "Nobody has opened a case" in (await ruth.get("/staff")).text
    house.desk.opened.append(Reading(NOW, "s1", "K7M3QP", "<b>Inés</b> fell ill"))
    page = (await ruth.get("/staff")).text
    assert "Sam Okafor opened K7M3QP:" in page
    assert "&lt;b&gt;Inés" in page
    assert "K7M3QP" not in (await sam.get("/staff")).text


async def test_a_worker_cannot(sam: Visitor, house: House) -> None:
    assert (await sam.post("/staff/s1/duty", duty="off")).status_code == 403
    assert house.accounts.people["s1"].duty == "on_call"


@pytest.mark.parametrize(
    ("staff", "duty", "status"), [("s1", "asleep", 422), ("s1", "", 422), ("s99", "off", 404), ("s4", "on_call", 422)]
)
async def test_only_casework_and_only_real_duties(
    staff: str, duty: str, status: int, ruth: Visitor, house: House
) -> None:
    before = dict(house.accounts.people)
    assert (await ruth.post(f"/staff/{staff}/duty", duty=duty)).status_code == status
    assert house.accounts.people == before


async def test_the_duty_that_stands_is_pressed(ruth: Visitor) -> None:
    page = (await ruth.get("/staff")).text
    assert page.count('aria-pressed="true"') == 3  # two workers and the supervisor: nobody else can be on call


async def test_a_code_is_made_once_per_press_and_shown_once(sam: Visitor, house: House) -> None:
    assert "HARV" not in (await sam.get("/joining-code")).text
    page = (await sam.post("/joining-code", language="es", case=" DV-2210 ")).text
    assert "HARV ESTM OON" in page
    assert "Never send it by text" in page
    assert "+15550100" in page
    assert house.people.invited == [("s1", "es", "DV-2210")]
    assert "HARV" not in (await sam.get("/joining-code")).text


@pytest.mark.parametrize("fields", [{"language": "xx"}, {"case": "x" * 61}])
async def test_an_invitation_is_checked(fields: dict[str, str], sam: Visitor, house: House) -> None:
    assert (await sam.post("/joining-code", **fields)).status_code == 422
    assert house.people.invited == []


async def test_how_to_hand_it_over_is_told_before_it_is_made(sam: Visitor) -> None:
    assert "Give it face to face, when she is alone." in (await sam.get("/joining-code")).text
