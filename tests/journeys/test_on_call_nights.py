"""Nights that go wrong on the team's side: the clocks change, the rota is empty, a replica dies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from escalation.ports import Alert, Refused
from storage import calendars
from storage.calendars import Given
from tests.journeys.house import ANA_PHONE, BEN_PHONE, House, until
from tests.rota.calendars import calendar

OTHER_PHONE = "+447700900124"
RUTH_PHONE = "+447700900203"
MINUTE = timedelta(minutes=1)


async def nights(house: House, *shifts: str) -> None:
    """A calendar of who is on call, by London's wall clock."""
    service, now = house.service, house.clock.now()
    given = Given("Nights", "on_call", 1, "Europe/London", text=calendar(*shifts))
    reading = calendars.read(given, await service.accounts.staff(), now)
    await service.database.write(calendars.put, service.vault, given, reading, "", now)


@pytest.mark.parametrize(
    ("night", "three"),
    [
        ("20260328", datetime(2026, 3, 29, 2, 0, tzinfo=UTC)),
        ("20261024", datetime(2026, 10, 25, 3, 0, tzinfo=UTC)),
    ],
    ids=["an hour shorter", "an hour longer"],
)
async def test_a_shift_that_ends_at_three_ends_when_the_clock_says_three(
    tmp_path: Path, night: str, three: datetime
) -> None:
    """oncallnotifytod: the ladder pages who is on call by the wall clock, in the night in which clocks change."""
    house = House(tmp_path, telegram="off", at=three - timedelta(hours=4))
    async with house:
        house.clock.stop()
        await house.worker("Ana", "off", phone=ANA_PHONE)
        await house.worker("Ben", "off", phone=BEN_PHONE)
        day = datetime.strptime(night, "%Y%m%d") + timedelta(days=1)  # noqa: DTZ007 - a date of the calendar
        await nights(
            house,
            f"SUMMARY:ana|DTSTART:{night}T200000|DTEND:{day:%Y%m%d}T030000",
            f"SUMMARY:ben|DTSTART:{day:%Y%m%d}T030000|DTEND:{day:%Y%m%d}T090000",
        )
        await house.recipient()
        await house.pass_time(three - 3 * MINUTE - house.clock.now())
        await house.she_texts("sunflower", "1", "afraid 9")
        await house.service.settle()
        assert (len(house.twilio.texts_to(ANA_PHONE)), len(house.twilio.texts_to(BEN_PHONE))) == (1, 0)
        await house.pass_time(5 * MINUTE)
        await until(lambda: len(house.twilio.texts_to(BEN_PHONE)) == 1, "the next step is Ben's")
        assert len(house.twilio.texts_to(ANA_PHONE)) == 1


async def test_an_empty_rota_reaches_everybody_at_once_and_is_an_alarm(house: House) -> None:
    """escalationskipifempty, oncallnotify: nobody on any duty; whoever has a phone is paged, in one step."""
    for name, phone in (("Ana", ANA_PHONE), ("Ben", BEN_PHONE)):
        await house.worker(name, "off", phone=phone)
    await house.worker("Adi", "off", phone=RUTH_PHONE, role="administrator")
    await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9")
    for phone in (ANA_PHONE, BEN_PHONE):
        await until(lambda phone=phone: bool(house.twilio.texts_to(phone)), "a page")  # type: ignore[misc]
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as outside:
        seen = await outside.get("/health/escalation")
    assert (seen.status_code, seen.json()["nobody_on_call"]) == (503, True)
    assert all(alert.ref in house.twilio.texts_to(ANA_PHONE)[0] for alert in await house.queue())


async def outcome(taking: Awaitable[Alert]) -> str:
    try:
        return (await taking).holder or ""
    except Refused as refused:
        return refused.holder


async def test_two_replicas_page_once_have_one_winner_and_one_goes_on_alone(tmp_path: Path, postgres_url: str) -> None:
    """On PostgreSQL, with all loops of both turning: each step once, one holder, and a claim that ends is seen."""
    house = House(tmp_path, telegram="off")
    house.database = postgres_url
    async with house:
        house.clock.stop()
        ana = await house.worker("Ana", phone=ANA_PHONE)
        ben = await house.worker("Ben", "backup", phone=BEN_PHONE)
        await house.recipient()
        other = house.replica(house.settings())
        other.start()
        try:
            await house.she_texts("sunflower", "1", "afraid 9")
            await until(lambda: len(house.twilio.texts_to(ANA_PHONE)) == 1, "the first step")
            house.clock.move(5 * MINUTE)
            await asyncio.gather(house.service.settle(), other.settle())
            await until(lambda: len(house.twilio.texts_to(BEN_PHONE)) == 1, "the second step")
            assert len(house.twilio.texts_to(ANA_PHONE)) == 2, "each step was taken once"

            ref, now = (await house.only_alert()).ref, house.clock.now()
            both = (house.service.desk.claim(ref, ana.id, now), other.desk.claim(ref, ben.id, now))
            ended = await asyncio.gather(*map(outcome, both))
            held = await house.only_alert()
            assert (held.state, held.claim) == ("claimed", 1)
            names = {ana.id: "Ana", ben.id: "Ben"}
            assert sorted(ended) == sorted([str(held.holder), names[str(held.holder)]])
        finally:
            await other.stop()
        pages = len(house.twilio.texts_to(ANA_PHONE)) + len(house.twilio.texts_to(BEN_PHONE))
        await house.pass_time(16 * MINUTE)
        assert (await house.only_alert()).state == "open"
        assert len(house.twilio.texts_to(ANA_PHONE)) + len(house.twilio.texts_to(BEN_PHONE)) > pages
