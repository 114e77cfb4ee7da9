"""Who holds an alert, until when, and what ends it: the fake in memory, SQLite and PostgreSQL keep it alike."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from escalation.ports import Refused
from escalation.safe_contact import ContactChange
from flows.engine.model import Tier
from storage import claims
from storage.schema import alerts
from tests.storage.store import ANA_PHONE, BEN_PHONE, Store, World


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
    ana, ben = await world.worker(), await world.worker("Ben")
    person = world.recipient()
    ref = await world.alert(person)
    held = await world.desk.claim(ref, ana, world.now)
    await world.desk.resolve(ref, ana, held.claim, "spoke_safe", "At her sister's.", world.now)
    done = await world.claims.sign(ref, ben, world.now)
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
    p2 = await world.desk.claim(await world.alert(person, "P2", "calm"), ana, world.now)
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
    queue = await world.desk.queue(world.now)
    return [f"{alert.tier} {alert.title[:18]}" for alert in queue if alert.state != "closing"]


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


@pytest.mark.parametrize("act", ["renew", "release", "resolve", "snooze", "take over", "say"])
async def test_a_claim_that_has_run_out_is_none_before_the_ladder_has_come_to_it(world: World, act: str) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    person = world.recipient()
    ref = await world.alert(person)
    number = (await world.desk.claim(ref, ana, world.now)).claim
    await world.accounts.duty(ben, "backup", world.now)
    world.paged_at(ben, "+447700900202")
    world.jump(minutes=15)
    soon, desk = world.now + timedelta(hours=1), world.desk
    late: Mapping[str, Callable[[], Awaitable[object]]] = {
        "renew": lambda: desk.renew(ref, ana, number, world.now),
        "release": lambda: desk.release(ref, ana, number, world.now),
        "resolve": lambda: desk.resolve(ref, ana, number, "spoke_safe", "Late.", world.now),
        "snooze": lambda: world.claims.snooze(ref, ana, number, soon, "She sleeps", world.now),
        "take over": lambda: world.claims.take_over(ref, ana, number, world.now),
        "say": lambda: world.chat.say(person, ana, "Are you there?", "n"),
    }
    with pytest.raises(Refused, match="Claim"):
        await late[act]()
    with pytest.raises(Refused, match="reason"):
        await world.desk.case(person, ana, "", world.now)
    assert (await world.desk.claim(ref, ben, world.now)).claim == number + 1


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_claims_through_two_processes_have_one_winner(opening: Callable[[], Store]) -> None:
    """Each with its own writer: only the database stands between them."""
    one, two = opening(), opening()
    ana, ben = one.staff("ana", ANA_PHONE), one.staff("ben", BEN_PHONE)
    one.recipient()
    for turn in range(6):
        one.hears(f"risk P1 {turn}")
        (row,) = one.rows(sa.select(alerts).where(alerts.c.state == "open"))
        tries = [(one, ana), (two, ben)]
        start = Barrier(len(tries))

        def at_once(which: tuple[Store, str], start: Barrier = start, ref: str = row.ref) -> str:
            store, worker = which
            start.wait()
            try:
                return str(store.write(claims.claim, store.vault, ref, worker, store.now).holder)
            except Refused as refused:
                return refused.holder

        with ThreadPoolExecutor(len(tries)) as pool:
            ended = list(pool.map(at_once, tries))
        (held,) = one.rows(sa.select(alerts).where(alerts.c.id == row.id))
        names = {ana: "ana", ben: "ben"}
        assert held.claim == row.claim + 1, "one of them only"
        assert sorted(ended) == sorted([held.holder, names[held.holder]]), "the other hears who was first"
        one.run(sa.update(alerts).values(state="resolved"))
