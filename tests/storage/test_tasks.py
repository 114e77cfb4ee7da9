"""What somebody is to do by a time: the fake, SQLite and PostgreSQL alike; and what stands of it in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from escalation.ports import Refused, Unknown
from escalation.tasks import NewTask, Task
from storage import leaving, tasks, to_do
from storage.schema import outbox, timers
from storage.schema import tasks as rows
from tests.storage.store import Store, World

DAY = timedelta(days=1)


def a_task(world: World, staff: str = "", words: str = "Ring the school") -> NewTask:
    return NewTask("contact", world.now + DAY, words, staff)


async def on_case(world: World, worker: str, whose: str = "") -> tuple[str, Task]:
    """Her ref, and the task that a worker has made on her case."""
    her = world.recipient()
    await world.tasks.make(her, a_task(world, whose), worker, world.now, "Planning")
    (made,) = await world.tasks.of_person(her, world.now)
    return her, made


async def test_at_its_time_it_is_offered_to_whose_it_is_once(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    world.paged_at(ben, "+447700900211")
    her, made = await on_case(world, ana, ben)
    assert (made.words, made.staff, made.by, made.person) == ("Ring the school", ben, ana, her)
    world.pass_time(hours=23)
    assert await world.desk.queue(world.now) == []
    world.pass_time(hours=2)
    (alert,) = await world.desk.queue(world.now)
    assert (alert.tier, alert.kind, alert.person, alert.offered_to) == ("P2", "task", her, ben)
    assert alert.title == "A task is due: be in touch with her."
    taken = await world.desk.claim(alert.ref, ben, world.now)
    await world.desk.resolve(alert.ref, ben, taken.claim, "", "", world.now)
    world.pass_time(days=3)
    assert await world.desk.queue(world.now) == [], "it comes once"


async def test_what_is_done_in_time_raises_nothing_and_is_not_done_twice(world: World) -> None:
    ana = await world.worker("Ana")
    her, made = await on_case(world, ana, ana)
    assert [task.id for task in await world.tasks.mine(ana, world.now)] == [made.id]
    await world.tasks.done(made.id, ana, world.now)
    assert await world.tasks.mine(ana, world.now) == []
    (kept,) = await world.tasks.of_person(her, world.now)
    assert (kept.done_by, kept.done_at) == (ana, world.now)
    with pytest.raises(Refused, match="done already"):
        await world.tasks.done(made.id, ana, world.now)
    world.pass_time(days=2)
    assert await world.desk.queue(world.now) == []
    assert [what for _, what in world.audited()][-2:] == ["task.make", "task.done"]


async def test_doing_it_settles_its_alert_but_not_one_that_a_colleague_holds(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    _, first = await on_case(world, ana, ana)
    _, second = await on_case(world, ana, ana)
    world.pass_time(days=1, minutes=1)
    one, other = sorted(await world.desk.queue(world.now), key=lambda alert: alert.person == (second.person))
    await world.desk.claim(other.ref, ben, world.now)
    for task in (first, second):
        await world.tasks.done(task.id, ana, world.now)
    states = [(await world.desk.alert(alert.ref, world.now)).state for alert in (one, other)]  # type: ignore[union-attr]
    assert states == ["resolved", "claimed"]


async def test_whose_case_it_is_not_gives_a_reason_and_who_is_kept_apart_gets_none(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    her, made = await on_case(world, ana)
    with pytest.raises(Refused, match="Give a reason"):
        await world.tasks.make(her, a_task(world), ben, world.now)
    with pytest.raises(Refused, match="Give a reason"):
        await world.tasks.done(made.id, ben, world.now)
    await world.claims.keep_apart(her, ben, ben, "My cousin", world.now)
    with pytest.raises(Refused, match="kept apart"):
        await world.tasks.make(her, a_task(world, ben), ana, world.now, "Planning")
    with pytest.raises(Refused, match="kept apart"):
        await world.tasks.done(made.id, ben, world.now, "Planning")
    with pytest.raises(Unknown):
        await world.tasks.done("none", ana, world.now)


@pytest.mark.parametrize(("words", "later"), [(" ", DAY), ("Ring", timedelta(0)), ("Ring", timedelta(days=800))])
async def test_without_words_or_a_time_to_come_there_is_no_task(world: World, words: str, later: timedelta) -> None:
    ana, her = await world.worker("Ana"), world.recipient()
    with pytest.raises(Refused):
        await world.tasks.make(her, NewTask("general", world.now + later, words), ana, world.now, "Planning")
    assert await world.tasks.of_person(her, world.now) == []


async def test_the_words_are_read_where_her_case_is_open_to_them(world: World) -> None:
    ana = await world.worker("Ana")
    her, _ = await on_case(world, ana, ana)
    assert [task.words for task in await world.tasks.mine(ana, world.now)] == [""]
    await world.desk.claim(await world.alert(her), ana, world.now)
    assert [task.words for task in await world.tasks.mine(ana, world.now)] == ["Ring the school"]


async def test_over_the_night_of_a_changed_clock_it_comes_at_its_moment(world: World) -> None:
    world.jump(seconds=(datetime(2026, 10, 24, 22, tzinfo=UTC) - world.now).total_seconds())
    ana = await world.worker("Ana")
    await on_case(world, ana, ana)  # made at 23:00 by the clock in London, due at 22:00 by it the next day
    world.pass_time(hours=23, minutes=59)
    assert await world.desk.queue(world.now) == []
    world.pass_time(minutes=1)
    assert len(await world.desk.queue(world.now)) == 1


def test_one_about_no_case_comes_to_the_phone_of_whose_it_is(store: Store) -> None:
    ana = store.staff("ana", "+447700900221")
    task = NewTask("general", store.now + DAY, "After last night", ana)
    store.write(to_do.keep, store.vault, task, "", store.now)
    (mine,) = store.read(tasks.mine, store.vault, ana, store.now)
    assert (mine.kind, mine.words, mine.person) == ("general", "After last night", "")
    store.pass_time(days=1)
    store.fire()
    told = [
        store.vault.open_staff(bytes(row.sealed), "outbox", row.id, ana)["message"]
        for row in store.rows(sa.select(outbox))
    ]
    assert told == ["page/task"]
    assert store.write(tasks.done, store.vault, mine.id, ana, store.now) == ""


def test_who_leaves_leaves_the_tasks_of_a_case_to_whoever_is_on_duty(store: Store) -> None:
    ana = store.staff("ana", "+447700900221")
    ref = store.ref(store.recipient())
    task = NewTask("check", store.now + DAY, "Ask the court", ana)
    store.write(tasks.make, store.vault, ref, task, ana, store.now, "Planning")
    store.write(leaving.deactivate, store.vault, ana, "", store.now)
    assert [row.staff_id for row in store.rows(sa.select(rows))] == [None]
    assert [row.kind for row in store.rows(sa.select(timers)) if row.kind == "task"] == ["task"]
