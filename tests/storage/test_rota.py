"""Changes of the rota between colleagues, links to it, and whom no page reaches: on memory and both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from escalation.ports import Refused, Unknown
from escalation.rota import on_duty
from escalation.rota.port import Asked, OffCover, Proposed
from storage import accounts, covers, leaving
from tests.rota.calendars import calendar
from tests.storage.store import ANA_PHONE, BEN_PHONE, NOON, Store, World

DAY = timedelta(days=1)
TONIGHT, TOMORROW = (NOON + timedelta(hours=6), NOON + timedelta(hours=20)), (NOON + DAY, NOON + 2 * DAY)


async def three(world: World) -> tuple[str, str, str]:
    """Ana is on call the whole week and Ben is backup, by hand; Ruth supervises."""
    ana, ben, ruth = await world.worker("Ana"), await world.worker("Ben"), await world.worker("Ruth", "supervisor")
    await world.accounts.duty(ana, "on_call", NOON)
    await world.accounts.duty(ben, "backup", NOON)
    return ana, ben, ruth


async def has(world: World, hours: float = 7) -> dict[str, str]:
    at = NOON + timedelta(hours=hours)
    return dict(on_duty(await world.rotas.rota(at, at), at))


async def test_a_colleague_who_is_asked_accepts_and_stands_in_for_just_that_time(world: World) -> None:
    ana, ben, _ = await three(world)
    promise = await world.rotas.ask(Asked("swap", ben, ana, *TONIGHT), ana, NOON)
    assert await has(world) == {ana: "on_call", ben: "backup"}, "nothing counts that is only asked for"
    with pytest.raises(Refused, match="Your colleague"):
        await world.rotas.accept(promise, ana, NOON)
    await world.rotas.accept(promise, ben, NOON)
    assert await has(world) == {ben: "on_call"}
    assert await has(world, 5) == await has(world, 20) == {ana: "on_call", ben: "backup"}
    assert world.audited()[-2:] == [(ana, "rota.swap"), (ben, "rota.accept")]


async def test_both_ways_of_a_swap_count_from_one_yes_or_not_at_all(world: World) -> None:
    ana, ben, _ = await three(world)
    promise = await world.rotas.ask(Asked("swap", ben, ana, *TONIGHT, back=TOMORROW), ana, NOON)
    await world.rotas.accept(promise, ben, NOON)
    assert await has(world) == {ben: "on_call"}
    assert await has(world, 30) == {ana: "on_call"}, "Ana has Ben's backup beside her own"
    with pytest.raises(Refused, match="is over"):
        await world.rotas.accept(promise, ben, NOON)


async def test_a_supervisor_sets_it_at_once_accepts_for_both_and_ends_it(world: World) -> None:
    ana, ben, ruth = await three(world)
    promise = await world.rotas.ask(Asked("holiday", ben, ana, *TOMORROW), ruth, NOON)
    assert await has(world, 30) == {ben: "on_call"}
    await world.rotas.end(promise, ruth, NOON)
    assert await has(world, 30) == {ana: "on_call", ben: "backup"}
    asked = await world.rotas.ask(Asked("swap", ben, ana, *TONIGHT), ana, NOON)
    await world.rotas.accept(asked, ruth, NOON)
    assert await has(world) == {ben: "on_call"}


async def test_nobody_is_put_back_on_duty_by_a_colleague_who_thinks_better_of_it(world: World) -> None:
    ana, ben, ruth = await three(world)
    promise = await world.rotas.ask(Asked("swap", ben, ana, *TONIGHT), ana, NOON)
    await world.rotas.accept(promise, ben, NOON)
    with pytest.raises(Refused, match="A supervisor can end it"):
        await world.rotas.end(promise, ben, NOON)
    world.pass_time(hours=7)
    await world.rotas.end(promise, ruth, world.now)
    assert await has(world, 6.5) == {ben: "on_call"}, "what was, was"
    assert await has(world, 7) == {ana: "on_call", ben: "backup"}
    with pytest.raises(Refused, match="is over"):
        await world.rotas.end(promise, ruth, world.now)


async def test_what_was_asked_for_is_declined_or_taken_back(world: World) -> None:
    ana, ben, _ = await three(world)
    una = await world.worker("Una")
    for who in (ana, ben):
        promise = await world.rotas.ask(Asked("swap", ben, ana, *TONIGHT), ana, NOON)
        with pytest.raises(Refused, match="two others"):
            await world.rotas.end(promise, una, NOON)
        await world.rotas.end(promise, who, NOON)
        with pytest.raises(Refused):
            await world.rotas.accept(promise, ben, NOON)
    assert await has(world) == {ana: "on_call", ben: "backup"}


async def test_what_cannot_be_is_refused_with_why(world: World) -> None:
    ana, ben, ruth = await three(world)
    una, kit = await world.worker("Una"), await world.worker("Kit", "editor")
    refused = {
        "two others": (Asked("swap", ben, ana, *TONIGHT), una),
        "Choose two people": (Asked("swap", ana, ana, *TONIGHT), ana),
        "not on the team": (Asked("swap", kit, ana, *TONIGHT), ana),
        "has no shift": (Asked("swap", ana, una, *TONIGHT), ana),
        "ends before": (Asked("swap", ben, ana, *reversed(TONIGHT)), ana),
        "is over": (Asked("override", ben, ana, NOON - 2 * DAY, NOON - DAY), ruth),
        "At most 62 days": (Asked("holiday", ben, ana, NOON, NOON + 63 * DAY), ruth),
    }
    for why, (asked, by) in refused.items():
        with pytest.raises(Refused, match=why):
            await world.rotas.ask(asked, by, NOON)
    with pytest.raises(Unknown):
        await world.rotas.accept("nothing", ruth, NOON)


async def test_a_supervisor_adds_somebody_and_takes_somebody_out(world: World) -> None:
    ana, ben, ruth = await three(world)
    await world.rotas.ask(Asked("override", "", ana, *TONIGHT), ruth, NOON)
    assert await has(world) == {ben: "backup"}
    await world.rotas.ask(Asked("override", ruth, "", *TONIGHT, duty="on_call"), ruth, NOON)
    assert await has(world) == {ben: "backup", ruth: "on_call"}
    with pytest.raises(Refused, match="two others"):
        await world.rotas.ask(Asked("override", "", ben, *TONIGHT), ben, NOON)


async def test_a_link_opens_for_its_owner_until_it_is_taken_back_or_they_leave(world: World) -> None:
    ana, ben, ruth = await three(world)
    first, other = await world.rotas.link(ana, NOON), await world.rotas.link(ben, NOON)
    assert (await world.rotas.by_link(first), await world.rotas.by_link(other)) == (ana, ben)
    second = await world.rotas.link(ana, NOON)
    assert await world.rotas.linked_since(ana) == NOON
    with pytest.raises(Unknown):
        await world.rotas.by_link(first)
    assert await world.rotas.by_link(second) == ana
    await world.rotas.revoke_link(ana, NOON)
    assert await world.rotas.linked_since(ana) is None
    await world.accounts.deactivate(ben, ruth, NOON)
    for token in (second, other, ""):
        with pytest.raises(Unknown):
            await world.rotas.by_link(token)


async def test_who_cannot_be_paged_comes_back_once_a_phone_is_open(world: World) -> None:
    ana, _, ruth = await three(world)
    world.cannot_be_paged(ana)
    assert await world.rotas.off_cover() == {ana: OffCover(NOON, "failed")}
    assert ana not in await has(world)
    with pytest.raises(Refused, match="No phone of theirs"):
        await world.rotas.back(ana, ruth, NOON)
    world.paged_at(ana, ANA_PHONE)
    await world.rotas.back(ana, ruth, NOON)
    assert (await world.rotas.off_cover(), (await has(world))[ana]) == ({}, "on_call")


async def test_somebody_who_left_hides_nobody(world: World) -> None:
    ana, ben, ruth = await three(world)
    await world.rotas.ask(Asked("override", ben, ana, *TONIGHT), ruth, NOON)
    await world.accounts.deactivate(ben, ruth, NOON)
    assert await has(world) == {ana: "on_call"}


async def test_the_duty_beside_a_name_is_the_one_of_now(world: World) -> None:
    ana, ben, ruth = await three(world)
    await world.accounts.begin(ana, b"token", "csrf", NOON)
    await world.rotas.ask(Asked("override", ben, ana, NOON, NOON + DAY), ruth, NOON)
    session = await world.accounts.session(b"token", NOON)
    assert session is not None
    assert session.staff.duty == "off"


# calendars

EVERY_DAY = "SUMMARY:{}|DTSTART;VALUE=DATE:20261118|RRULE:FREQ=DAILY"
NIGHTS = Proposed("Nights", "on_call", 0, "UTC", text=calendar(EVERY_DAY.format("Una Z.")))


async def test_a_calendar_is_read_without_being_kept_and_taken_with_whom_its_names_mean(world: World) -> None:
    ana, ben, ruth = await three(world)
    reading = await world.rotas.read(NIGHTS, NOON)
    assert (reading.turns, reading.unknown) == ((), ("Una Z.",))
    assert {turn.staff for turn in (await world.rotas.read(replace(NIGHTS, called={"Una Z.": "ben"}), NOON)).turns} == {
        ben
    }
    assert await world.rotas.calendars() == []
    assert await has(world) == {ana: "on_call", ben: "backup"}

    await world.rotas.take(replace(NIGHTS, called={"Una Z.": "ben", "Night": ""}), ruth, NOON)
    (kept,) = await world.rotas.calendars()
    assert (kept.name, kept.called, kept.findings, kept.host) == ("Nights", {"Una Z.": "ben"}, (), "")
    assert await has(world) == {ben: "on_call"}
    assert world.audited()[-1] == (ruth, "rota.import")


async def test_its_duty_its_layer_and_its_names_are_changed_without_giving_it_again(world: World) -> None:
    ana, ben, ruth = await three(world)
    await world.rotas.take(replace(NIGHTS, called={"Una Z.": "ben"}), ruth, NOON)
    week = Proposed("Week", "on_call", 1, "UTC", text=calendar(EVERY_DAY.format("Ruth")))
    await world.rotas.take(week, ruth, NOON)
    assert await has(world) == {ruth: "on_call", ben: "backup"}

    await world.rotas.take(Proposed("Nights", "on_call", 2, "", called={"Una Z.": "ana"}), ruth, NOON)
    assert [(one.name, one.layer) for one in await world.rotas.calendars()] == [("Nights", 2), ("Week", 1)]
    assert await has(world) == {ana: "on_call", ben: "backup"}
    assert world.audited()[-1] == (ruth, "rota.change")
    await world.rotas.take(Proposed("Nights", "supervisor", 2, "", called={"Una Z.": ""}), ruth, NOON)
    kept, _ = await world.rotas.calendars()
    assert (kept.duty, kept.called, "Una Z." in kept.findings[0]) == ("supervisor", {}, True)
    assert await has(world) == {ruth: "on_call", ben: "backup"}


async def test_one_of_the_same_name_is_replaced_and_one_that_is_taken_away_is_gone(world: World) -> None:
    ana, ben, ruth = await three(world)
    await world.rotas.take(replace(NIGHTS, called={"Una Z.": "ben"}), ruth, NOON)
    feed = "https://cal.example.org/s3cret.ics"
    await world.rotas.take(replace(NIGHTS, source=feed, text=calendar(EVERY_DAY.format("ruth"))), ruth, NOON)
    (kept,) = await world.rotas.calendars()
    assert (kept.host, kept.fetched_at) == ("cal.example.org", NOON)
    assert kept.called == {"Una Z.": "ben"}, "whom its names mean was said before"
    assert await has(world) == {ruth: "on_call", ben: "backup"}
    await world.rotas.remove("Nights", ruth, NOON)
    assert (await world.rotas.calendars(), await has(world)) == ([], {ana: "on_call", ben: "backup"})
    assert world.audited()[-1] == (ruth, "rota.remove")


async def test_what_is_no_calendar_and_what_is_not_there_changes_nothing(world: World) -> None:
    _, _, ruth = await three(world)
    await world.rotas.take(NIGHTS, ruth, NOON)
    before = await world.rotas.calendars()
    with pytest.raises(Refused, match="no iCal calendar"):
        await world.rotas.take(replace(NIGHTS, text="<html>"), ruth, NOON)
    for act in (
        world.rotas.read(Proposed("Weeks", "on_call", 0, ""), NOON),
        world.rotas.take(Proposed("Weeks", "on_call", 0, ""), ruth, NOON),
        world.rotas.remove("Weeks", ruth, NOON),
    ):
        with pytest.raises(Unknown, match="There is no calendar Weeks"):
            await act
    assert await world.rotas.calendars() == before


def test_who_stands_in_for_somebody_who_leaves_is_told_and_nobody_else(store: Store) -> None:
    ana, ben = store.staff("ana", ANA_PHONE, "on_call"), store.staff("ben", BEN_PHONE, "backup")
    store.staff("cleo", "+447700900177", "backup")
    ruth = store.write(accounts.add, store.vault, "ruth", "Ruth", "supervisor", "x", None, store.now).id
    tomorrow = store.now + timedelta(days=1)
    instead = Asked("override", ana, ben, tomorrow, tomorrow + timedelta(hours=8))
    store.write(covers.ask, store.vault, instead, ruth, store.now)
    store.deliver()
    store.write(leaving.deactivate, store.vault, ana, ruth, store.now)
    told = [(sending.owner, sending.page["message"]) for sending in store.deliver() if sending.page]
    assert told == [(ben, "page/rota")], "what she stood in for is his again"
