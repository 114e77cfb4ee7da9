"""One suite for every Channel: the real ones at the providers' doubles, and the simulated ones that stand for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.base import Channel, Outgoing, SendFailed, TryLater, Unknown, Unreachable
from bot.channels.simulated import Phones
from tests.channels.conftest import HER_CHAT, HER_PHONE, YES_NO, chat, sms
from tests.fakes.server import Fault
from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import FakeTwilio


@dataclass
class Line:
    """A channel and the phone at its end."""

    channel: Channel
    message: Outgoing
    screen: Callable[[], list[str]]
    block: Callable[[], object]
    be_busy: Callable[[], object]
    lose_the_answer: Callable[[], object]


@pytest.fixture(params=["sms", "telegram", "simulated sms", "simulated telegram"])
def line(request: pytest.FixtureRequest) -> Line:
    if request.param == "sms":
        twilio: FakeTwilio = request.getfixturevalue("twilio")
        return Line(
            request.getfixturevalue("sms_channel"),
            sms(),
            lambda: twilio.texts_to(HER_PHONE),
            lambda: twilio.missed("STOP", HER_PHONE),
            lambda: twilio.fail(Fault.status(429)),
            lambda: twilio.fail(Fault.reset_after()),
        )
    if request.param == "telegram":
        telegram: FakeTelegram = request.getfixturevalue("telegram")
        return Line(
            request.getfixturevalue("telegram_channel"),
            chat(),
            lambda: [item.text for item in telegram.sent if not item.deleted],
            lambda: telegram.block(HER_CHAT),
            lambda: telegram.fail(Fault.status(429)),
            lambda: telegram.fail(Fault.reset_after()),
        )
    name = request.param.removeprefix("simulated ")
    phones = Phones(lambda: datetime.now(UTC))
    message = sms() if name == "sms" else chat()
    return Line(
        phones.channel(name),
        message,
        lambda: [bubble.text for bubble in phones.screen(name, message.address) if bubble.from_us],
        lambda: phones.block(name, message.address),
        lambda: phones.fail_next(name, TryLater()),
        lambda: phones.fail_next(name, Unknown("reset")),
    )


async def test_it_says_which_it_is(line: Line) -> None:
    assert line.channel.name == line.message.channel


async def test_what_it_says_it_puts_on_the_phone_is_what_stands_there(line: Line) -> None:
    question = replace(line.message, options=YES_NO)
    await line.channel.send(question)
    assert line.screen() == [line.channel.wording(question)]


async def test_each_send_has_a_receipt_of_its_own(line: Line) -> None:
    receipts = [await line.channel.send(line.message) for _ in range(3)]
    assert len({receipt.provider_id for receipt in receipts}) == 3
    assert all(receipt.status for receipt in receipts)


async def test_a_phone_that_blocks_us_is_unreachable(line: Line) -> None:
    line.block()
    with pytest.raises(Unreachable):
        await line.channel.send(line.message)
    assert line.screen() == []


async def test_busy_is_certainly_not_sent(line: Line) -> None:
    line.be_busy()
    with pytest.raises(TryLater):
        await line.channel.send(line.message)
    assert line.screen() == []


async def test_after_a_lost_answer_reconciling_finds_the_message_or_says_it_cannot(line: Line) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    line.lose_the_answer()
    with pytest.raises(Unknown):
        await line.channel.send(line.message)
    assert len(line.screen()) == 1
    found = await line.channel.sent_since(line.message.address, before)
    assert line.channel.remembers is (line.channel.name == "sms")
    assert [one.text for one in found] == [line.channel.wording(line.message)] * line.channel.remembers


async def test_wiping_takes_the_message_away_or_says_that_it_stays(line: Line) -> None:
    receipt = await line.channel.send(line.message)
    kept = await line.channel.wipe(line.message.address, [receipt.provider_id])
    assert kept == ((receipt.provider_id,) if line.channel.name == "sms" else ())
    assert len(line.screen()) == len(kept)


async def test_wiping_twice_is_harmless(line: Line) -> None:
    receipt = await line.channel.send(line.message)
    first = await line.channel.wipe(line.message.address, [receipt.provider_id])
    assert await line.channel.wipe(line.message.address, [receipt.provider_id]) == first


async def test_no_failure_is_of_another_kind(line: Line) -> None:
    line.block()
    with pytest.raises(SendFailed) as caught:
        await line.channel.send(line.message)
    assert caught.value.code
    assert caught.value.who == "worker"
    await line.channel.close()
