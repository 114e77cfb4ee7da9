"""The programme's own ladder over both providers' doubles: nights, restarts, many at once. Situations are GoAlert's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.engine.effects import Raise
from flows.engine.model import Tier
from storage.raising import Raised, raise_alerts
from storage.schema import outbox, persons
from tests.journeys.house import ANA_CHAT, ANA_PHONE, BEN_PHONE, House, until

OURS = """\
zone: Europe/London
tiers:
  P1:
    steps:
      - {after: 0m, who: [on_call], methods: [telegram]}
      - {after: 3m, who: [on_call], methods: [sms]}
      - {after: 6m, who: [on_call, backup, supervisor]}
  P2:
    quiet: 22:00-07:00
"""


def ours(house: House, text: str = OURS) -> None:
    """Before the house opens, or opens again."""
    (house.folder / "ladder.yaml").write_text(text, encoding="utf-8")
    house.programme = house.folder


async def raised(house: House, *tiers: Tier) -> list[str]:
    """As many alerts in one transaction. Their refs."""
    service = house.service

    def unit(conn: sa.Connection) -> None:
        person = conn.execute(sa.select(persons.c.id)).scalars().first()
        assert person is not None
        effects = [
            Raise(tier, "task", f"task.{n}.{tier}", (f"t.{n}",), (f"It is {n}",)) for n, tier in enumerate(tiers)
        ]
        raise_alerts(conn, service.vault, [Raised(person, None, effect, house.clock.now()) for effect in effects])

    await service.database.write(unit)
    service.bell.ring("timers")
    return [alert.ref for alert in await house.queue()]


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 6, 0, tzinfo=UTC)),
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 7, 0, tzinfo=UTC)),
    ],
    ids=["an hour shorter", "an hour longer"],
)
async def test_a_night_of_the_change_of_clocks(tmp_path: Path, evening: datetime, morning: datetime) -> None:
    """escalation, escalationgap: a P2 sleeps until seven by the wall clock, a P0 does not sleep."""
    house = House(tmp_path, telegram="off", at=evening)
    ours(house)
    async with house:
        house.clock.stop()
        await house.worker("Ana", phone=ANA_PHONE)
        await house.recipient()
        (p2,) = await raised(house, "P2")
        await house.pass_time(morning - timedelta(minutes=1) - house.clock.now())
        assert house.twilio.texts_to(ANA_PHONE) == []
        refs = await raised(house, "P2", "P0")
        await house.service.settle()
        (p0,) = house.twilio.texts_to(ANA_PHONE)
        assert p0.startswith("P0 ")
        assert p2 not in p0
        assert len(refs) == 2, "the same said again is no second alert"
        await house.pass_time(timedelta(minutes=2))
        assert any(p2 in text for text in house.twilio.texts_to(ANA_PHONE))


CHANGED = OURS.replace(
    "6m, who: [on_call, backup, supervisor]", "6m, who: [on_call, backup, supervisor], methods: [sms]"
)


async def test_a_restart_between_two_steps_and_a_ladder_changed_meanwhile(tmp_path: Path) -> None:
    """multistep, policyreassignment: each step by its own methods, the next by the file as it is now."""
    house = House(tmp_path)
    ours(house)

    def pages() -> tuple[int, int, int]:
        """Beyond the answers to Ana's hello: to her chat, to her phone, to Ben's phone."""
        texts = [len(house.twilio.texts_to(phone)) for phone in (ANA_PHONE, BEN_PHONE)]
        return len(house.telegram.texts_to(ANA_CHAT)) - 1, texts[0], texts[1]

    async with house:
        house.clock.stop()
        await house.worker("Ana", phone=ANA_PHONE, chat=ANA_CHAT)
        await house.worker("Ben", "backup", phone=BEN_PHONE)
        await house.recipient()
        house.telegram.say(ANA_CHAT, "hello")  # a bot cannot write first
        await until(lambda: pages() == (0, 0, 0), "how to answer a page")
        await raised(house, "P1")
        await until(lambda: pages() == (1, 0, 0), "a page by Telegram")
        await house.pass_time(timedelta(minutes=3))
        await until(lambda: pages() == (1, 1, 0), "the next by text")
        await house.stop()
        ours(house, CHANGED)
        house.clock.move(timedelta(hours=2))
        await house.start()
        await house.service.settle()
        await until(lambda: pages() == (1, 2, 1), "the third by text alone, once, however long it was down")


async def test_many_at_once_are_few_texts_and_each_is_claimed_by_its_code(tmp_path: Path) -> None:
    """messagebundle, ncdedup: they are raised at once, and the P0 among them is alone."""
    house = House(tmp_path, telegram="off")
    async with house:
        house.clock.stop()
        await house.worker("Ana", phone=ANA_PHONE)
        await house.recipient()
        (sending,) = [task for task in asyncio.all_tasks() if task.get_name() == "rowan-delivery"]
        sending.cancel()  # nothing leaves as long as they are raised
        await asyncio.wait([sending])
        await raised(house, "P1", "P1", "P1", "P0")
        query = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.kind == "page")

        async def written() -> int:
            return await house.service.database.read(lambda conn: conn.execute(query).scalar_one())

        while await house.service.clockwork.fire():
            pass
        assert await written() == 4
        await house.service.settle()
        assert len(house.twilio.texts_to(ANA_PHONE)) == 2, "one text for the P0, one for the rest"
        alone, several = sorted(house.twilio.texts_to(ANA_PHONE), key=len)
        refs = {alert.ref: alert.tier for alert in await house.queue()}
        assert all((ref in alone) == (tier == "P0") for ref, tier in refs.items())
        assert all((ref in several) == (tier == "P1") for ref, tier in refs.items())
        assert several.startswith("3 waiting, the highest P1: ")
        for ref in refs:
            await house.twilio.deliver(f"A {ref}", ANA_PHONE)
        assert {alert.state for alert in await house.queue()} == {"claimed"}
