"""Who holds an alert, until when, and what ends it: the fake in memory, SQLite and PostgreSQL keep it alike."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from escalation.ports import Refused
from escalation.safe_contact import ContactChange
from flows.engine.model import Tier
from tests.storage.store import World


async def test_a_claim_has_one_winner_and_the_second_is_told_who(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    ref = await world.alert(world.recipient())
    claimed = await world.desk.claim(ref, ana, world.now)
    assert (claimed.state, claimed.holder, claimed.holder_name, claimed.claim) == ("claimed", ana, "Ana", 1)
    assert claimed.claim_until == world.now + timedelta(minutes=15)
    with pytest.raises(Refused, match="Ana") as refused:
        await world.desk.claim(ref, ben, world.now)
    assert refused.value.holder == "Ana"


async def test_two_claims_at_once_have_one_winner(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    ref = await world.alert(world.recipient())
    tries = [world.desk.claim(ref, who, world.now) for who in (ana, ben)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(end, Refused) for end in ends) == 1
    assert sum(getattr(end, "claim", 0) == 1 for end in ends) == 1


async def test_claiming_again_what_one_holds_renews_it_under_the_same_number(world: World) -> None:
    ana = await world.worker()
    ref = await world.alert(world.recipient())
    await world.desk.claim(ref, ana, world.now)
    world.pass_time(minutes=10)
    again = await world.desk.claim(ref, ana, world.now)
    assert (again.claim, again.claim_until) == (1, world.now + timedelta(minutes=15))


async def test_a_claim_that_ran_out_can_be_taken_over_under_a_new_number(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    ref = await world.alert(world.recipient())
    old = await world.desk.claim(ref, ana, world.now)
    world.pass_time(minutes=16)
    found = await world.desk.alert(ref, world.now)
    assert found is not None
    assert (found.state, found.holder) == ("open", "")
    assert (await world.desk.claim(ref, ben, world.now)).claim == 2
    with pytest.raises(Refused, match="Ben"):
        await world.desk.resolve(ref, ana, old.claim, "spoke_safe", "late", world.now)


async def test_a_late_act_under_an_old_number_of_ones_own_is_refused(world: World) -> None:
    ana = await world.worker()
    ref = await world.alert(world.recipient())
    old = await world.desk.claim(ref, ana, world.now)
    await world.desk.release(ref, ana, old.claim, world.now)
    assert (await world.desk.claim(ref, ana, world.now)).claim == 2
    with pytest.raises(Refused):
        await world.desk.renew(ref, ana, old.claim, world.now)


async def test_what_was_released_waits_again_and_cannot_be_acted_on(world: World) -> None:
    ana = await world.worker()
    ref = await world.alert(world.recipient())
    held = await world.desk.claim(ref, ana, world.now)
    freed = await world.desk.release(ref, ana, held.claim, world.now)
    assert (freed.state, freed.holder, freed.claim_until) == ("open", "", None)
    with pytest.raises(Refused, match="Nobody"):
        await world.desk.renew(ref, ana, held.claim, world.now)


async def test_renewing_moves_the_end_of_the_claim(world: World) -> None:
    ana = await world.worker()
    ref = await world.alert(world.recipient())
    held = await world.desk.claim(ref, ana, world.now)
    world.pass_time(minutes=14)
    await world.desk.renew(ref, ana, held.claim, world.now)
    world.pass_time(minutes=14)
    found = await world.desk.alert(ref, world.now)
    assert found is not None
    assert (found.state, found.holder) == ("claimed", ana)


@pytest.mark.parametrize("tier", ["P0", "P1"])
@pytest.mark.parametrize(("outcome", "note"), [("", ""), ("spoke_safe", ""), ("spoke_safe", "  "), ("", "I called.")])
async def test_p0_and_p1_want_an_outcome_and_a_note(world: World, tier: str, outcome: str, note: str) -> None:
    ana = await world.worker()
    ref = await world.alert(world.recipient(), tier)
    held = await world.desk.claim(ref, ana, world.now)
    with pytest.raises(Refused, match="outcome and a note"):
        await world.desk.resolve(ref, ana, held.claim, outcome, note, world.now)
    assert len(await world.desk.queue(world.now)) == 1


async def test_a_resolved_alert_leaves_the_queue_and_stays_closed(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    ref = await world.alert(person)
    held = await world.desk.claim(ref, ana, world.now)
    done = await world.desk.resolve(ref, ana, held.claim, "spoke_safe", "At her sister's.", world.now)
    assert (done.state, done.ref) == ("resolved", ref)
    assert await world.desk.queue(world.now) == []
    with pytest.raises(Refused, match="resolved"):
        await world.desk.claim(ref, ana, world.now)
    assert await world.alert(person) != ref, "what happens again is a new alert"


async def test_a_p2_may_be_resolved_without_a_note(world: World) -> None:
    ana = await world.worker()
    ref = await world.alert(world.recipient(), "P2")
    held = await world.desk.claim(ref, ana, world.now)
    assert (await world.desk.resolve(ref, ana, held.claim, "", "", world.now)).state == "resolved"


async def test_every_act_on_an_alert_is_audited_and_a_refused_one_is_not(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    ref = await world.alert(world.recipient())
    held = await world.desk.claim(ref, ana, world.now)
    with pytest.raises(Refused):
        await world.desk.claim(ref, ben, world.now)
    await world.desk.renew(ref, ana, held.claim, world.now)
    await world.desk.release(ref, ana, held.claim, world.now)
    acts = [row for row in world.audited() if row[1].startswith("alert.")]
    assert acts == [(ana, "alert.claim"), (ana, "alert.renew"), (ana, "alert.release")]


async def test_what_came_of_an_alert_is_read_on_her_case(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    held = await world.desk.claim(await world.alert(person), ana, world.now)
    await world.desk.resolve(held.ref, ana, held.claim, "spoke_safe", " At her sister's. ", world.now)
    p2 = await world.desk.claim(await world.alert(person, "P2"), ana, world.now)
    await world.desk.resolve(p2.ref, ana, p2.claim, "", "", world.now)
    (line,) = (await world.desk.case(person, ana, "for the report", world.now)).notes
    assert (line.message, line.state, line.text, line.staff) == ("spoke_safe", held.ref, "At her sister's.", ana)


# once it is over, her safe-contact record is confirmed again (SAFETY 3)


async def over(world: World, ana: str, *alerts: str, outcome: str = "spoke_safe") -> list[str]:
    """They are claimed and resolved, and what is due then happens. The queue's titles."""
    for ref in alerts:
        held = await world.desk.claim(ref, ana, world.now)
        await world.desk.resolve(ref, ana, held.claim, outcome, "At her sister's.", world.now)
    world.pass_time(seconds=1)
    return [f"{alert.tier} {alert.title[:18]}" for alert in await world.desk.queue(world.now)]


async def test_after_incidents_one_task_of_a_day_asks_for_her_record_again(world: World) -> None:
    ana, person = await world.worker(), world.recipient(joined=True)
    first = await world.alert(person, "P0")
    world.pass_time(minutes=1)
    second = await world.alert(person, "P1", key="other")
    assert await over(world, ana, first, second) == ["P3 After an incident,"]
    third = await world.alert(person, "P1")
    assert await over(world, ana, third) == ["P3 After an incident,"], "one at a time stands"


async def test_none_where_it_was_confirmed_while_somebody_worked_on_it(world: World) -> None:
    ana, person = await world.worker(), world.recipient(joined=True)
    ref = await world.alert(person, "P1")
    world.pass_time(minutes=5)
    await world.contacts.set(person, ana, ContactChange({}, confirmed=True), "spoke with her")
    assert await over(world, ana, ref) == []


@pytest.mark.parametrize("tier", ["P2", "P3"])
async def test_none_after_what_was_no_incident(world: World, tier: Tier) -> None:
    ana, person = await world.worker(), world.recipient(joined=True)
    assert await over(world, ana, await world.alert(person, tier)) == []
    assert await over(world, ana, await world.alert(person, "P0"), outcome="false_alarm") == []
