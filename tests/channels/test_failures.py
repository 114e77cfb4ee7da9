"""Every way a send can go wrong, on both providers, over real HTTP: is it surely not accepted, or can nobody tell?"""

from __future__ import annotations

import json
import logging
import socket
import traceback

import pytest

from bot.channels.base import (
    RETRY_AFTER_LONGEST,
    Broken,
    Channel,
    Option,
    Outgoing,
    SendFailed,
    TryLater,
    Unknown,
    Unreachable,
)
from bot.channels.sms import SmsChannel
from bot.channels.telegram import TelegramChannel
from bot.channels.wire import retry_after
from tests.channels.conftest import HASTY, HER_CHAT, HER_PHONE, YES_NO, chat, sms
from tests.fakes.server import FakeServer, Fault
from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import FakeTwilio

Sending = tuple[FakeServer, Channel, Outgoing]


@pytest.fixture(params=["sms", "telegram"])
def sending(request: pytest.FixtureRequest, patience: float) -> Sending:
    provider, message = ("twilio", sms()) if request.param == "sms" else ("telegram", chat())
    return request.getfixturevalue(provider), request.getfixturevalue(f"{request.param}_channel"), message


async def failed(channel: Channel, message: Outgoing) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await channel.send(message)
    return caught.value


async def test_a_message_is_accepted_once_and_its_id_is_returned(sending: Sending) -> None:
    provider, channel, message = sending
    receipt = await channel.send(message)
    (accepted,) = provider.facts("accepted")
    assert receipt.provider_id == str(accepted.get("sid", accepted.get("message")))


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_server_fault_is_tried_later_and_nothing_was_accepted(sending: Sending, status: int) -> None:
    provider, channel, message = sending
    provider.fail(Fault.status(status))
    failure = await failed(channel, message)
    assert isinstance(failure, TryLater)
    assert failure.code == str(status)
    assert provider.facts("accepted") == []


async def test_a_busy_provider_says_when_to_come_back(sending: Sending) -> None:
    provider, channel, message = sending
    provider.fail(Fault.status(429, code=20429, retry_after=7), Fault.status(429, code=20429))
    first, second = await failed(channel, message), await failed(channel, message)
    assert isinstance(first, TryLater)
    assert isinstance(second, TryLater)
    assert (first.retry_after, second.retry_after) == (7, None)


async def test_a_wait_of_a_day_is_capped(sending: Sending) -> None:
    provider, channel, message = sending
    provider.fail(Fault.status(429, retry_after=86_400))
    failure = await failed(channel, message)
    assert isinstance(failure, TryLater)
    assert failure.retry_after == RETRY_AFTER_LONGEST


@pytest.mark.parametrize(
    ("fault", "patience"),
    [(Fault.hang_after(), HASTY), (Fault.reset_after(), 30), (Fault.html(), 30), (Fault.truncated(), 30)],
)
async def test_accepted_without_a_proper_answer_is_unknown(sending: Sending, fault: Fault) -> None:
    provider, channel, message = sending
    provider.fail(fault)
    assert isinstance(await failed(channel, message), Unknown)
    provider.until(lambda: len(provider.facts("accepted")) == 1)


@pytest.mark.parametrize(
    ("fault", "patience"), [(Fault.hang_before(), HASTY), (Fault.reset_before(), 30), (Fault.status(504), 30)]
)
async def test_silence_after_the_request_was_written_is_unknown_too(sending: Sending, fault: Fault) -> None:
    """From here it looks the same as the case above; only the provider knows that it accepted nothing."""
    provider, channel, message = sending
    provider.fail(fault)
    assert isinstance(await failed(channel, message), Unknown)
    assert provider.facts("accepted") == []


@pytest.mark.parametrize("status", [401, 404, 302])
async def test_our_own_fault_is_for_the_operator(sending: Sending, status: int) -> None:
    provider, channel, message = sending
    provider.fail(Fault.status(status))
    failure = await failed(channel, message)
    assert isinstance(failure, Broken)
    assert failure.who == "operator"


async def test_nobody_listening_is_certainly_not_accepted() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}"
        by_sms = SmsChannel("AC1", "t", "+15550001111", now=lambda: pytest.fail("no clock"), base_url=nowhere)
        by_chat = TelegramChannel("1:a", base_url=nowhere)
        for channel, message in ((by_sms, sms()), (by_chat, chat())):
            failure = await failed(channel, message)
            assert isinstance(failure, TryLater)
            assert failure.code == "connect"
            await channel.close()


async def test_a_base_url_that_is_none_is_for_the_operator() -> None:
    channel = TelegramChannel("1:a", base_url="nowhere")
    failure = await failed(channel, chat())
    assert isinstance(failure, Broken)
    assert failure.code == "url"
    await channel.close()


async def test_wrong_credentials_are_for_the_operator(twilio: FakeTwilio, telegram: FakeTelegram) -> None:
    by_sms = SmsChannel(
        twilio.account, "wrong", twilio.number, now=lambda: pytest.fail("no clock"), base_url=twilio.url
    )
    by_chat = TelegramChannel("1:wrong", base_url=telegram.url)
    first, second = await failed(by_sms, sms()), await failed(by_chat, chat())
    assert (type(first), first.code) == (Broken, "20003")
    assert (type(second), second.code) == (Broken, "401")
    await by_sms.close()
    await by_chat.close()


@pytest.mark.parametrize("code", [21610, 21211, 21614, 30003, 30004, 30005, 30006, 30007])
async def test_a_phone_that_cannot_be_reached_is_a_worker_s(
    twilio: FakeTwilio, sms_channel: SmsChannel, code: int
) -> None:
    twilio.fail(Fault.status(400, code=code))
    failure = await failed(sms_channel, sms())
    assert isinstance(failure, Unreachable)
    assert (failure.code, failure.who) == (str(code), "worker")


@pytest.mark.parametrize("code", [30001, 30008, 14107, 63038])
async def test_what_twilio_lets_us_repeat_is_tried_later(
    twilio: FakeTwilio, sms_channel: SmsChannel, code: int
) -> None:
    twilio.fail(Fault.status(400, code=code))
    assert isinstance(await failed(sms_channel, sms()), TryLater)


async def test_after_stop_the_phone_is_unreachable_until_start(twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
    twilio.missed("Stop ", HER_PHONE)
    failure = await failed(sms_channel, sms())
    assert isinstance(failure, Unreachable)
    assert failure.code == "21610"
    twilio.missed("start", HER_PHONE)
    assert (await sms_channel.send(sms())).status == "queued"


async def test_a_blocked_chat_is_unreachable(telegram: FakeTelegram, telegram_channel: TelegramChannel) -> None:
    telegram.block(HER_CHAT)
    failure = await failed(telegram_channel, chat())
    assert isinstance(failure, Unreachable)
    assert failure.code == "403"


@pytest.mark.parametrize(
    "words", ["Bad Request: chat not found", "Bad Request: user not found", "Bad Request: PEER_ID_INVALID"]
)
async def test_a_chat_that_is_gone_is_unreachable(
    telegram: FakeTelegram, telegram_channel: TelegramChannel, words: str
) -> None:
    telegram.fail(Fault.status(400, words=words))
    assert isinstance(await failed(telegram_channel, chat()), Unreachable)


@pytest.mark.parametrize("words", ["Bad Request: BUTTON_DATA_INVALID", "Bad Request: can't parse entities: <b"])
async def test_where_telegram_refuses_the_form_the_words_still_go(
    telegram: FakeTelegram, telegram_channel: TelegramChannel, words: str
) -> None:
    telegram.fail(Fault.status(400, words=words))
    await telegram_channel.send(chat(options=YES_NO))
    assert telegram.texts_to(HER_CHAT) == ["Are you safe right now?\n1 Yes\n2 No"]
    (accepted,) = telegram.facts("accepted")
    assert "reply_markup" not in accepted["params"]
    assert accepted["params"]["protect_content"] is True


async def test_a_text_too_long_for_sms_is_refused_before_it_costs(twilio: FakeTwilio, sms_channel: SmsChannel) -> None:
    failure = await failed(sms_channel, sms("a" * 1601))
    assert (type(failure), failure.code) == (Broken, "too_long")
    assert twilio.history == []


async def test_an_address_that_is_no_chat_is_our_fault(telegram_channel: TelegramChannel) -> None:
    assert isinstance(await failed(telegram_channel, chat(address="+15557654321")), Broken)


async def test_a_failure_shows_neither_words_nor_number_nor_token(
    sending: Sending, caplog: pytest.LogCaptureFixture
) -> None:
    """SAFETY 30: not in the log at its most talkative, not in a traceback, not in the error's own words."""
    provider, channel, message = sending
    secret = "meet me at the canary"
    message = Outgoing(message.id, message.channel, message.address, secret)
    caplog.set_level(logging.DEBUG)
    shown = []
    leaky = f"The 'To' number {message.address} is not valid: {secret}"
    for fault in (Fault.status(400, words=leaky), Fault.status(503), Fault.html(), Fault.reset_before()):
        provider.fail(fault)
        try:
            await channel.send(message)
        except SendFailed as failure:
            shown.append("".join(traceback.format_exception(failure)) + repr(failure))
    await channel.send(message)
    assert len(shown) == 4
    everything = caplog.text + "".join(shown)
    tokens = (provider.token,) if isinstance(provider, FakeTwilio | FakeTelegram) else ()
    for private in (secret, HER_PHONE, str(HER_CHAT), *tokens):
        assert private not in everything


async def test_a_failure_reads_as_what_went_wrong_and_whose_it_is() -> None:
    failures = [TryLater("503"), Unknown("timeout"), Unreachable("21610"), Broken("401")]
    assert [failure.who for failure in failures] == ["nobody", "nobody", "worker", "operator"]
    assert str(failures[3]).startswith("Broken 401: the provider refuses our request")


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("7", 7.0),
        (" 2.5 ", 2.5),
        ("-3", 0.0),
        ("inf", RETRY_AFTER_LONGEST),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Fri, 20 Nov 2026 10:00:30 GMT", 30.0),
    ],
)
def test_retry_after_in_every_form(given: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": given, "date": "Fri, 20 Nov 2026 10:00:00 GMT"}) == seconds


def test_a_date_without_a_date_to_compare_with_is_no_wait() -> None:
    assert retry_after({"retry-after": "Fri, 20 Nov 2026 10:00:30 GMT"}) is None


@pytest.mark.parametrize("token", ["", "x" * 65, "é" * 33])
def test_an_option_s_token_fits_every_channel(token: str) -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        Option(token, "Yes")


def test_an_option_has_words() -> None:
    with pytest.raises(ValueError, match="blank"):
        Option("t", "  ")


async def test_telegram_s_own_form_of_a_wait_is_read_at_any_status(
    telegram: FakeTelegram, telegram_channel: TelegramChannel
) -> None:
    telegram.fail(Fault.status(420, retry_after=3))
    failure = await failed(telegram_channel, chat())
    assert isinstance(failure, TryLater)
    assert failure.retry_after == 3


async def test_a_dropped_connection_does_not_spoil_the_next_send(sending: Sending) -> None:
    provider, channel, message = sending
    provider.fail(Fault.reset_before(), Fault.reset_after(), Fault.truncated())
    for _ in range(3):
        await failed(channel, message)
    await channel.send(message)
    assert len(provider.facts("accepted")) == 3  # all but the first were taken, two of them without a proper answer


def test_the_doubles_record_is_json() -> None:
    """The kill harness reads it from a file."""
    fake = FakeTwilio()
    fact = fake.record("accepted", to=HER_PHONE, body="café")
    assert json.loads(json.dumps(fact)) == fact
