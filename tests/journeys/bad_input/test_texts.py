"""Whatever Twilio's door is given, forms and texts: nothing is lost by it, the phone sees the cover or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx

from tests.journeys.bad_input.doors import INBOUND, STRANGE, a_form, covers, good, post, raw, she_can_still_talk
from tests.journeys.house import HER_PHONE, House, until


async def test_what_is_no_form_of_twilios_is_refused(house: House) -> None:
    await house.recipient()
    async with httpx.AsyncClient(trust_env=False, base_url=house.url) as client:
        assert (await client.get(INBOUND)).status_code == 405
        assert (await client.put(INBOUND)).status_code == 405
        assert (await client.get("/channels/telegram")).status_code == 405
    form = a_form(house)
    right = house.twilio.signature(house.url + INBOUND, form)
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", ""):
        assert await raw(house, urlencode(form).encode(), right, kind) == 415
    assert await raw(house, b"Body=" + b"a" * 100_000, right) == 413
    assert await raw(house, "&".join(f"a{n}=" for n in range(10_000)).encode(), right) in (400, 413)
    assert await raw(house, "&".join(f"a{n}=" for n in range(1_000)).encode(), right) == 400
    assert await raw(house, b"Body=%ff%fe&From=%80", right) == 400
    assert await raw(house, b"Body=\xff\xfe", right) == 400
    assert await raw(house, b"", right) == 403
    await she_can_still_talk(house)


async def test_a_body_without_an_end_is_cut_off(house: House) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while given < 50_000_000:
            given += 8192
            yield b"Body=" + b"a" * 8187

    status = 0
    try:
        status = await raw(house, endless(), "AAAA")
    except httpx.TransportError:  # answered and hung up while we still write: as it should be
        status = 413
    assert status == 413
    assert given < 50_000_000, "nobody listened to the end"
    assert await good(house)


def a_phone(number: int) -> str:
    return f"+447700900{500 + number}"


async def test_strange_texts_get_a_recipe_while_the_chat_is_closed(house: House) -> None:
    for number in range(len(STRANGE)):
        await house.recipient(address=a_phone(number))

    async def one(number: int, text: str) -> None:
        phone = a_phone(number)
        assert await post(house, a_form(house, number, Body=text, From=phone)) == 200
        await until(lambda: len(house.twilio.texts_to(phone)) == 1, f"a recipe for {text[:20]!r}")
        assert covers(house.twilio.texts_to(phone))

    await asyncio.gather(*(one(number, text) for number, text in enumerate(STRANGE.values())))
    assert await post(house, a_form(house, 99, Body="a" * 1601, From=a_phone(0))) == 400, "longer than any text"
    assert await good(house)


async def test_strange_texts_in_an_open_chat_are_asked_again_and_break_nothing(house: House) -> None:
    for number in range(len(STRANGE)):
        await house.recipient(address=a_phone(number))

    async def one(number: int, text: str) -> None:
        phone = a_phone(number)
        await house.she_texts("sunflower", phone=phone)
        assert await post(house, a_form(house, 1000 + number, Body=text, From=phone)) == 200
        await until(lambda: len(house.twilio.texts_to(phone)) > 1, f"an answer to {text[:20]!r}")
        assert (await house.state(address=phone)).mode == "open", text
        assert (await house.twilio.deliver("x", phone)).ok
        await until(lambda: covers(house.twilio.texts_to(phone)[-1:]), f"a recipe after x, after {text[:20]!r}")
        assert (await house.state(address=phone)).mode == "closed"

    await asyncio.gather(*(one(number, text) for number, text in enumerate(STRANGE.values())))
    assert {alert.kind for alert in await house.queue()} <= {"danger"}, "no fault of the engine, nothing unreadable"


async def test_a_picture_and_a_voice_note_are_not_fetched_and_the_worker_sees_that_one_came(house: House) -> None:
    ana = await house.worker("Ana")
    person = await house.recipient()
    await house.she_texts("sunflower", "3")  # not safe: an alert that Ana may claim
    alert = await house.only_alert()
    await house.service.desk.claim(alert.ref, ana.id, house.clock.now())
    before = len(house.twilio.texts_to(HER_PHONE))

    assert (await house.twilio.deliver("", HER_PHONE, media=["image/jpeg", "audio/amr"])).ok

    await until(lambda: len(house.twilio.texts_to(HER_PHONE)) > before, "an answer to the picture")
    assert "pictures" in house.twilio.texts_to(HER_PHONE)[before]
    lines = await house.service.desk.transcript(person, ana.id, "", house.clock.now())
    assert [line.by for line in lines if line.text.startswith("media")] == ["note", "note"]
    assert house.twilio.facts("unwelcome") == []
    media = [fact for fact in house.twilio.history if "media" in str(fact.get("path", "")).lower()]
    assert media == []


async def test_stop_silences_and_start_brings_only_a_recipe(house: House) -> None:
    await house.recipient()
    await house.she_texts("sunflower")
    before = len(house.twilio.texts_to(HER_PHONE))

    assert (await house.twilio.deliver("Stop", HER_PHONE)).ok

    alert = await house.only_alert()
    assert (alert.kind, alert.tier) == ("task", "P2")
    assert (await house.state()).mode == "closed"
    assert (await house.twilio.deliver("sunflower", HER_PHONE)).ok
    await house.service.settle()
    assert len(house.twilio.texts_to(HER_PHONE)) == before, "nothing is sent to one who said stop"
    assert (await house.she_texts("START"))[0].startswith("Home recipes")
    assert "safe" in (await house.she_texts("sunflower"))[0]


async def test_an_accounts_own_stop_word_is_known_by_twilios_mark(house: House) -> None:
    await house.recipient()
    assert (await house.twilio.deliver("ponme de baja", HER_PHONE, extra={"OptOutType": "STOP"})).ok
    alert = await house.only_alert()
    assert (alert.kind, alert.tier) == ("task", "P2")
    assert (await house.state()).contact.opted_out
    assert (await house.twilio.deliver("alta", HER_PHONE, extra={"OptOutType": "START"})).ok
    await until(lambda: len(house.twilio.texts_to(HER_PHONE)) == 1, "a recipe, now that the door is open again")
    assert covers(house.twilio.texts_to(HER_PHONE))
