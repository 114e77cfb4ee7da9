"""The two clocks of an alert: when a worker had it, and when she heard from one. The same on all three."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from escalation.answering import answer_by, is_late
from escalation.ports import Alert, Refused
from flows.engine.effects import Raise
from storage import answering, claims
from storage.raising import Raised, raise_alerts
from storage.schema import alerts, persons
from tests.storage.store import ANA_PHONE, Store, World


async def shown(world: World, ref: str) -> Alert:
    alert = await world.desk.alert(ref, world.now)
    assert alert is not None
    return alert


async def test_the_first_claim_stops_one_clock_and_the_first_words_the_other(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    world.opens(person)
    ref, raised = await world.alert(person), world.now
    world.jump(minutes=2)
    await world.desk.claim(ref, ana, world.now)
    world.jump(minutes=9)
    alert = await shown(world, ref)
    assert (alert.claimed_at, alert.answered_at) == (raised + timedelta(minutes=2), None)
    assert answer_by(alert) == raised + timedelta(minutes=10)
    assert is_late(alert, world.now), "it is in hand, and she has waited too long all the same"

    await says(world, person, ana, "I read what you wrote.")
    answered = world.now
    world.jump(minutes=1)
    await says(world, person, ana, "And again.")
    alert = await shown(world, ref)
    assert (alert.claimed_at, alert.answered_at) == (raised + timedelta(minutes=2), answered)
    assert not is_late(alert, world.now)


async def test_a_contact_another_way_is_an_answer_when_its_holder_says_so(world: World) -> None:
    person, ana, ben = world.recipient(), await world.worker(), await world.worker("Ben")
    one, other = await world.alert(person), await world.alert(person, "P2", "talk")
    held = await world.desk.claim(one, ana, world.now)
    with pytest.raises(Refused):
        await world.claims.reached(one, ben, held.claim, world.now)
    with pytest.raises(Refused):
        await world.claims.reached(one, ana, held.claim + 1, world.now)
    world.jump(minutes=3)
    reached = await world.claims.reached(one, ana, held.claim, world.now)
    assert reached.answered_at == world.now
    assert (await shown(world, other)).answered_at == world.now, "all that stands of hers"
    assert (ana, "alert.reached") in world.audited()


async def test_an_outcome_in_which_she_was_spoken_with_is_an_answer_and_another_is_none(world: World) -> None:
    ana = await world.worker()
    for outcome, answered in (("spoke_safe", True), ("no_answer_followed_up", False)):
        held = await world.desk.claim(await world.alert(world.recipient()), ana, world.now)
        done = await world.desk.resolve(held.ref, ana, held.claim, outcome, "As it was.", world.now)
        assert (done.answered_at is not None) is answered


async def test_worse_from_her_and_what_wakes_an_alert_begin_the_clock_again(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    held = await world.desk.claim(await world.alert(person, "P2"), ana, world.now)
    await world.claims.reached(held.ref, ana, held.claim, world.now)
    world.jump(minutes=5)
    await world.alert(person, "P1")
    lifted = await shown(world, held.ref)
    assert (lifted.answered_at, lifted.claimed_at) == (None, held.claimed_at)

    held = await world.claims.reached(held.ref, ana, held.claim, world.now)
    await world.claims.snooze(held.ref, ana, held.claim, world.now + timedelta(hours=1), "She sleeps.", world.now)
    await world.alert(person, "P0")
    woken = await shown(world, held.ref)
    assert (woken.state, woken.claimed_at, woken.answered_at) == ("open", None, None)


def test_the_operator_sees_how_many_are_late_by_each_clock(store: Store) -> None:
    """A P1 that nobody has, one whose holder says nothing, and a task, which is no question of hers."""
    ana, person = store.staff("Ana", ANA_PHONE), store.recipient()
    key = bytes(store.rows(sa.select(persons.c.wdek))[0].wdek)
    effects = [Raise("P1", kind, kind, ("r",), ("It is",)) for kind in ("risk", "talk", "task")]  # type: ignore[arg-type]
    raised = [Raised(person, store.vault.sealer(person, key), effect, store.now) for effect in effects]
    store.write(raise_alerts, store.vault, raised)
    refs = [store.rows(sa.select(alerts.c.ref).where(alerts.c.id == one.id))[0].ref for one in raised]
    assert store.read(answering.how_late, store.now) == {}
    for ref in refs[1:]:
        store.write(claims.claim, store.vault, ref, ana, store.now)
    store.pass_time(minutes=11)
    assert store.read(answering.how_late, store.now) == {
        ("worker", "P1"): (1, 660.0),
        ("recipient", "P1"): (2, 660.0),
    }


async def says(world: World, person: str, staff: str, words: str) -> None:
    """The worker joins, writes, and it goes out."""
    await world.chat.join(person, staff)
    await world.chat.say(person, staff, words, words)
    if world.store is not None:
        world.store.deliver()
