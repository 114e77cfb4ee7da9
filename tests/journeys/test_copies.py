"""Twilio's own copies, deleted where the programme has switched that on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.receiving import Reconciler
from storage.schema import copies
from tests.fakes.server import Fault
from tests.journeys.house import HER_PHONE, House, until, until_async


async def waiting(house: House) -> int:
    count = sa.select(sa.func.count()).select_from(copies)
    return int(await house.service.database.read(lambda conn: conn.execute(count).scalar_one()))


async def deleted(house: House, times: int) -> None:
    """Rounds over `copies` until so many are gone at the provider."""

    async def gone() -> bool:
        assert house.service.copies is not None
        if not await house.service.copies.look():
            house.clock.move(timedelta(minutes=5))  # refused, or leased: later
        return len(house.twilio.facts("deleted")) >= times

    await until_async(gone, f"{times} copies are deleted")


async def test_both_sides_of_a_talk_are_deleted_once_they_are_over(tmp_path: Path) -> None:
    async with House(tmp_path, delete_provider_copies=True) as house:
        await house.recipient()
        await house.she_texts("sunflower", "1")
        await until(lambda: len(house.twilio.sent) == 2, "two questions")
        for message in house.twilio.sent:
            await house.service.delivery.settle()
            assert (await house.twilio.report(message.sid, "delivered")).ok
        assert await waiting(house) == 4
        house.clock.move(timedelta(minutes=2))
        await house.service.loops.stop()
        await Reconciler(house.service, house.service.channels["sms"]).look()
        house.twilio.fail(Fault.status(503), on="delete")
        await deleted(house, 4)
        assert await waiting(house) == 0
        assert all(message.deleted for message in house.twilio.messages.values())
        assert HER_PHONE not in str(house.twilio.facts("deleted"))


async def test_unless_it_is_switched_on_nothing_is_deleted(house: House) -> None:
    await house.recipient()
    await house.she_texts("sunflower")
    assert house.service.copies is None
    assert await waiting(house) == 0
