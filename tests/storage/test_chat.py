"""A worker in her chat: who may join, and what may be said: the same on all three."""

from __future__ import annotations

import pytest

from escalation.ports import Refused, Unconfirmed
from tests.storage.store import World


async def test_only_the_holder_may_join_her_chat(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    world.opens(person)
    with pytest.raises(Refused, match="Claim"):
        await world.chat.join(person, ana)
    await world.desk.claim(await world.alert(person), ana, world.now)
    await world.chat.join(person, ana)
    case = await world.desk.case(person, ana, "", world.now)
    assert (case.worker_in, case.mode) == (ana, "worker")
    await world.chat.hand_back(person, ana)
    assert (await world.desk.case(person, ana, "", world.now)).mode == "open"


async def test_a_worker_does_not_open_her_chat(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    await world.chat.join(person, ana)
    case = await world.desk.case(person, ana, "", world.now)
    assert (case.worker_in, case.mode) == ("", "closed")


async def test_a_double_click_says_it_once(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    world.opens(person)
    await world.desk.claim(await world.alert(person), ana, world.now)
    await world.chat.join(person, ana)
    for _ in range(2):
        await world.chat.say(person, ana, "Can you write now?", "form-1")
    await world.chat.say(person, ana, "Can you write now?", "form-2")
    lines = await world.desk.transcript(person, ana, "", world.now)
    assert [line.text for line in lines if line.by == "worker"] == ["Can you write now?"] * 2


async def test_a_link_or_a_number_goes_out_only_when_she_asked_for_it(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    await world.desk.claim(await world.alert(person), ana, world.now)
    world.opens(person)
    await world.chat.join(person, ana)
    for text in ("It is on example.org", "Write to ana@example.org", "Ring 0808 2000 247", "Call 999"):
        with pytest.raises(Unconfirmed, match="asked for it"):
            await world.chat.say(person, ana, text, "n1")
    assert [line.text for line in await world.desk.transcript(person, ana, "", world.now) if line.by == "worker"] == []
    await world.chat.say(person, ana, "Call 999", "n2", confirmed=True)
    (line,) = [line for line in await world.desk.transcript(person, ana, "", world.now) if line.by == "worker"]
    assert line.text == "Call 999"
    assert (ana, "chat.say.asked_for") in world.audited()


async def test_nothing_is_said_into_a_closed_chat_nor_before_joining_nor_empty(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    with pytest.raises(Refused, match="closed"):
        await world.chat.say(person, ana, "Hello", "1")
    world.opens(person)
    with pytest.raises(Refused, match="Join"):
        await world.chat.say(person, ana, "Hello", "2")
    await world.chat.join(person, ana)
    with pytest.raises(Refused, match="empty"):
        await world.chat.say(person, ana, "  ", "3")
    world.leaves(person)
    with pytest.raises(Refused, match="closed"):
        await world.chat.say(person, ana, "Still there?", "4")


async def test_after_a_duress_word_nothing_shows_that_the_worker_has_not_confirmed(world: World) -> None:
    """SAFETY 14: that a worker is there, or writes, would show on a phone that somebody else is reading."""
    person, ana = world.recipient(), await world.worker()
    await world.desk.claim(await world.alert(person), ana, world.now)
    world.opens(person)
    world.is_watched(person)
    case = await world.desk.case(person, ana, "", world.now)
    assert (case.watched, case.suspect) == (True, True)
    with pytest.raises(Unconfirmed, match="somebody else may be reading"):
        await world.chat.join(person, ana)
    assert (await world.desk.case(person, ana, "", world.now)).worker_in == ""
    await world.chat.join(person, ana, confirmed=True)
    assert (ana, "chat.join.watched") in world.audited()
    with pytest.raises(Unconfirmed, match="somebody else may be reading"):
        await world.chat.say(person, ana, "Good evening", "n1")
    await world.chat.say(person, ana, "Good evening", "n2", confirmed=True)
    with pytest.raises(Refused, match="a link, an address or a number"):
        await world.chat.say(person, ana, "Ring 0808 2000 247", "n3", confirmed=True)
    lines = await world.desk.transcript(person, ana, "", world.now)
    assert [line.text for line in lines if line.by == "worker"] == ["Good evening"]
    await world.chat.verified(person, ana)
    case = await world.desk.case(person, ana, "", world.now)
    assert (case.watched, case.suspect) == (False, False)
    await world.chat.say(person, ana, "Are you alone now?", "n4")


async def test_waiting_for_a_watched_chat_needs_no_word_more_for_it_shows_nothing(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    await world.desk.claim(await world.alert(person), ana, world.now)
    world.opens(person)
    world.is_watched(person)
    world.leaves(person)
    await world.chat.join(person, ana)
    assert (await world.desk.case(person, ana, "", world.now)).worker_in == ""


async def test_a_claim_that_ends_takes_the_worker_out_of_her_chat_and_the_next_holder_may_begin(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    person = world.recipient()
    ref = await world.alert(person)
    for end in ("release", "lease", "resolve"):
        world.opens(person)
        held = await world.desk.claim(ref, ana, world.now)
        await world.chat.join(person, ana)
        assert (await world.desk.case(person, ana, "", world.now)).worker_in == ana
        if end == "release":
            await world.desk.release(ref, ana, held.claim, world.now)
        elif end == "lease":
            world.pass_time(minutes=14)
            world.opens(person)
            world.pass_time(minutes=2)
        else:
            await world.desk.resolve(ref, ana, held.claim, "spoke_safe", "At her sister's.", world.now)
            ref = await world.alert(person)
        world.pass_time(seconds=1)
        taken = await world.desk.claim(ref, ben, world.now)
        assert (await world.desk.case(person, ben, "", world.now)).worker_in == "", end
        with pytest.raises(Refused, match="Join"):
            await world.chat.say(person, ben, "Hello", end)
        await world.desk.release(ref, ben, taken.claim, world.now)


async def test_a_worker_with_another_claim_of_hers_stays_in_her_chat(world: World) -> None:
    ana = await world.worker("Ana")
    person = world.recipient()
    world.opens(person)
    held = await world.desk.claim(await world.alert(person), ana, world.now)
    await world.desk.claim(await world.alert(person, "P2", "talk"), ana, world.now)
    await world.chat.join(person, ana)
    await world.desk.release(held.ref, ana, held.claim, world.now)
    world.pass_time(seconds=1)
    assert (await world.desk.case(person, ana, "", world.now)).worker_in == ana


async def test_claimed_again_before_she_was_told_nothing_is_told(world: World) -> None:
    ana = await world.worker("Ana")
    person = world.recipient()
    world.opens(person)
    held = await world.desk.claim(await world.alert(person), ana, world.now)
    await world.chat.join(person, ana)
    await world.desk.release(held.ref, ana, held.claim, world.now)
    if world.memory is None:  # the fake tells at once
        await world.desk.claim(held.ref, ana, world.now)
        world.pass_time(seconds=1)
        assert (await world.desk.case(person, ana, "", world.now)).worker_in == ana


async def test_who_waits_for_her_is_seen_and_does_not_wait_longer_than_they_hold_her_alert(world: World) -> None:
    ana = await world.worker("Ana")
    person = world.recipient()
    world.opens(person)
    ref = await world.alert(person)
    held = await world.desk.claim(ref, ana, world.now)
    await world.chat.join(person, ana)
    world.leaves(person)
    case = await world.desk.case(person, ana, "", world.now)
    assert (case.mode, case.worker_in, case.worker_waits) == ("closed", "", ana)
    await world.desk.resolve(ref, ana, held.claim, "spoke_safe", "At her sister's.", world.now)
    world.pass_time(seconds=1)
    case = await world.desk.case(person, ana, "for the report", world.now)
    assert (case.worker_in, case.worker_waits) == ("", "")
    world.opens(person)
    assert (await world.desk.case(person, ana, "for the report", world.now)).mode == "open"
