"""The contract of the ports: a stage of change beside her goal, by whom and when, and which goal it is of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from escalation.ports import Refused, StageSeen, Unknown
from flows.engine.conversation import Staged
from tests.storage.store import World

GONE = "does not stand any more"


async def test_stages_stand_beside_the_goal_with_who_and_when(world: World) -> None:
    ana, ben, person = await world.worker(), await world.worker("Ben"), world.recipient()
    world.wants(person, "a job")
    began = world.now
    world.pass_time(minutes=5)
    await world.chat.stage(person, ana, StageSeen("one", began, "contemplation"), "to look")
    world.pass_time(minutes=5)
    await world.chat.stage(person, ben, StageSeen("one", began, "action"), "to look")
    (goal,) = (await world.desk.case(person, ana, "to look", world.now)).goals
    first = Staged("contemplation", ana, began + timedelta(minutes=5))
    assert goal.stages == (first, Staged("action", ben, world.now))
    assert (goal.words, goal.at, goal.scores) == ("a job", began, ())
    assert [row for row in world.audited() if row[1] == "case.stage"] == [(ana, "case.stage"), (ben, "case.stage")]


async def test_a_goal_that_she_has_left_keeps_its_stages_and_takes_no_more(world: World) -> None:
    ana, person = await world.worker(), world.recipient()
    world.wants(person, "a job")
    began = world.now
    await world.chat.stage(person, ana, StageSeen("one", began, "preparation"), "to look")
    world.pass_time(minutes=1)
    world.wants(person, "a home")
    with pytest.raises(Refused, match=GONE):
        await world.chat.stage(person, ana, StageSeen("one", began, "action"), "to look")
    ended, stands = (await world.desk.case(person, ana, "to look", world.now)).goals
    assert ([one.stage for one in ended.stages], stands.stages) == (["preparation"], ())


async def test_what_cannot_be_recorded_is_refused_and_leaves_nothing(world: World) -> None:
    ana, person = await world.worker(), world.recipient()
    with pytest.raises(Refused, match=GONE):
        await world.chat.stage(person, ana, StageSeen("one", world.now, "action"), "to look")
    world.wants(person, "a job")
    for name, stage, said in (("two", "action", GONE), ("one", "better", "no such stage")):
        with pytest.raises(Refused, match=said):
            await world.chat.stage(person, ana, StageSeen(name, world.now, stage), "to look")  # type: ignore[arg-type]
    assert not [row for row in world.audited() if row[1] == "case.stage"]
    await world.chat.stage(person, ana, StageSeen("one", world.now, "action"), "to look")
    with pytest.raises(Refused, match="recorded already"):
        await world.chat.stage(person, ana, StageSeen("one", world.now, "action"), "to look")
    with pytest.raises(Unknown):
        await world.chat.stage("ZZZZZZ", ana, StageSeen("one", world.now, "action"), "to look")
    (goal,) = (await world.desk.case(person, ana, "to look", world.now)).goals
    assert len(goal.stages) == 1
