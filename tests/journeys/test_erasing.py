"""She asks a worker for everything to be erased: her chat is empty, and her phone is a stranger's."""

from __future__ import annotations

from datetime import timedelta

import httpx

from tests.fakes.server import Fault
from tests.journeys.house import HER_CHAT, House, until, until_async


async def erased(house: House, ref: str) -> httpx.Response:
    """Ana does it at the API."""
    ana = await house.worker("Ana")
    async with await house.caller(ana) as caller:
        asked = {"authority": "in_person", "reason": "She asked at the centre.", "confirm": ref}
        return await caller.post(f"/recipients/{ref}/erase", json=asked)


async def left(house: House, receipt: str) -> tuple[int, int]:
    found = await house.service.people.receipt(receipt)
    return found.waiting, found.stays


async def test_her_telegram_chat_is_emptied_and_she_is_a_stranger(house: House) -> None:
    ref = await house.recipient("telegram", str(HER_CHAT))
    await house.she_writes("sunflower", "1")
    await house.service.delivery.settle()
    assert len(house.telegram.screen(HER_CHAT)) == 4
    answer = await erased(house, ref)
    assert answer.status_code == 201
    await until(lambda: house.telegram.screen(HER_CHAT) == [], "her chat is empty")

    async def told() -> bool:
        return await left(house, answer.json()["receipt"]) == (0, 0)

    await until_async(told, "the receipt says that nothing is left")
    sent = len(house.telegram.texts_to(HER_CHAT))
    house.telegram.say(HER_CHAT, "sunflower")
    await house.pass_time(timedelta(days=8))
    assert len(house.telegram.texts_to(HER_CHAT)) == sent, "no ping, no answer: nobody knows her"


async def test_what_telegram_will_not_delete_is_on_the_receipt(house: House) -> None:
    ref = await house.recipient("telegram", str(HER_CHAT))
    await house.she_writes("sunflower")
    await house.service.delivery.settle()
    await house.service.loops.stop()  # or her idle chat would be wiped long before
    house.clock.move(timedelta(hours=47))
    receipt = (await erased(house, ref)).json()["receipt"]
    house.telegram.fail(Fault.status(500), on="deletemessages")
    assert await house.service.farewells.look() == 1
    assert await left(house, receipt) == (2, 0)
    house.clock.move(timedelta(hours=2))
    assert await house.service.farewells.look() == 0
    assert await left(house, receipt) == (0, 2)
    assert len(house.telegram.screen(HER_CHAT)) == 2
