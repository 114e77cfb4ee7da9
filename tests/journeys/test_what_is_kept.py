"""What flows ask her is kept and used, from her phone to the case page and back."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from escalation.held_words import held_words
from escalation.ports import PlanChange, StageSeen
from flows.engine import conversation as codec
from storage.schema import outbox
from tests.journeys.house import House, until_async

TO_GOALS = ("menu", "2", "4", "9", "1")  # the menu, the plan, other parts, looking ahead, goals
TO_REVIEW = ("menu", "2", "4", "9", "2")
TO_ADHERENCE = ("menu", "2", "4", "9", "4")
TO_PLAN_REVIEW = ("menu", "2", "4", "8")


async def with_a_plan(house: House) -> str:
    """A recipient in her open chat; where to go stands in her plan. Returns her case ref."""
    person = await house.recipient()
    await house.she_texts("sunflower", "menu", "2", "1", "my sister")
    assert [item.words for item in (await house.state()).plan] == ["my sister"]
    return person


async def test_her_goals_come_back_in_her_words_and_a_worker_sees_how_it_goes(house: House) -> None:
    person = await with_a_plan(house)
    await house.she_texts(*TO_GOALS, "1", "sleep without listening", "3", "2", "-", "2")
    await house.pass_time(timedelta(days=30))
    await house.she_texts("sunflower", *TO_REVIEW, "1")
    asked = (await house.she_texts("2"))[-1]
    assert "sleep without listening" in asked
    assert "3" not in asked.replace("10", "")
    await house.she_texts("7", "x")

    ruth = await house.worker("Ruth", role="supervisor")
    case = await house.service.desk.case(person, ruth.id, "supervision", house.clock.now())
    (goal,) = case.goals
    assert goal.words == "sleep without listening"
    assert [score.value for score in goal.scores] == [3, 7]
    assert goal.scores[1].at - goal.scores[0].at >= timedelta(days=30)


async def test_a_plan_looked_over_by_her_and_mended_by_a_worker(house: House) -> None:
    ana = await house.worker("Ana")
    person = await with_a_plan(house)
    name = (await house.state()).plan[0].name
    await house.she_texts(*TO_PLAN_REVIEW, "1", "2", "1", "my aunt")
    (item, *_) = (await house.state()).plan
    assert (item.words, item.status) == ("my aunt", "todo")
    assert item.review_on is not None
    assert item.review_on - house.clock.now() > timedelta(days=27)
    await house.she_texts("menu", "talk")
    alert = await house.only_alert()
    await house.service.desk.claim(alert.ref, ana.id, house.clock.now())

    change = PlanChange(name, "done", "my aunt, she has a key", item.review_on, item.at)
    await house.service.chat.plan(person, ana.id, change, "form-1")
    case = await house.service.desk.case(person, ana.id, "", house.clock.now())
    assert case.plan[0].words == "my aunt, she has a key"
    mine = [(v.item.words, v.staff) for v in case.plan_versions if v.item.name == name]
    assert mine[-2:] == [("my aunt", ""), ("my aunt, she has a key", ana.id)]
    await house.she_texts("x")
    shown = (await house.she_texts("sunflower", *TO_PLAN_REVIEW, "1"))[-1]
    assert "my aunt, she has a key" in shown


async def test_what_she_says_of_her_worker_is_read_by_a_supervisor_and_not_by_the_worker(house: House) -> None:
    ana = await house.worker("Ana")
    person = await with_a_plan(house)
    asked = (await house.she_texts(*TO_ADHERENCE))[-1]
    assert "not for your worker" in asked
    await house.she_texts("1", "1", "1", "3", "1", "1", "3", "Ana told my brother where I was")
    await until_async(house.queue, "the alert about harm")
    (alert,) = await house.queue()
    assert alert.tier == "P1"

    await house.service.desk.claim(alert.ref, ana.id, house.clock.now())
    now = house.clock.now()
    case = await house.service.desk.case(person, ana.id, "", now)
    lines = await house.service.desk.transcript(person, ana.id, "", now)
    assert [line.text for line in lines].count("independent") == 1
    for seen in (repr(case), repr(lines)):
        assert "brother" not in seen
        assert "listened to" not in seen
    assert any("someone independent" in reason for why in case.why[alert.ref] for reason in why.reasons)

    ruth = await house.worker("Ruth", role="supervisor")
    theirs = await house.service.desk.transcript(person, ruth.id, "the monthly interview", now)
    assert any("Ana told my brother where I was" in line.text for line in theirs)
    assert "Did you feel listened to?" in " ".join(line.text for line in theirs)


async def test_a_stage_of_change_is_for_staff_and_her_review_knows_nothing_of_it(house: House) -> None:
    ana = await house.worker("Ana")
    person = await with_a_plan(house)
    await house.she_texts(*TO_GOALS, "1", "sleep without listening", "3", "2", "-", "2", "x")
    (goal,) = (await house.state()).goals
    before = await house.service.database.read(
        lambda conn: conn.execute(sa.select(sa.func.count(outbox.c.id))).scalar()
    )
    await house.service.chat.stage(person, ana.id, StageSeen("one", goal.at, "contemplation"), "Weekly meeting")
    await house.pass_time(timedelta(hours=2))
    sent = await house.service.database.read(lambda conn: conn.execute(sa.select(sa.func.count(outbox.c.id))).scalar())
    assert sent == before, "nothing goes out for it"
    await house.stop()
    await house.start()
    await house.service.chat.stage(person, ana.id, StageSeen("one", goal.at, "action"), "Weekly meeting")
    said = await house.she_texts("sunflower", *TO_REVIEW, "1", "2", "7")
    assert any("sleep without listening" in text for text in said)
    assert not any(word in text.lower() for text in said for word in ("stage", "contemplation", "action"))
    case = await house.service.desk.case(person, ana.id, "supervision", house.clock.now())
    (kept,) = case.goals
    assert [(one.stage, one.staff) for one in kept.stages] == [("contemplation", ana.id), ("action", ana.id)]
    assert [score.value for score in kept.scores] == [3, 7]


async def test_an_item_that_she_gives_to_a_worker_is_gone_from_her_chat_and_the_worker_has_its_words(
    house: House,
) -> None:
    ana = await house.worker("Ana")
    person = await with_a_plan(house)
    asked = (await house.she_texts(*TO_PLAN_REVIEW, "1"))[-1]
    assert "my sister" in asked
    await house.she_texts("2", "5", "x")
    (item,) = (await house.state()).plan
    assert (item.status, item.words) == ("worker", "")
    assert b"my sister" not in codec.write(await house.state())
    later = await house.she_texts("sunflower", *TO_PLAN_REVIEW, "1", "menu", "2")
    assert not any("my sister" in text for text in later)
    case = await house.service.desk.case(person, ana.id, "supervision", house.clock.now())
    assert held_words(case.plan_versions)[item.name] == "my sister"
