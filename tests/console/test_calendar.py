"""A supervisor looks at a calendar before it counts, says whom its names mean, changes it and takes it away."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import httpx
import pytest

from escalation.console.body_limit import LARGEST_WITH_FILE
from escalation.console.calendar_page import LARGEST
from escalation.console.forgery import FIELD
from escalation.rota.port import Calendar
from tests.console.conftest import SAME_ORIGIN, Visitor
from tests.console.examples import NOW, House
from tests.rota.calendars import calendar

DAY = timedelta(days=1)
FEED = "https://cal.example.org/s3cret/nights.ics"
AS = {"name": "Nights", "duty": "on_call", "layer": "1"}


def turns(*who: str, days: int = 5) -> str:
    """One after the other, so many days each, from yesterday on."""
    starts = [NOW.date() + DAY * (days * number - 1) for number in range(len(who))]
    return calendar(
        *(
            f"SUMMARY:{name}|DTSTART;VALUE=DATE:{start:%Y%m%d}|DURATION:P{days}D"
            for name, start in zip(who, starts, strict=True)
        )
    )


async def upload(visitor: Visitor, content: str | bytes, path: str = "/rota/calendar", **fields: str) -> httpx.Response:
    """As a browser sends a form with a file."""
    form = {FIELD: visitor.csrf, **AS, **fields}
    file = {"file": ("nights.ics", content, "text/calendar")}
    return await visitor.client.post(f"/console{path}", data=form, files=file, headers=SAME_ORIGIN)


def hidden(page: str) -> dict[str, str]:
    """What the form that is shown sends again by itself, but for the token."""
    form = page.partition('class="card sheet"')[2].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found if name != FIELD}


def holes(page: str) -> int:
    return page.partition('class="rota looked"')[2].partition("<table")[0].count('class="change hole"')


async def test_a_file_is_looked_at_matched_and_taken(ruth: Visitor, house: House) -> None:
    page = (await upload(ruth, turns("sam", "I. Duarte", "sam", days=6))).text
    assert "Nights: before it counts" in page
    assert page.count("<tr") == 1 + 14
    assert "Nobody on the team is called &#39;I. Duarte&#39;" in page
    assert (holes(page), "would be on call at 1 time" in page) == (1, True)
    assert "2 shifts of these days" in page
    assert (house.memory.calendars, house.memory.audit) == ([], []), "nothing is kept by looking"

    again = hidden(page)
    assert again["name0"] == "I. Duarte"
    page = (await ruth.post("/rota/calendar", **{**again, **AS, "who0": "s2"})).text
    assert (holes(page), "Somebody would be on call" in page) == (0, True)
    assert '<option value="s2" selected>' in page
    assert house.memory.calendars == []

    answer = await ruth.post("/rota/calendar/take", **{**hidden(page), **AS, "who0": "s2"})
    assert answer.headers["location"] == "/console/rota?notice=calendar_taken"
    (kept,) = house.memory.calendars
    assert (kept.name, kept.layer, kept.duty, kept.host) == ("Nights", 1, "on_call", "")
    assert kept.called == {"I. Duarte": "ines"}
    assert {shift.staff for shift in house.memory.shifts} == {"s1", "s2"}
    assert [(row.actor, row.action) for row in house.memory.audit] == [("s3", "rota.import")]


async def test_a_feed_is_asked_when_it_is_looked_at_and_again_when_it_is_taken(ruth: Visitor, house: House) -> None:
    house.feeds[FEED] = turns("sam")
    page = (await ruth.post("/rota/calendar", source=FEED, **AS)).text
    assert "1 shift of these days" in page
    again = hidden(page)
    assert (again["source"], "text" in again) == (FEED, False)
    house.feeds[FEED] = turns("ines")
    assert (await ruth.post("/rota/calendar/take", **again | AS)).status_code == 303
    assert [shift.staff for shift in house.memory.shifts] == ["s2"]
    page = (await ruth.get("/rota")).text
    assert "from cal.example.org" in page
    assert "s3cret" not in page, "its address is a secret"


async def test_one_that_is_there_is_changed_without_being_given_again(ruth: Visitor, house: House) -> None:
    house.feeds[FEED] = turns("sam", "Zoe")
    await ruth.post("/rota/calendar/take", source=FEED, **AS)
    await upload(ruth, turns("ines", days=30), "/rota/calendar/take", name="Weeks", layer="0")
    del house.feeds[FEED]
    page = (await ruth.post("/rota/calendar", kept="1", **AS)).text
    assert "s3cret" not in page
    assert hidden(page) == {"name": "Nights", "kept": "1", "name0": "Zoe"}
    order = re.findall(r"<li.*?</li>", page.partition('<ol class="order">')[2].partition("</ol>")[0])
    assert [re.sub("<.*?>", "", line) for line in order] == [
        "Nights, this one layer 1",
        "Weeks layer 0",
        "What is set under Staff",
    ]
    changed = {**hidden(page), "duty": "on_call", "layer": "0", "who0": "s3"}
    assert (await ruth.post("/rota/calendar/take", **changed)).status_code == 303
    nights = next(one for one in house.memory.calendars if one.name == "Nights")
    assert (nights.layer, nights.called, nights.findings) == (0, {"Zoe": "ruth"}, ())
    page = (await ruth.post("/rota/calendar", kept="1", **AS)).text
    assert '<option value="s3" selected>' in page
    await ruth.post("/rota/calendar/take", **{**hidden(page), **AS, "who0": ""})
    nights = next(one for one in house.memory.calendars if one.name == "Nights")
    assert (nights.called, len(nights.findings)) == ({}, 1), "it is nobody's again"


async def test_what_is_without_it_is_seen_before_it_is_taken_away(ruth: Visitor, house: House) -> None:
    await upload(ruth, turns("sam", days=40), "/rota/calendar/take")
    house.change("s1", duty="off")
    page = (await ruth.post("/rota/calendar/without", name="Nights")).text
    assert ("The rota without Nights" in page, holes(page)) == (True, 1)
    assert len(house.memory.calendars) == 1
    answer = await ruth.post("/rota/calendar/remove", name="Nights")
    assert answer.headers["location"] == "/console/rota?notice=calendar_gone"
    assert (house.memory.calendars, house.memory.shifts) == ([], [])
    assert house.memory.audit[-1].action == "rota.remove"
    for path in ("without", "remove"):
        answer = await ruth.post(f"/rota/calendar/{path}", name="Nights")
        assert (answer.status_code, "There is no calendar Nights." in answer.text) == (409, True)


async def test_that_it_takes_the_place_of_another_is_said_and_that_ones_shifts_are_not_counted(
    ruth: Visitor, house: House
) -> None:
    await upload(ruth, turns("sam", days=40), "/rota/calendar/take")
    house.change("s1", duty="off")
    page = (await upload(ruth, turns("ines"))).text
    assert ("takes the place" in page, holes(page)) == (True, 1)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Give one of the two"),
        ({"text": turns("sam"), "source": FEED}, "Give one of the two"),
        ({"text": turns("sam"), "name": " "}, "a name of at most 60 letters"),
        ({"text": turns("sam"), "name": "x" * 61}, "a name of at most 60 letters"),
        ({"text": "<html>"}, "no iCal calendar"),
        ({"text": "x" * (LARGEST - 5) + "\n" * 6}, "more than 1000 kB"),
        ({"source": "https://cal.example.org/gone.ics"}, "It answers 404."),
        ({"source": "https://cal.example.org/empty.ics"}, "no iCal calendar"),
        ({"kept": "1"}, "There is no calendar Nights."),
    ],
)
async def test_what_cannot_be_taken_is_said_and_what_was_written_stays(
    fields: dict[str, str], says: str, ruth: Visitor, house: House
) -> None:
    house.feeds["https://cal.example.org/empty.ics"] = "\r\n"
    for path in ("/rota/calendar", "/rota/calendar/take"):
        answer = await ruth.post(path, **AS | fields)
        assert (answer.status_code, says in answer.text) == (409, True)
        assert f'value="{fields.get("name", "Nights").strip()}"' in answer.text
        assert ("<details open>" in answer.text) == ("kept" not in fields)
    assert (house.memory.calendars, house.memory.audit) == ([], [])


@pytest.mark.parametrize(
    "fields",
    [
        {"duty": "off"},
        {"duty": ""},
        {"layer": ""},
        {"layer": "100"},
        {"layer": "-1"},
        {"layer": "٣"},
        {"layer": "9" * 9999},
        {"name0": "Zoe", "who0": "nobody"},
        {"name0": "Zoe", "who0": "s6"},
        {"name0": "x" * 255, "who0": "s1"},
    ],
)
async def test_what_no_form_of_ours_sends_is_refused(fields: dict[str, str], ruth: Visitor, house: House) -> None:
    for path in ("/rota/calendar", "/rota/calendar/take"):
        assert (await ruth.post(path, **{"text": turns("sam"), **AS, **fields})).status_code == 422
    assert house.memory.calendars == []


async def test_a_worker_sees_calendars_and_cannot_change_them(sam: Visitor, house: House) -> None:
    house.memory.calendars.append(Calendar("c1", "Nights", 1, "on_call", "Europe/London", "", None, None, ()))
    page = (await sam.get("/rota")).text
    assert "Nights" in page
    assert "/rota/calendar" not in page


# the file


async def test_a_file_of_a_megabyte_comes_through_and_a_larger_one_does_not(ruth: Visitor, house: House) -> None:
    text = turns("sam").encode()
    filled = text.replace(b"END:VEVENT", b"X-NOTE:" + b"n" * (LARGEST - 3000 - len(text)) + b"\r\nEND:VEVENT")
    page = await upload(ruth, filled)
    assert page.status_code == 200
    again = await upload(ruth, b"", "/rota/calendar/take", text=hidden(page.text)["text"])
    assert (again.status_code, len(house.memory.calendars)) == (303, 1)
    assert (await upload(ruth, b"x" * LARGEST_WITH_FILE)).status_code == 413
    assert (await ruth.post("/rota/calendar/remove", name="x" * 100_000)).status_code == 413, "no file comes there"


async def test_times_without_a_zone_are_of_the_zone_that_is_said(ruth: Visitor, house: House) -> None:
    assert 'name="zone" value="Europe/London"' in (await ruth.get("/rota")).text
    night = calendar("SUMMARY:sam|DTSTART:20261130T200000|DURATION:PT10H")
    page = (await upload(ruth, night, zone="America/New_York")).text
    assert hidden(page)["zone"] == "America/New_York"
    await ruth.post("/rota/calendar/take", **AS | hidden(page))
    (kept,) = house.memory.calendars
    assert kept.zone == "America/New_York"
    refused = await upload(ruth, night, zone="Mars/One")
    assert refused.status_code == 409
    assert "There is no such zone." in refused.text
    assert 'name="zone" value="Mars/One"' in refused.text, "to be put right"


async def test_no_file_is_taken_where_none_is_asked_for_nor_two(ruth: Visitor) -> None:
    assert (await upload(ruth, turns("sam"), "/rota/ask")).status_code == 415
    form = [("file", ("a.ics", b"a")), ("file", ("b.ics", b"b"))]
    answer = await ruth.client.post("/console/rota/calendar", data={FIELD: ruth.csrf}, files=form, headers=SAME_ORIGIN)
    assert answer.status_code == 400


async def test_a_file_is_refused_without_the_token_as_any_form_is(ruth: Visitor, house: House) -> None:
    ruth.csrf = "another"
    assert (await upload(ruth, turns("sam"), "/rota/calendar/take")).status_code == 403
    assert house.memory.calendars == []


async def test_letters_of_other_programs_are_read(ruth: Visitor, house: House) -> None:
    page = (await upload(ruth, turns("Inés Duarte").encode("utf-8-sig"))).text
    assert "What of it is not taken" not in page
    page = (await upload(ruth, turns("Inés\x00 Duarte").encode("latin-1"))).text
    assert "What of it is not taken" in page, "and nothing is guessed"


async def test_what_a_calendar_says_never_becomes_part_of_the_page(ruth: Visitor) -> None:
    page = (await upload(ruth, turns('"><script>alert(1)</script>'), name="<b>x</b>")).text
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page
