"""Handed over, put off, closed by two, at most two at once, kept apart: the fake, SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from escalation.claims import TooMany
from escalation.ports import Alert, Refused
from tests.storage.store import World

HOUR = timedelta(hours=1)


async def on_duty(world: World, name: str, number: str, duty: str = "on_call", role: str = "worker") -> str:
    """Somebody with a phone that takes pages."""
    staff = await world.worker(name, role)
    world.paged_at(staff, f"+4477009002{number}")
    await world.accounts.duty(staff, duty, world.now)  # type: ignore[arg-type]
    return staff


async def taken(world: World, person: str, worker: str, tier: str = "P1", key: str = "risk") -> Alert:
    return await world.desk.claim(await world.alert(person, tier, key), worker, world.now)


async def closed(world: World, person: str, worker: str, tier: str = "P1") -> Alert:
    held = await taken(world, person, worker, tier)
    return await world.desk.resolve(held.ref, worker, held.claim, "spoke_safe", "At her sister's.", world.now)


async def found(world: World, ref: str) -> Alert:
    alert = await world.desk.alert(ref, world.now)
    assert alert is not None
    return alert


# closed by two


@pytest.mark.parametrize("tier", ["P0", "P1"])
async def test_a_closed_p0_or_p1_waits_in_the_queue_until_another_has_signed(world: World, tier: str) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    alert = await closed(world, world.recipient(), ana, tier)
    assert (alert.state, alert.holder_name, alert.closed_at) == ("closing", "Ana", world.now)
    assert [one.ref for one in await world.desk.queue(world.now)] == [alert.ref]
    how = await world.claims.closing(alert.ref, ben, world.now)
    assert (how.by, how.outcome, how.note) == ("Ana", "spoke_safe", "At her sister's.")
    assert (await world.claims.sign(alert.ref, ben, world.now)).state == "resolved"
    assert await world.desk.queue(world.now) == []
    assert (ben, "alert.sign") in world.audited()
    assert (ben, "closing.read") in world.audited()


async def test_nobody_signs_what_they_closed_themselves(world: World) -> None:
    ana = await world.worker("Ana")
    alert = await closed(world, world.recipient(), ana)
    for act in (
        world.claims.sign(alert.ref, ana, world.now),
        world.claims.give_back(alert.ref, ana, "No", world.now),
        world.claims.closing(alert.ref, ana, world.now),
    ):
        with pytest.raises(Refused, match="second person"):
            await act


async def test_what_is_given_back_is_its_workers_again_with_the_word_on_the_case(world: World) -> None:
    ana, ben = await on_duty(world, "Ana", "01"), await world.worker("Ben")
    person = world.recipient()
    alert = await closed(world, person, ana)
    with pytest.raises(Refused, match="Say why"):
        await world.claims.give_back(alert.ref, ben, " ", world.now)
    world.jump(seconds=1)
    again = await world.claims.give_back(alert.ref, ben, "Where are the children?", world.now)
    assert (again.state, again.holder, again.claim) == ("claimed", ana, alert.claim + 1)
    notes = (await world.desk.case(person, ana, "", world.now)).notes
    assert [(line.message, line.text, line.staff) for line in notes] == [
        ("spoke_safe", "At her sister's.", ana),
        ("given_back", "Where are the children?", ben),
    ]
    world.jump(seconds=1)
    done = await world.desk.resolve(again.ref, ana, again.claim, "referred", "With their aunt.", world.now)
    assert (await world.claims.closing(done.ref, ben, world.now)).note == "With their aunt."


async def test_what_is_given_back_to_somebody_no_page_reaches_is_open_again(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    alert = await closed(world, world.recipient(), ana)
    assert (await world.claims.give_back(alert.ref, ben, "Ask her again", world.now)).state == "open"


async def test_what_waits_for_a_second_person_is_nobodys_to_claim_and_not_closed_again(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    alert = await closed(world, world.recipient(), ana)
    for who in (ana, ben):
        with pytest.raises(Refused, match="Ana has closed it"):
            await world.desk.claim(alert.ref, who, world.now)
    with pytest.raises(Refused, match="has closed it"):
        await world.desk.resolve(alert.ref, ana, alert.claim, "other", "Again", world.now)
    await world.claims.sign(alert.ref, ben, world.now)
    with pytest.raises(Refused, match="is resolved"):
        await world.claims.sign(alert.ref, ben, world.now)


async def test_what_she_says_again_opens_what_nobody_has_signed_yet(world: World) -> None:
    ana = await world.worker("Ana")
    person = world.recipient()
    alert = await closed(world, person, ana)
    world.pass_time(hours=2)
    assert await world.alert(person) == alert.ref
    again = await found(world, alert.ref)
    assert (again.state, again.holder, again.closed_at) == ("open", "", None)
    assert again.breach_at > world.now


async def test_a_p2_is_closed_by_one(world: World) -> None:
    ana = await world.worker("Ana")
    held = await taken(world, world.recipient(), ana, "P2")
    assert (await world.desk.resolve(held.ref, ana, held.claim, "", "", world.now)).state == "resolved"


# handed over


async def test_an_alert_stays_with_its_holder_until_the_other_accepts(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    person = world.recipient()
    held = await taken(world, person, ana)
    offered = await world.claims.offer(held.ref, ana, ben, world.now)
    assert (offered.holder, offered.offered_to, offered.offered_name) == (ana, ben, "Ben")
    renewed = await world.desk.renew(held.ref, ana, held.claim, world.now)
    assert renewed.offered_to == ben, "work goes on meanwhile, and the offer stands"
    accepted = await world.desk.claim(held.ref, ben, world.now)
    assert (accepted.holder, accepted.claim, accepted.offered_to) == (ben, held.claim + 1, "")
    with pytest.raises(Refused, match="Ben holds it"):
        await world.desk.renew(held.ref, ana, held.claim, world.now)


async def test_who_says_no_leaves_it_where_it_is(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    held = await taken(world, world.recipient(), ana)
    await world.claims.offer(held.ref, ana, ben, world.now)
    left = await world.claims.decline(held.ref, ben, world.now)
    assert (left.holder, left.claim, left.offered_to) == (ana, held.claim, "")
    with pytest.raises(Refused, match="not offered"):
        await world.claims.decline(held.ref, ben, world.now)
    with pytest.raises(Refused, match="Ana has it already"):
        await world.desk.claim(held.ref, ben, world.now)


async def test_only_who_holds_it_or_a_supervisor_offers_it(world: World) -> None:
    ana, ben, ruth = await world.worker("Ana"), await world.worker("Ben"), await world.worker("Ruth", "supervisor")
    ed = await world.worker("Ed", "editor")
    held = await taken(world, world.recipient(), ana)
    with pytest.raises(Refused, match="Only who holds it"):
        await world.claims.offer(held.ref, ben, ben, world.now)
    with pytest.raises(Refused, match="do not take alerts"):
        await world.claims.offer(held.ref, ana, ed, world.now)
    with pytest.raises(Refused, match="already"):
        await world.claims.offer(held.ref, ruth, ana, world.now)
    assert (await world.claims.offer(held.ref, ruth, ben, world.now)).offered_to == ben
    assert (await world.claims.offer(held.ref, ruth, ruth, world.now)).offered_to == ruth, "the last word counts"


async def test_a_supervisor_can_ask_somebody_to_take_what_nobody_has(world: World) -> None:
    ben, ruth = await world.worker("Ben"), await world.worker("Ruth", "supervisor")
    ref = await world.alert(world.recipient())
    offered = await world.claims.offer(ref, ruth, ben, world.now)
    assert (offered.state, offered.offered_to) == ("open", ben)
    assert (await world.desk.claim(ref, ben, world.now)).holder == ben


async def test_take_over_asks_the_next_on_duty_and_then_the_one_after(world: World) -> None:
    ana = await on_duty(world, "Ana", "01")
    cleo = await on_duty(world, "Cleo", "03", "supervisor", "supervisor")
    ben = await on_duty(world, "Ben", "02", "backup")
    await on_duty(world, "Dan", "04", "off")
    await world.worker("Eve")
    held = await taken(world, world.recipient(), ana)
    asked = [(await world.claims.take_over(held.ref, ana, held.claim, world.now)).offered_to for _ in range(3)]
    assert asked == [ben, cleo, ben]


async def test_take_over_says_so_when_nobody_can_be_reached(world: World) -> None:
    ana = await on_duty(world, "Ana", "01")
    await world.worker("Ben")
    held = await taken(world, world.recipient(), ana)
    with pytest.raises(Refused, match="Nobody else on duty"):
        await world.claims.take_over(held.ref, ana, held.claim, world.now)


@pytest.mark.parametrize("how", ["released", "ran out", "resolved", "taken by somebody else"])
async def test_an_offer_ends_with_the_claim_that_it_was_made_under(world: World, how: str) -> None:
    ana, ben, cleo = await world.worker("Ana"), await world.worker("Ben"), await world.worker("Cleo")
    held = await taken(world, world.recipient(), ana)
    await world.claims.offer(held.ref, ana, ben, world.now)
    if how == "released":
        await world.desk.release(held.ref, ana, held.claim, world.now)
    elif how == "ran out":
        world.pass_time(minutes=16)
    elif how == "resolved":
        await world.desk.resolve(held.ref, ana, held.claim, "other", "Done.", world.now)
    else:
        world.jump(minutes=16)
        await world.desk.claim(held.ref, cleo, world.now)
    assert (await found(world, held.ref)).offered_to == ""


# put off


async def test_what_is_put_off_rises_again_by_itself(world: World) -> None:
    ana = await world.worker("Ana")
    person = world.recipient()
    held = await taken(world, person, ana, "P2")
    until = world.now + 3 * HOUR
    asleep = await world.claims.snooze(held.ref, ana, held.claim, until, "She works until five", world.now)
    assert (asleep.state, asleep.holder, asleep.next_page_at) == ("snoozed", "", until)
    (note,) = (await world.desk.case(person, ana, "to look", world.now)).notes
    assert (note.message, note.text, note.state) == ("snoozed", "She works until five", held.ref)
    world.pass_time(hours=2, minutes=59)
    assert (await found(world, held.ref)).state == "snoozed"
    world.pass_time(minutes=1)
    risen = await found(world, held.ref)
    assert (risen.state, risen.breach_at) == ("open", until + 4 * HOUR)


async def test_what_sleeps_can_be_taken_and_wakes_by_anything_new(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    person = world.recipient()
    held = await taken(world, person, ana, "P2")
    await world.claims.snooze(held.ref, ana, held.claim, world.now + HOUR, "Later", world.now)
    taken_up = await world.desk.claim(held.ref, ben, world.now)
    assert (taken_up.state, taken_up.claim) == ("claimed", held.claim + 1)
    await world.claims.snooze(held.ref, ben, taken_up.claim, world.now + HOUR, "Later", world.now)
    assert await world.alert(person, "P2") == held.ref, "the same again is enough"
    assert (await found(world, held.ref)).state == "open"


@pytest.mark.parametrize(
    ("tier", "until", "reason", "why"),
    [
        ("P0", HOUR, "Later", "never put off"),
        ("P1", HOUR, " ", "Say why"),
        ("P1", 5 * HOUR, "Later", "4 hours at most"),
        ("P2", 73 * HOUR, "Later", "72 hours at most"),
        ("P3", 169 * HOUR, "Later", "168 hours at most"),
        ("P2", timedelta(minutes=4), "Later", "five minutes"),
        ("P2", -HOUR, "Later", "five minutes"),
    ],
)
async def test_what_cannot_be_put_off_stays(world: World, tier: str, until: timedelta, reason: str, why: str) -> None:
    ana = await world.worker("Ana")
    held = await taken(world, world.recipient(), ana, tier)
    with pytest.raises(Refused, match=why):
        await world.claims.snooze(held.ref, ana, held.claim, world.now + until, reason, world.now)
    assert (await found(world, held.ref)).holder == ana


# at most two at once


async def test_a_third_urgent_one_names_who_is_free_or_wants_a_reason(world: World) -> None:
    ana = await on_duty(world, "Ana", "01")
    await on_duty(world, "Ben", "02", "backup")
    person = world.recipient()
    for tier, key in (("P1", "one"), ("P0", "two"), ("P2", "calm")):
        await taken(world, person, ana, tier, key)
    third = await world.alert(person, "P0", "three")
    with pytest.raises(TooMany, match="Free now: Ben") as refused:
        await world.desk.claim(third, ana, world.now)
    assert refused.value.free == ("Ben",)
    assert (await found(world, third)).state == "open"
    await taken(world, person, ana, "P2", "quiet")
    held = await world.desk.claim(third, ana, world.now, "I know her and am in her chat")
    assert held.holder == ana
    notes = (await world.desk.case(person, ana, "", world.now)).notes
    assert [(line.message, line.text) for line in notes] == [("third", "I know her and am in her chat")]
    assert (ana, "alert.claim.third") in world.audited()
    await world.desk.claim(third, ana, world.now)  # to keep what one has is no fourth


@pytest.mark.parametrize("why", ["nobody else", "no phone", "off duty", "holds two", "kept apart"])
@pytest.mark.parametrize("tier", ["P0", "P1"])
async def test_a_third_is_not_held_up_where_nobody_else_is_free(world: World, why: str, tier: str) -> None:
    ana = await on_duty(world, "Ana", "01")
    person, other = world.recipient(), world.recipient()
    if why == "no phone":
        await world.accounts.duty(await world.worker("Ben"), "backup", world.now)
    elif why == "off duty":
        await on_duty(world, "Ben", "02", "off")
    elif why != "nobody else":
        ben = await on_duty(world, "Ben", "02", "backup")
        if why == "holds two":
            for key in ("one", "two"):
                await taken(world, other, ben, "P1", key)
        else:
            await world.claims.keep_apart(person, ben, ben, "Her cousin", world.now)
    for key in ("one", "two"):
        await taken(world, person, ana, "P1", key)
    assert (await taken(world, person, ana, tier, "three")).holder == ana


# kept apart


async def test_who_is_kept_apart_takes_and_reads_nothing_of_hers(world: World) -> None:
    ana, ben, ruth = await world.worker("Ana"), await world.worker("Ben"), await world.worker("Ruth", "supervisor")
    person = world.recipient()
    held = await taken(world, person, ben)
    await world.claims.offer(held.ref, ben, ana, world.now)
    await world.claims.keep_apart(person, ana, ana, "He is my brother", world.now)
    assert (await found(world, held.ref)).offered_to == ""
    (one,) = await world.claims.apart(person)
    assert (one.staff, one.reason) == (ana, "He is my brother")
    for act in (
        world.desk.case(person, ana, "I must know", world.now),
        world.desk.transcript(person, ana, "I must know", world.now),
        world.desk.timeline(person, ana, world.now, "I must know"),
        world.desk.note(person, ana, "Note", world.now, "I must know"),
        world.desk.claim(await world.alert(person, "P2", "more"), ana, world.now),
        world.claims.closing((await closed(world, person, ben, "P0")).ref, ana, world.now),
    ):
        with pytest.raises(Refused, match="kept apart"):
            await act
    with pytest.raises(Refused, match="kept apart"):
        await world.claims.offer(await world.alert(person, "P2", "yet more"), ruth, ana, world.now)
    assert (await taken(world, world.recipient(), ana)).holder == ana, "another's case is as it was"


async def test_what_somebody_holds_of_hers_is_open_again_when_they_are_kept_apart(world: World) -> None:
    ana, ruth = await world.worker("Ana"), await world.worker("Ruth", "supervisor")
    person = world.recipient()
    held = await taken(world, person, ana)
    world.opens(person)
    await world.chat.join(person, ana)
    await world.claims.keep_apart(person, ana, ruth, "Neighbours", world.now)
    world.pass_time(seconds=1)
    freed = await found(world, held.ref)
    assert (freed.state, freed.holder) == ("open", "")
    assert (await world.desk.case(person, ruth, "to look", world.now)).worker_in == ""


async def test_only_a_supervisor_lets_somebody_back_and_never_themselves(world: World) -> None:
    ana, ben, ruth = await world.worker("Ana"), await world.worker("Ben"), await world.worker("Ruth", "supervisor")
    person = world.recipient()
    with pytest.raises(Refused, match="Only a supervisor"):
        await world.claims.keep_apart(person, ana, ben, "So that I have it", world.now)
    for who in (ana, ruth):
        await world.claims.keep_apart(person, who, who, "", world.now)
    for who, by in ((ana, ana), (ana, ben), (ruth, ruth)):
        with pytest.raises(Refused, match="Only a supervisor"):
            await world.claims.let_back(person, who, by, world.now)
    await world.claims.let_back(person, ana, ruth, world.now)
    assert [one.staff for one in await world.claims.apart(person)] == [ruth]
    assert (await taken(world, person, ana)).holder == ana
