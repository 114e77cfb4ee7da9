"""SAFETY 22: what cannot be protected is told before first use, once and briefly, in her language."""

from __future__ import annotations

import pytest

from flows.text.segments import count
from tests.properties.walks import LANGUAGES
from tests.safety.phone import Phone

LIMITS = {
    "sms": ("spy apps", "other devices", "backups", "phone bill"),
    "telegram": ("spy apps", "other devices", "backups"),
}
BEFORE = ("join/hello", "join/who_sees", "join/limits", "join/agree")


def joining(channel: str, language: str) -> list[tuple[str, str]]:
    """(message, text) from the code to the first question about her own chat."""
    phone = Phone(channel, consent="", signal="", duress="")
    phone.joins()
    seen = []
    for answer in (language, "1", "1", "1", "1"):
        phone.says(answer)
        seen += [(send.message, text) for send, text in zip(phone.sends, phone.shown, strict=True)]
    return seen


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_limits_come_before_consent_each_once(channel: str, language: str) -> None:
    said = [message.removesuffix("_telegram") for message, _ in joining(channel, language)]
    assert tuple(said[:4]) == BEFORE
    assert len(said) == 5
    assert said[4] not in BEFORE


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_they_name_what_software_cannot_keep_in_one_message(channel: str) -> None:
    ((_, text),) = [each for each in joining(channel, "en") if each[0].startswith("join/limits")]
    assert [limit for limit in LIMITS[channel] if limit not in text] == []
    assert count(text).segments == 1 or channel == "telegram"


def test_who_declines_then_is_asked_and_sent_nothing_more() -> None:
    phone = Phone(consent="", signal="", duress="")
    phone.joins()
    assert "Nothing more will come" in phone.says("en", "1", "1", "2")[0]
    assert phone.says("hello?") == []
    assert phone.rings("checkin", after=86_400) == []
