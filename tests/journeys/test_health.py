"""What an operator's monitoring sees when a part of the service is dead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from escalation.ports import Alert
from storage.schema import alerts
from tests.fakes.server import Fault
from tests.journeys.house import ANA_CHAT, ANA_PHONE, BEN_PHONE, HER_PHONE, House, until, until_async

SECOND_PHONE = "+447700900124"
DOWN = [Fault.status(503)] * 400


@pytest.fixture
async def operator(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as client:
        yield client


async def asked(operator: httpx.AsyncClient) -> tuple[int, dict[str, Any]]:
    answer = await operator.get("/health/escalation")
    return answer.status_code, answer.json()["overdue_seconds"]


async def well(operator: httpx.AsyncClient) -> None:
    """But for loops: after the clock was moved each has to turn once more, and a poll may be long."""

    async def is_well() -> bool:
        answer = (await operator.get("/health/escalation")).json()
        late = answer["overdue_seconds"]
        rest = answer["well"] or set(answer["stuck"]) >= {"polling"}
        return rest and not late["claim"] and max(late.values()) < 60

    await until_async(is_well, "all is well")


async def raised(house: House, *texts: str) -> Alert:
    await house.recipient()
    await house.she_texts(*texts)
    return await house.only_alert()


@pytest.mark.parametrize("name", ["turns", "delivery", "clockwork"])
async def test_a_service_whose_loop_has_died_takes_no_traffic(tmp_path: Path, name: str) -> None:
    async with House(tmp_path) as house, httpx.AsyncClient(base_url=house.url, trust_env=False) as operator:
        assert (await operator.get("/readyz")).json() == {"ready": True}
        (loop,) = [task for task in asyncio.all_tasks() if task.get_name() == f"rowan-{name}"]
        loop.cancel()
        await asyncio.wait([loop])

        ready = await operator.get("/readyz")
        assert (ready.status_code, ready.json()["ready"]) == (503, False)
        assert name in ready.json()["why"]
        seen = (await operator.get("/health/escalation")).json()
        assert (seen["well"], seen["stuck"]) == (False, [name])


async def test_a_page_that_its_provider_does_not_take_is_not_well_however_often_it_was_tried(
    house: House, operator: httpx.AsyncClient
) -> None:
    ana = await house.worker("Ana", chat=ANA_CHAT)
    house.telegram.fail(*DOWN)
    alert = await raised(house, "sunflower", "1", "afraid 9")
    await until(lambda: bool(house.telegram.facts("fault")), "a page that was refused")
    await well(operator)  # a first refusal is nothing yet
    await house.pass_time(timedelta(seconds=70))
    status, late = await asked(operator)
    assert (status, late["accepted"] > 60, late["claim"]) == (503, True, 0)
    # It stays so when she holds it: what the provider does to pages, it does to the next one.
    await house.service.desk.claim(alert.ref, ana.id, house.clock.now())
    assert (await asked(operator))[0] == 503


async def test_an_alert_past_its_breach_is_not_well_until_somebody_answers(
    house: House, operator: httpx.AsyncClient
) -> None:
    ana = await house.worker("Ana", phone=ANA_PHONE)
    alert = await raised(house, "sunflower", "1", "afraid 9")
    await until(lambda: bool(house.twilio.texts_to(ANA_PHONE)), "a page that was taken by its provider")
    await house.pass_time(timedelta(minutes=4, seconds=50))
    await well(operator)
    await house.pass_time(timedelta(seconds=20))
    status, late = await asked(operator)
    assert (status, late["claim"] > 0) == (503, True)
    await house.service.desk.claim(alert.ref, ana.id, house.clock.now())
    await well(operator)


async def test_how_long_a_page_took_is_measured(house: House, operator: httpx.AsyncClient) -> None:
    await house.worker("Ana", phone=ANA_PHONE)
    await raised(house, "sunflower", "1", "afraid 9")
    await until(lambda: bool(house.twilio.texts_to(ANA_PHONE)), "a page to Ana")

    async def counted() -> bool:
        return "rowan_page_seconds_count 1.0" in (await operator.get("/metrics")).text

    await until_async(counted, "the page is counted")
    shown = (await operator.get("/metrics")).text
    assert 'rowan_page_seconds_bucket{le="10.0"} 1.0' in shown


async def test_a_page_that_cannot_be_written_is_told_and_holds_up_no_other(
    house: House, operator: httpx.AsyncClient
) -> None:
    """Its row makes no sense any more, as after a hand in the database."""
    await house.worker("Ana", phone=ANA_PHONE)
    await house.worker("Ben", "backup", phone=BEN_PHONE)
    bad = await raised(house, "sunflower", "3")
    await until(lambda: len(house.twilio.texts_to(ANA_PHONE)) == 1, "the first page")
    spoil = sa.update(alerts).where(alerts.c.ref == bad.ref).values(state="claimed", claim_until=None)
    await house.service.database.write(lambda conn: conn.execute(spoil).rowcount)
    await house.recipient(address=SECOND_PHONE)
    await house.she_texts("sunflower", "1", "afraid 9", phone=SECOND_PHONE)
    await until(lambda: len(house.twilio.texts_to(ANA_PHONE)) == 2, "the page of another alert")

    await house.pass_time(timedelta(minutes=6))

    good = next(one for one in await house.queue() if one.person != bad.person)
    assert any(good.ref in text for text in house.twilio.texts_to(BEN_PHONE)), "the other alert's ladder climbs"
    fault = next(one for one in await house.queue() if one.kind == "fault")
    assert (fault.person, fault.tier) == (bad.person, "P1")
    assert bad.ref in fault.title
    assert any(fault.ref in text for text in house.twilio.texts_to(ANA_PHONE)), "and is paged itself"
    status, late = await asked(operator)
    assert (status, late["page"] > 60) == (503, True)
    assert HER_PHONE not in str(late)
