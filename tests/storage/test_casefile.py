"""Orders, agencies and workers' own items: the fake, SQLite and PostgreSQL alike; and what an order forbids."""

from __future__ import annotations

from datetime import timedelta

import pytest

from escalation.casefile import Agency, Entry, Order, OwnItem, stands
from escalation.ports import Refused, Unknown
from tests.storage.store import NOON, World

DAY = timedelta(days=1)
AN_ORDER = Order("no_contact", "Mr. R.", "her and the children")


async def kept(world: World, entry: Entry) -> tuple[str, str]:
    """A worker's id and her ref, with this on her case."""
    ana, her = await world.worker("Ana"), world.recipient()
    await world.casefile.keep(her, entry, ana, world.now, "Planning")
    return ana, her


async def fact(world: World, her: str, worker: str) -> list[tuple[str, str]]:
    case = await world.desk.case(her, worker, "Planning", world.now)
    return [(one.fact, one.value) for one in case.recorded]


@pytest.mark.parametrize(
    "entry",
    [
        Order("bail", "Mr. R.", "her", words="Not in the street either"),
        Agency("Housing", "not_asked", "the duty officer", "H-12"),
        OwnItem("Ask the school who may collect"),
    ],
)
async def test_what_is_kept_is_read_again_and_ends_once(world: World, entry: Entry) -> None:
    ana, her = await kept(world, entry)
    (one,) = await world.casefile.of_person(her)
    assert (one.entry, one.by, one.at, stands(one, world.now)) == (entry, ana, world.now, True)
    await world.casefile.end(her, one.id, ana, world.now, "Planning")
    (one,) = await world.casefile.of_person(her)
    assert (one.ended_by, stands(one, world.now)) == (ana, False)
    with pytest.raises(Refused, match="ended already"):
        await world.casefile.end(her, one.id, ana, world.now, "Planning")
    with pytest.raises(Unknown):
        await world.casefile.end(world.recipient(), one.id, ana, world.now, "Planning")


async def test_an_order_blocks_the_negotiated_exit_and_its_end_gives_nothing_back(world: World) -> None:
    ana, her = await kept(world, AN_ORDER)
    assert await fact(world, her, ana) == [("no_contact_order", "stands")]
    with pytest.raises(Refused, match="no-contact order stands"):
        await world.chat.record(her, ana, "negotiated_exit", "agreed", "Planning")
    await world.casefile.keep(her, Order("bail", "Mr. R.", "her"), ana, world.now, "Planning")
    for one in await world.casefile.of_person(her):
        await world.casefile.end(her, one.id, ana, world.now, "Planning")
    assert await fact(world, her, ana) == [("no_contact_order", "stands")], "by hand alone"


async def test_a_week_before_an_order_ends_a_task_is_due_and_ending_it_settles_that(world: World) -> None:
    ana, her = await kept(world, Order("protective", "Mr. R.", "her", until=world.now + 20 * DAY))
    world.pass_time(days=12)
    assert await world.desk.queue(world.now) == []
    world.pass_time(days=1, minutes=1)
    (alert,) = await world.desk.queue(world.now)
    assert (alert.tier, alert.title, alert.person) == ("P2", "An order is about to end.", her)
    (one,) = await world.casefile.of_person(her)
    await world.casefile.end(her, one.id, ana, world.now, "Planning")
    assert await world.desk.queue(world.now) == []
    assert [task.done_by for task in await world.tasks.of_person(her, world.now)] == [ana]


async def test_an_order_that_ends_within_days_is_told_of_at_once(world: World) -> None:
    await kept(world, Order("protective", "Mr. R.", "her", until=world.now + 2 * DAY))
    world.pass_time(minutes=2)
    assert [alert.title for alert in await world.desk.queue(world.now)] == ["An order is about to end."]


async def test_an_order_stands_to_the_end_of_its_last_day(world: World) -> None:
    _, her = await kept(world, Order("protective", "Mr. R.", "her", until=world.now))
    (one,) = await world.casefile.of_person(her)
    assert [stands(one, world.now + later) for later in (timedelta(hours=23), DAY)] == [True, False]


NOTHING: tuple[Entry, ...] = (
    Order("bail", " ", "her"),
    Agency("", "yes"),
    OwnItem(" "),
    Order("bail", "he", "her", until=NOON - 3 * DAY),
    Agency("Housing", "yes", since=NOON, until=NOON - DAY),
)


@pytest.mark.parametrize("entry", NOTHING)
async def test_what_says_nothing_or_is_over_is_refused(world: World, entry: Entry) -> None:
    ana, her = await world.worker("Ana"), world.recipient()
    with pytest.raises(Refused):
        await world.casefile.keep(her, entry, ana, world.now, "Planning")
    assert await world.casefile.of_person(her) == []
    assert await fact(world, her, ana) == []


async def test_another_s_case_wants_a_reason(world: World) -> None:
    ana, her = await kept(world, AN_ORDER)
    (one,) = await world.casefile.of_person(her)
    with pytest.raises(Refused, match="Give a reason"):
        await world.casefile.keep(her, OwnItem("Ring"), ana, world.now)
    with pytest.raises(Refused, match="Give a reason"):
        await world.casefile.end(her, one.id, ana, world.now)
