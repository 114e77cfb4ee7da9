"""The contract of the ports once more: a worker's change to her plan, and what she tells somebody independent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from escalation.held_words import held_words
from escalation.ports import Case, PlanChange, Refused
from flows.engine import conversation as codec
from storage.schema import persons
from tests.storage.store import World

REVIEW = timedelta(days=14)


async def a_held_case(world: World) -> tuple[str, str]:
    """(her case, who holds an alert of hers); a sister is to collect her."""
    ana, person = await world.worker(), world.recipient()
    world.plans(person, "my sister")
    await world.desk.claim(await world.alert(person), ana, world.now)
    return person, ana


async def case_of(world: World, person: str, staff: str) -> Case:
    return await world.desk.case(person, staff, "to look", world.now)


async def test_a_worker_changes_an_item_and_every_version_stays(world: World) -> None:
    person, ana = await a_held_case(world)
    world.pass_time(minutes=1)
    change = PlanChange("collect", "todo", " my aunt, after five ", world.now + REVIEW)
    await world.chat.plan(person, ana, change, "form-1")
    case = await case_of(world, person, ana)
    (item,) = case.plan
    assert (item.status, item.words, item.at) == ("todo", "my aunt, after five", world.now)
    assert item.review_on == world.now + REVIEW
    assert [(v.item.words, v.staff) for v in case.plan_versions] == [("my sister", ""), ("my aunt, after five", ana)]
    assert case.plan_versions[1].at == world.now
    assert (ana, "case.plan") in world.audited()


async def test_what_a_worker_keeps_leaves_the_chat_and_stands_for_staff(world: World) -> None:
    person, ana = await a_held_case(world)
    await world.chat.plan(person, ana, PlanChange("collect", "worker", " my sister, by the back door "), "form-1")
    case = await case_of(world, person, ana)
    (item,) = case.plan
    assert (item.status, item.words) == ("worker", "")
    if world.store is not None:
        (row,) = world.store.rows(sa.select(persons).where(persons.c.ref == person))
        assert b"sister" not in codec.write(world.store.state(row.id)), "her conversation has no word of it"
    assert held_words(case.plan_versions) == {"collect": "my sister, by the back door"}
    assert [(v.item.words, v.staff) for v in case.plan_versions][1:] == [("my sister, by the back door", ana)]


async def test_a_double_click_is_one_version(world: World) -> None:
    person, ana = await a_held_case(world)
    for _ in range(2):
        await world.chat.plan(person, ana, PlanChange("collect", "done", "my sister"), "form-1")
    case = await case_of(world, person, ana)
    assert [v.item.status for v in case.plan_versions] == ["todo", "done"]


async def test_a_change_to_what_has_changed_meanwhile_is_refused(world: World) -> None:
    person, ana = await a_held_case(world)
    read = PlanChange("collect", "todo", "my aunt")
    await world.chat.plan(person, ana, read, "form-1")
    world.pass_time(minutes=1)
    with pytest.raises(Refused, match="changed meanwhile"):
        await world.chat.plan(person, ana, replace(read, words="the neighbour"), "form-2")
    (item,) = (await case_of(world, person, ana)).plan
    assert item.words == "my aunt"
    again = replace(read, words="the neighbour", seen=item.at)
    await world.chat.plan(person, ana, again, "form-3")
    assert (await case_of(world, person, ana)).plan[0].words == "the neighbour"


async def test_without_a_claim_nothing_of_her_plan_changes(world: World) -> None:
    person, _ = await a_held_case(world)
    ben = await world.worker("Ben")
    with pytest.raises(Refused, match="Claim"):
        await world.chat.plan(person, ben, PlanChange("collect", "done"), "form-1")
    assert (ben, "case.plan") not in world.audited()
    case = await case_of(world, person, ben)
    assert [item.status for item in case.plan] == ["todo"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (PlanChange("pets", "done"), "no such item"),
        (PlanChange("collect", "todo", "x" * 201), "at most 200"),
    ],
)
async def test_what_cannot_stand_in_the_plan_is_refused(change: PlanChange, why: str, world: World) -> None:
    person, ana = await a_held_case(world)
    with pytest.raises(Refused, match=why):
        await world.chat.plan(person, ana, change, "form-1")
    assert len((await case_of(world, person, ana)).plan_versions) == 1


@pytest.mark.parametrize("days", [-2, 400])
async def test_a_review_is_from_today_on_and_within_a_year(days: int, world: World) -> None:
    person, ana = await a_held_case(world)
    change = PlanChange("collect", "todo", "my sister", world.now + timedelta(days=days))
    with pytest.raises(Refused, match="from today on"):
        await world.chat.plan(person, ana, change, "form-1")


async def test_the_worker_of_the_case_reads_that_she_answered_and_not_what(world: World) -> None:
    person, ana = await a_held_case(world)
    world.opens(person)
    world.answers_apart(person, "she never listens", "a letter came")
    lines = await world.desk.transcript(person, ana, "", world.now)
    assert [line.text for line in lines].count("independent") == 1
    assert not any("listens" in line.text or "letter" in line.text or line.apart for line in lines)
    case = await case_of(world, person, ana)
    apart = [a for a in case.assessments if a.apart]
    assert apart
    assert all(not a.answers and not a.score and a.rules for a in apart)
    assert "listens" not in repr(case)


async def test_a_supervisor_who_does_not_hold_the_case_reads_it_under_audit(world: World) -> None:
    person, ana = await a_held_case(world)
    world.opens(person)
    world.answers_apart(person, "she never listens")
    ruth, ben = await world.worker("Ruth", "supervisor"), await world.worker("Ben")
    for _ in range(2):  # a page that refreshes itself
        lines = await world.desk.transcript(person, ruth, "the monthly interview", world.now)
    assert any("she never listens" in line.text for line in lines)
    assert world.audited().count((ruth, "transcript.read_independent")) == 1
    assert (ruth, "transcript.read.break_glass") in world.audited()
    theirs = await world.desk.transcript(person, ben, "covering tonight", world.now)
    assert not any("listens" in line.text for line in theirs)
    assert (ben, "transcript.read_independent") not in world.audited()
    assert (ana, "transcript.read_independent") not in world.audited()


async def test_a_supervisor_who_holds_the_case_is_its_worker(world: World) -> None:
    person, _ = await a_held_case(world)
    world.opens(person)
    world.answers_apart(person, "she never listens")
    ruth = await world.worker("Ruth", "supervisor")
    await world.desk.claim(await world.alert(person, "P2", "talk"), ruth, world.now)
    lines = await world.desk.transcript(person, ruth, "", world.now)
    assert not any("listens" in line.text for line in lines)
