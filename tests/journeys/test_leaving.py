"""She leaves at once, whatever else is going on: SAFETY 18 over real HTTP, with providers that are slow."""

from __future__ import annotations

import asyncio
import time

import pytest
import sqlalchemy as sa

from bot import delivery
from bot.channels.base import Outgoing, Receipt
from bot.pace import Pace
from storage.schema import outbox
from tests.journeys.house import HER_CHAT, HER_PHONE, House, until, until_async

HELD = 5.0  # seconds for which the provider keeps a message of the session
QUICK = 1.0  # the goal of SAFETY 18


def holding(house: House, monkeypatch: pytest.MonkeyPatch, channel: str, *words: str) -> list[tuple[float, str]]:
    """The provider is asked when and for what; a message with one of the words stays with it for a while."""
    asked: list[tuple[float, str]] = []
    real = house.service.channels[channel]
    send = real.send

    async def slow(outgoing: Outgoing) -> Receipt:
        asked.append((time.monotonic(), outgoing.text))
        if any(word in outgoing.text for word in words):
            await asyncio.sleep(HELD)
        return await send(outgoing)

    monkeypatch.setattr(real, "send", slow)
    return asked


def exits(house: House, stage: str) -> tuple[float, float]:
    """(how many, seconds in all) of one stage."""
    value = house.service.metrics.registry.get_sample_value
    labels = {"stage": stage}
    return value("rowan_exit_seconds_count", labels) or 0, value("rowan_exit_seconds_sum", labels) or 0


async def test_a_text_held_by_the_provider_does_not_hold_up_her_cover(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.recipient()
    asked = holding(house, monkeypatch, "sms", "safe")
    assert (await house.twilio.deliver("sunflower", HER_PHONE)).ok
    await until(lambda: len(asked) == 1, "a question is with the provider")
    began = time.monotonic()
    assert (await house.twilio.deliver("x", HER_PHONE)).ok
    await until(lambda: len(house.twilio.texts_to(HER_PHONE)) == 1, "the cover is on her phone")
    assert asked[1][0] - began < QUICK
    assert "safe" not in house.twilio.texts_to(HER_PHONE)[0]
    assert exits(house, "cancel")[0] == 1
    await until(lambda: exits(house, "cover")[0] == 1, "the cover is counted")
    assert exits(house, "cover")[1] < QUICK


async def test_the_same_on_telegram_where_what_comes_late_is_wiped(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.recipient("telegram", str(HER_CHAT))
    asked = holding(house, monkeypatch, "telegram", "safe")
    house.telegram.say(HER_CHAT, "sunflower")
    await until(lambda: len(asked) == 1, "a question is with the provider")
    began = time.monotonic()
    house.telegram.say(HER_CHAT, "x")
    await until(lambda: len(asked) == 2, "the cover is asked of it")
    assert asked[1][0] - began < QUICK
    await until(lambda: exits(house, "wipe")[0] >= 1, "her own word is deleted")
    await until(lambda: len(house.telegram.texts_to(HER_CHAT)) == 2, "the question comes after all")
    await until(lambda: len(house.telegram.facts("deleted")) >= 2, "and is deleted too")


async def test_a_crowd_that_hangs_at_the_provider_leaves_room_for_her(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "AT_ONCE", 4)
    monkeypatch.setattr(delivery, "MOST_AT_ONCE", 8)
    phones = [f"+4477009004{n:02d}" for n in range(5)]
    for phone in (*phones, HER_PHONE):
        await house.recipient(address=phone)
    asked = holding(house, monkeypatch, "sms", "safe")
    for phone in phones[:4]:
        assert (await house.twilio.deliver("sunflower", phone)).ok
    await until(lambda: len(asked) == 4, "four questions hang")
    assert (await house.twilio.deliver("sunflower", phones[4])).ok
    began = time.monotonic()
    assert (await house.twilio.deliver("x", HER_PHONE)).ok
    await until(lambda: len(asked) == 5, "one more is asked of the provider")
    assert asked[4][0] - began < QUICK
    assert len(house.twilio.texts_to(HER_PHONE)) <= 1
    assert "safe" not in asked[4][1]


class Counting(Pace):
    """One that can be asked how many tokens came back."""

    returned = 0

    def give_back(self, channel: str, chat: str, urgent: bool = False) -> None:
        self.returned += 1
        super().give_back(channel, chat, urgent)


async def test_her_cover_does_not_queue_for_telegrams_pace_and_what_waits_there_for_her_gives_way(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.recipient("telegram", str(HER_CHAT))
    paced = Counting({"telegram": (30.0, 0.25)})  # a message in four seconds to one chat, four at once
    monkeypatch.setattr(house.service.delivery, "_pace", paced)
    await house.she_writes("hi", "there", "good", "day")
    house.telegram.say(HER_CHAT, "sunflower")

    async def waits() -> bool:
        status = sa.select(outbox.c.status).where(outbox.c.kind == "session")
        return "sending" in await house.service.database.read(lambda conn: conn.execute(status).scalars().all())

    await until_async(waits, "her word is taken, and its question waits")
    began = time.monotonic()
    house.telegram.say(HER_CHAT, "x")
    await until(lambda: len(house.telegram.texts_to(HER_CHAT)) == 5, "the cover is on her phone")
    assert time.monotonic() - began < QUICK
    await until(lambda: paced.returned == 1, "the question gives its token back")
    assert not any("safe" in text for text in house.telegram.texts_to(HER_CHAT))
