"""The simulated phones: what stands on the screen is what a real phone would show."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.base import Broken, SendFailed, TryLater, Unknown, Unreachable
from bot.channels.simulated import Changed, Phones, SimulatedChannel
from tests.channels.conftest import HER_CHAT, HER_PHONE, YES_NO, chat, sms

HER = {"sms": HER_PHONE, "telegram": str(HER_CHAT)}


class Clock:
    """The demo's clock: it moves when told, and delays are only noted."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def phones(clock: Clock) -> Phones:
    return Phones(clock.now, clock.sleep)


def texts(phones: Phones, channel: str) -> list[str]:
    return [bubble.text for bubble in phones.screen(channel, HER[channel])]


async def test_a_conversation_stands_in_order_with_its_times(phones: Phones, clock: Clock) -> None:
    phones.say("telegram", HER["telegram"], "sunflower")
    clock.time += timedelta(seconds=1)
    await phones.channel("telegram").send(chat(options=YES_NO))
    hers, ours = phones.screen("telegram", HER["telegram"])
    assert (hers.from_us, hers.text, hers.at) == (False, "sunflower", clock.time - timedelta(seconds=1))
    assert (ours.from_us, ours.text, ours.options, ours.at) == (True, "Are you safe right now?", YES_NO, clock.time)


async def test_an_sms_phone_shows_options_as_numbered_lines(phones: Phones) -> None:
    await phones.channel("sms").send(sms(options=YES_NO))
    assert texts(phones, "sms") == ["Are you safe right now?\n1 Yes\n2 No"]


async def test_what_she_types_is_an_inbound_of_its_own(phones: Phones, clock: Clock) -> None:
    by_sms = phones.say("sms", HER_PHONE, "afraid 9")
    by_chat = phones.say("telegram", HER["telegram"], "  ")
    assert (by_sms.channel, by_sms.address, by_sms.text, by_sms.at) == ("sms", HER_PHONE, "afraid 9", clock.time)
    assert by_sms.phone_message is None
    assert by_chat.text == ""
    assert by_chat.phone_message == phones.screen("telegram", HER["telegram"])[0].id
    assert by_sms.provider_id != by_chat.provider_id


async def test_media_are_kinds(phones: Phones) -> None:
    photo = phones.send_photo("telegram", HER["telegram"], "he did this")
    voice = phones.send_media("sms", HER_PHONE, "voice")
    assert (photo.media, photo.text) == (("photo",), "he did this")
    assert (voice.media, voice.text) == (("voice",), "")


async def test_a_pressed_button_is_its_token_and_leaves_no_bubble(phones: Phones) -> None:
    inbound = phones.press(HER["telegram"], "t-yes")
    assert (inbound.button, inbound.channel) == ("t-yes", "telegram")
    assert phones.screen("telegram", HER["telegram"]) == ()


async def test_a_wipe_takes_both_sides_from_a_telegram_phone(phones: Phones) -> None:
    channel = phones.channel("telegram")
    phones.say("telegram", HER["telegram"], "sunflower")
    await channel.send(chat(options=YES_NO))
    phones.say("telegram", HER["telegram"], "later")
    ids = [bubble.id for bubble in phones.screen("telegram", HER["telegram"])[:2]]
    assert await channel.wipe(HER["telegram"], ids) == ()
    assert texts(phones, "telegram") == ["later"]
    gone = phones.conversation("telegram", HER["telegram"])[:2]
    assert [(bubble.deleted, bubble.text, bubble.options) for bubble in gone] == [(True, "", ())] * 2


async def test_an_sms_phone_keeps_everything_until_she_deletes_it(phones: Phones) -> None:
    receipt = await phones.channel("sms").send(sms("hello"))
    assert await phones.channel("sms").wipe(HER_PHONE, [receipt.provider_id]) == (receipt.provider_id,)
    assert texts(phones, "sms") == ["hello"]
    phones.delete_on_phone("sms", HER_PHONE, receipt.provider_id)
    assert texts(phones, "sms") == []


@pytest.mark.parametrize("name", ["sms", "telegram"])
async def test_blocking(phones: Phones, name: str) -> None:
    phones.block(name, HER[name])
    message = sms() if name == "sms" else chat()
    with pytest.raises(Unreachable):
        await phones.channel(name).send(message)
    phones.block(name, HER[name], blocked=False)
    await phones.channel(name).send(message)
    assert len(phones.screen(name, HER[name])) == 1


async def test_failures_come_in_the_order_asked_and_once(phones: Phones) -> None:
    phones.fail_next("sms", TryLater("503"), Broken("401"))
    for expected in (TryLater, Broken):
        with pytest.raises(expected):
            await phones.channel("sms").send(sms())
    await phones.channel("sms").send(sms("third"))
    assert texts(phones, "sms") == ["third"]


async def test_an_unknown_send_may_stand_on_the_phone_and_can_be_found(phones: Phones, clock: Clock) -> None:
    phones.fail_next("sms", Unknown("timeout"))
    with pytest.raises(SendFailed):
        await phones.channel("sms").send(sms("Did it go?"))
    found = await phones.channel("sms").sent_since(HER_PHONE, clock.time)
    assert found is not None
    assert [one.text for one in found] == ["Did it go?"]
    assert list(await phones.channel("telegram").sent_since(HER["telegram"], clock.time)) == []


async def test_a_slow_provider(phones: Phones, clock: Clock) -> None:
    phones.delay(2.5)
    await phones.channel("sms").send(sms())
    assert clock.slept == [2.5]


async def test_phones_do_not_see_each_other(phones: Phones) -> None:
    await phones.channel("sms").send(sms("for her"))
    await phones.channel("sms").send(sms("for another", address="+15550009999"))
    assert texts(phones, "sms") == ["for her"]


class TestWatching:
    async def test_a_reader_learns_which_phone_changed_and_reads_it_again(self, phones: Phones) -> None:
        changes = phones.subscribe()
        waiting = asyncio.create_task(anext(changes))
        await asyncio.sleep(0)
        await phones.channel("sms").send(sms())
        assert await waiting == Changed("sms", HER_PHONE)

    async def test_a_reader_that_is_busy_misses_nothing_and_holds_little(self, phones: Phones) -> None:
        changes = phones.subscribe()
        for n in range(1000):
            phones.say("sms", HER_PHONE, str(n))
        phones.say("telegram", HER["telegram"], "hi")
        assert await anext(changes) == Changed("sms", HER_PHONE)
        assert await anext(changes) == Changed("telegram", HER["telegram"])
        assert len(phones.screen("sms", HER_PHONE)) == 1000

    async def test_wiping_is_a_change_too(self, phones: Phones) -> None:
        bubble = phones.say("telegram", HER["telegram"], "x").phone_message
        assert bubble is not None
        changes = phones.subscribe()
        await phones.channel("telegram").wipe(HER["telegram"], [bubble])
        assert await anext(changes) == Changed("telegram", HER["telegram"])

    async def test_two_readers_both_learn_and_one_that_went_is_forgotten(self, phones: Phones) -> None:
        first, second = phones.subscribe(), phones.subscribe()
        phones.say("sms", HER_PHONE, "x")
        assert await anext(first) == await anext(second)
        del first
        phones.say("sms", HER_PHONE, "y")
        assert await anext(second) == Changed("sms", HER_PHONE)
        assert len(phones._watchers) == 1


def test_there_is_no_third_kind_of_phone(phones: Phones) -> None:
    with pytest.raises(ValueError, match="'sms' or 'telegram'"):
        SimulatedChannel("whatsapp", phones)
