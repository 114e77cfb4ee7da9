"""Closed conversations drawn for quality: the fake, SQLite and PostgreSQL alike."""

from __future__ import annotations

import pytest

from escalation.case_audit import MOST_OPEN, Samples
from escalation.ports import Alert, Refused, Unknown
from storage import verifying
from storage.memory import MemorySamples
from storage.samples import StoredSamples
from storage.schema import alerts, samples
from tests.storage.little_engine import PROGRAMME
from tests.storage.store import World
from tests.storage.test_handing import closed, taken


def drawer(world: World) -> Samples:
    if world.store is not None:
        return StoredSamples(world.store.database, world.store.vault, PROGRAMME)
    assert world.memory is not None
    return MemorySamples(world.memory)


async def over(world: World, worker: str, person: str = "") -> Alert:
    """One of hers is closed, and a colleague has signed it."""
    alert = await closed(world, person or world.recipient(), worker)
    ben = await world.worker(f"Ben {alert.ref}")
    return await world.claims.sign(alert.ref, ben, world.now)


async def test_one_is_drawn_by_chance_of_what_is_closed_each_once_and_not_endlessly(world: World) -> None:
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    with pytest.raises(Refused, match="No closed"):
        await drawer(world).draw(ruth, world.now)
    done = {(await over(world, ana)).ref for _ in range(MOST_OPEN)}
    await taken(world, world.recipient(), ana)
    for _ in range(MOST_OPEN):
        await drawer(world).draw(ruth, world.now)
    found = await drawer(world).samples(ruth)
    assert {one.ref for one in found} == done, "what is open is not drawn, and nothing twice"
    assert [row for row in world.audited() if row == (ruth, "sample.draw")] == [(ruth, "sample.draw")] * MOST_OPEN
    await over(world, ana)
    with pytest.raises(Refused, match="first"):
        await drawer(world).draw(ruth, world.now)
    await drawer(world).answer(found[0].id, ruth, {"m1": "seen"}, world.now)
    await drawer(world).finish(found[0].id, ruth, world.now)
    await drawer(world).draw(ruth, world.now)


async def test_nobody_draws_their_own_work_old_work_nor_whom_they_are_kept_apart_from(world: World) -> None:
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    apart = world.recipient()
    await over(world, ruth)
    await over(world, ana, apart)
    await world.claims.keep_apart(apart, ruth, ruth, "A cousin", world.now)
    with pytest.raises(Refused, match="No closed"):
        await drawer(world).draw(ruth, world.now)
    with pytest.raises(Refused):
        await drawer(world).draw(ana, world.now)
    await over(world, ana)
    world.jump(days=29)
    with pytest.raises(Refused, match="No closed"):
        await drawer(world).draw(ruth, world.now)


async def test_who_is_kept_apart_afterwards_has_it_no_more_and_a_colleague_may_draw_it(world: World) -> None:
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    eve = await world.worker("Eve", "supervisor")
    her = world.recipient()
    alert = await over(world, ana, her)
    await over(world, ana)
    for _ in range(2):
        await drawer(world).draw(ruth, world.now)
    await world.claims.keep_apart(her, ruth, eve, "A cousin", world.now)
    (left,) = await drawer(world).samples(ruth)
    assert left.ref != alert.ref
    assert len(await world.tasks.mine(ruth, world.now)) == 1
    await drawer(world).draw(eve, world.now)
    assert [one.ref for one in await drawer(world).samples(eve)] == [alert.ref]


async def test_a_sample_shows_what_was_said_then_to_whoever_drew_it_alone_and_each_opening_is_recorded(
    world: World,
) -> None:
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    eve = await world.worker("Eve", "supervisor")
    her = world.recipient()
    world.opens(her)
    world.answers_apart(her, "for nobody else")
    world.jump(minutes=1)
    await over(world, ana, her)
    world.jump(days=2)
    world.opens(her)
    sample = await drawer(world).draw(ruth, world.now)
    opened = await drawer(world).open(sample, ruth, world.now)
    said = [line.text for line in opened.lines]
    assert said.count("I am here") == 1, "not what she wrote two days later"
    assert "for nobody else" not in said
    assert (ruth, "sample.read") in world.audited()
    for other in (ana, eve):
        with pytest.raises(Refused):
            await drawer(world).open(sample, other, world.now)
    with pytest.raises(Unknown):
        await drawer(world).open("nothing", ruth, world.now)


async def test_answers_stand_apart_from_her_record_raise_nothing_and_go_with_her(world: World) -> None:
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    her = world.recipient()
    await over(world, ana, her)
    sample = await drawer(world).draw(ruth, world.now)
    with pytest.raises(Refused, match="one item"):
        await drawer(world).finish(sample, ruth, world.now)
    await drawer(world).answer(sample, ruth, {"m2b": "seen", "m3d": "missing", "learning": "a kestrel"}, world.now)
    await drawer(world).answer(sample, ruth, {"m3d": "", "i2": "partly"}, world.now)
    for wrong in ({"m2b": "P0"}, {"risk": "seen"}):
        with pytest.raises(Refused):
            await drawer(world).answer(sample, ruth, wrong, world.now)
    assert (await drawer(world).open(sample, ruth, world.now)).answers == {
        "m2b": "seen",
        "i2": "partly",
        "learning": "a kestrel",
    }
    await drawer(world).finish(sample, ruth, world.now)
    assert await drawer(world).seen(ruth, world.now) == {"m2b": {"seen": 1}, "i2": {"partly": 1}}
    assert (await drawer(world).open(sample, ruth, world.now)).lines == ()
    with pytest.raises(Refused, match="stays as it is"):
        await drawer(world).answer(sample, ruth, {"m1": "seen"}, world.now)
    case = await world.desk.case(her, ruth, "Weekly meeting", world.now)
    assert (case.assessments, case.sheets, len(case.alerts)) == ((), {}, 1)
    assert await world.desk.queue(world.now) == []
    if world.store is not None:
        assert world.store.read(lambda conn: list(verifying.verify(conn, world.store.vault))) == []  # type: ignore[union-attr]
        assert b"kestrel" not in bytes(world.store.rows(samples.select())[0].sealed)
    await world.people.erase(her, ana, "in_person", "She asked.", world.now)
    assert await drawer(world).seen(ruth, world.now) == {}
    if world.store is not None:
        assert (world.store.counted(samples), world.store.counted(alerts)) == (0, 0)
