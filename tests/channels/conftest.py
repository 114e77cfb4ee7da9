"""The channels under test, each at a provider's double over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from bot.channels.base import Option, Outgoing
from bot.channels.sms import SmsChannel
from bot.channels.telegram import TelegramChannel
from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import FakeTwilio

HER_PHONE = "+15557654321"
HER_CHAT = 4242
HASTY = 0.5  # seconds; for tests whose provider hangs on purpose
YES_NO = (Option("t-yes", "Yes"), Option("t-no", "No"))


def sms(text: str = "Are you safe right now?", options: tuple[Option, ...] = (), **more: str) -> Outgoing:
    return Outgoing(**{"id": "o1", "channel": "sms", "address": HER_PHONE, "text": text, **more}, options=options)


def chat(text: str = "Are you safe right now?", options: tuple[Option, ...] = (), **more: str) -> Outgoing:
    filled = {"id": "o1", "channel": "telegram", "address": str(HER_CHAT), "text": text, **more}
    return Outgoing(**filled, options=options)


@pytest.fixture
def patience() -> float:
    """Seconds that a call may take; a test whose provider hangs sets it to HASTY."""
    return 30.0


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    """The Bot API, with one person who has written to the bot."""
    with FakeTelegram() as fake:
        fake.say(HER_CHAT, "hello")
        yield fake


@pytest.fixture
async def sms_channel(twilio: FakeTwilio, patience: float) -> AsyncIterator[SmsChannel]:
    channel = SmsChannel(
        twilio.account,
        twilio.token,
        twilio.number,
        now=lambda: datetime.now(UTC),
        numbers=[twilio.number],
        base_url=twilio.url,
        deadline=patience,
    )
    yield channel
    await channel.close()


@pytest.fixture
async def telegram_channel(telegram: FakeTelegram, patience: float) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(telegram.token, base_url=telegram.url, deadline=patience)
    yield channel
    await channel.close()
