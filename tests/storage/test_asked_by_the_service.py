"""Tasks that the service makes: for a second person, for a receipt, after a P0, for a sample; each ended by its act."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from escalation.decisions import Draft
from escalation.ports import Alert, Refused
from escalation.referral import Pack
from escalation.tasks import Kind
from flows.engine.programme import Keep
from storage import accounts, claims, closing, decisions, handing, retention
from storage.schema import alerts, tasks, timers
from tests.storage.store import ANA_PHONE, BEN_PHONE, Store, World, stored_world
from tests.storage.test_handing import closed, taken
from tests.storage.test_samples import drawer
from tests.storage.test_samples import over as signed_off
from tests.storage.test_supervision import over

DRAFT = Draft("He has a knife.", "A refuge, or her sister.", "Her sister, tonight.", "life", "P1", "Her life", "Police")
PACK = Pack("marac", "Desk B", "consent", ("safe.hours",), {"ask": "Hear it on Thursday"}, "", "post")
DAY = timedelta(days=1)


async def given(world: World, staff: str) -> list[tuple[Kind, str, datetime]]:
    """What is asked of them: its kind, of whose case, and by when."""
    return [(one.kind, one.person, one.due_at) for one in await world.tasks.mine(staff, world.now)]


async def standing(world: World) -> list[Alert]:
    """Alerts of tasks."""
    return [alert for alert in await world.desk.queue(world.now) if alert.kind == "task"]


async def decided(world: World, **differs: object) -> tuple[str, str, str]:
    """A case, who decided on it, and who supervises."""
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    person = world.recipient()
    await world.desk.claim(await world.alert(person, "P3"), ana, world.now)
    await world.decisions.decide(person, ana, replace(DRAFT, **differs), world.now)  # type: ignore[arg-type]
    return person, ana, ruth


# a second person


async def test_who_supervises_has_a_task_of_a_decision_until_it_is_signed_and_no_press_of_done_ends_it(
    world: World,
) -> None:
    person, ana, ruth = await decided(world)
    assert await given(world, ruth) == [("sign", person, world.now + DAY)]
    assert await given(world, ana) == [], "who wrote it does not sign it"
    (task,) = await world.tasks.of_person(person, world.now)
    assert (task.words, task.by) == ("1", "")
    with pytest.raises(Refused, match="ends by itself"):
        await world.tasks.done(task.id, ruth, world.now, "To sign")
    await world.decisions.sign(person, ruth, 1, False, "And the children?", world.now, "To sign")
    assert await given(world, ruth) == [], "it is with who wrote it"
    assert await given(world, ana) == [("rewrite", person, world.now + DAY)]
    (task,) = [one for one in await world.tasks.of_person(person, world.now) if one.kind == "rewrite"]
    with pytest.raises(Refused, match="ends by itself"):
        await world.tasks.done(task.id, ana, world.now)
    better = replace(DRAFT, decision="Her sister, with the children.", instead=1)
    await world.decisions.decide(person, ana, better, world.now)
    assert [one.words for one in await world.tasks.of_person(person, world.now) if one.done_at is None] == ["3"]
    assert await given(world, ana) == []
    await world.decisions.sign(person, ruth, 3, True, "", world.now, "To sign")
    assert await given(world, ruth) == []
    world.pass_time(days=2)
    assert await standing(world) == []


async def test_what_nobody_signs_is_in_the_queue_after_a_day_and_the_signature_takes_it_out(world: World) -> None:
    person, _, ruth = await decided(world)
    world.pass_time(days=1)
    (alert,) = await standing(world)
    assert (alert.tier, alert.person, alert.offered_to) == ("P2", person, ruth)
    assert alert.title == "A decision waits for a second person."
    await world.decisions.sign(person, ruth, 1, True, "", world.now, "To sign")
    assert await standing(world) == []


async def test_what_is_not_written_anew_is_in_the_queue_for_who_wrote_it_or_without_them_for_who_is_on_duty(
    world: World,
) -> None:
    person, ana, ruth = await decided(world)
    ben = await world.worker("Ben")
    other = world.recipient()
    await world.decisions.decide(other, ben, DRAFT, world.now, "Planning")
    await world.claims.keep_apart(other, ben, ruth, "Her brother", world.now)
    for ref in (person, other):
        await world.decisions.sign(ref, ruth, 1, False, "And the children?", world.now, "To sign")
    world.pass_time(days=1)
    said = [(one.person, one.offered_to) for one in await standing(world) if "to be written anew" in one.title]
    assert sorted(said) == sorted([(person, ana), (other, "")])


async def test_of_a_p3_nobody_is_asked(world: World) -> None:
    person, _, ruth = await decided(world, tier="P3")
    assert await given(world, ruth) == []
    assert await world.tasks.of_person(person, world.now) == []


async def test_who_is_kept_apart_is_not_asked_and_without_another_it_is_for_whoever_is_on_duty(world: World) -> None:
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    person = world.recipient()
    await world.claims.keep_apart(person, ruth, ruth, "My cousin", world.now)
    await world.decisions.decide(person, ana, DRAFT, world.now, "Planning")
    (task,) = await world.tasks.of_person(person, world.now)
    assert (task.kind, task.staff) == ("sign", "")
    assert await given(world, ruth) == []


def test_who_supervises_is_told_at_once_by_phone_and_who_wrote_it_or_is_kept_apart_is_not(store: Store) -> None:
    store.staff("ana", ANA_PHONE, "on_call")
    made = {}
    for name, phone in (("ruth", BEN_PHONE), ("eve", "+447700900203"), ("fay", "+447700900204")):
        made[name] = store.write(accounts.add, store.vault, name, name, "supervisor", "x", None, store.now).id
        store.write(accounts.add_phone, store.vault, made[name], "sms", phone, store.now)
    ref = store.ref(store.recipient())
    store.write(handing.keep_apart, store.vault, ref, made["eve"], made["eve"], "My cousin", store.now)
    store.write(decisions.decide, store.vault, ref, made["fay"], DRAFT, store.now, "Planning")
    said = [(one.owner, one.page["message"], one.page["params"]) for one in store.deliver() if one.page]
    assert [each for each in said if each[1] == "page/to_sign"] == [(made["ruth"], "page/to_sign", {"ref": ref})]

    store.write(decisions.sign, store.vault, ref, made["ruth"], 1, False, "And the children?", store.now, "To sign")
    said = [(one.owner, one.page["message"], one.page["params"]) for one in store.deliver() if one.page]
    told = [each for each in said if each[1] == "page/given_back"]
    assert told == [(made["fay"], "page/given_back", {"ref": ref, "tier": "P1"})]


async def test_partner_support_decides_in_its_own_case_and_signs_nothing(world: World) -> None:
    pia, ruth = await world.worker("Pia", "partner_support"), await world.worker("Ruth", "supervisor")
    mine, other = world.recipient(), world.recipient()
    await world.access.assign(mine, pia, "partner_support", ruth, world.now, "Referred")
    await world.decisions.decide(mine, pia, DRAFT, world.now)
    assert await given(world, ruth) == [("sign", mine, world.now + DAY)]
    await world.decisions.decide(mine, ruth, replace(DRAFT, facts="By Ruth"), world.now, "Planning")
    with pytest.raises(Refused, match="Your role does not"):
        await world.decisions.sign(mine, pia, 2, True, "", world.now)
    with pytest.raises(Refused, match="not assigned to you"):
        await world.decisions.decide(other, pia, DRAFT, world.now, "I know her")
    with pytest.raises(Refused, match="not assigned to you"):
        await world.decisions.share(other, pia, PACK, world.now, "I know her")


# a receipt


async def test_a_receipt_that_is_overdue_is_asked_for_by_who_gave_it(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    person = world.recipient()
    pack = replace(PACK, receipt=world.now.date() + timedelta(days=3))
    number = await world.decisions.share(person, ana, pack, world.now, "Referral")
    await world.decisions.share(person, ana, PACK, world.now, "Referral")
    morning = datetime(2026, 11, 24, 9, tzinfo=UTC)  # after the 23rd, as the ladder's zone has it
    assert await given(world, ana) == [("receipt", person, morning)], "of the second none was asked for"
    world.pass_time(days=3)
    assert await standing(world) == []
    world.pass_time(days=1)
    (alert,) = await standing(world)
    assert (alert.title, alert.offered_to) == ("A task is due: ask whether a referral has arrived.", ana)
    await world.decisions.received(person, ben, number, "Their desk, by phone", world.now, "Ana is off")
    assert await standing(world) == []
    assert await given(world, ana) == []


async def test_a_receipt_may_be_given_up_by_hand(world: World) -> None:
    ana, person = await world.worker("Ana"), world.recipient()
    await world.decisions.share(person, ana, replace(PACK, receipt=world.now.date()), world.now, "Referral")
    (task,) = await world.tasks.mine(ana, world.now)
    await world.tasks.done(task.id, ana, world.now)
    world.pass_time(days=3)
    assert await standing(world) == []


# after a P0


async def test_after_a_p0_its_worker_and_whoever_supervises_are_asked_to_talk_and_each_ends_their_own(
    world: World,
) -> None:
    ana, ben, ruth = await world.worker("Ana"), await world.worker("Ben"), await world.worker("Ruth", "supervisor")
    first = await taken(world, world.recipient(), ana, "P0")
    await world.desk.release(first.ref, ana, first.claim, world.now)
    held = await world.desk.claim(first.ref, ben, world.now)
    await world.desk.resolve(held.ref, ben, held.claim, "spoke_safe", "At her sister's.", world.now)
    due = world.now + timedelta(days=3)
    assert await given(world, ana) == await given(world, ben) == [("debrief", "", due)]
    (task,) = await world.tasks.mine(ruth, world.now)
    assert (task.kind, task.person, task.staff, task.words) == ("talk", "", "", held.ref)
    with pytest.raises(Refused, match="ends by itself"):
        await world.tasks.done(task.id, ruth, world.now)
    await over(world).talked(held.ref, ana, ana, world.now)
    assert await given(world, ana) == []
    await over(world).talked(held.ref, ana, ruth, world.now)
    assert len(await given(world, ruth)) == 1, "Ben waits"
    await over(world).talked(held.ref, ben, ruth, world.now)
    assert await given(world, ruth) == []
    assert len(await given(world, ben)) == 1, "his own word is his"
    await over(world).talked(held.ref, ben, ben, world.now)
    assert await given(world, ben) == []


async def test_a_lone_supervisor_is_asked_for_their_own_word_alone(world: World) -> None:
    ruth = await world.worker("Ruth", "supervisor")
    alert = await closed(world, world.recipient(), ruth, "P0")
    assert [kind for kind, *_ in await given(world, ruth)] == ["debrief"]
    await over(world).talked(alert.ref, ruth, ruth, world.now)
    assert await given(world, ruth) == []


async def test_who_left_is_asked_nothing_and_nobody_is_asked_to_talk_with_them(world: World) -> None:
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    await world.worker("Ben")
    await closed(world, world.recipient(), ana, "P0")
    assert len(await given(world, ruth)) == 1
    await world.accounts.deactivate(ana, ruth, world.now)
    assert await given(world, ana) == await given(world, ruth) == []


async def test_with_who_is_erased_goes_what_is_asked_about_her_alerts(world: World) -> None:
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    her = world.recipient()
    await closed(world, her, ana, "P0")
    await world.people.erase(her, ana, "in_person", "She asked.", world.now)
    assert await given(world, ana) == await given(world, ruth) == []
    if world.store is not None:
        assert world.store.counted(tasks) == 0
        assert [row for row in world.store.rows(sa.select(timers)) if row.kind == "task"] == []


async def test_with_an_alert_that_is_too_old_to_be_kept_goes_what_is_asked_about_it(store: Store) -> None:
    world = stored_world(store)
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    alert = await closed(world, world.recipient(), ana, "P0")
    await world.claims.sign(alert.ref, ruth, world.now)
    keep = Keep(alerts=90)
    store.write(retention.sweep, store.vault, world.now + timedelta(days=89), keep)
    assert len(await given(world, ana)) == len(await given(world, ruth)) == 1
    store.write(retention.sweep, store.vault, world.now + timedelta(days=91), keep)
    assert await given(world, ana) == await given(world, ruth) == []


def test_at_its_time_whoever_supervises_is_told_by_phone_and_no_case_is_in_the_queue(store: Store) -> None:
    ana = store.staff("ana", ANA_PHONE)
    ruth = store.write(accounts.add, store.vault, "ruth", "Ruth", "supervisor", "x", None, store.now).id
    store.write(accounts.add_phone, store.vault, ruth, "sms", BEN_PHONE, store.now)
    store.recipient()
    store.hears("risk P0")
    (alert,) = store.rows(sa.select(alerts))
    number = store.write(claims.claim, store.vault, alert.ref, ana, store.now).claim
    done = (alert.ref, ana, number, "spoke_safe", "At her sister's.", store.now)
    store.write(closing.resolve, store.vault, *done)
    store.write(closing.sign, store.vault, alert.ref, ruth, store.now)
    store.deliver()
    store.pass_time(days=3)
    store.fire()
    said = [(one.owner, one.page["message"]) for one in store.deliver() if one.page]
    assert sorted(each for each in said if each[1] == "page/task") == sorted([(ana, "page/task"), (ruth, "page/task")])
    assert [row for row in store.rows(sa.select(alerts)) if row.state != "resolved"] == []


# a sample


async def test_a_sample_is_asked_for_from_who_drew_it_until_it_is_done(world: World) -> None:
    ana, ruth, eve = await world.worker("Ana"), *[await world.worker(one, "supervisor") for one in ("Ruth", "Eve")]
    alert = await signed_off(world, ana)
    sample = await drawer(world).draw(ruth, world.now)
    (task,) = await world.tasks.mine(ruth, world.now)
    assert (task.kind, task.person, task.words, task.due_at) == ("sample", "", alert.ref, world.now + timedelta(days=7))
    assert await given(world, eve) == []
    await drawer(world).answer(sample, ruth, {"m1": "seen"}, world.now)
    assert len(await given(world, ruth)) == 1
    await drawer(world).finish(sample, ruth, world.now)
    assert await given(world, ruth) == []


async def test_a_sample_of_who_is_erased_is_asked_for_no_more(world: World) -> None:
    ana, ruth, her = await world.worker("Ana"), await world.worker("Ruth", "supervisor"), world.recipient()
    await signed_off(world, ana, her)
    await drawer(world).draw(ruth, world.now)
    await world.people.erase(her, ana, "in_person", "She asked.", world.now)
    assert await given(world, ruth) == []


async def test_one_too_old_to_be_kept_is_asked_for_no_more(store: Store) -> None:
    world = stored_world(store)
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    await signed_off(world, ana)
    await drawer(world).draw(ruth, world.now)
    store.write(retention.sweep, store.vault, world.now + timedelta(days=399))
    assert len(await given(world, ruth)) == 1
    store.write(retention.sweep, store.vault, world.now + timedelta(days=401))
    assert await given(world, ruth) == []
