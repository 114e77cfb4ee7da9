"""Providers that are slow, away, confused or down: nothing lost, nothing twice, nothing too late."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from bot import delivery
from bot.channels.base import Outgoing, Receipt
from bot.delivery import BLIND_AT_ONCE
from storage.schema import moment, outbox
from storage.sendings import Sending
from tests.fakes.server import Fault
from tests.journeys.house import ANA_CHAT, HER_CHAT, HER_PHONE, House, until, until_async

OTHER = "+447700900456"


async def after(house: House, seconds: float) -> None:
    """So much later, with what was under way before that ended and what is due then sent."""
    await house.service.delivery.settle()
    house.clock.move(timedelta(seconds=seconds))
    await house.service.delivery.drain()
    await house.service.delivery.settle()


async def refused(house: House, times: int = 1) -> None:
    await until(lambda: len(house.twilio.facts("fault")) >= times, f"{times} refused sends")


async def states(house: House) -> list[str]:
    query = sa.select(outbox.c.status).order_by(outbox.c.id)
    return list(await house.service.database.read(lambda conn: conn.execute(query).scalars().all()))


async def test_a_busy_provider_is_asked_again_when_it_said(house: House) -> None:
    await house.recipient()
    house.twilio.fail(Fault.status(429, 20429, retry_after=60))
    assert (await house.twilio.deliver("sunflower", HER_PHONE)).ok
    await refused(house)
    await after(house, 55)
    assert house.twilio.texts_to(HER_PHONE) == []
    await after(house, 6)
    assert len(house.twilio.texts_to(HER_PHONE)) == 1


async def test_a_burst_of_server_errors_delays_one_message_and_doubles_none(house: House) -> None:
    await house.recipient()
    house.twilio.fail(*[Fault.status(500)] * 3, *[Fault.status(503)] * 3)
    assert (await house.twilio.deliver("sunflower", HER_PHONE)).ok
    await refused(house)
    for _ in range(8):
        await after(house, 25)
    assert len(house.twilio.facts("fault")) == 6
    assert len(house.twilio.texts_to(HER_PHONE)) == 1


async def test_a_text_that_was_never_answered_for_is_looked_up_and_not_sent_twice(house: House) -> None:
    await house.recipient()
    house.service.channels["sms"]._wire._deadline = 0.4  # type: ignore[attr-defined]
    house.twilio.fail(Fault.hang_after())
    assert (await house.twilio.deliver("sunflower", HER_PHONE)).ok
    await refused(house)
    await after(house, 3)
    assert len(house.twilio.texts_to(HER_PHONE)) == 1
    assert await states(house) == ["sent"]

    house.twilio.fail(Fault.hang_before())
    assert (await house.twilio.deliver("1", HER_PHONE)).ok
    await refused(house, 2)
    await after(house, 3)
    assert len(house.twilio.texts_to(HER_PHONE)) == 2, "this one had not arrived, so it is sent"


async def test_telegram_cannot_be_asked_so_a_cover_is_dropped_and_a_question_asked_again(house: House) -> None:
    await house.recipient("telegram", str(HER_CHAT))
    house.service.channels["telegram"]._wire._deadline = 0.4  # type: ignore[attr-defined]
    house.telegram.fail(Fault.hang_after())
    house.telegram.say(HER_CHAT, "hello")
    await until(lambda: bool(house.telegram.facts("fault")), "a recipe whose fate is unknown")
    await after(house, 5)
    assert len(house.telegram.texts_to(HER_CHAT)) == 1, "a recipe said twice would be odd"

    house.telegram.fail(Fault.hang_before())
    house.telegram.say(HER_CHAT, "sunflower")
    await until(lambda: len(house.telegram.facts("fault")) == 2, "a question whose fate is unknown")
    await after(house, 5)
    assert len(house.telegram.texts_to(HER_CHAT)) == 2
    assert "safe" in house.telegram.texts_to(HER_CHAT)[-1]


async def test_a_question_lands_on_telegram_twice_at_most_and_then_a_worker_knows(house: House) -> None:
    await house.recipient("telegram", str(HER_CHAT))
    house.telegram.fail(Fault.html(), Fault.status(429, retry_after=1), *[Fault.html()] * 20)
    house.telegram.say(HER_CHAT, "sunflower")
    await until(lambda: bool(house.telegram.facts("fault")), "a question whose fate is unknown")
    for _ in range(12):
        await after(house, 20)
    assert len(house.telegram.texts_to(HER_CHAT)) == 2
    assert await states(house) == ["unknown"]
    alert = await house.only_alert()
    assert (alert.kind, alert.tier) == ("task", "P2")
    assert "once, twice or not at all" in alert.title

    house.telegram._faults.clear()
    assert "afraid" in (await house.she_writes("1"))[0], "nothing of hers waits behind it"


async def test_few_messages_are_with_telegram_at_once_but_a_page_never_waits(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash sends again whatever Telegram has and we have not marked: so that is kept small."""
    chats = [HER_CHAT + n for n in range(8)]
    for chat in chats:
        await house.recipient("telegram", str(chat))
    await house.worker("Ana", chat=ANA_CHAT)
    house.telegram.say(ANA_CHAT, "/start")
    telegram, going = house.service.channels["telegram"], list[str]()
    let, most, send = asyncio.Event(), 0, telegram.send

    async def slow(outgoing: Outgoing) -> Receipt:
        nonlocal most
        going.append(outgoing.address)
        most = max(most, len(going))
        if outgoing.address != str(ANA_CHAT):
            await let.wait()
        receipt = await send(outgoing)
        going.remove(outgoing.address)
        return receipt

    monkeypatch.setattr(telegram, "send", slow)
    for chat in chats:
        house.telegram.say(chat, "sunflower")
    await until(lambda: len(going) == BLIND_AT_ONCE, "the first of them are with the provider")
    house.telegram.say(chats[0], "marigold")
    await until(lambda: bool(house.telegram.texts_to(ANA_CHAT)), "a page overtakes")
    assert most <= BLIND_AT_ONCE + 1
    let.set()
    await until(lambda: all(house.telegram.texts_to(chat) for chat in chats), "everybody is answered")
    assert most <= BLIND_AT_ONCE + 1


async def test_what_finds_no_room_for_long_is_known_not_to_be_sent(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hang at Telegram: the third goes later as if for the first time, and nobody doubts what became of it."""
    monkeypatch.setattr(delivery, "ROOM", 0.3)
    telegram, let = house.service.channels["telegram"], asyncio.Event()
    hanging, send = {str(HER_CHAT), str(HER_CHAT + 1)}, telegram.send

    async def slow(outgoing: Outgoing) -> Receipt:
        if outgoing.address in hanging:
            await let.wait()
        return await send(outgoing)

    monkeypatch.setattr(telegram, "send", slow)
    for n in range(3):
        await house.recipient("telegram", str(HER_CHAT + n))
        house.telegram.say(HER_CHAT + n, "sunflower")
        await until(lambda: house.telegram.waiting == 0, "her word is taken")
    query = sa.select(outbox.c.status, outbox.c.code).order_by(outbox.c.id)

    async def put_back() -> bool:
        return ("due", "no_room") in await house.service.database.read(lambda conn: conn.execute(query).all())

    await until_async(put_back, "the third waits in the outbox again")
    let.set()
    await until(lambda: len(house.telegram.texts_to(HER_CHAT + 2)) == 1, "it goes out")
    await house.service.delivery.settle()
    assert await states(house) == ["sent"] * 3


async def test_a_stop_sends_what_was_claimed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would wait for its lease, and an exit's cover would be dropped."""
    await house.recipient()
    delivery, claimed = house.service.delivery, asyncio.Event()
    claim = delivery.claim

    async def slow(urgent: bool = False) -> list[Sending]:
        found = await claim(urgent)
        if found:
            claimed.set()
            await asyncio.sleep(1)  # the stop comes in it
        return found

    monkeypatch.setattr(delivery, "claim", slow)
    assert (await house.twilio.deliver("sunflower", HER_PHONE)).ok
    await claimed.wait()
    await house.stop()
    assert len(house.twilio.texts_to(HER_PHONE)) == 1
    await house.start()
    assert await states(house) == ["sent"]


async def test_each_look_for_an_uncertain_text_comes_later_than_the_last(house: House) -> None:
    await house.recipient()
    house.twilio.fail(*[Fault.hang_before()] * 4)
    house.service.channels["sms"]._wire._deadline = 0.2  # type: ignore[attr-defined]
    assert (await house.twilio.deliver("sunflower", HER_PHONE)).ok
    for number, seconds in enumerate((2, 4, 8), start=1):
        await refused(house, number)
        await house.service.delivery.settle()
        row = await house.service.database.read(lambda conn: conn.execute(sa.select(outbox)).one())
        wait = (moment(row.due_at) - house.clock.now()).total_seconds()
        assert seconds - 1.5 < wait <= seconds
        await after(house, seconds)


async def test_revoked_credentials_are_not_hammered_with(house: House) -> None:
    await house.recipient()
    house.twilio.fail(*[Fault.status(401, 20003)] * 200)
    assert (await house.twilio.deliver("sunflower", HER_PHONE)).ok
    await refused(house)
    for _ in range(20):
        await after(house, 60)
    assert 2 <= len(house.twilio.facts("fault")) <= 12
    assert set(await states(house)) <= {"expired", "dead", "cancelled"}


async def test_after_an_hour_of_silence_nothing_stale_arrives(house: House) -> None:
    await house.recipient()
    house.twilio.fail(*[Fault.status(503)] * 200)
    assert (await house.twilio.deliver("hello", HER_PHONE)).ok
    assert (await house.twilio.deliver("sunflower", HER_PHONE)).ok
    assert (await house.twilio.deliver("1", HER_PHONE)).ok
    await refused(house)
    await after(house, 3600)
    house.twilio._faults.clear()  # it is back
    await after(house, 600)
    assert house.twilio.texts_to(HER_PHONE) == []
    assert set(await states(house)) <= {"expired", "cancelled"}
    assert "safe" in (await house.she_texts("sunflower"))[0]


async def test_one_blocked_line_keeps_its_order_and_holds_up_nobody_else(house: House) -> None:
    await house.recipient()
    await house.recipient(address=OTHER)
    house.twilio.fail(Fault.status(503, retry_after=60))
    assert (await house.twilio.deliver("sunflower", HER_PHONE)).ok
    await refused(house)
    assert (await house.twilio.deliver("1", HER_PHONE)).ok

    await house.she_texts("sunflower", phone=OTHER)

    assert house.twilio.texts_to(HER_PHONE) == [], "her second message does not overtake her first"
    await after(house, 61)
    await until(lambda: len(house.twilio.texts_to(HER_PHONE)) == 2, "both, in order")
    first, second = house.twilio.texts_to(HER_PHONE)
    assert "safe" in first
    assert "afraid" in second


async def test_status_reports_in_any_order_and_too_early(house: House) -> None:
    await house.recipient()
    await house.she_texts("sunflower", "1")
    await house.service.delivery.settle()
    first, second = (message.sid for message in house.twilio.sent)
    for status in ("delivered", "sent", "queued", "undelivered", "delivered", "somethingnew"):
        assert (await house.twilio.report(first, status, 30003 if status == "undelivered" else None)).ok
    assert (await states(house))[0] == "delivered"
    assert await house.queue() == []

    assert (await house.twilio.report(second, "failed", 30005)).ok
    alert = await house.only_alert()
    assert (alert.kind, alert.tier) == ("task", "P2")

    early = house.twilio.missed("not of ours", OTHER)
    house.twilio.messages[early].callback = house.twilio.messages[first].callback
    assert (await house.twilio.report(early, "delivered")).attempts[0] == 404, "Twilio is asked to say it again"


async def test_a_text_missed_while_we_were_down_is_taken_exactly_once(house: House) -> None:
    await house.recipient()
    await house.stop()
    sid = house.twilio.missed("sunflower", HER_PHONE)
    assert not (await house.twilio.deliver("x", OTHER)).ok
    await house.start()
    await until(lambda: len(house.twilio.texts_to(HER_PHONE)) == 1, "the answer to the missed text")
    assert (await house.state()).mode == "open"
    turns = (await house.state()).turns

    assert (await house.twilio.deliver("", HER_PHONE, sid=sid)).ok, "and then the webhook comes after all"
    await house.stop()
    await house.start()
    await until(lambda: len(house.twilio.facts("listed")) >= 2, "looked again")
    assert (await house.state()).turns == turns
    assert len(house.twilio.texts_to(HER_PHONE)) == 1


class Refusing:
    """A database that refuses once, then is itself."""

    def __init__(self, real: Any) -> None:
        self.real, self.refused = real, 0

    async def write(self, *given: Any) -> Any:
        if not self.refused:
            self.refused += 1
            raise OperationalError("INSERT", {}, OSError("database or disk is full"))
        return await self.real.write(*given)

    write_here = write


async def test_what_could_not_be_kept_is_not_acknowledged_and_comes_again(house: House) -> None:
    await house.recipient("telegram", str(HER_CHAT))
    await house.recipient()
    turns, real = house.service.turns, house.service.database
    turns._database = refusing = Refusing(real)  # type: ignore[assignment]
    (answer,) = await house.she_writes("sunflower")
    assert refusing.refused == 1
    assert "safe" in answer
    assert len(house.telegram.texts_to(HER_CHAT)) == 1
    await until(lambda: house.telegram.waiting == 0, "acknowledged in the end")

    turns._database = Refusing(real)  # type: ignore[assignment]
    delivered = await house.twilio.deliver("sunflower", HER_PHONE)
    assert delivered.attempts == [503, 200]
    await until(lambda: len(house.twilio.texts_to(HER_PHONE)) == 1, "one answer")


async def test_she_is_written_from_the_number_she_wrote_to_until_it_is_gone_and_that_is_told(
    house: House,
) -> None:
    await house.recipient()
    known, other = house.twilio.number, "+441632960099"
    await house.stop()
    house._more["twilio_numbers"] = f"{other},{known}"
    await house.start()
    await house.she_texts("sunflower")
    assert house.twilio.sent[-1].sender == known, "her own number of ours, though another is the first now"
    await house.stop()
    house._more["twilio_numbers"] = other
    await house.start()
    await house.she_texts("1")
    alert = next(one for one in await house.queue() if one.kind == "fault")
    assert (alert.tier, house.twilio.sent[-1].sender) == ("P1", other)
