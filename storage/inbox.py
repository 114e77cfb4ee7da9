"""A message as a channel hands it over, before anybody knows whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Inbound:
    channel: str  # 'sms' | 'telegram'
    provider_id: str  # MessageSid, or 'update:123456'
    address: str  # E.164, or the numeric Telegram chat id as text
    at: datetime  # aware UTC, when we received it
    text: str = ""  # '' for blank
    button: str | None = None  # opaque token of a pressed button
    media: tuple[str, ...] = ()  # kinds only: 'photo', 'voice', …
    to: str = ""  # our own number or bot it came to
    phone_message: str | None = None  # the provider's id of her own message on the phone, for wiping
    edited: bool = False
    carrier: Literal["", "stop", "start"] = ""  # what the carrier itself took the text for, and acted on
    call: bool = False  # a voice call that was not taken
    said: datetime | None = None  # the provider's own time of it; None where it was handed over at once (a webhook)
