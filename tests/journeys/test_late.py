"""Rowan was away while she wrote: hours later her phone may be in other hands, so nothing arrives on it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot import receiving
from escalation.ports import Alert
from tests.fakes.server import Fault
from tests.journeys.house import HER_CHAT, HER_PHONE, NOON, House, until, until_async

STRANGER = "+447700900456"


async def away(house: House, by: timedelta, texts: tuple[str, ...] = (), writes: tuple[str, ...] = ()) -> None:
    """She writes while the service is down; it comes back so much later and takes all of it."""
    await house.stop()
    for text in texts:
        house.twilio.missed(text, HER_PHONE)
    for text in writes:
        house.telegram.say(HER_CHAT, text)
    house.clock.move(by)
    listed = len(house.twilio.facts("listed"))
    await house.start()
    await until(lambda: len(house.twilio.facts("listed")) > listed, "the texts were asked for")
    await until(lambda: house.telegram.waiting == 0, "the updates are acknowledged")
    await house.service.settle()


async def alerts(house: House, count: int) -> list[Alert]:
    async def all_there() -> bool:
        return len(await house.queue()) == count

    await until_async(all_there, f"{count} alerts")
    await house.service.settle()
    return await house.queue()


async def test_six_hours_later_no_question_comes_and_a_worker_knows(house: House) -> None:
    await house.recipient()
    await house.recipient("telegram", str(HER_CHAT))
    wrote = house.clock.now()
    await away(house, timedelta(hours=6), ("sunflower", "2"), ("sunflower", "2"))
    for alert in await alerts(house, 2):
        assert (alert.tier, alert.kind) == ("P1", "task")
        minutes = (wrote, wrote + timedelta(minutes=1))  # it may have turned while she wrote
        said = [f"{minute:%H:%M} UTC while the service was down; nothing was answered" for minute in minutes]
        assert any(each in alert.title for each in said)
    assert house.twilio.texts_to(HER_PHONE) == house.telegram.texts_to(HER_CHAT) == []
    assert (await house.state()).mode == (await house.state("telegram", str(HER_CHAT))).mode == "closed"

    assert "safe right now" in (await house.she_texts("sunflower"))[0], "now it is her again"
    assert "safe right now" in (await house.she_writes("sunflower"))[0]


async def test_what_she_said_is_kept_with_its_time(house: House) -> None:
    ana = await house.worker("ana")
    ref = await house.recipient()
    wrote = house.clock.now()
    await away(house, timedelta(hours=6), ("are you there",))
    (alert,) = await alerts(house, 1)
    assert alert.tier == "P2"
    lines = await house.service.desk.transcript(ref, ana.id, "she wrote in the night", house.clock.now())
    assert [(line.by, line.text) for line in lines] == [("her", "are you there"), ("note", "late")]
    assert any(f"{minute:%H:%M} UTC" in lines[1].staff for minute in (wrote, wrote + timedelta(minutes=1)))


async def test_danger_and_duress_are_heard_however_late(house: House) -> None:
    await house.recipient()
    await house.recipient("telegram", str(HER_CHAT), duress_opens=True)
    await away(house, timedelta(hours=6), ("he has a knife",), ("marigold",))
    found = {(alert.kind, alert.tier) for alert in await alerts(house, 3)}
    assert ("duress", "P0") in found
    assert {tier for kind, tier in found if kind == "risk"} <= {"P0", "P1"}
    assert "risk" in {kind for kind, _ in found}
    assert house.twilio.texts_to(HER_PHONE) == house.telegram.texts_to(HER_CHAT) == []
    assert (await house.state("telegram", str(HER_CHAT))).mode == "closed", "no look-alike session on a phone unseen"


async def test_the_blank_signal_and_a_carriers_stop_count_however_late(house: House) -> None:
    await house.recipient(blank_signal=True)
    await away(house, timedelta(hours=6), ("", "STOP"))
    assert sorted((alert.kind, alert.tier) for alert in await alerts(house, 2)) == [("risk", "P1"), ("task", "P2")]
    assert (await house.state()).contact.opted_out
    assert house.twilio.texts_to(HER_PHONE) == []


async def test_an_exit_of_before_hides_what_is_open_and_says_nothing(house: House) -> None:
    await house.recipient("telegram", str(HER_CHAT))
    await house.she_writes("sunflower", "1")
    before = len(house.telegram.texts_to(HER_CHAT))
    await away(house, timedelta(minutes=30), writes=("x",))
    # Where the idle lock comes first her "x" is of no session any more, and stays.
    await until(lambda: house.telegram.screen(HER_CHAT) in ([], ["x"]), "her session is gone from the screen")
    assert (await house.state("telegram", str(HER_CHAT))).mode == "closed"
    assert len(house.telegram.texts_to(HER_CHAT)) == before
    assert await house.queue() == []


async def test_a_button_that_waited_is_as_old_as_its_question(house: House) -> None:
    await house.recipient("telegram", str(HER_CHAT))
    await house.she_writes("sunflower")
    token, before = house.telegram.sent[-1].tokens[2], len(house.telegram.texts_to(HER_CHAT))
    await house.stop()
    house.telegram.press(HER_CHAT, token)
    house.clock.move(timedelta(hours=6))
    await house.start()
    (alert,) = await alerts(house, 1)
    assert (alert.kind, alert.tier) == ("task", "P2")
    assert len(house.telegram.texts_to(HER_CHAT)) == before


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_a_button_that_could_not_be_brought_for_hours_answers_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(receiving, "WATCH_EVERY", 0.05)
    monkeypatch.setattr(receiving, "AFTER_REFUSAL", 0.5)
    async with House(tmp_path, telegram=mode, at=NOON) as house:
        await house.recipient("telegram", str(HER_CHAT))
        await ready(house, mode)
        await house.she_writes("sunflower")
        token, before = house.telegram.sent[-1].tokens[2], len(house.telegram.texts_to(HER_CHAT))
        ours = house.telegram.webhook.get("url", "")
        if mode == "webhook":
            house.telegram.webhook["url"] = "http://127.0.0.1:9/nobody"
        else:
            house.telegram.fail(Fault.status(502), on="getupdates")
        house.telegram.press(HER_CHAT, token)
        await until(lambda: broke(house, mode), "the press does not get through")
        house.clock.move(timedelta(hours=6))
        if mode == "webhook":
            await looked(house)
            house.telegram.webhook["url"] = ours
        (alert,) = await alerts(house, 1)
        assert (alert.kind, alert.tier) == ("task", "P2")
        assert f"{NOON:%H:%M} UTC" in alert.title
        assert len(house.telegram.texts_to(HER_CHAT)) == before


async def ready(house: House, mode: str) -> None:
    """A webhook is set, with a proxy before the service that speaks https for it."""
    if mode == "webhook":
        await until(lambda: bool(house.telegram.webhook), "the webhook is set")
        house.telegram.webhook["url"] = f"{house.url}/channels/telegram"


async def looked(house: House) -> None:
    """The service has asked, from now on, how much waits."""
    known = len(house.telegram.facts("waiting"))
    await until(lambda: len(house.telegram.facts("waiting")) > known + 1, "Telegram was asked")


def broke(house: House, mode: str) -> bool:
    posts = house.telegram.facts("webhook")
    return any(post["outcome"] != 200 for post in posts) if mode == "webhook" else bool(house.telegram.facts("fault"))


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_a_button_of_an_old_question_pressed_now_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(receiving, "WATCH_EVERY", 0.05)
    async with House(tmp_path, telegram=mode, at=NOON) as house:
        await house.recipient("telegram", str(HER_CHAT))
        await ready(house, mode)
        await house.she_writes("sunflower")
        token = house.telegram.sent[-1].tokens[0]
        for text in ("1", "what", "what"):
            house.clock.move(timedelta(minutes=4))
            await house.she_writes(text)
        if mode == "webhook":
            await looked(house)
        before = len(house.telegram.texts_to(HER_CHAT))
        house.telegram.press(HER_CHAT, token)
        await until(lambda: len(house.telegram.texts_to(HER_CHAT)) > before, "the question that stands, again")
        assert await house.queue() == []


async def test_a_short_outage_is_no_silence(house: House) -> None:
    await house.recipient()
    await house.recipient("telegram", str(HER_CHAT))
    await away(house, timedelta(minutes=4), ("sunflower",), ("sunflower",))
    await until(lambda: len(house.twilio.texts_to(HER_PHONE)) == 1, "the question by SMS")
    await until(lambda: len(house.telegram.texts_to(HER_CHAT)) == 1, "the question by Telegram")
    assert await house.queue() == []


async def test_a_strangers_word_of_hours_ago_lets_nobody_in(house: House) -> None:
    await house.stop()
    house.twilio.missed("harvest", STRANGER)
    house.clock.move(timedelta(hours=6))
    await house.start()
    await until(lambda: bool(house.twilio.facts("listed")), "the texts were asked for")
    await house.service.settle()
    assert house.twilio.texts_to(STRANGER) == []
    assert len(await house.she_texts("harvest", phone=STRANGER)) == 1, "written now, it is answered"
