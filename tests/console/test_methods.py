"""How I am paged: a worker's own page, by plain forms."""

from __future__ import annotations

import pytest

from escalation.belongings import Phone
from tests.console.conftest import Visitor
from tests.console.examples import House


def the_way(house: House, staff: str = "s1") -> str:
    return house.memory.phones[staff][-1].id


async def added(sam: Visitor, house: House) -> str:
    """A number of Sam's, and its code on the way. Returns its id."""
    answer = await sam.post("/paged/add", method="sms", address="07700 900201")
    assert answer.headers["location"] == "/console/paged?notice=code_sent"
    return the_way(house)


async def test_a_way_is_added_proven_tried_and_removed(sam: Visitor, house: House) -> None:
    assert "No page reaches you now." in (await sam.get("/paged")).text
    way = await added(sam, house)
    page = (await sam.get("/paged")).text
    assert "Not proven yet" in page
    assert "Send me a test page" not in page
    code, _ = house.memory.proofs[way]
    answer = await sam.post("/paged/prove", way=way, code=code)
    assert answer.headers["location"] == "/console/paged?notice=proven"
    page = (await sam.get("/paged")).text
    assert "Pages go here." in page
    assert "…201" in page
    assert "900201" not in page, "the whole number is nowhere"
    await sam.post("/paged/test")
    assert house.memory.rings == [way]
    await sam.post("/paged/remove", way=way)
    assert house.memory.phones["s1"] == []


async def test_a_wrong_code_is_refused_with_what_to_do(sam: Visitor, house: House) -> None:
    way = await added(sam, house)
    code, _ = house.memory.proofs[way]
    answer = await sam.post("/paged/prove", way=way, code=f"{(int(code) + 1) % 10**6:06d}")
    assert answer.status_code == 409
    assert "Have a new one sent." in answer.text


async def test_a_number_that_is_none_stays_in_the_form(sam: Visitor, house: House) -> None:
    answer = await sam.post("/paged/add", method="email", address="<b>ana</b>")
    assert answer.status_code == 409
    assert 'value="&lt;b&gt;ana&lt;/b&gt;"' in answer.text
    assert '<option value="email" selected>' in answer.text
    assert "s1" not in house.memory.phones


@pytest.mark.parametrize("act", ["code", "prove", "remove"])
async def test_nobody_touches_a_colleagues(sam: Visitor, house: House, act: str) -> None:
    before = list(house.memory.phones["s3"])
    assert (await sam.post(f"/paged/{act}", way="p3", code="000000")).status_code == 404
    assert house.memory.phones["s3"] == before


async def test_a_way_that_is_not_set_up_here_is_refused(sam: Visitor, house: House) -> None:
    assert (await sam.post("/paged/add", method="pigeon", address="x")).status_code == 422
    assert "s1" not in house.memory.phones


async def test_the_queue_says_loudly_that_no_page_gets_out(sam: Visitor, house: House) -> None:
    loud = "No page gets out to anybody."
    assert loud not in (await sam.get("/queue")).text
    house.memory.phones["s3"] = [Phone("p3", "sms", "203", False)]
    for path in ("/queue", "/queue/list"):
        assert loud in (await sam.get(path)).text


# notices of this browser

BROWSER = f"{'s' * 22} B{'k' * 86} https://push.example.net/wpush/a-secret-Ab1"


async def test_a_browser_adds_itself_and_its_address_is_nowhere(sam: Visitor, house: House) -> None:
    answer = await sam.post("/paged/add", method="push", address=BROWSER)
    assert answer.headers["location"] == "/console/paged?notice=code_sent"
    page = (await sam.get("/paged")).text
    assert 'data-browser="Ab1"' in page
    assert "push.example.net" not in page
    way = the_way(house)
    code, _ = house.memory.proofs[way]
    await sam.post("/paged/prove", way=way, code=code)
    await sam.post("/paged/test")
    assert house.memory.rings == [way]


async def test_nobody_types_a_browser_and_without_scripts_the_page_says_why_not(sam: Visitor) -> None:
    page = (await sam.get("/paged")).text
    assert '<option value="push"' not in page
    assert "it needs scripts, and they are off in this browser" in page


@pytest.mark.parametrize(("address", "status"), [("https://push.example.net/1", 409), (BROWSER + "x" * 1000, 422)])
async def test_what_no_browser_gave_is_refused_and_not_said_again(
    sam: Visitor, house: House, address: str, status: int
) -> None:
    answer = await sam.post("/paged/add", method="push", address=address)
    assert answer.status_code == status
    assert "push.example.net" not in answer.text
    assert "s1" not in house.memory.phones or house.memory.phones["s1"] == []


async def test_a_browser_that_is_gone_is_added_again_on_that_browser(sam: Visitor, house: House) -> None:
    house.memory.phones["s1"] = [Phone("b1", "push", "Ab1", False)]
    page = (await sam.get("/paged")).text
    assert "Remove it, and add it again on that browser." in page
    assert "Write to the line from it" not in page


async def test_where_no_key_is_set_no_browser_is_offered(sam: Visitor, house: House) -> None:
    house.methods.offered = ("sms",)
    assert "Notices on this browser" not in (await sam.get("/paged")).text
    assert (await sam.post("/paged/add", method="push", address=BROWSER)).status_code == 422
