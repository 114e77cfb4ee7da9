"""How a recipient comes in by a code, and how she is gone again: the same on all three."""

from __future__ import annotations

import pytest

from escalation.ports import Refused, Unknown
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


async def test_without_a_reason_nobody_is_erased(world: World) -> None:
    person = world.recipient()
    with pytest.raises(Refused, match="Say why"):
        await world.people.erase(person, await world.worker(), "in_writing", " \n", world.now)
    assert (await world.desk.case(person, await world.worker("Ben"), "to look", world.now)).ref == person


async def test_while_somebody_else_may_be_writing_no_chat_counts_as_her_word(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    world.opens(person)
    world.is_watched(person)
    with pytest.raises(Refused, match="Verify first"):
        await world.people.erase(person, ana, "in_chat", "She wrote it.", world.now)
    assert await world.people.erase(person, ana, "in_person", "She said it here.", world.now)


async def test_the_receipt_tells_the_day_and_no_other_is_known(world: World) -> None:
    receipt = await world.people.erase(world.recipient(), await world.worker(), "rule", "Closed.", world.now)
    left = await world.people.receipt(receipt)
    assert (left.id, left.day.date(), left.waiting, left.stays, left.copies) == (receipt, world.now.date(), 0, 0, 0)
    with pytest.raises(Unknown):
        await world.people.receipt("0" * 16)
