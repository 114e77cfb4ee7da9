"""Only what Twilio signed for this very address is heard, and once however often it comes."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

from tests.journeys.bad_input.doors import INBOUND, a_form, post, raw
from tests.journeys.house import HER_PHONE, House, until


async def test_only_what_twilio_signed_for_this_very_address_is_heard(house: House) -> None:
    await house.recipient()
    before = (await house.state()).turns
    form = a_form(house, Body="sunflower")
    right = house.twilio.signature(house.url + INBOUND, form)
    elsewhere = house.twilio.signature(house.url + "/channels/twilio/status", form)
    another = house.twilio.signature("https://elsewhere.example" + INBOUND, form)
    for wrong in ("", "AAAA", right[:-4], right[:-1], right.lower(), right + "=", "é" * 28, elsewhere, another):
        assert await post(house, form, wrong) == 403, wrong

    changed = form | {"Body": "x"}
    assert await post(house, changed, right) == 403
    assert await post(house, form, right, path=f"{INBOUND}?a=1") == 403, "signed for an address without a query"

    assert (await house.state()).turns == before
    assert house.twilio.texts_to(HER_PHONE) == []
    assert await post(house, form, right) == 200


async def test_parameters_cut_elsewhere_under_a_valid_signature_are_refused(house: House) -> None:
    """Twilio signs names and values run together: the same signature fits other cuts of the same letters."""
    await house.recipient()
    form = a_form(house, Body="sunflower")
    right = house.twilio.signature(house.url + INBOUND, form)
    resplit = {name: value for name, value in form.items() if name not in ("Body", "From")}
    resplit["Bodysunflower"] = f"From{HER_PHONE}"
    joined = {name: value for name, value in form.items() if name != "To"} | {"NumMedia": f"0To{house.twilio.number}"}
    moved = {k: v for k, v in form.items() if k != "AccountSid"} | {"AccountSi": f"d{house.twilio.account}"}
    for other in (resplit, joined, moved):
        assert await post(house, other, right) == 400, other
    assert house.twilio.texts_to(HER_PHONE) == []
    assert (await house.state()).mode == "closed"


async def test_a_parameter_given_twice_is_refused(house: House) -> None:
    await house.recipient()
    form = a_form(house)
    right = house.twilio.signature(house.url + INBOUND, form)
    for more in ({"Body": "sunflower"}, {"From": "+447700900999"}, {"Body": "hi"}):
        assert await raw(house, urlencode([*form.items(), *more.items()]).encode(), right) == 403
    assert house.twilio.texts_to(HER_PHONE) == []


async def test_somebody_elses_account_is_refused(house: House) -> None:
    await house.recipient()
    assert await post(house, a_form(house, AccountSid="AC" + "0" * 32)) == 400
    without = a_form(house)
    del without["AccountSid"]
    assert await post(house, without) == 400
    assert house.twilio.texts_to(HER_PHONE) == []


async def test_an_old_request_played_again_is_one_turn(house: House) -> None:
    await house.recipient()
    form = a_form(house, Body="sunflower")
    assert await post(house, form) == 200
    await until(lambda: len(house.twilio.texts_to(HER_PHONE)) == 1, "the first question")
    await house.she_texts("x")
    turns = (await house.state()).turns

    assert await post(house, form) == 200, "acknowledged, so that Twilio does not come again"

    after = await house.state()
    assert (after.turns, after.mode) == (turns, "closed")
    assert len(house.twilio.texts_to(HER_PHONE)) == 2


async def test_fifty_posts_of_one_text_at_the_same_moment_are_one_turn(house: House) -> None:
    await house.recipient()
    before = (await house.state()).turns
    form = a_form(house, Body="sunflower")
    statuses = await asyncio.gather(*(post(house, form) for _ in range(50)))
    assert statuses == [200] * 50
    await until(lambda: bool(house.twilio.texts_to(HER_PHONE)), "the first question")
    await house.service.settle()
    assert len(house.twilio.texts_to(HER_PHONE)) == 1
    assert (await house.state()).turns == before + 1
