"""SAFETY 19: leaving deletes the session on both sides of Telegram at once; a sweep wipes before 48 hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from storage import retention
from storage.schema import phone_messages
from tests.journeys.house import HER_CHAT, House, until
from tests.storage.store import Store

CHAT = "900123"


def test_a_session_never_closed_is_wiped_before_telegram_refuses_even_over_a_restart(
    url: str, opening: Callable[[], Store]
) -> None:
    store = opening()
    person = store.recipient(CHAT, "telegram")
    store.take(store.text("hello", CHAT, "telegram", phone_message="77"))
    store.deliver()
    opened_at = store.now
    store.now = opened_at + timedelta(hours=35, minutes=59)
    assert store.write(retention.sweep, store.vault, store.now).wipes == 0
    store.close()
    store = Store(url, now=opened_at + timedelta(hours=47, minutes=59))
    assert store.write(retention.sweep, store.vault, store.now).wipes == 1
    assert store.write(retention.sweep, store.vault, store.now).wipes == 0, "one wipe waits already"
    (wipe,) = store.deliver()
    assert {m for _, m in wipe.wipe or ()} >= {"77"}
    assert store.rows(sa.select(phone_messages).where(phone_messages.c.person_id == person)) == []
    store.close()


async def test_leaving_deletes_her_words_and_ours_in_one_call(house: House) -> None:
    await house.recipient("telegram", str(HER_CHAT))
    await house.she_writes("sunflower", "1", "afraid 2")
    assert len(house.telegram.screen(HER_CHAT)) == 6

    (cover,) = await house.she_writes("x")

    await until(lambda: house.telegram.screen(HER_CHAT) == [cover], "nothing but the cover's reply is left")
    (wiped,) = house.telegram.facts("deleted")
    assert len(wiped["messages"]) == 7
