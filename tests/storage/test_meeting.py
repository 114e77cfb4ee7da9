"""The sheet of the weekly meeting: what changed in a week, what was said, what was agreed; fake and databases alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from escalation.meeting import Assessed, Meetings, Week, change
from escalation.ports import Refused, Unknown
from escalation.tasks import NewTask
from storage.meeting import StoredMeetings
from storage.memory import MemoryMeetings
from storage.schema import events, notes
from tests.storage.store import World

SEVEN = timedelta(days=7)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)  # of the week that the clock of these stories is in
WEEK = Week(date(2026, 11, 16), MONDAY - SEVEN, MONDAY, MONDAY + SEVEN)
NEXT = Week(date(2026, 11, 23), MONDAY, MONDAY + SEVEN, MONDAY + 2 * SEVEN)


def meetings(world: World) -> Meetings:
    if world.memory is not None:
        return MemoryMeetings(world.memory)
    assert world.store is not None
    return StoredMeetings(world.store.database, world.store.vault, lambda word: None)


async def test_a_case_is_on_the_sheet_of_the_week_in_which_something_changed(world: World) -> None:
    ruth = await world.worker("Ruth", "supervisor")
    quiet, rises, plans = world.recipient(), world.recipient(), world.recipient()
    world.assessed(rises, "P2")
    await world.alert(rises, "P1")
    world.plans(plans, "my sister")
    found = await meetings(world).sheet(ruth, WEEK, world.now)
    assert [one.person for one in found] == [rises, plans], "the most urgent first"
    assert (found[0].raised[0], found[0].worst, found[0].change) == ("P1", "P2", "unknown")
    assert (found[1].planned, found[1].raised) == (1, ())
    assert world.audited().count((ruth, "meeting.read")) == 2, "each that was shown, and no other"
    world.jump(days=7)
    world.assessed(rises, "P1")
    world.assessed(quiet, "P3")
    later = {one.person: one for one in await meetings(world).sheet(ruth, NEXT, world.now)}
    assert (later[rises].worst, later[rises].change) == ("P1", "up")
    assert plans not in later


async def test_what_is_said_stays_with_its_week_and_on_the_case(world: World) -> None:
    ruth, ana = await world.worker("Ruth", "supervisor"), await world.worker("Ana")
    person = world.recipient()
    ref = await world.alert(person)
    with pytest.raises(Refused, match="Say how the risk is seen"):
        await meetings(world).say(person, ruth, WEEK, " \n", world.now)
    with pytest.raises(Unknown):
        await meetings(world).say("NOBODY", ruth, WEEK, "Higher", world.now)
    await meetings(world).say(person, ruth, WEEK, "Higher since he lost his work", world.now)
    (found,) = await meetings(world).sheet(ruth, WEEK, world.now)
    assert [(line.text, line.staff) for line in found.said] == [("Higher since he lost his work", ruth)]
    assert (ruth, "meeting.say") in world.audited()
    assert await meetings(world).sheet(ruth, NEXT, world.now) == []
    held = await world.desk.claim(ref, ana, world.now)
    (line,) = (await world.desk.case(person, ana, "", world.now)).notes
    assert (line.message, line.state) == ("meeting", "2026-11-16")
    done = await world.desk.resolve(ref, ana, held.claim, "spoke_safe", "At her sister's", world.now)
    assert (await world.claims.closing(done.ref, ruth, world.now)).note == "At her sister's", "no note of the meeting"


async def test_what_is_agreed_is_a_task_that_stays_on_the_sheet_until_it_is_done(world: World) -> None:
    ruth, ana = await world.worker("Ruth", "supervisor"), await world.worker("Ana")
    editor = await world.worker("Ed", "editor")
    person = world.recipient()
    due = world.now + timedelta(days=10)
    with pytest.raises(Refused, match="Choose a time"):
        await meetings(world).agree(person, ruth, WEEK, NewTask("meeting", world.now, "Ask", ana), world.now)
    with pytest.raises(Refused, match="do not take alerts"):
        await meetings(world).agree(person, ruth, WEEK, NewTask("meeting", due, "Ask", editor), world.now)
    await meetings(world).agree(person, ruth, WEEK, NewTask("meeting", due, "Ask the school", ana), world.now)
    await world.alert(person, "P2")
    held = await world.desk.claim((await world.desk.queue(world.now))[0].ref, ana, world.now)
    await world.tasks.make(person, NewTask("agency", due, "Of the case", ana), ana, world.now)
    for week in (WEEK, NEXT):
        (found,) = await meetings(world).sheet(ruth, week, world.now)
        assert [(task.words, task.staff, task.done_at) for task in found.agreed] == [("Ask the school", ana, None)]
    assert [task.person for task in await world.tasks.mine(ana, world.now)] == [person, person]
    await world.desk.release(held.ref, ana, held.claim, world.now)
    await world.tasks.done(found.agreed[0].id, ana, world.now)
    assert await meetings(world).sheet(ruth, NEXT, world.now) == [], "done before that week began"
    assert (await meetings(world).sheet(ruth, WEEK, world.now))[0].agreed[0].done_at == world.now


async def test_who_is_kept_apart_sees_and_says_nothing_of_her(world: World) -> None:
    ruth, ana = await world.worker("Ruth", "supervisor"), await world.worker("Ana")
    person = world.recipient()
    await world.alert(person)
    await world.claims.keep_apart(person, ruth, ruth, "My neighbour", world.now)
    assert await meetings(world).sheet(ruth, WEEK, world.now) == []
    with pytest.raises(Refused, match="kept apart"):
        await meetings(world).say(person, ruth, WEEK, "Higher", world.now)
    task = NewTask("meeting", world.now + SEVEN, "Ask", ruth)
    with pytest.raises(Refused, match="kept apart"):
        await meetings(world).agree(person, ana, WEEK, task, world.now)


async def test_a_record_that_does_not_open_hides_no_alert(world: World) -> None:
    ruth = await world.worker("Ruth", "supervisor")
    person = world.recipient()
    await world.alert(person)
    await meetings(world).say(person, ruth, WEEK, "Higher", world.now)
    if world.store is not None:
        (row,) = world.store.rows(sa.select(notes))
        assert b"Higher" not in bytes(row.sealed)
        world.store.run(sa.update(notes).values(sealed=b"broken"))
        world.store.run(sa.delete(events))
    (found,) = await meetings(world).sheet(ruth, WEEK, world.now)
    assert (found.person, found.raised[0]) == (person, "P1")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (["P2"], ["P2", "P0"], ("P0", "up")),
        (["P1", None], [None], (None, "down")),
        (["P1"], ["P1", "P3"], ("P1", "same")),
        ([], ["P1"], ("P1", "unknown")),
        (["P1"], [], (None, "unknown")),
    ],
)
def test_up_and_down_go_by_the_worst_of_both_weeks(before: list, now: list, expected: tuple) -> None:  # type: ignore[type-arg]
    """A week in which she was not asked says nothing."""
    hour = timedelta(hours=1)
    said = [Assessed(MONDAY - hour, tier) for tier in before] + [Assessed(MONDAY, tier) for tier in now]
    assert change(WEEK, [*said, Assessed(MONDAY + SEVEN, "P0"), Assessed(MONDAY - SEVEN - hour, "P0")]) == expected
