"""Who may open a case, with what reason, and that each reading is recorded: the same on all three."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from escalation.ports import Refused, Unknown
from tests.storage.store import World


async def test_reading_a_case_one_holds_is_audited_and_renews_the_claim(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    ref = await world.alert(person)
    await world.desk.claim(ref, ana, world.now)
    world.pass_time(minutes=10)
    case = await world.desk.case(person, ana, "", world.now)
    assert (case.ref, case.mode, [a.ref for a in case.alerts]) == (person, "closed", [ref])
    assert case.alerts[0].claim_until is not None
    found = await world.desk.alert(ref, world.now)
    assert found is not None
    assert found.claim_until == world.now + timedelta(minutes=15)
    assert world.audited()[-1] == (ana, "case.read")


async def test_another_workers_case_needs_a_reason_and_the_reason_is_kept(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    before = world.audited()
    for reading in (world.desk.case, world.desk.transcript):
        with pytest.raises(Refused, match="reason"):
            await reading(person, ben, "  ", world.now)
    assert world.audited() == before, "nothing was read, nothing is recorded"
    await world.desk.case(person, ben, "Ana fell ill", world.now)
    await world.desk.transcript(person, ben, "Ana fell ill", world.now)
    assert world.audited()[-2:] == [(ben, "case.read.break_glass"), (ben, "transcript.read.break_glass")]


async def test_a_page_that_refreshes_itself_is_one_reading(world: World) -> None:
    ben = await world.worker("Ben")
    person, before = world.recipient(), len(world.audited())
    for minutes in (0, 4, 9, 12):
        await world.desk.case(person, ben, "Ana fell ill", world.now + timedelta(minutes=minutes))
    assert world.audited()[before:] == [(ben, "case.read.break_glass")] * 2
    assert [(one.staff, one.person, one.reason) for one in await world.desk.opened_by_reason()] == [
        (ben, person, "Ana fell ill")
    ] * 2


async def test_another_reason_is_another_reading_and_the_same_one_is_not(world: World) -> None:
    ben = await world.worker("Ben")
    person, before = world.recipient(), len(world.audited())
    for reason in ("Ana fell ill", "Her sister called", " Ana fell ill "):
        await world.desk.case(person, ben, reason, world.now)
    assert world.audited()[before:] == [(ben, "case.read.break_glass")] * 2
    assert [one.reason for one in await world.desk.opened_by_reason()] == ["Her sister called", "Ana fell ill"]


async def test_having_once_resolved_an_alert_of_hers_is_no_leave_to_read_on(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    held = await world.desk.claim(await world.alert(person), ana, world.now)
    await world.desk.resolve(held.ref, ana, held.claim, "spoke_safe", "Done.", world.now)
    with pytest.raises(Refused, match="reason"):
        await world.desk.transcript(person, ana, "", world.now)


async def test_nobody_is_unknown(world: World) -> None:
    ana = await world.worker()
    for reading in (world.desk.case, world.desk.transcript):
        with pytest.raises(Unknown):
            await reading("ZZZZZZ", ana, "a reason", world.now)
    with pytest.raises(Unknown):
        await world.desk.timeline("ZZZZZZ", ana, world.now)


async def test_an_open_case_page_hears_of_a_note(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)

    async def hear() -> None:
        async for word in world.desk.changes():
            if word == person:
                return

    hearing = asyncio.create_task(hear())
    await asyncio.sleep(0)
    await world.desk.note(person, ana, "Evenings only.", world.now)
    await asyncio.wait_for(hearing, 5)


async def test_a_note_stands_on_the_case_and_an_empty_one_is_refused(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    await world.desk.note(person, ana, " Evenings only. ", world.now)
    with pytest.raises(Refused):
        await world.desk.note(person, ana, " ", world.now)
    case = await world.desk.case(person, ana, "", world.now)
    assert [(n.text, n.staff, n.by) for n in case.notes] == [("Evenings only.", ana, "note")]


async def test_the_timeline_holds_no_text_and_is_audited(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    ref = await world.alert(person)
    line = await world.desk.timeline(person, ana, world.now)
    assert [(entry["what"], entry["ref"]) for entry in line] == [("alert", ref)]
    assert "words" not in repr(line)
    assert world.audited()[-1] == (ana, "timeline.read")
