"""Supervisors see who would be paged, and when."""

from __future__ import annotations

import re

import pytest

from escalation.belongings import Phone
from tests.console.conftest import Visitor
from tests.console.examples import House

ASKED = "/ladder?tier=P0&at=2026-07-20T20:30"


@pytest.fixture
def phones(house: House) -> None:
    """Sam takes texts and Telegram messages."""
    house.memory.phones["s1"] = [Phone("p1", "sms", "201", True), Phone("p2", "telegram", "202", True)]


@pytest.mark.usefixtures("phones")
async def test_the_page_draws_the_ladder_with_a_table_behind_it(ruth: Visitor) -> None:
    page = (await ruth.get(ASKED)).text
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="ladder"' in page
    cells = re.findall(r'<tr class="(\w+)"><td class="figures">([^<]*)</td><td class="figures">([^<]*)</td>', page)
    assert cells[:4] == [
        ("page", "+0m", "20:30"),
        ("breach", "+2m", "20:32"),
        ("page", "+2m", "20:32"),
        ("page", "+4m", "20:34"),
    ]
    assert "Sam Okafor (Telegram, SMS)" in page
    assert "And so on, every 4m, until somebody claims." in page


async def test_it_is_said_where_no_phone_of_anybody_takes_pages(ruth: Visitor, house: House) -> None:
    house.memory.phones.clear()
    page = (await ruth.get(ASKED)).text
    assert "No phone of anybody takes pages." in page
    assert page.count('class="nobody"') == 12, "six in the drawing, six in the table"


@pytest.mark.usefixtures("phones")
async def test_what_a_colleague_is_called_is_never_markup(ruth: Visitor, house: House) -> None:
    house.change("s1", name="<script>Sam</script>")
    page = (await ruth.get(ASKED)).text
    assert "<script>Sam" not in page
    assert "&lt;script&gt;Sam" in page


async def test_without_a_time_it_is_now_and_the_highest_tier(ruth: Visitor) -> None:
    page = (await ruth.get("/ladder")).text
    assert '<option value="P0" selected>' in page


@pytest.mark.parametrize("asked", ["?tier=P9", "?at=tonight", "?at=0001-01-01T00:00", "?tier=P0&at=2026-13-01T00:00"])
async def test_what_is_no_tier_or_time_is_refused(asked: str, ruth: Visitor) -> None:
    assert (await ruth.get(f"/ladder{asked}")).status_code == 422


async def test_the_way_there_is_for_supervisors(ruth: Visitor, sam: Visitor) -> None:
    assert "/console/ladder" in (await ruth.get("/staff")).text
    assert "/console/ladder" not in (await sam.get("/staff")).text
    assert (await sam.get("/ladder")).status_code == 403
