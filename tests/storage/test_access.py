"""Whose case it is, and who may do what with it: the rule, then the fake, SQLite and PostgreSQL alike."""

from __future__ import annotations

from typing import get_args

import pytest

from escalation.access import MAY, Act, Relation, Stance
from escalation.ports import Refused, Role, Unknown
from tests.storage.store import World

ACTS: tuple[Act, ...] = get_args(Act)
RELATIONS: tuple[Relation, ...] = get_args(Relation)
ROLES: tuple[Role, ...] = get_args(Role)


# the rule


@pytest.mark.parametrize("relation", RELATIONS)
def test_no_act_on_a_case_is_for_who_has_no_cases(relation: Relation) -> None:
    for role in set(ROLES) - {"worker", "supervisor", "partner_support"}:
        assert not any(Stance(role, relation).may(act) for act in ACTS)
    assert not any(Stance(None, relation).may(act) for act in ACTS)


@pytest.mark.parametrize("role", ROLES)
def test_who_is_kept_apart_reads_takes_and_signs_nothing(role: Role) -> None:
    assert {act for act in ACTS if Stance(role, "apart").may(act)} <= {"look_over"}


def test_partner_support_opens_its_own_cases_and_no_other_and_never_takes_what_is_urgent() -> None:
    assert not any(Stance("partner_support", "other").may(act) for act in ACTS)
    for relation in RELATIONS:
        stance = Stance("partner_support", relation)
        for act in ("take_urgent", "sign", "break_glass", "hear_apart", "assign", "look_over"):
            assert not stance.may(act)


@pytest.mark.parametrize("role", MAY)
def test_her_chat_is_for_who_holds_an_alert_of_hers(role: Role) -> None:
    assert [one for one in RELATIONS if Stance(role, one).may("talk")] == ["held"]


def test_what_she_said_to_somebody_independent_is_for_no_role_that_works_with_her() -> None:
    heard = {(role, one) for role in ROLES for one in RELATIONS if Stance(role, one).may("hear_apart")}
    assert heard == {("supervisor", "other")}


@pytest.mark.parametrize("role", ROLES)
def test_what_is_refused_is_told_and_nothing_else_is(role: Role) -> None:
    for relation in RELATIONS:
        stance = Stance(role, relation)
        assert all(bool(stance.refuses(act)) != stance.may(act) for act in ACTS)


# the doors


async def supported(world: World) -> tuple[str, str, str]:
    """Pia of partner support, Ruth who supervises, and her, whose case is Pia's."""
    pia, ruth = await world.worker("Pia", "partner_support"), await world.worker("Ruth", "supervisor")
    person = world.recipient()
    await world.access.assign(person, pia, "partner_support", ruth, world.now, "Referred on Monday")
    return pia, ruth, person


async def test_partner_support_opens_its_own_case_without_a_reason_and_another_with_none(world: World) -> None:
    pia, ruth, person = await supported(world)
    assert world.audited()[-2:] == [(ruth, "case.read.break_glass"), (ruth, "case.assign.partner_support")]
    await world.desk.transcript(person, pia, "", world.now)
    await world.desk.note(person, pia, "She starts a course.", world.now)
    assert world.audited()[-3:] == [(pia, "transcript.read"), (pia, "case.read"), (pia, "note.write")]
    before, other = world.audited(), world.recipient()
    for reason in ("", "The on-call worker fell ill"):
        with pytest.raises(Refused, match="not assigned to you"):
            await world.desk.case(other, pia, reason, world.now)
    assert world.audited() == before


async def test_partner_support_takes_what_is_not_urgent_of_its_own_cases_and_talks_then(world: World) -> None:
    pia, _, person = await supported(world)
    world.opens(person)
    with pytest.raises(Refused, match="Claim one"):
        await world.chat.join(person, pia)
    await world.desk.claim(await world.alert(person, "P2"), pia, world.now)
    await world.chat.join(person, pia)
    assert (await world.desk.case(person, pia, "", world.now)).worker_in == pia
    with pytest.raises(Refused, match="not assigned to you"):
        await world.desk.claim(await world.alert(world.recipient(), "P2"), pia, world.now)


@pytest.mark.parametrize("tier", ["P0", "P1"])
async def test_what_is_urgent_is_taken_by_who_is_on_call(world: World, tier: str) -> None:
    pia, ruth, person = await supported(world)
    ref = await world.alert(person, tier)
    with pytest.raises(Refused, match="on call"):
        await world.desk.claim(ref, pia, world.now)
    with pytest.raises(Refused, match="alerts of this case"):
        await world.claims.offer(ref, ruth, pia, world.now)
    alert = await world.desk.alert(ref, world.now)
    assert alert is not None
    assert (alert.state, alert.holder) == ("open", "")


async def test_an_alert_that_rises_stays_with_whom_it_is_and_pages_others(world: World) -> None:
    pia, _, person = await supported(world)
    ref = await world.alert(person, "P2")
    await world.desk.claim(ref, pia, world.now)
    await world.alert(person, "P1")
    risen = await world.desk.claim(ref, pia, world.now)
    assert (risen.tier, risen.holder) == ("P1", pia)


async def test_an_end_takes_the_case_away_and_what_is_held_of_it_waits_again(world: World) -> None:
    pia, ruth, person = await supported(world)
    ref = await world.alert(person, "P2")
    await world.desk.claim(ref, pia, world.now)
    (standing,) = await world.access.assigned(person)
    assert (standing.staff, standing.as_, standing.start) == (pia, "partner_support", world.now)
    await world.access.end(person, standing.id, ruth, world.now, "She moved to the other team")
    assert await world.access.assigned(person) == await world.access.own(pia, world.now) == []
    alert = await world.desk.alert(ref, world.now)
    assert alert is not None
    assert (alert.state, alert.holder, alert.next_page_at) == ("open", "", world.now)
    assert world.audited()[-2:] == [(ruth, "case.unassign.partner_support"), (ruth, "alert.release")]
    with pytest.raises(Refused, match="not assigned to you"):
        await world.desk.case(person, pia, "", world.now)
    with pytest.raises(Unknown):
        await world.access.end(person, standing.id, ruth, world.now, "Again")


async def test_a_key_worker_opens_the_case_without_a_reason_and_takes_the_place_of_the_one_before(
    world: World,
) -> None:
    ana, ben, ruth = await world.worker("Ana"), await world.worker("Ben"), await world.worker("Ruth", "supervisor")
    person = world.recipient()
    for _ in range(2):
        await world.access.assign(person, ana, "key_worker", ruth, world.now, "Four agencies")
    await world.access.assign(person, ben, "key_worker", ana, world.now)
    assert [(one.staff, one.as_) for one in await world.access.assigned(person)] == [(ben, "key_worker")]
    await world.desk.case(person, ben, "", world.now)
    assert (ben, "case.read") in world.audited()
    with pytest.raises(Refused, match="Give a reason"):
        await world.desk.case(person, ana, "", world.now)


async def test_whose_case_it_is_is_said_by_who_has_it_or_supervises(world: World) -> None:
    pia, _, person = await supported(world)
    ana = await world.worker("Ana")
    for who, reason in ((ana, "I would like it"), (pia, "")):
        with pytest.raises(Refused, match="whose case it is"):
            await world.access.assign(person, ana, "key_worker", who, world.now, reason)
    await world.desk.claim(await world.alert(person), ana, world.now)
    await world.access.assign(person, ana, "key_worker", ana, world.now)
    editor = await world.worker("Ed", "editor")
    with pytest.raises(Refused, match="cannot be assigned"):
        await world.access.assign(person, editor, "key_worker", ana, world.now)


async def test_who_is_kept_apart_or_off_has_no_case_any_more(world: World) -> None:
    pia, ruth, person = await supported(world)
    await world.claims.keep_apart(person, pia, pia, "A cousin of his", world.now)
    assert await world.access.own(pia, world.now) == []
    with pytest.raises(Refused, match="kept apart"):
        await world.access.assign(person, pia, "key_worker", ruth, world.now, "Again")
    ana = await world.worker("Ana")
    await world.access.assign(person, ana, "key_worker", ruth, world.now, "Four agencies")
    await world.accounts.deactivate(ana, ruth, world.now)
    assert await world.access.assigned(person) == []


async def test_ones_own_cases_come_with_their_alerts_the_most_urgent_first(world: World) -> None:
    pia, ruth, first = await supported(world)
    second, third = world.recipient(), world.recipient()
    for person in (second, third):
        await world.access.assign(person, pia, "partner_support", ruth, world.now, "Referred")
    await world.access.assign(first, pia, "key_worker", ruth, world.now, "Four agencies")
    await world.alert(second, "P2", "risk")
    high = await world.alert(second, "P1", "missed")
    await world.alert(third, "P3", "task")
    await world.alert(world.recipient(), "P0")
    cases = await world.access.own(pia, world.now)
    assert [(one.person, [alert.tier for alert in one.alerts]) for one in cases] == [
        (second, ["P1", "P2"]),
        (third, ["P3"]),
        (first, []),
    ]
    assert cases[0].alerts[0].ref == high
    assert set(cases[2].as_) == {"partner_support", "key_worker"}
