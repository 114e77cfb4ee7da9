"""Whatever Telegram's door is given: nothing is lost by it, the phone sees the cover or nothing."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from tests.journeys.bad_input.doors import STRANGE, covers, good, update
from tests.journeys.house import HER_CHAT, House, until, until_async


def an_update(number: int, body: Mapping[str, Any] | None = None, chat: int = HER_CHAT) -> dict[str, Any]:
    head = {
        "message_id": number,
        "date": int(time.time()),
        "chat": {"id": chat, "type": "private"},
        "from": {"id": chat, "is_bot": False, "first_name": "A"},
    }
    return {"update_id": number, "message": head | dict(body or {"text": "hi"})}


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
    await house.she_writes("hello there", "anybody")  # polled since: else nobody knows how old a press is
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


async def test_put_into_a_group_it_leaves_and_says_nothing(house: House) -> None:
    await house.recipient("telegram", str(HER_CHAT))
    group = {"id": -100123, "type": "supergroup", "title": "Family"}
    change = {"chat": group, "from": {"id": HER_CHAT}, "date": 1, "new_chat_member": {"status": "member"}}
    house.telegram.push({"my_chat_member": change})
    house.telegram.push({"message": {"chat": group, "from": {"id": HER_CHAT}, "text": "sunflower", "message_id": 1}})
    await until(lambda: bool(house.telegram.facts("left")), "it is out again")
    assert [fact["chat"] for fact in house.telegram.facts("left")] == [-100123]
    assert "safe" in (await house.she_writes("sunflower"))[0]
    assert house.telegram.texts_to(-100123) == []
