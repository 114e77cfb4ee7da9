"""The rota's page: what it shows, who changes what, the private link."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from escalation.rota import Shift
from escalation.rota.port import Calendar, OffCover
from tests.console.conftest import Browser, Visitor
from tests.console.examples import NOW, House

DAY = timedelta(days=1)
TONIGHT = {
    "from": (NOW + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"),
    "until": (NOW + DAY).strftime("%Y-%m-%dT%H:%M"),
}
LATER = {
    "back_from": (NOW + 2 * DAY).strftime("%Y-%m-%dT%H:%M"),
    "back_until": (NOW + 3 * DAY).strftime("%Y-%m-%dT%H:%M"),
}


def planned(house: House, staff: str = "s1", days: int = 30) -> None:
    """A calendar has this worker on call for so long, from a week ago on."""
    house.memory.calendars.append(Calendar("c1", "Nights", 1, "on_call", "Europe/London", "", None, None, ()))
    house.memory.shifts.append(Shift(staff, "on_call", 1, NOW - 7 * DAY, NOW + days * DAY, "c1"))


def promise_of(page: str) -> str:
    found = re.search(r'name="promise" value="([^"]+)"', page)
    assert found
    return found[1]


async def test_it_shows_who_is_on_and_each_day_with_its_people(sam: Visitor, house: House) -> None:
    planned(house)
    page = (await sam.get("/rota")).text
    assert page.count("<tr") == 1 + 7
    assert "Sam Okafor" in page
    assert "Inés Duarte" in page, "the backup, by hand"
    assert "When nobody is on call" not in page
    assert (await sam.get("/rota?view=month")).text.count("<tr") == 1 + 28
    assert 'class="today"' in page
    assert 'class="today"' not in (await sam.get("/rota?from=2025-12-29")).text


@pytest.mark.parametrize(
    "query", ["?view=year", "?from=soon", "?from=9999-12-31", "?from=0001-01-01", "?from=2026-02-30"]
)
async def test_nonsense_in_the_address_shows_this_week(query: str, sam: Visitor) -> None:
    answer = await sam.get(f"/rota{query}")
    assert answer.status_code == 200
    assert 'class="today"' in answer.text


async def test_a_hole_is_shown_in_the_table_and_above_it(sam: Visitor, house: House) -> None:
    planned(house, days=1)
    page = (await sam.get("/rota?view=month")).text
    assert "When nobody is on call" in page
    assert "By hand: Sam Okafor." in page
    house.memory.accounts["s1"] = replace(
        house.memory.accounts["s1"], staff=replace(house.memory.accounts["s1"].staff, duty="off")
    )
    page = (await sam.get("/rota?view=month")).text
    assert "By hand" not in page
    assert '<p class="part hole"><b>Nobody</b>' in page


async def test_a_swap_asked_by_one_is_accepted_by_the_other(sam: Visitor, ines: Visitor, house: House) -> None:
    planned(house)
    answer = await sam.post("/rota/ask", kind="swap", staff="s2", **TONIGHT, **LATER)
    assert answer.headers["location"] == "/console/rota?notice=rota_asked"
    page = (await sam.get("/rota")).text
    assert "Inés Duarte stands in for Sam Okafor" in page
    assert ">Accept<" not in page
    assert "Take back" in page
    hers = (await ines.get("/rota")).text
    assert (">Accept<" in hers, "Decline" in hers) == (True, True)
    assert (await sam.post("/rota/accept", promise=promise_of(page))).status_code == 409
    answer = await ines.post("/rota/accept", promise=promise_of(hers))
    assert answer.headers["location"] == "/console/rota?notice=rota_changed"
    assert all(cover.accepted_at == NOW for cover in house.memory.covers)
    assert "End it" not in (await sam.get("/rota")).text, "a supervisor's from now on"


async def test_a_worker_gives_only_their_own_shift_away(ines: Visitor, sam: Visitor, house: House) -> None:
    planned(house)
    assert (await ines.post("/rota/ask", kind="swap", staff="s3", instead="s1", **TONIGHT)).status_code == 303
    (cover,) = house.memory.covers
    assert (cover.instead, cover.accepted_at) == ("s2", None), "whoever the form names"
    assert (await ines.post("/rota/ask", kind="override", staff="s3", **TONIGHT)).status_code == 422
    assert (await sam.post("/rota/ask", kind="swap", staff="s1", **TONIGHT)).status_code == 409


async def test_a_supervisor_sets_it_at_once_and_ends_it(ruth: Visitor, house: House) -> None:
    planned(house)
    answer = await ruth.post("/rota/ask", kind="holiday", staff="s2", instead="s1", **TONIGHT)
    assert answer.headers["location"] == "/console/rota?notice=rota_set"
    page = (await ruth.get("/rota")).text
    assert "Cover for time away" in page
    assert (await ruth.post("/rota/end", promise=promise_of(page))).status_code == 303
    assert house.memory.covers == []
    assert (await ruth.post("/rota/end", promise="nothing")).status_code == 409


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 409),
        ({"from": "soon", "until": "later"}, 409),
        ({"from": "0001-01-01T00:00", "until": "9999-12-31T23:59"}, 409),
        (TONIGHT | {"back_from": LATER["back_from"]}, 409),
        (TONIGHT | {"kind": "gift"}, 422),
        (TONIGHT | {"duty": "off"}, 422),
        (TONIGHT | {"staff": "nobody"}, 409),
        (TONIGHT | {"staff": "s4"}, 409),
    ],
)
async def test_what_cannot_be_is_said_and_the_form_keeps_what_was_written(
    fields: dict[str, str], status: int, ruth: Visitor, house: House
) -> None:
    planned(house)
    answer = await ruth.post("/rota/ask", **({"kind": "override", "staff": "s2", "instead": "s1"} | fields))
    assert answer.status_code == status
    assert house.memory.covers == []
    if status == 409 and "from" in fields:
        assert f'value="{fields["from"]}"' in answer.text


async def test_times_are_those_of_the_staffs_zone(ruth: Visitor, house: House) -> None:
    times = {"from": "2026-07-01T22:00", "until": "2026-07-02T08:00"}
    house.clock.now = NOW.replace(year=2026, month=6, day=30)
    assert (await ruth.post("/rota/ask", kind="holiday", staff="s2", instead="s1", **times)).status_code == 303
    (cover,) = house.memory.covers
    assert f"{cover.start:%d %H:%M} {cover.end:%d %H:%M}" == "01 21:00 02 07:00"


async def test_who_cannot_be_paged_is_shown_and_comes_back(
    ruth: Visitor, sam: Visitor, ines: Visitor, house: House
) -> None:
    house.memory.off_cover["s1"] = OffCover(NOW, "shut")
    page = (await ines.get("/rota")).text
    assert "Cannot be paged" in page
    assert "can be paged again" not in page, "Sam or a supervisor says so"
    assert (await ines.post("/rota/back", person="s1")).status_code == 409
    assert "No phone of theirs" in (await sam.post("/rota/back", person="s1")).text
    assert "Nobody is on call" in (await ines.get("/queue")).text


async def test_the_queue_and_the_staff_page_show_the_duty_of_now(ruth: Visitor, house: House) -> None:
    planned(house, "s3")
    assert "Ruth Adeyemi" in (await ruth.get("/queue")).text
    page = (await ruth.get("/staff")).text
    assert "By the rota now: On call" in page
    assert "By the rota now: Off" in page, "what was set by hand for Sam does not count now"


async def test_an_administrator_looks_and_changes_nothing(browser: Browser) -> None:
    administrator = await browser("adm")
    page = (await administrator.get("/rota")).text
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    assert (await administrator.post("/rota/ask", kind="swap")).status_code == 403


# the link


async def test_a_private_link_gives_ones_own_shifts_to_whoever_has_it(
    sam: Visitor, nobody: Visitor, house: House
) -> None:
    planned(house)
    made = (await sam.post("/rota/link")).text
    found = re.search(r"https://desk\.example(/console/rota/[\w-]+\.ics)", made)
    assert found
    assert found[1] not in (await sam.get("/rota")).text, "shown once"
    answer = await nobody.client.get(found[1])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert "Sam Okafor" in answer.text
    assert "Inés" not in answer.text
    assert "set-cookie" not in answer.headers
    await sam.post("/rota/link/end")
    assert (await nobody.client.get(found[1])).status_code == 404
    assert (await nobody.client.get("/console/rota/guess.ics")).status_code == 404
