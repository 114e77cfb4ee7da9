"""The list on the case, and an instrument answered item by item."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from flows.engine.model import Licence
from tests.console.conftest import Visitor, a_client, built
from tests.console.examples import HER, House
from tests.console.sheets.filling import ORCHARD, REASON, answered


async def test_the_case_lists_what_can_be_filled_in_with_version_source_and_licence(claimed: Visitor) -> None:
    page = (await claimed.get("/cases/P-K2A")).text
    card = page[page.index('id="instruments"') : page.index('id="agreed"')]
    assert re.findall(r'id="form-(\w+)"', card) == ["baseline", "harbour", "meadow", "orchard"]
    for words in ("Version 2026.1", "Invented for the tests of Rowan", "The Invented Institute, INV-2026-1"):
        assert words in card
    assert card.count(">Begin</button>") == 4


async def test_one_that_may_not_run_says_why_and_cannot_be_begun(claimed: Visitor, house: House) -> None:
    form = house.forms["orchard"]
    ended = replace(form.instrument, licence=Licence("The Invented Institute", "INV-1", date(2026, 11, 19)))
    house.forms = {**house.forms, "orchard": replace(form, instrument=ended)}
    house.sheets._instruments = {**house.sheets._instruments, "orchard": ended}
    async with a_client(built(house)) as client:
        client.cookies = claimed.client.cookies
        visitor = Visitor(client, claimed.csrf)
        page = (await visitor.get("/cases/P-K2A")).text
        assert "May not be used: its permission ended on 2026-11-19." in page
        assert page.count(">Begin</button>") == 3
        assert "May not be used" in (await visitor.get(ORCHARD)).text
        refused = await visitor.post(f"{ORCHARD}/begin")
        assert refused.status_code == 409
        assert "its permission ended on 2026-11-19" in refused.text
    assert house.her.sheets == {}


async def test_what_has_been_begun_comes_first_and_says_how_far_it_is(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    await answered(claimed, house, "q01", "no")
    page = (await claimed.get("/cases/P-K2A")).text
    card = page[page.index('id="instruments"') : page.index('id="agreed"')]
    assert re.findall(r'id="form-(\w+)"', card)[0] == "orchard"
    assert "1 of 24 looked at" in card
    assert 'aria-label="Go on with Orchard"' in card


async def test_a_page_has_the_item_at_hand_with_its_answers_and_where_they_come_from(claimed: Visitor) -> None:
    begun = await claimed.post(f"{ORCHARD}/begin")
    assert (begun.status_code, begun.headers["location"]) == (303, f"/console{ORCHARD}#at")
    page = (await claimed.get(ORCHARD)).text
    assert "Invented item 1: was the garden gate ever in your way?</legend>" in page
    assert re.findall(r'name="answer" value="([^"]+)"', page) == ["yes", "no", "unsure", "-"]
    assert [words.strip() for words in re.findall(r'id="answer-\w+"[^>]*>([^<]+)<', page)] == [
        "Yes", "No", "Not known", "Skip this one",
    ]  # fmt: skip
    assert re.findall(r'name="origin" value="(\w+)" required', page) == ["her", "seen", "service"]
    assert "checked" not in page[page.index('id="at"') : page.index('id="end"')]
    assert page.count('<li id="item-') == 24


async def test_each_answer_is_kept_and_the_next_item_comes(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    for item, answer, origin in (("q01", "no", "seen"), ("q02", "unsure", "service"), ("q03", "-", "")):
        assert (await answered(claimed, house, item, answer, origin=origin)).status_code == 303
    kept = house.her.sheets["orchard"].answers
    assert [(a.value, a.origin, a.staff) for a in kept.values()] == [
        ("no", "seen", "s1"), ("unsure", "service", "s1"), (None, "", "s1"),
    ]  # fmt: skip
    page = (await claimed.get(ORCHARD)).text
    assert "Invented item 4" in page[page.index("<legend") : page.index("</legend>")]
    assert 'value="service" required checked' in page, "the last origin is offered again"
    assert "3 of 24 looked at" in page
    row = page[page.index('id="item-q02"') : page.index('id="item-q03"')]
    for words in ("Not known", "Another service told us", "Sam Okafor"):
        assert words in row


async def test_an_item_can_be_gone_back_to_and_changed(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    await answered(claimed, house, "q01", "no")
    page = (await claimed.post(ORCHARD, item="q01")).text
    assert "Invented item 1:" in page[page.index("<legend") : page.index("</legend>")]
    assert re.search(r'value="no" id="answer-no" aria-pressed="true"', page)
    await answered(claimed, house, "q01", "unsure")
    assert house.her.sheets["orchard"].answers["q01"].value == "unsure"


async def test_without_an_origin_it_is_told_at_the_item_and_nothing_is_kept(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    refused = await answered(claimed, house, "q01", "no", origin="")
    assert refused.status_code == 422
    assert re.search(r'id="wrong" role="alert"[^>]*>Say where the answer comes from', refused.text)
    assert 'aria-describedby="stands wrong"' in refused.text
    assert house.her.sheets["orchard"].answers == {}


async def test_of_two_at_once_the_later_is_told_and_sees_what_stands(
    claimed: Visitor, ines: Visitor, house: House
) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    await answered(ines, house, "q01", "no", reason=REASON)
    late = await answered(claimed, house, "q01", "yes", before="0")
    assert late.status_code == 409
    hand = late.text[late.text.index('id="at"') : late.text.index('id="end"')]
    assert "answered meanwhile" in hand
    assert re.search(r"So far: <b[^>]*>No</b>.*Inés Duarte", hand)
    assert 'name="before" value="1"' in hand
    assert house.her.sheets["orchard"].answers["q01"].value == "no"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"answer": ""}, 422),
        ({"answer": "perhaps"}, 409),
        ({"item": "q99"}, 409),
        ({"before": "x"}, 422),
        ({"before": "-1"}, 422),
        ({"sheet": "another"}, 409),
        ({"origin": "rumour"}, 422),
    ],
)
async def test_what_no_form_of_ours_sends(fields: dict[str, str], status: int, claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    sent = {"item": "q01", "answer": "no"} | fields
    assert (await answered(claimed, house, sent.pop("item"), sent.pop("answer"), **sent)).status_code == status
    assert house.her.sheets["orchard"].answers == {}


async def test_an_instrument_that_there_is_not(claimed: Visitor) -> None:
    assert (await claimed.get("/cases/P-K2A/instruments/nothing")).status_code == 404
    assert (await claimed.get("/cases/P-NONE/instruments/orchard")).status_code == 404
    assert (await claimed.get("/cases/P-K2A/instruments/checkin")).status_code == 404, "it has no items"


async def test_an_answer_that_raises_is_in_the_queue_at_once(claimed: Visitor, house: House) -> None:
    house.memory.alerts["K2A"] = replace(house.memory.alerts["K2A"], state="resolved")
    await claimed.post(f"{ORCHARD}/begin", reason=REASON)
    await answered(claimed, house, "q07", "yes", reason=REASON)
    (alert,) = [a for a in house.memory.alerts.values() if a.state != "resolved"]
    assert (alert.tier, alert.title, alert.person) == ("P1", "Item 7, alone", HER)
