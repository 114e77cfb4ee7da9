"""How a recipient comes in by a code, and how she is gone again: the same on all three."""

from __future__ import annotations

import pytest

from escalation.ports import Unknown
from tests.storage.store import World


async def test_a_joining_code_works_once(world: World) -> None:
    code = await world.people.invite(await world.worker(), world.now, "es")
    assert not world.joins("ZZZZ-ZZZZ")
    assert world.joins(code.lower().replace("-", " "))
    assert not world.joins(code)


async def test_a_joining_code_runs_out(world: World) -> None:
    code = await world.people.invite(await world.worker(), world.now)
    world.pass_time(days=14, seconds=1)
    assert not world.joins(code)


async def test_who_was_erased_is_nobody_and_the_reason_is_audited(world: World) -> None:
    ana = await world.worker()
    person, other = world.recipient(), world.recipient()
    ref = await world.alert(person)
    await world.alert(other)
    held = await world.desk.claim(ref, ana, world.now)
    receipt = await world.people.erase(person, ana, "in_person", "She asked.", world.now)
    assert receipt
    assert person not in receipt
    assert await world.desk.alert(ref, world.now) is None
    assert [a.person for a in await world.desk.queue(world.now)] == [other]
    with pytest.raises(Unknown):
        await world.desk.transcript(person, ana, "", world.now)
    with pytest.raises(Unknown):
        await world.desk.resolve(ref, ana, held.claim, "other", "gone", world.now)
    with pytest.raises(Unknown):
        await world.people.erase(person, ana, "in_person", "again", world.now)
    assert world.audited()[-1] == (ana, "recipient.erase")
