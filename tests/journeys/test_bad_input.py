"""Whatever arrives at the doors: nobody is harmed by it, nothing is lost by it, the phone sees the cover or nothing."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from bot.settings import Settings
from tests.journeys.house import HER_CHAT, HER_PHONE, House, until, until_async

INBOUND = "/channels/twilio/inbound"
SECRET = {"X-Telegram-Bot-Api-Secret-Token": "a-secret-of-the-webhook"}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path) as house:
        yield house


@pytest.fixture
async def hooked(tmp_path: Path) -> AsyncIterator[House]:
    """A house that Telegram posts its updates to."""
    async with Hooked(tmp_path) as house:
        yield house


class Hooked(House):
    """Settings want https for a webhook; here everything stays on this machine."""

    def settings(self) -> Settings:
        return super().settings().model_copy(update={"telegram_mode": "webhook"})


def a_form(house: House, number: int = 1, **other: str) -> dict[str, str]:
    """A text as Twilio posts it. `number` makes its SID."""
    sid = f"SM{number:032x}"
    form = {"AccountSid": house.twilio.account, "Body": "hi", "From": HER_PHONE, "MessageSid": sid, "NumMedia": "0"}
    return form | {"To": house.twilio.number} | other


async def post(house: House, form: Mapping[str, str], signature: str | None = None, path: str = INBOUND) -> int:
    """Posted as Twilio does; signed rightly unless told otherwise ('' leaves the signature out)."""
    right = house.twilio.signature(house.url + INBOUND, form)
    return await raw(house, urlencode(form).encode(), right if signature is None else signature, path=path)


async def raw(
    house: House, body: bytes | AsyncIterator[bytes], signature: str, kind: str = FORM, path: str = INBOUND
) -> int:
    headers = {"Content-Type": kind} | ({"X-Twilio-Signature": signature.encode("latin-1")} if signature else {})
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        answer = await client.post(house.url + path, content=body, headers=headers)
    assert "Traceback" not in answer.text
    return answer.status_code


async def good(house: House) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"{house.url}/healthz")).status_code == 200


async def she_can_still_talk(house: House) -> None:
    """The service is well, and her word opens the chat as ever."""
    assert await good(house)
    (answer,) = await house.she_texts("sunflower")
    assert "safe" in answer


def covers(texts: list[str]) -> bool:
    return all(text.startswith("Home recipes") for text in texts)


# signatures


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


# repeats


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


# shapes


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


STRANGE = {
    "nul": "hi\x00there",
    "only nul": "\x00",
    "combining marks": "a" + "\u0301" * 1_599,
    "right to left": "\u202e\u2066 reverof \u2069\u202c",
    "sql": "'; DROP TABLE persons; --",
    "jinja": "{{ 7*7 }}{% for x in y %}",
    "format": "{0} {name!r} %s %(x)s ${HOME}",
    "markup": "<script>alert(1)</script><b>*_[x](y)`",
    "twiml": "</Message></Response><!ENTITY x SYSTEM 'file:///etc/passwd'>",
    "cel": "safe_now == 'yes' || true",
    "new lines": "a\r\nX-Header: 1\r\n\r\n{}",
    "byte order mark": "\ufeffhi",
    "terminal": "\x1b[2J\x1b]0;t\x07",
    "emoji": "👩‍👩‍👧‍👦" * 100,
    "longest": "😀" * 800,
    "digits of many scripts": "٣３३",
    "blank": "",
    "spaces": " \u00a0\u2003\u200b",
}


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


# Telegram


def an_update(number: int, body: Mapping[str, Any] | None = None, chat: int = HER_CHAT) -> dict[str, Any]:
    head = {
        "message_id": number,
        "date": int(time.time()),
        "chat": {"id": chat, "type": "private"},
        "from": {"id": chat, "is_bot": False, "first_name": "A"},
    }
    return {"update_id": number, "message": head | dict(body or {"text": "hi"})}


async def update(house: House, content: bytes, headers: Mapping[str, str] = SECRET) -> int:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        answer = await client.post(f"{house.url}/channels/telegram", content=content, headers=dict(headers))
    return answer.status_code


async def test_an_update_without_our_secret_is_not_heard(hooked: House) -> None:
    await hooked.recipient("telegram", str(HER_CHAT))
    before = (await hooked.state("telegram", str(HER_CHAT))).turns
    body = json.dumps(an_update(1, {"text": "sunflower"})).encode()
    name = "X-Telegram-Bot-Api-Secret-Token"
    for headers in ({}, {name: ""}, {name: "a-secret-of-the-webhoo"}, {name: "A-SECRET-OF-THE-WEBHOOK"}):
        assert await update(hooked, body, headers) == 403
    assert (await hooked.state("telegram", str(HER_CHAT))).turns == before
    assert await update(hooked, body) == 200
    assert (await hooked.state("telegram", str(HER_CHAT))).mode == "open"


def malformed() -> Iterator[object]:
    """Updates that no phone of hers could have sent."""
    chat = {"id": HER_CHAT, "type": "private"}
    yield from (None, 7, "x", [], [[]], {}, {"update_id": None}, {"update_id": "1"}, {"update_id": -1})
    yield from ({"update_id": True, "message": {}}, {"update_id": 2**60}, {"message": {"text": "sunflower"}})
    for body in (None, 7, [], {}, {"chat": None}, {"chat": []}, {"chat": {"type": "private"}}, {"chat": {"id": []}}):
        yield {"update_id": 1, "message": body}
    yield {"update_id": 2, "message": {"chat": chat | {"id": 2**60}, "text": "sunflower"}}
    yield {"update_id": 3, "message": {"chat": chat | {"id": str(HER_CHAT)}, "text": "sunflower"}}
    for kind in ("poll", "inline_query", "message_reaction", "business_message", "nothing_known_yet"):
        yield {"update_id": 4, kind: {"chat": chat, "text": "sunflower"}}
    for kind in ("group", "supergroup", "channel"):
        group = {"chat": {"id": -100123, "type": kind}, "from": chat, "text": "sunflower", "message_id": 1}
        yield {"update_id": 5, "message": group}
        yield {"update_id": 6, "channel_post": group}
        yield {"update_id": 7, "edited_channel_post": group}
        yield {"update_id": 8, "callback_query": {"id": "1", "data": "1", "message": group, "from": chat}}
    for query in (None, [], {}, {"id": 7}, {"id": "1", "data": ""}, {"id": "1", "data": "a" * 65}):
        yield {"update_id": 9, "callback_query": query}
    for change in (None, {}, {"chat": chat}, {"chat": chat, "new_chat_member": {"status": "dancing"}}):
        yield {"update_id": 10, "my_chat_member": change}


async def test_malformed_updates_are_acknowledged_and_do_nothing(hooked: House) -> None:
    await hooked.recipient("telegram", str(HER_CHAT))
    before = (await hooked.state("telegram", str(HER_CHAT))).turns
    raws = [b"", b"{", b"\xff\xfe", b"\x00", b"[" * 50_000, b'{"a":' * 10_000, b"1" * 5_000, b"NaN", b'"\\ud800"']
    for content in [*raws, *(json.dumps(one).encode() for one in malformed())]:
        assert await update(hooked, content) == 200, content[:60]
    assert await update(hooked, b" " * 100_000) == 413
    assert (await hooked.state("telegram", str(HER_CHAT))).turns == before
    assert hooked.telegram.texts_to(HER_CHAT) == []
    assert await good(hooked)
    assert "safe" in (await hooked.she_writes("sunflower"))[0]


async def test_malformed_updates_do_not_hold_up_the_poll(house: House) -> None:
    await house.recipient("telegram", str(HER_CHAT))
    house.telegram._allowed = []  # as if Telegram sent kinds that nobody asked for
    for one in malformed():
        body = {k: v for k, v in one.items() if k != "update_id"} if isinstance(one, dict) else {}
        house.telegram.push(body)
    assert "safe" in (await house.she_writes("sunflower"))[0]
    await until(lambda: house.telegram.waiting == 0, "all of it is acknowledged")
    assert len(house.telegram.texts_to(HER_CHAT)) == 1


async def test_strange_texts_by_telegram_get_a_recipe(hooked: House) -> None:
    texts = [*STRANGE.values(), "\ud83d half", "\udc00", "a" * 4_096, "a" * 20_000]

    async def one(number: int, text: str) -> None:
        chat = HER_CHAT + number
        await hooked.recipient("telegram", str(chat))
        hooked.telegram._chats.add(chat)
        assert await update(hooked, json.dumps(an_update(number + 1, {"text": text}, chat)).encode()) == 200
        await until(lambda: len(hooked.telegram.texts_to(chat)) == 1, f"a recipe for {text[:20]!r}")
        assert covers(hooked.telegram.texts_to(chat))

    await asyncio.gather(*(one(number, text) for number, text in enumerate(texts)))
    assert await good(hooked)


async def test_edited_and_forwarded_messages_old_and_unknown_buttons(house: House) -> None:
    await house.recipient("telegram", str(HER_CHAT))
    await house.she_writes("hi there")
    written = next(item.id for item in house.telegram.items.values() if not item.from_us)
    house.telegram.edit(HER_CHAT, written, "sunflower")
    await until(lambda: house.telegram.waiting == 0, "the edit is taken")
    assert (await house.state("telegram", str(HER_CHAT))).mode == "closed", "an edit opens nothing"
    assert len(house.telegram.texts_to(HER_CHAT)) == 1

    house.telegram.say(HER_CHAT, "good morning", forward_origin={"type": "hidden_user", "sender_user_name": "B"})
    await until(lambda: len(house.telegram.texts_to(HER_CHAT)) == 2, "a recipe for what she forwarded")
    assert covers(house.telegram.texts_to(HER_CHAT))

    await house.she_writes("sunflower")
    old = house.telegram.sent[-1].tokens[0]
    house.telegram.press(HER_CHAT, old)
    await until(lambda: len(house.telegram.texts_to(HER_CHAT)) == 4, "the next question")
    assert "afraid" in house.telegram.texts_to(HER_CHAT)[-1]
    await until(lambda: len(house.telegram.answered) == 1, "the spinner stops")
    house.telegram.press(HER_CHAT, old)  # answered already
    await until(lambda: len(house.telegram.texts_to(HER_CHAT)) == 5, "the question stands there again")
    assert (await house.state("telegram", str(HER_CHAT))).session.stack[-1].step == "fear"  # type: ignore[union-attr]

    house.clock.move(timedelta(minutes=10))  # locked since
    query = {"id": "q-unknown", "from": {"id": HER_CHAT}, "data": "zzzz:9", "chat_instance": "1"}
    query["message"] = {"message_id": 1, "date": 0, "chat": {"id": HER_CHAT, "type": "private"}}
    before = len(house.telegram.texts_to(HER_CHAT))
    house.telegram.push({"callback_query": query})
    await until(lambda: len(house.telegram.texts_to(HER_CHAT)) > before, "a recipe for an unknown button")
    assert covers(house.telegram.texts_to(HER_CHAT)[before:])


async def test_a_woman_who_blocks_the_bot_becomes_a_workers_task(house: House) -> None:
    await house.recipient("telegram", str(HER_CHAT))
    await house.she_writes("sunflower")
    house.telegram.block(HER_CHAT)
    await until_async(house.queue, "a task in the queue")
    (alert,) = await house.queue()
    assert (alert.kind, alert.tier) == ("task", "P2")
    assert await good(house)
