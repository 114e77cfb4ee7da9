"""What a supervisor looks over: the fake, SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from escalation.ports import Refused, Unknown
from escalation.supervision import Exposure, Supervision, times
from storage.memory import MemorySupervision
from storage.schema import debriefs
from storage.supervising import StoredSupervision
from tests.storage.store import World
from tests.storage.test_handing import closed, taken


def over(world: World) -> Supervision:
    if world.store is not None:
        return StoredSupervision(world.store.database, world.store.vault)
    assert world.memory is not None
    return MemorySupervision(world.memory)


async def test_what_each_carries_now_and_worked_on_in_the_last_days(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    await closed(world, world.recipient(), ana, "P0")
    world.pass_time(days=10)
    mine = await taken(world, world.recipient(), ana, "P1")
    await world.desk.renew(mine.ref, ana, mine.claim, world.now)
    await taken(world, world.recipient(), ben, "P3")
    found = (await over(world).overview(world.now)).loads
    assert found[ana].live == {"P1": 1}
    assert found[ana].exposure == Exposure(1, 2), "an alert counts once, whatever is done on it"
    assert (found[ben].live, found[ben].exposure) == ({"P3": 1}, Exposure()), "only what is urgent weighs"
    assert await over(world).exposure(ana, world.now) == Exposure(1, 2)
    world.pass_time(days=20)
    assert await over(world).exposure(ana, world.now) == Exposure(0, 1)
    assert (await over(world).overview(world.now)).loads[ana].live == {}, "the claim has run out"


async def test_how_soon_an_alert_was_taken_and_she_was_answered(world: World) -> None:
    ana = await world.worker("Ana")
    her, other = world.recipient(), world.recipient()
    ref = await world.alert(her, "P1")
    await world.alert(other, "P1")
    world.jump(minutes=2)
    held = await world.desk.claim(ref, ana, world.now)
    world.jump(minutes=3)
    await world.desk.resolve(ref, ana, held.claim, "spoke_safe", "Called at her sister's.", world.now)
    p1 = times((await over(world).overview(world.now)).handled, world.now - timedelta(days=7), world.now)[1]
    assert (p1.tier, p1.raised, p1.late) == ("P1", 2, 0)
    assert p1.claimed is not None
    assert p1.answered is not None
    assert (p1.claimed.count, p1.claimed.middle) == (1, 120)
    assert (p1.answered.count, p1.answered.longest) == (1, 300)
    world.jump(days=1)
    p1 = times((await over(world).overview(world.now)).handled, world.now - timedelta(days=7), world.now)[1]
    assert p1.late == 1, "the one that nobody took"


async def due(world: World, staff: str = "") -> list[tuple[str, str, bool, bool]]:
    return [(one.ref, one.staff, one.own, one.other) for one in await over(world).debriefs(staff)]


async def test_whoever_held_a_p0_is_talked_with_once_it_is_closed_and_both_say_so(world: World) -> None:
    ana, ben, ruth = await world.worker("Ana"), await world.worker("Ben"), await world.worker("Ruth", "supervisor")
    first = await taken(world, world.recipient(), ana, "P0")
    await world.desk.release(first.ref, ana, first.claim, world.now)
    held = await world.desk.claim(first.ref, ben, world.now)
    await closed(world, world.recipient(), ana, "P1")
    assert await due(world) == [], "nothing that was urgent and dangerous is closed yet"
    await world.desk.resolve(held.ref, ben, held.claim, "spoke_safe", "At her sister's.", world.now)
    assert sorted(await due(world)) == sorted([(held.ref, ana, False, False), (held.ref, ben, False, False)])
    assert await due(world, ana) == [(held.ref, ana, False, False)]
    await over(world).talked(held.ref, ana, ana, world.now)
    assert await due(world, ana) == [(held.ref, ana, True, False)]
    await over(world).talked(held.ref, ana, ruth, world.now)
    assert await due(world, ana) == []
    assert [row for row in world.audited() if row[1].startswith("debrief")] == [
        (ana, "debrief.own"),
        (ruth, "debrief.other"),
    ]
    with pytest.raises(Unknown):
        await over(world).talked(held.ref, ana, ruth, world.now)


async def test_a_worker_says_nothing_of_a_colleagues_talk_and_a_lone_supervisor_needs_nobody(world: World) -> None:
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    alert = await closed(world, world.recipient(), ruth, "P0")
    with pytest.raises(Refused):
        await over(world).talked(alert.ref, ruth, ana, world.now)
    await over(world).talked(alert.ref, ruth, ruth, world.now)
    assert await due(world) == [], "nobody else supervises"


async def test_a_talk_goes_with_who_is_erased_and_with_a_colleague_who_left(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    hers, other = world.recipient(), world.recipient()
    await closed(world, hers, ana, "P0")
    await closed(world, other, ben, "P0")
    await world.people.erase(hers, ana, "in_person", "She asked.", world.now)
    assert [staff for _, staff, _, _ in await due(world)] == [ben]
    if world.store is not None:
        assert world.store.counted(debriefs) == 1, "no row is left of it"
    await world.accounts.deactivate(ben, ana, world.now)
    assert await due(world) == []
