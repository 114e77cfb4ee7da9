"""SAFETY 9: on Telegram every message is silent, kept here and without previews; the bot's face is neutral."""

from __future__ import annotations

from bot.channels.telegram_setup import neutral
from flows.text.canonical import words
from tests.journeys.house import HER_CHAT, House
from tests.properties.walks import LANGUAGES, programme
from tests.walk.heard import OWN_NAMES, STEMS


async def test_every_payload_of_a_whole_visit_is_plain(house: House) -> None:
    """The cover, questions with buttons, a service's number, her exit: what really went to the Bot API."""
    await house.recipient("telegram", str(HER_CHAT))
    await house.she_writes("hello", "sunflower", "menu", "8", "1", "1", "1", "1", "1", "x")
    payloads = [fact["params"] for fact in house.telegram.facts("accepted")]
    assert len(payloads) >= 10
    assert any("reply_markup" in payload for payload in payloads)
    for payload in payloads:
        assert payload["protect_content"] is True
        assert payload["disable_notification"] is True
        assert payload["link_preview_options"] == {"is_disabled": True}
        assert "parse_mode" not in payload


def test_the_name_that_anybody_finds_is_the_covers_and_tells_nothing() -> None:
    face = neutral(programme())
    assert set(face.languages) >= set(LANGUAGES) - {"en"}
    for name in (face.name, face.description, face.short_description, *face.languages.values()):
        assert name
        assert OWN_NAMES.isdisjoint(words(name))
        assert [stems.found(name) for stems in STEMS.values()] == [None] * len(STEMS), name
