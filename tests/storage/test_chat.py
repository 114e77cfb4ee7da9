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
