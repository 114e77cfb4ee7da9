"""SAFETY 31: a picture or voice note is neither fetched nor kept; the worker sees that one came."""

from __future__ import annotations

import pytest

from flows.engine import conversation as codec
from flows.engine.effects import Noted
from tests.journeys.house import HER_CHAT, House, until
from tests.properties.walks import SIGNAL
from tests.safety.phone import Phone

KINDS = ("photo", "voice", "video", "document", "location", "sticker", "contact", "other")


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_medium_only_its_kind_is_noted_and_she_is_told_to_write(kind: str) -> None:
    phone = Phone("telegram")
    phone.says(SIGNAL)
    before = phone.now
    phone.says("", media=(kind,))
    assert Noted("media", kind) in phone.effects
    assert phone.sends[0].message == "engine/no_media"
    assert phone.now == codec.replace(before, turns=before.turns + 1, session=phone.now.session)


async def test_nothing_is_fetched_from_telegram_or_twilio_and_the_worker_sees_that_it_came(house: House) -> None:
    ana = await house.worker("Ana")
    person = await house.recipient("telegram", str(HER_CHAT))
    await house.she_writes(SIGNAL)
    before = len(house.telegram.texts_to(HER_CHAT))
    house.telegram.send_media(HER_CHAT, "photo", content=[{"file_id": "canary-file", "width": 9, "height": 9}])
    await until(lambda: len(house.telegram.texts_to(HER_CHAT)) > before, "an answer")
    lines = await house.service.desk.transcript(person, ana.id, "a look", house.clock.now())
    assert ("media", "photo") in [(line.text, line.staff) for line in lines if line.by == "note"]
    assert "canary-file" not in str(lines)
    files = [house.folder / name for name in ("rowan.db", "rowan.db-wal")]
    assert not any(b"canary-file" in file.read_bytes() for file in files if file.exists())
