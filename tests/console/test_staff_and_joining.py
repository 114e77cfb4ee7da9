"""Who is on call, and the code that lets somebody in."""

from __future__ import annotations

import re

import pytest

from escalation.belongings import Phone
from flows.text.canonical import canonical
from storage.memory import Audited
from tests.console.conftest import Visitor
from tests.console.examples import NOW, House

CODE = re.compile(r"\b[2-9A-Y]{4}-[2-9A-Y]{4}\b")


async def test_everybody_at_the_desk_sees_who_is_on_call(sam: Visitor) -> None:
    page = (await sam.get("/staff")).text
    assert page.index("Sam Okafor</b>") < page.index("Inés Duarte</b>") < page.index("Ruth Adeyemi</b>")
    assert "Supervisors change who is on call." in page
    assert 'name="duty"' not in page


async def test_a_supervisor_changes_who_is_on_call_and_it_is_recorded(ruth: Visitor, house: House) -> None:
    answer = await ruth.post("/staff/s2/duty", duty="on_call")
    assert answer.headers["location"] == "/console/staff?notice=duty_changed"
    assert house.memory.accounts["s2"].staff.duty == "on_call"
    assert Audited("s3", "duty.on_call", "s2", NOW) in house.memory.audit


async def test_a_worker_cannot(sam: Visitor, house: House) -> None:
    assert (await sam.post("/staff/s1/duty", duty="off")).status_code == 403
    assert house.memory.accounts["s1"].staff.duty == "on_call"


@pytest.mark.parametrize(
    ("staff", "duty", "status"), [("s1", "asleep", 422), ("s1", "", 422), ("s99", "off", 404), ("s4", "on_call", 422)]
)
async def test_only_casework_and_only_real_duties(
    staff: str, duty: str, status: int, ruth: Visitor, house: House
) -> None:
    before = dict(house.memory.accounts)
    assert (await ruth.post(f"/staff/{staff}/duty", duty=duty)).status_code == status
    assert house.memory.accounts == before


async def test_the_duty_that_stands_is_pressed(ruth: Visitor) -> None:
    page = (await ruth.get("/staff")).text
    duties = page.partition("<main")[2]
    assert duties.count('aria-pressed="true"') == 3  # two workers and the supervisor: nobody else can be on call


async def test_a_supervisor_takes_a_lost_phone_and_a_token_and_signs_out(
    ruth: Visitor, sam: Visitor, house: House
) -> None:
    house.memory.phones["s1"] = [Phone("p1", "sms", "201", True)]
    token = await house.accounts.new_token("s1", "<b>laptop</b>", NOW)
    page = (await ruth.get("/staff/s1")).text
    assert "…201" in page
    assert "&lt;b&gt;laptop" in page
    assert token not in page
    await ruth.post("/staff/s1/phones/remove", phone="p1")
    await ruth.post("/staff/s1/tokens/revoke", token=house.memory.labels[token].id)
    assert (await sam.get("/queue")).status_code == 200
    answer = await ruth.post("/staff/s1/sign-out")
    assert answer.headers["location"] == "/console/staff/s1?notice=taken"
    assert (await sam.get("/queue")).headers["location"].startswith("/console/sign-in")
    has = await house.accounts.belongings("s1")
    assert (has.phones, [one.label for one in has.tokens], has.browsers) == ((), ["case system"], 0)
    assert Audited("s3", "phone.remove", "s1", NOW) in house.memory.audit


async def test_a_worker_who_left_is_taken_off_and_the_alert_waits_again(
    ruth: Visitor, sam: Visitor, house: House
) -> None:
    await sam.post("/alerts/K2A/claim")
    answer = await ruth.post("/staff/s1/deactivate")
    assert answer.headers["location"] == "/console/staff?notice=deactivated"
    assert house.memory.alerts["K2A"].state == "open"
    assert (await sam.get("/queue")).headers["location"].startswith("/console/sign-in")
    assert "Sam Okafor" not in (await ruth.get("/staff")).text
    assert (await ruth.get("/staff/s1")).status_code == 404


async def test_nobody_takes_themselves_off(ruth: Visitor, house: House) -> None:
    assert 'id="deactivate"' not in (await ruth.get("/staff/s3")).text
    refused = await ruth.post("/staff/s3/deactivate")
    assert refused.status_code == 409
    assert "Nobody can take themselves off." in refused.text
    assert house.memory.accounts["s3"].staff.active


@pytest.mark.parametrize("act", ["deactivate", "sign-out", "phones/remove", "tokens/revoke"])
async def test_a_supervisor_takes_nothing_from_an_administrator_nor_what_is_not_there(
    act: str, ruth: Visitor, house: House
) -> None:
    adm = next(a.staff.id for a in house.memory.accounts.values() if a.staff.role == "administrator")
    before = dict(house.memory.accounts), dict(house.memory.sessions)
    assert (await ruth.post(f"/staff/{adm}/{act}")).status_code == 403
    assert (await ruth.post(f"/staff/s99/{act}")).status_code == 404
    if "/" in act:
        assert (await ruth.post(f"/staff/s1/{act}", phone="p9", token="t9")).status_code == 422
    assert (dict(house.memory.accounts), dict(house.memory.sessions)) == before


async def test_a_code_is_made_once_per_press_and_shown_once(sam: Visitor, house: House) -> None:
    assert not CODE.search((await sam.get("/joining-code")).text)
    page = (await sam.post("/joining-code", language="es", case=" DV-2210 ")).text
    ((code, invited),) = house.memory.codes.items()
    assert [canonical(shown) for shown in CODE.findall(page)] == [code]
    assert "Never send it by text" in page
    assert "+15550100" in page
    assert (invited.staff, invited.language, invited.case) == ("s1", "es", "DV-2210")
    assert not CODE.search((await sam.get("/joining-code")).text)


@pytest.mark.parametrize("fields", [{"language": "xx"}, {"case": "x" * 61}])
async def test_an_invitation_is_checked(fields: dict[str, str], sam: Visitor, house: House) -> None:
    assert (await sam.post("/joining-code", **fields)).status_code == 422
    assert house.memory.codes == {}


async def test_how_to_hand_it_over_is_told_before_it_is_made(sam: Visitor) -> None:
    assert "Give it face to face, when she is alone." in (await sam.get("/joining-code")).text


async def test_a_supervisor_finds_cases_by_the_whole_number_and_another_only_what_they_hold(
    ruth: Visitor, sam: Visitor, house: House
) -> None:
    house.her.number = "DV-2210"
    found = await ruth.post("/case-number", number="dv-2210")
    assert 'href="/console/cases/P-K2A">P-K2A</a>' in found.text
    assert "No case that you may see" in (await ruth.post("/case-number", number="DV-22")).text
    assert "No case that you may see" in (await sam.post("/case-number", number="DV-2210")).text
    await sam.post("/alerts/K2A/claim")
    assert 'href="/console/cases/P-K2A"' in (await sam.post("/case-number", number="DV-2210")).text
    assert (await ruth.post("/case-number", number="x" * 61)).status_code == 422


async def test_the_number_is_changed_on_the_case_page_and_shown_to_nobody_who_opens_it_by_reason(
    claimed: Visitor, ines: Visitor, house: House
) -> None:
    kept = await claimed.post("/cases/P-K2A/number", number=" DV-2210 ")
    assert kept.headers["location"] == "/console/cases/P-K2A?notice=numbered"
    page = (await claimed.get("/cases/P-K2A?notice=numbered")).text
    assert "The case number is kept. Nothing was sent." in page
    assert 'value="DV-2210"' in page
    read = await ines.post("/cases/P-K2A", reason="Weekly meeting")
    assert read.status_code == 200
    assert "DV-2210" not in read.text
    refused = await ines.post("/cases/P-K2A/number", number="X-1", reason="Weekly meeting")
    assert refused.status_code == 409
    assert house.her.number == "DV-2210"
