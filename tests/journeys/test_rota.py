"""The rota at work in a whole service: the calendar pages, a feed goes down, a hole is told of, a stop word is seen."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.outward import Door
from escalation.console.passwords import hash_password
from storage import calendars
from storage.calendars import Given
from tests.fakes.feed import a_feed, says
from tests.journeys.house import ANA_PHONE, BEN_PHONE, House, content, until
from tests.rota.calendars import calendar

RUTH_PHONE = "+447700900203"
DAY = timedelta(days=1)


async def staffed(house: House) -> None:
    """Ana and Ben work by the calendar alone; Ruth supervises."""
    await house.worker("Ana", duty="off", phone=ANA_PHONE)
    await house.worker("Ben", duty="off", phone=BEN_PHONE)
    await house.worker("Ruth", duty="supervisor", phone=RUTH_PHONE, role="supervisor")


def turns(house: House, *who: str, days: int = 4) -> str:
    """One after the other from yesterday on, so many days each, for ever."""
    first = house.clock.now().date() - DAY
    every = f"RRULE:FREQ=DAILY;INTERVAL={days * len(who)}"
    starts = [first + n * days * DAY for n in range(len(who))]
    return calendar(*(
        f"SUMMARY:{name}|DTSTART;VALUE=DATE:{start:%Y%m%d}|DTEND;VALUE=DATE:{start + days * DAY:%Y%m%d}|{every}"
        for name, start in zip(who, starts, strict=True)
    ))  # fmt: skip


async def taken(house: House, text: str, source: str = "") -> None:
    service, now = house.service, house.clock.now()
    given = Given("Weeks", "on_call", 0, "UTC", source, text=text)
    reading = calendars.read(given, await service.accounts.staff(), now)
    await service.database.write(calendars.put, service.vault, given, reading, "", now)


async def test_an_alert_goes_to_whoever_the_calendar_has_and_after_a_stop_word_to_the_next(house: House) -> None:
    await staffed(house)
    await taken(house, turns(house, "ana", "ben"))
    await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9")
    await until(lambda: len(house.twilio.texts_to(ANA_PHONE)) == 1, "a page to Ana")
    assert house.twilio.texts_to(BEN_PHONE) == house.twilio.texts_to(RUTH_PHONE) == []

    await house.twilio.deliver("STOP", ANA_PHONE)
    await until(lambda: len(house.twilio.texts_to(RUTH_PHONE)) >= 1, "Ruth is told")
    assert house.twilio.texts_to(RUTH_PHONE)[0].startswith("Pages do not reach somebody on the team.")
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as operator:
        seen = await operator.get("/health/escalation")
    assert (seen.status_code, seen.json()["phones_shut"], seen.json()["nobody_on_call"]) == (503, 1, True)
    await house.pass_time(timedelta(minutes=5))
    await until(lambda: len(house.twilio.texts_to(RUTH_PHONE)) >= 2, "the page goes to Ruth")
    assert len(house.twilio.texts_to(ANA_PHONE)) == 1


async def test_a_feed_is_asked_kept_when_it_is_down_and_told_of(tmp_path: Path) -> None:
    async with House(tmp_path, telegram="off") as house, a_feed() as host:
        await staffed(house)
        loop, now = house.service.calendars, house.clock.now
        loop._door = Door(schemes=("http",), outside_only=False, seconds=5)  # the test's own server
        await taken(house, "", source=host.url)
        host.answer = says(turns(house, "ana"), ETag='"1"')
        assert await loop.look() == 0
        (kept,) = await house.service.rotas.calendars()
        assert kept.fetched_at is not None
        assert (kept.failed_at, kept.findings) == (None, ())
        for answer in (says(status=503), says("<html>")):
            host.answer = answer
            house.clock.move(timedelta(hours=4))
            await loop.look()
        (kept,) = await house.service.rotas.calendars()
        assert kept.failed_at is not None
        at = now()
        assert (await house.service.rotas.rota(at, at)).shifts, "what it said last holds"
        house.clock.move(timedelta(hours=4))
        assert await loop.look() == 1
        await until(lambda: len(house.twilio.texts_to(RUTH_PHONE)) == 1, "Ruth is told")
        assert house.twilio.texts_to(RUTH_PHONE)[0].startswith("A calendar of the rota could not be read")
        host.answer = says(turns(house, "ana", "ben"))
        house.clock.move(timedelta(hours=1))
        assert await loop.look() == 0
        (kept,) = await house.service.rotas.calendars()
        assert kept.failed_at is None
        assert len(await _people(house)) == 2


async def test_a_supervisor_takes_a_feed_whose_names_the_programme_and_she_know(tmp_path: Path) -> None:
    """By the page, over real HTTP: looked at, matched, taken; then an alert goes to whom it has."""
    (tmp_path / "rota.yaml").write_text("people:\n  ana: [a.reyes@example.org]\n")
    house = House(tmp_path, telegram="off")
    house.programme = tmp_path
    async with house, a_feed() as host:
        await staffed(house)
        await house.worker("Rosa", duty="off", role="supervisor", password=hash_password("six quiet words"))
        house.service.calendars._door = Door(schemes=("http",), outside_only=False, seconds=5)  # the test's own server
        host.answer = says(turns(house, "Night|ATTENDEE:mailto:a.reyes@example.org", "Ben K."))
        async with httpx.AsyncClient(base_url=house.url, trust_env=False, headers={"Origin": house.url}) as browser:
            await browser.post("/console/sign-in", data={"username": "rosa", "password": "six quiet words"})
            csrf = hidden((await browser.get("/console/rota")).text, "csrf")
            form = {"csrf": csrf, "name": "Weeks", "duty": "on_call", "layer": "0", "source": host.url}
            page = (await browser.post("/console/rota/calendar", data=form)).text
            assert (hidden(page, "name0"), 'name="name1"' in page) == ("Ben K.", False)
            assert await house.service.rotas.calendars() == []
            ben = next(one.id for one in await house.service.accounts.staff() if one.username == "ben")
            matched = form | {"name0": "Ben K.", "who0": ben}
            assert (await browser.post("/console/rota/calendar/take", data=matched)).status_code == 303
        assert len(await _people(house)) == 2
        (kept,) = await house.service.rotas.calendars()
        assert (kept.called, kept.findings) == ({"Ben K.": "ben"}, ())
        house.clock.move(timedelta(hours=2))
        assert await house.service.calendars.look() == 0, "read again, with the same names"
        assert len(await _people(house)) == 2
        await house.recipient()
        await house.she_texts("sunflower", "1", "afraid 9")
        await until(lambda: len(house.twilio.texts_to(ANA_PHONE)) == 1, "a page to Ana")


async def test_times_of_a_calendar_without_a_zone_and_of_the_page_are_the_programmes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = replace(content(), rules=replace(content().rules, zone="America/New_York"))
    monkeypatch.setattr("tests.journeys.house.content", lambda: away)
    async with House(tmp_path, telegram="off", at=datetime(2026, 11, 20, 12, tzinfo=UTC)) as house:
        await staffed(house)
        await house.worker("Rosa", duty="off", role="supervisor", password=hash_password("six quiet words"))
        async with httpx.AsyncClient(base_url=house.url, trust_env=False, headers={"Origin": house.url}) as browser:
            await browser.post("/console/sign-in", data={"username": "rosa", "password": "six quiet words"})
            page = (await browser.get("/console/rota")).text
            assert "America/New_York" in page
            text = calendar("SUMMARY:ana|DTSTART:20261121T220000|DURATION:PT8H")
            form = {"csrf": hidden(page, "csrf"), "name": "Weeks", "duty": "on_call", "layer": "0", "text": text}
            assert (await browser.post("/console/rota/calendar/take", data=form)).status_code == 303
        (shift,) = (await house.service.rotas.rota(house.clock.now(), house.clock.now() + 9 * DAY)).shifts
        assert shift.start == datetime(2026, 11, 22, 3, tzinfo=UTC)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found
    return found[1]


async def _people(house: House) -> set[str]:
    now = house.clock.now()
    return {shift.staff for shift in (await house.service.rotas.rota(now, now + 9 * DAY)).shifts}


async def test_a_hole_is_told_to_the_named_person_and_a_calendar_is_read_on_as_days_go_by(house: House) -> None:
    await staffed(house)
    loop = house.service.calendars
    loop._contact = "ben"
    await taken(house, turns(house, "ana"))
    assert await loop.look() == 0
    await house.pass_time(60 * DAY)
    assert await loop.look() == 0, "it was read on"
    await taken(house, calendar(f"SUMMARY:ana|DTSTART;VALUE=DATE:{house.clock.now():%Y%m%d}|DURATION:P5D"))
    assert [await loop.look() for _ in range(3)] == [1, 0, 0]
    await until(lambda: len(house.twilio.texts_to(BEN_PHONE)) == 1, "Ben is told")
    assert house.twilio.texts_to(BEN_PHONE)[0].startswith("Nobody is on call at some time")


async def test_a_calendar_that_cannot_be_read_any_more_keeps_its_shifts_and_says_so(house: House) -> None:
    await staffed(house)
    await taken(house, turns(house, "ana"))
    (kept,) = await house.service.database.read(calendars.everything, house.service.vault)
    broken = replace(kept.given, text="<html>")
    keep = (
        calendars.keep,
        house.service.vault,
        kept,
        broken,
        calendars.read(kept.given, await house.service.accounts.staff(), house.clock.now()),
    )
    assert await house.service.database.write(*keep, house.clock.now())
    house.clock.move(timedelta(hours=2))
    assert await house.service.calendars.look() == 0
    (shown,) = await house.service.rotas.calendars()
    assert "no iCal calendar" in shown.findings[0]
    at = house.clock.now()
    assert (await house.service.rotas.rota(at, at)).shifts
