"""The end of a shift: a line on each alert, accepted by claiming, ended or not; the fake and both databases alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from escalation.ports import Refused, Unknown
from escalation.shifts import SHIFT
from storage import audit, calendars, rota_alarms, shifts
from storage.calendars import Given
from storage.crypto.place import Place
from storage.schema import alerts as alert_rows
from storage.schema import audit as audit_log
from storage.schema import outbox
from storage.vault import decode
from tests.rota.calendars import calendar
from tests.storage.store import NOON, Store, World
from tests.storage.test_handing import found, on_duty, taken

RISK, NEXT = "Calm since ten, he is away until Sunday", "Tomorrow at 10, by text"


async def test_a_line_hands_it_on_and_accepting_moves_the_claim_under_a_new_number(world: World) -> None:
    ana, ben = await on_duty(world, "Ana", "01"), await on_duty(world, "Ben", "02", "backup")
    person = world.recipient()
    alert = await taken(world, person, ana, "P0")
    offered = await world.shifts.line(alert.ref, ana, alert.claim, f" {RISK}\n", NEXT, "", world.now)
    assert (offered.holder, offered.offered_to) == (ana, ben), "whoever is next on duty, and it stays until then"
    (one,) = await world.shifts.handed(ben, world.now)
    assert (one.alert.ref, one.risk, one.contact, one.by, one.at) == (alert.ref, RISK, NEXT, "Ana", world.now)
    assert (ben, "shift.read") in world.audited(), "a line is a piece of her case"
    with pytest.raises(Refused, match=f"Nobody has accepted {alert.ref}"):
        await world.shifts.end(ana, ana, "", world.now)
    assert (await world.desk.claim(alert.ref, ben, world.now)).claim == alert.claim + 1
    assert await world.shifts.end(ana, ana, "", world.now) == []
    assert (ana, "shift.end") in world.audited()
    notes = (await world.desk.case(person, ben, "", world.now)).notes
    assert [(line.message, line.text, line.staff) for line in notes] == [("handed_over", f"{RISK}\n{NEXT}", ana)]


@pytest.mark.parametrize(("risk", "contact"), [("", NEXT), (RISK, " \n")])
async def test_both_are_asked_and_nothing_of_half_a_line_is_kept(world: World, risk: str, contact: str) -> None:
    ana, ben = await on_duty(world, "Ana", "01"), await on_duty(world, "Ben", "02")
    person = world.recipient()
    alert = await taken(world, person, ana)
    with pytest.raises(Refused, match="Both are asked"):
        await world.shifts.line(alert.ref, ana, alert.claim, risk, contact, ben, world.now)
    with pytest.raises(Refused, match="holds it now"):
        await world.shifts.line(alert.ref, ben, alert.claim, RISK, NEXT, ana, world.now)
    await world.claims.keep_apart(person, ben, ben, "My cousin", world.now)
    with pytest.raises(Refused, match="kept apart"):
        await world.shifts.line(alert.ref, ana, alert.claim, RISK, NEXT, ben, world.now)
    assert (await world.desk.case(person, ana, "", world.now)).notes == ()
    assert (await found(world, alert.ref)).offered_to == ""


async def test_less_urgent_ones_want_a_line_and_go_back_into_the_queue(world: World) -> None:
    ana, ben = await on_duty(world, "Ana", "01"), await on_duty(world, "Ben", "02")
    alert = await taken(world, world.recipient(), ana, "P2")
    with pytest.raises(Refused, match=f"Write a line on {alert.ref} first"):
        await world.shifts.end(ana, ana, "", world.now)
    await world.shifts.line(alert.ref, ana, alert.claim, RISK, NEXT, ben, world.now)
    assert await world.shifts.end(ana, ana, "", world.now) == [alert.ref]
    assert (await found(world, alert.ref)).state == "open"
    assert (await world.shifts.leaving(ana, world.now)).alerts == ()


async def test_a_p1_that_was_given_back_and_that_nobody_took_keeps_the_shift_open(world: World) -> None:
    ana, ben = await on_duty(world, "Ana", "01"), await on_duty(world, "Ben", "02")
    alert = await taken(world, world.recipient(), ana)
    await world.desk.release(alert.ref, ana, alert.claim, world.now)
    ((left,),) = [(await world.shifts.leaving(ana, world.now)).alerts]
    assert (left.alert.ref, left.held) == (alert.ref, False)
    with pytest.raises(Refused, match=f"Nobody has accepted {alert.ref}"):
        await world.shifts.end(ana, ana, "", world.now)
    again = await world.desk.claim(alert.ref, ben, world.now)
    await world.desk.release(again.ref, ben, again.claim, world.now)
    assert await world.shifts.end(ana, ana, "", world.now) == [], "it was Ben's last"


async def test_a_supervisor_ends_it_with_a_reason_and_who_is_on_duty_is_paged(world: World) -> None:
    ana, ruth = await on_duty(world, "Ana", "01"), await on_duty(world, "Ruth", "03", "supervisor", "supervisor")
    alert = await taken(world, world.recipient(), ana)
    (theirs,) = await world.shifts.others(ruth, world.now)
    assert (theirs.staff.name, [one.alert.ref for one in theirs.alerts]) == ("Ana", [alert.ref])
    ben = await world.worker("Ben")
    with pytest.raises(Refused, match="Only a supervisor"):
        await world.shifts.end(ana, ben, "She left", world.now)
    with pytest.raises(Refused, match="Say why"):
        await world.shifts.end(ana, ruth, " ", world.now)
    with pytest.raises(Refused, match="Nobody has accepted"):
        await world.shifts.end(ana, ana, "I am tired", world.now)
    with pytest.raises(Unknown):
        await world.shifts.end("nobody", ruth, "Who?", world.now)
    assert await world.shifts.end(ana, ruth, "She fell ill", world.now) == [alert.ref]
    after = await found(world, alert.ref)
    assert (after.state, after.next_page_at) == ("open", world.now), "the ladder begins at once"
    assert await world.shifts.others(ruth, world.now) == []
    assert await world.shifts.end(ana, ana, "", world.now) == [], "that shift is over"


async def test_who_was_kept_apart_meanwhile_sees_nothing_of_it_here(world: World) -> None:
    ana = await on_duty(world, "Ana", "01")
    person = world.recipient()
    alert = await taken(world, person, ana)
    await world.desk.release(alert.ref, ana, alert.claim, world.now)
    await world.claims.keep_apart(person, ana, ana, "", world.now)
    assert (await world.shifts.leaving(ana, world.now)).alerts == ()


async def test_what_was_theirs_long_ago_is_not_of_this_shift(world: World) -> None:
    ana = await on_duty(world, "Ana", "01")
    alert = await taken(world, world.recipient(), ana)
    world.jump(hours=SHIFT.total_seconds() / 3600, seconds=1)
    assert (await found(world, alert.ref)).holder == ana, "its time has run out, which no loop has seen"
    assert (await world.shifts.leaving(ana, world.now)).alerts == ()


# by the rota


def by_the_rota(store: Store, *names: str) -> None:
    """Twelve hours each from noon on, one after the other."""
    events = (
        f"SUMMARY:{name}|DTSTART:{NOON + n * timedelta(hours=12):%Y%m%dT%H%M%SZ}|DURATION:PT12H"
        for n, name in enumerate(names)
    )
    given = Given("Nights", "on_call", 0, "UTC", "", text=calendar(*events))
    staff = store.read(rota_alarms.all_staff)
    store.write(calendars.put, store.vault, given, calendars.read(given, staff, NOON), "", NOON)


def told(store: Store) -> list[str]:
    """The messages that were written to staff, by name, in order; then they are gone."""
    rows = store.rows(sa.select(outbox).where(outbox.c.owner_kind == "staff", outbox.c.status == "due").order_by("id"))
    names = {one.id: one.name for one in store.read(rota_alarms.all_staff)}
    opened = [
        (
            row,
            decode(store.vault.keys.staff.open(bytes(row.sealed), Place("outbox", "sealed", row.id, row.owner_id, 0))),
        )
        for row in rows
    ]
    store.run(sa.delete(outbox))
    return sorted(f"{names[row.owner_id]} {said['message']}" for row, said in opened)


def test_both_are_told_a_quarter_of_an_hour_before_and_once(store: Store) -> None:
    for n, name in enumerate(("Ana", "Ben", "Cas")):
        store.staff(name, f"+4477009003{n:02d}")
    by_the_rota(store, "Ana", "Ben", "Cas", "Ana")
    for minutes, expected in (
        (12 * 60 - 16, []),
        (12 * 60 - 15, ["Ana page/shift_ends", "Ben page/shift_begins"]),
        (12 * 60 - 1, []),
        (12 * 60 + 1, []),
        (24 * 60 - 5, ["Ben page/shift_ends", "Cas page/shift_begins"]),
    ):
        now = NOON + timedelta(minutes=minutes)
        told(store)
        store.write(rota_alarms.look, store.vault, "", now)
        assert [one for one in told(store) if "shift" in one] == expected, minutes


def test_a_supervisor_is_told_once_of_a_p1_that_a_shift_left_behind(store: Store) -> None:
    ana = store.staff("Ana", "+447700900301")
    store.staff("Ben", "+447700900302")
    store.staff("Ruth", "+447700900303", "supervisor")
    by_the_rota(store, "Ana", "Ben", "Ana")
    store.recipient()
    store.hears("hello", "risk P1 afraid")
    late = NOON + timedelta(hours=12, minutes=1)
    held = {"state": "claimed", "holder": ana, "claim": 1, "claim_until": int(late.timestamp() * 1000) + 60_000}
    store.run(sa.update(alert_rows).values(held))
    told(store)
    for expected in (["Ruth page/shift_kept"], []):
        store.write(rota_alarms.look, store.vault, "", late)
        assert [one for one in told(store) if "kept" in one] == expected


def test_the_reason_of_an_end_is_sealed_and_the_chain_holds(store: Store) -> None:
    ana = store.staff("Ana", "+447700900301")
    ruth = store.staff("Ruth", "+447700900303", "supervisor")
    store.run(sa.text("UPDATE staff SET role = 'supervisor' WHERE name = 'Ruth'"))
    store.write(shifts.end, store.vault, ana, ruth, "She fell ill", NOON)
    (row,) = store.rows(sa.select(audit_log).where(audit_log.c.action == "shift.end"))
    assert (row.actor, row.subject) == (ruth, ana)
    assert b"fell ill" not in bytes(row.detail)
    assert store.read(audit.verify, store.vault) is None
