"""SMS at a double of Twilio: what is posted, what the list tells afterwards, what can be deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.base import Broken, TryLater, Unknown
from bot.channels.sms import SmsChannel
from tests.channels.conftest import HER_PHONE, YES_NO, sms
from tests.fakes.server import Fault
from tests.fakes.twilio import FakeTwilio

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


async def test_options_are_numbered_lines(twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
    question = sms(options=YES_NO)
    receipt = await sms_channel.send(question)
    assert twilio.texts_to(HER_PHONE) == ["Are you safe right now?\n1 Yes\n2 No"] == [sms_channel.wording(question)]
    assert (receipt.provider_id, receipt.status) == (twilio.sent[0].sid, "queued")


async def test_what_is_posted_is_no_more_than_needed(twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
    await sms_channel.send(sms("hello"))
    (accepted,) = twilio.facts("accepted")
    assert accepted["form"] == {"To": HER_PHONE, "From": twilio.number, "Body": "hello"}


async def test_a_message_may_have_its_own_sender(twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
    await sms_channel.send(sms(sender="+15550002222"))
    await sms_channel.send(sms(sender="MG" + "0" * 32))
    forms = [fact["form"] for fact in twilio.facts("accepted")]
    assert [form.get("From") for form in forms] == ["+15550002222", None]
    assert [form.get("MessagingServiceSid") for form in forms] == [None, "MG" + "0" * 32]


async def test_status_reports_are_asked_for_where_we_can_be_reached(twilio: FakeTwilio) -> None:
    callback = "https://line.example.org/channels/twilio/status"
    channel = SmsChannel(
        twilio.account, twilio.token, twilio.number, now=now, status_callback=callback, base_url=twilio.url + "/"
    )
    await channel.send(sms())
    assert twilio.sent[0].callback == callback
    await channel.close()


@pytest.mark.parametrize("text", ["¿Estás bien? ❌", "هل أنت بأمان؟", "a&b=c%20+d", "{x} %s <b>", "line\nline"])
async def test_every_letter_arrives(twilio: FakeTwilio, sms_channel: SmsChannel, text: str) -> None:
    await sms_channel.send(sms(text))
    assert twilio.texts_to(HER_PHONE) == [text]


async def test_half_a_character_does_not_stop_a_message(twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
    await sms_channel.send(sms("ok \ud83d"))
    assert twilio.texts_to(HER_PHONE) == ["ok ?"]


async def test_nothing_can_be_taken_back_from_an_sms_phone(sms_channel: SmsChannel) -> None:
    assert await sms_channel.wipe(HER_PHONE, ["SM1", "SM2"]) == ("SM1", "SM2")


class TestReconciling:
    async def test_an_unknown_send_is_found_though_it_is_still_queued(
        self, twilio: FakeTwilio, sms_channel: SmsChannel
    ) -> None:
        """Twilio's own date filter would not show it: what is queued has no date of sending."""
        before = now()
        twilio.fail(Fault.reset_after())
        with pytest.raises(Unknown):
            await sms_channel.send(sms("Did it go?"))
        (found,) = await sms_channel.sent_since(HER_PHONE, before)
        assert (found.text, found.provider_id, found.status) == ("Did it go?", twilio.sent[0].sid, "queued")

    async def test_a_send_that_never_arrived_is_not_found(self, twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
        before = now()
        twilio.fail(Fault.reset_before())
        with pytest.raises(Unknown):
            await sms_channel.send(sms("Did it go?"))
        assert list(await sms_channel.sent_since(HER_PHONE, before)) == []

    async def test_an_equal_text_of_an_hour_ago_is_not_taken_for_this_one(
        self, twilio: FakeTwilio, sms_channel: SmsChannel
    ) -> None:
        twilio.clock_ahead = timedelta(hours=-1)
        await sms_channel.send(sms("Did it go?"))
        twilio.clock_ahead = timedelta(0)
        assert list(await sms_channel.sent_since(HER_PHONE, now() - timedelta(minutes=1))) == []

    async def test_only_what_we_sent_to_her_counts_in_the_order_sent(
        self, twilio: FakeTwilio, sms_channel: SmsChannel
    ) -> None:
        await sms_channel.send(sms("one"))
        await sms_channel.send(sms("elsewhere", address="+15559990000"))
        twilio.missed("from her", HER_PHONE)
        await sms_channel.send(sms("two"))
        assert [one.text for one in await sms_channel.sent_since(HER_PHONE, LONG_AGO)] == ["one", "two"]

    async def test_a_list_nobody_can_read_is_a_failure_not_an_empty_list(
        self, twilio: FakeTwilio, sms_channel: SmsChannel
    ) -> None:
        twilio.fail(Fault.html(), Fault.status(503), Fault.truncated(), on="list")
        for expected in (Unknown, TryLater, Unknown):
            with pytest.raises(expected):
                await sms_channel.sent_since(HER_PHONE, LONG_AGO)


class TestMissedTexts:
    async def test_texts_that_came_while_we_were_down_are_found_oldest_first(
        self, twilio: FakeTwilio, sms_channel: SmsChannel
    ) -> None:
        sids = [twilio.missed("sunflower", HER_PHONE), twilio.missed("", "+15557654322", media=["image/jpeg"])]
        await sms_channel.send(sms("from us"))
        found = await sms_channel.inbound_since(now() - timedelta(hours=1))
        assert [inbound.provider_id for inbound in found] == sids
        assert [inbound.text for inbound in found] == ["sunflower", ""]
        assert [inbound.media for inbound in found] == [(), ("other",)]
        assert {inbound.to for inbound in found} == {twilio.number}

    async def test_what_is_found_was_received_now(self, twilio: FakeTwilio) -> None:
        """An answer to words of an hour ago must find the chat as it is now, closed perhaps; and when she wrote it."""
        fixed = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
        channel = SmsChannel(twilio.account, twilio.token, twilio.number, now=lambda: fixed, base_url=twilio.url)
        sid = twilio.missed("sunflower", HER_PHONE)
        (found,) = await channel.inbound_since(LONG_AGO)
        assert (found.at, found.said) == (fixed, twilio.messages[sid].created)
        await channel.close()

    async def test_every_page_of_the_list_is_read(self, twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
        sids = [twilio.missed(f"text {n}", HER_PHONE) for n in range(450)]
        found = await sms_channel.inbound_since(now() - timedelta(hours=1))
        assert [inbound.provider_id for inbound in found] == sids
        assert len(twilio.facts("listed")) == 3

    async def test_a_number_that_is_not_ours_is_not_read(self, twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
        twilio.missed("for the shop", HER_PHONE, to="+15558887777")
        assert list(await sms_channel.inbound_since(LONG_AGO)) == []

    async def test_what_is_older_is_left(self, twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
        twilio.clock_ahead = timedelta(hours=-2)
        twilio.missed("old", HER_PHONE)
        twilio.clock_ahead = timedelta(0)
        sid = twilio.missed("new", HER_PHONE)
        found = await sms_channel.inbound_since(now() - timedelta(hours=1))
        assert [inbound.provider_id for inbound in found] == [sid]

    async def test_a_long_day_is_not_read_to_its_morning(self, twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
        """Twilio filters by the day only; this runs every few minutes."""
        twilio.clock_ahead = timedelta(minutes=-30)
        for n in range(900):
            twilio.missed(f"old {n}", HER_PHONE)
        twilio.clock_ahead = timedelta(0)
        sid = twilio.missed("new", HER_PHONE)
        found = await sms_channel.inbound_since(now())
        assert [inbound.provider_id for inbound in found] == [sid]
        assert len(twilio.facts("listed")) <= 2

    async def test_a_sender_that_is_no_phone_is_passed_over(self, twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
        twilio.missed("Your bill", "7726")
        twilio.missed("hello", HER_PHONE)
        assert [inbound.text for inbound in await sms_channel.inbound_since(LONG_AGO)] == ["hello"]


class TestTwiliosOwnCopy:
    async def test_it_is_deleted_once_the_status_is_final(self, twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
        receipt = await sms_channel.send(sms())
        with pytest.raises(TryLater, match="20009"):
            await sms_channel.delete_copy(receipt.provider_id)
        twilio.settle(receipt.provider_id)
        await sms_channel.delete_copy(receipt.provider_id)
        assert twilio.messages[receipt.provider_id].body == ""

    async def test_what_came_in_can_be_deleted_at_once(self, twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
        sid = twilio.missed("sunflower", HER_PHONE)
        await sms_channel.delete_copy(sid)
        assert list(await sms_channel.inbound_since(LONG_AGO)) == []

    async def test_gone_already_is_fine(self, twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
        sid = twilio.missed("sunflower", HER_PHONE)
        await sms_channel.delete_copy(sid)
        await sms_channel.delete_copy(sid)
        assert len(twilio.facts("deleted")) == 1

    async def test_wrong_credentials_are_not_taken_for_gone(self, twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
        twilio.fail(Fault.status(401, code=20003), on="delete")
        with pytest.raises(Broken):
            await sms_channel.delete_copy("SM" + "0" * 32)


async def test_connections_are_used_again(twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
    for _ in range(5):
        await sms_channel.send(sms())
    assert len(twilio.open_connections) == 1
