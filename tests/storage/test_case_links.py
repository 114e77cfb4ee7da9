"""A programme's case number: from the joining code onto her case, known to who must, and a link for staff alone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from escalation.ports import Refused
from storage import erasing, people
from storage.schema import case_links, outbox, persons
from storage.verifying import verify
from tests.storage.store import HER, OTHER, Store, World

LONG = "x" * 61


async def three(world: World) -> tuple[str, str, str]:
    """Two recipients of one programme case, as a supervisor wrote it down, and one of another."""
    ruth = await world.worker("Ruth", "supervisor")
    found = tuple(world.recipient() for _ in range(3))
    for person, number in zip(found, ("DV 22-10", "dv  22-10", "DV 22-1"), strict=True):
        await world.desk.number(person, ruth, number, world.now, "from the file")
    return found[0], found[1], found[2]


async def test_who_holds_the_case_sees_the_number_and_the_others_under_it(world: World) -> None:
    one, other, _ = await three(world)
    ana = await world.worker("Ana")
    await world.desk.claim(await world.alert(one), ana, world.now)
    case = await world.desk.case(one, ana, "", world.now)
    assert (case.number, case.linked) == ("DV 22-10", (other,))
    with pytest.raises(Refused, match="Give a reason"):
        await world.desk.case(other, ana, "", world.now)


async def test_who_opens_a_case_by_reason_sees_no_number_and_a_supervisor_does(world: World) -> None:
    one, other, _ = await three(world)
    ana, una = await world.worker("Ana"), await world.worker("Una", "supervisor")
    case = await world.desk.case(one, ana, "Ben fell ill", world.now)
    assert (case.number, case.linked) == (None, ())
    case = await world.desk.case(one, una, "A meeting", world.now)
    assert (case.number, case.linked) == ("DV 22-10", (other,))


async def test_a_number_is_written_by_a_supervisor_or_the_holder_and_by_nobody_else(world: World) -> None:
    ana, ben, person = await world.worker("Ana"), await world.worker("Ben"), world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    await world.desk.number(person, ana, " A-1 ", world.now)
    assert world.audited()[-1] == (ana, "case.number")
    with pytest.raises(Refused, match="Give a reason"):
        await world.desk.number(person, ben, "B-2", world.now)
    with pytest.raises(Refused, match="Claim one"):
        await world.desk.number(person, ben, "B-2", world.now, "Ana fell ill")
    with pytest.raises(Refused, match="1 to 60 characters"):
        await world.desk.number(person, ana, LONG, world.now)
    assert (await world.desk.case(person, ana, "", world.now)).number == "A-1"
    await world.desk.number(person, ana, "", world.now)
    assert (await world.desk.case(person, ana, "", world.now)).number == ""


async def test_only_the_whole_number_is_found_and_by_whom_it_may_be(world: World) -> None:
    one, other, third = await three(world)
    ana, una = await world.worker("Ana"), await world.worker("Una", "supervisor")
    assert list(await world.desk.under_number("dv 22-10", una, world.now)) == sorted((one, other))
    assert list(await world.desk.under_number("DV 22-1", una, world.now)) == [third]
    for part in ("DV", "22-10", "DV 22-100"):
        assert list(await world.desk.under_number(part, una, world.now)) == []
    assert list(await world.desk.under_number("DV 22-10", ana, world.now)) == []
    await world.desk.claim(await world.alert(other), ana, world.now)
    assert list(await world.desk.under_number("DV 22-10", ana, world.now)) == sorted((one, other))
    assert list(await world.desk.under_number("DV 22-1", ana, world.now)) == []
    assert (ana, "case.find") in world.audited()
    for wrong in ("", "  ", LONG):
        with pytest.raises(Refused, match="1 to 60 characters"):
            await world.desk.under_number(wrong, una, world.now)


async def test_a_joining_code_brings_its_number(world: World) -> None:
    ruth = await world.worker("Ruth", "supervisor")
    assert world.joins(await world.people.invite(ruth, world.now, "", "DV-7"))
    assert world.joins(await world.people.invite(ruth, world.now, "", ""))
    (found,) = await world.desk.under_number("dv-7", ruth, world.now)
    case = await world.desk.case(found, ruth, "to look", world.now)
    assert (case.number, case.linked) == ("DV-7", ())


def joined(store: Store) -> str:
    """By a code of that case. Returns her id."""
    code = store.write(people.invite, store.vault, "ana", store.now, "", "kestrel 7")
    store.hears(code)
    (row,) = store.rows(sa.select(persons.c.id))
    return str(row.id)


def test_the_number_stands_nowhere_in_clear_and_nothing_of_it_is_sent(store: Store) -> None:
    person = joined(store)
    (row,) = store.rows(sa.select(case_links))
    assert (row.person_id, b"kestrel" in bytes(row.sealed)) == (person, False)
    assert bytes(row.mac) == store.vault.case_numbers("Kestrel  7")[0]
    assert list(store.read(lambda conn: list(verify(conn, store.vault)))) == []
    before = store.counted(outbox)
    store.recipient(OTHER)
    assert store.counted(outbox) == before
    said = [sending.send for sending in store.deliver() if sending.send]
    assert said
    assert not [one for one in said if "kestrel" in repr(one)]


def test_erasing_her_takes_the_number_with_her(store: Store) -> None:
    person = joined(store)
    store.write(erasing.erase, store.vault, store.ref(person), "ana", "in_person", "She asked", store.now)
    assert store.counted(case_links) == 0


def test_a_number_moved_to_another_person_does_not_open(store: Store) -> None:
    joined(store)
    other = store.recipient(OTHER)
    store.run(sa.update(case_links).values(person_id=other))
    assert [fault for fault in store.read(lambda conn: list(verify(conn, store.vault))) if "case_links" in fault]


def test_a_code_of_before_numbers_were_bounded_still_enrols(store: Store) -> None:
    code = store.write(people.invite, store.vault, "ana", store.now, "", "y" * 90)
    assert store.hears(code, address=HER)[0].outcome == "done"
