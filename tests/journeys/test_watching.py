"""The service watches itself: who is told when something does not work, and what is seen from outside."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx

from bot import health
from bot.watching import Watching
from storage import accounts, canaries
from tests.journeys.house import ANA_PHONE, House, until, until_async

ADMIN_PHONE, CANARY_PHONE, CANARY_CHAT = "+447700900301", "+447700900302", 900302
OK, BROKEN = b"HTTP/1.1 200 OK", b"HTTP/1.1 500 Broken"


class Outside:
    """A watcher outside, which hears signs of life."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.says = OK

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append((await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1])
        writer.write(self.says + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def watcher() -> AsyncIterator[tuple[Outside, str]]:
    outside = Outside()
    async with await asyncio.start_server(outside.answer, "127.0.0.1", 0) as server:
        yield outside, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/line-7"


async def by_the_loop(house: House) -> None:
    """The service's own first look is over, so that a test's are the only ones."""
    (loop,) = [task for task in asyncio.all_tasks() if task.get_name() == "rowan-watching"]
    loop.cancel()
    await asyncio.wait([loop])
    house.service.loops._tasks.pop("watching")
    house.service.loops.turned.pop("watching")


async def off_duty(house: House, worker: str) -> None:
    await house.service.database.write(accounts.duty, house.service.vault, worker, "off", house.clock.now())


async def operator(house: House) -> None:
    await house.worker("Adi", "off", phone=ADMIN_PHONE, role="administrator")


async def a_minute_later(house: House, watching: Watching) -> None:
    await watching.look()
    await house.pass_time(timedelta(seconds=70))
    await _turn(house)
    await watching.look()


async def _turn(house: House) -> None:
    """After the clock was moved each loop has to turn once more, or it counts as stuck."""
    now = house.clock.now()
    house.service.loops.turned.update(dict.fromkeys(house.service.loops.turned, now))


async def test_the_sign_of_life_ends_when_something_is_not_well(house: House) -> None:
    await by_the_loop(house)
    ana = await house.worker("Ana", phone=ANA_PHONE)
    async with watcher() as (outside, url):
        watching = Watching(house.service, url)
        await watching.look()
        await watching.look()
        assert outside.heard == ["/line-7"], "once a minute"
        await house.pass_time(timedelta(seconds=70))
        await _turn(house)
        await watching.look()
        assert len(outside.heard) == 2
        await off_duty(house, ana.id)
        await house.pass_time(timedelta(seconds=70))
        await _turn(house)
        await watching.look()
        assert len(outside.heard) == 2, "nobody is on call: silence"


async def test_a_watcher_that_does_not_answer_is_logged_without_its_address(house: House, log: io.StringIO) -> None:
    await by_the_loop(house)
    await house.worker("Ana", phone=ANA_PHONE)
    async with watcher() as (outside, url):
        outside.says = BROKEN
        await Watching(house.service, url).look()
    assert outside.heard == ["/line-7"]
    assert "watching.no_heartbeat" in log.getvalue()
    assert "line-7" not in log.getvalue()


async def test_the_service_begins_to_watch_by_itself(tmp_path: Path) -> None:
    async with watcher() as (outside, url), House(tmp_path, heartbeat_url=url) as house:
        assert "watching" in house.service.loops.turned
        assert house.settings().heartbeat_url is not None
        await house.worker("Ana", phone=ANA_PHONE)
        watching = Watching(house.service, url)
        await watching.look()
        assert set(outside.heard) == {"/line-7"}


async def test_the_operator_is_told_once_an_hour_and_not_of_what_mends_itself(house: House) -> None:
    await by_the_loop(house)
    await operator(house)
    ana = await house.worker("Ana", phone=ANA_PHONE)
    watching = Watching(house.service)
    await off_duty(house, ana.id)
    await watching.look()
    await house.service.database.write(accounts.duty, house.service.vault, ana.id, "on_call", house.clock.now())
    await a_minute_later(house, watching)
    assert house.twilio.texts_to(ADMIN_PHONE) == [], "well again within the minute"

    await off_duty(house, ana.id)
    await a_minute_later(house, watching)
    await until(lambda: bool(house.twilio.texts_to(ADMIN_PHONE)), "an alarm")
    (said,) = house.twilio.texts_to(ADMIN_PHONE)
    assert "nobody on call" in said
    await a_minute_later(house, watching)
    assert len(house.twilio.texts_to(ADMIN_PHONE)) == 1
    await house.pass_time(timedelta(hours=1))
    await a_minute_later(house, watching)
    await until(lambda: len(house.twilio.texts_to(ADMIN_PHONE)) == 2, "the alarm again")


async def test_an_alert_that_nobody_answers_is_the_ladders_and_no_alarm(house: House) -> None:
    await by_the_loop(house)
    await operator(house)
    await house.worker("Ana", phone=ANA_PHONE)
    await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9")
    await house.pass_time(timedelta(minutes=6))
    await _turn(house)
    assert (await health.escalation(house.service)).causes == (health.NOBODY_ANSWERS,)
    await a_minute_later(house, Watching(house.service))
    assert house.twilio.texts_to(ADMIN_PHONE) == []


async def test_a_synthetic_message_that_does_not_arrive_is_an_alarm(house: House) -> None:
    await by_the_loop(house)
    await operator(house)
    await house.worker("Ana", phone=ANA_PHONE)
    house.telegram.say(CANARY_CHAT, "/start")  # or the bot may not write there
    service = house.service
    phones = {"sms": CANARY_PHONE, "telegram": str(CANARY_CHAT)}
    await service.database.write(canaries.keep, service.vault, "hash", phones, house.clock.now())
    watching, replica = Watching(service), Watching(service)

    async def sent() -> bool:
        """None goes out while an answer to that chat still waits."""
        await watching.look()
        await replica.look()
        return bool(house.twilio.texts_to(CANARY_PHONE))

    await until_async(sent, "a synthetic text")
    await until(lambda: bool(house.telegram.texts_to(CANARY_CHAT)), "the same on Telegram")
    assert len(house.twilio.texts_to(CANARY_PHONE)) == 1
    accepted = [fact for fact in house.twilio.facts("accepted") if fact["to"] == CANARY_PHONE]
    await house.twilio.report(accepted[0]["sid"], "delivered")
    await house.pass_time(timedelta(minutes=3))
    await _turn(house)
    assert (await health.escalation(service)).well

    await house.pass_time(timedelta(minutes=3))
    await watching.look()
    await until(lambda: len(house.twilio.texts_to(CANARY_PHONE)) == 2, "the next")
    await house.pass_time(timedelta(minutes=3))
    await _turn(house)
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as client:
        seen = await client.get("/health/escalation")
    assert (seen.status_code, seen.json()["causes"]) == (503, ["lost on sms"])
    await a_minute_later(house, watching)
    await until(lambda: any("lost on sms" in said for said in house.twilio.texts_to(ADMIN_PHONE)), "an alarm")
