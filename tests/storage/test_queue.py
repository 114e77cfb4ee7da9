"""What waits at the desk, in what order, and when the same again is a new alert: the same on all three."""

from __future__ import annotations

from datetime import timedelta

import pytest

from escalation.ports import Unknown
from tests.storage.store import World


async def test_the_queue_shows_the_highest_tier_first_then_the_nearest_breach(world: World) -> None:
    one, two, three, four = (world.recipient() for _ in range(4))
    late = await world.alert(one, "P2")
    first = await world.alert(two, "P1")
    world.pass_time(seconds=30)
    second = await world.alert(three, "P1")
    top = await world.alert(four, "P0")
    assert [a.ref for a in await world.desk.queue(world.now)] == [top, first, second, late]
    assert [a.ref for a in await world.desk.queue(world.now, 2)] == [top, first]


async def test_an_alert_in_the_queue_tells_no_words_of_hers(world: World) -> None:
    person = world.recipient()
    ref = await world.alert(person)
    (alert,) = await world.desk.queue(world.now)
    assert (alert.ref, alert.person, alert.tier, alert.state) == (ref, person, "P1", "open")
    assert (alert.channel, alert.language, alert.title) == ("sms", "en", "It is P1")
    assert alert.breach_at == world.now + timedelta(minutes=5)
    assert alert.writable_until == world.now + timedelta(days=1)
    assert "her own words" not in repr(alert)


async def test_the_same_key_again_lifts_the_tier_and_never_lowers_it(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    ref = await world.alert(person, "P2")
    world.pass_time(minutes=1)
    assert await world.alert(person, "P0") == ref
    (alert,) = await world.desk.queue(world.now)
    assert (alert.tier, alert.breach_at) == ("P0", world.now + timedelta(minutes=2))
    world.pass_time(seconds=1)
    assert await world.alert(person, "P3") == ref
    assert [a.tier for a in await world.desk.queue(world.now)] == ["P0"]
    await world.desk.claim(ref, ana, world.now)
    case = await world.desk.case(person, ana, "", world.now)
    assert [why.tier for why in case.why[ref]] == ["P2", "P0", "P3"]


async def test_the_title_follows_a_rise(world: World) -> None:
    person = world.recipient()
    await world.alert(person, "P2")
    await world.alert(person, "P0")
    await world.alert(person, "P1")
    assert [a.title for a in await world.desk.queue(world.now)] == ["It is P0"]


async def test_what_an_alert_has_already_is_not_added_again_until_it_is_resolved(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    ref = await world.alert(person, "P1")
    alert = await world.desk.claim(ref, ana, world.now)
    assert await world.alert(person, "P1") == ref
    case = await world.desk.case(person, ana, "", world.now)
    assert [why.tier for why in case.why[ref]] == ["P1"]

    await world.desk.resolve(ref, ana, alert.claim, "spoke_safe", "At her sister's.", world.now)
    await world.claims.sign(ref, await world.worker("Ben"), world.now)
    again = await world.alert(person, "P1")
    assert again != ref
    assert [(a.ref, a.state) for a in await world.desk.queue(world.now)] == [(again, "open")]


async def test_a_rise_leaves_the_holder_no_more_than_the_new_tiers_lease(world: World) -> None:
    person, ana = world.recipient(), await world.worker()
    ref = await world.alert(person, "P2")
    await world.desk.claim(ref, ana, world.now)
    world.pass_time(minutes=10)
    await world.alert(person, "P0")
    (alert,) = await world.desk.queue(world.now)
    assert (alert.holder, alert.claim_until) == (ana, world.now + timedelta(minutes=15))


async def test_another_key_is_another_alert(world: World) -> None:
    person = world.recipient()
    assert await world.alert(person, "P1", "risk") != await world.alert(person, "P2", "talk")


async def test_an_unknown_ref_is_none_and_cannot_be_claimed(world: World) -> None:
    ana = await world.worker()
    assert await world.desk.alert("ZZZZ", world.now) is None
    with pytest.raises(Unknown):
        await world.desk.claim("ZZZZ", ana, world.now)


async def test_a_ref_is_read_in_any_case(world: World) -> None:
    ref = await world.alert(world.recipient())
    found = await world.desk.alert(ref.lower(), world.now)
    assert found is not None
    assert found.ref == ref


async def test_what_is_in_hand_hides_nobody_who_waits(world: World) -> None:
    ana = await world.worker()
    for tier in ("P0", "P1", "P1"):
        held = await world.desk.claim(await world.alert(world.recipient(), tier), ana, world.now)
        await world.desk.resolve(held.ref, ana, held.claim, "spoke_safe", "At her sister's.", world.now)
    waits = await world.alert(world.recipient(), "P3")
    shown = await world.desk.queue(world.now, 2)
    assert [alert.tier for alert in shown] == ["P0", "P1", "P3"]
    assert shown[-1].ref == waits
