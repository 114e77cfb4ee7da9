"""What was decided about a case: written once, looked at by a second person, never changed unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from escalation.decisions import LONGEST, Decision, Draft, Entry, Received, Shared, standing
from escalation.ports import Refused
from escalation.referral import Pack
from storage import decisions, erasing
from storage.audit import verify as verify_audit
from storage.schema import decisions as rows
from storage.schema import persons
from storage.verifying import verify
from tests.storage.store import OTHER, Store, World

DRAFT = Draft("He has a knife.", "A refuge, or her sister.", "Her sister, tonight.", "life", "P1", "Her life", "Police")


async def held(world: World, tier: str = "P1") -> tuple[str, str, str]:
    """A case, who holds it, and a colleague."""
    ana, ben = await world.worker("Ana"), await world.worker("Ben", "supervisor")
    person = world.recipient()
    await world.desk.claim(await world.alert(person, tier), ana, world.now)
    return person, ana, ben


def stands(entries: Sequence[Entry]) -> list[str]:
    return [standing(entries, each) for each in entries if isinstance(each, Decision)]


async def test_a_decision_of_a_p1_waits_for_a_second_person_who_signs(world: World) -> None:
    person, ana, ben = await held(world)
    number = await world.decisions.decide(person, ana, DRAFT, world.now)
    (waits,) = await world.decisions.to_sign(ben, world.now)
    assert (waits.person, waits.number, waits.staff, waits.tier, waits.returned) == (person, number, ana, "P1", False)
    with pytest.raises(Refused, match="second person"):
        await world.decisions.sign(person, ana, number, True, "", world.now)
    with pytest.raises(Refused, match="Give a reason"):
        await world.decisions.sign(person, ben, number, True, "", world.now)
    await world.decisions.sign(person, ben, number, True, "", world.now, "To sign")
    entries = await world.decisions.of(person, ana, world.now)
    assert stands(entries) == ["signed"]
    assert [entry.number for entry in entries] == [1, 2]
    assert await world.decisions.to_sign(ben, world.now) == []
    with pytest.raises(Refused, match="signed already"):
        await world.decisions.sign(person, ben, number, True, "", world.now, "To sign")
    assert (ana, "decision.decision") in world.audited()
    assert (ben, "decision.signed") in world.audited()


async def test_what_is_given_back_is_replaced_by_another_and_both_stay(world: World) -> None:
    person, ana, ben = await held(world)
    number = await world.decisions.decide(person, ana, DRAFT, world.now)
    with pytest.raises(Refused, match="Say why"):
        await world.decisions.sign(person, ben, number, False, " ", world.now, "To sign")
    await world.decisions.sign(person, ben, number, False, "And the children?", world.now, "To sign")
    assert [one.returned for one in await world.decisions.to_sign(ana, world.now)] == [True]
    better = replace(DRAFT, decision="Her sister, with the children.", instead=number)
    second = await world.decisions.decide(person, ana, better, world.now)
    entries = await world.decisions.of(person, ana, world.now)
    assert stands(entries) == ["replaced", "waits"]
    assert [one.number for one in await world.decisions.to_sign(ben, world.now)] == [second]
    with pytest.raises(Refused, match="later decision"):
        await world.decisions.sign(person, ben, number, True, "", world.now, "To sign")


async def test_it_is_no_less_urgent_than_what_stands_open_of_hers(world: World) -> None:
    person, ana, _ = await held(world, "P0")
    await world.decisions.decide(person, ana, replace(DRAFT, tier="P3"), world.now)
    (entry,) = await world.decisions.of(person, ana, world.now)
    assert isinstance(entry, Decision)
    assert entry.draft == replace(DRAFT, tier="P0")


async def test_of_a_p3_one_person_is_enough_and_the_same_again_is_no_second_one(world: World) -> None:
    person, ana, ben = await held(world, "P3")
    first = await world.decisions.decide(person, ana, replace(DRAFT, tier="P3"), world.now)
    world.jump(minutes=5)
    assert await world.decisions.decide(person, ana, replace(DRAFT, facts=" He has a knife. "), world.now) == first
    assert stands(await world.decisions.of(person, ana, world.now)) == ["stands"]
    assert await world.decisions.to_sign(ben, world.now) == []
    world.jump(minutes=6)
    assert await world.decisions.decide(person, ana, DRAFT, world.now, "") == first + 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"options": " "}, "what could be done"),
        ({"why": ""}, "without her consent"),
        ({"shared_with": ""}, "with whom"),
        ({"basis": "none"}, "nothing is"),
        ({"basis": "hearsay"}, "on what basis"),
        ({"facts": "x" * (LONGEST["facts"] + 1)}, "too long"),
        ({"instead": 7}, "no such decision"),
    ],
)
async def test_what_is_not_whole_is_not_kept(world: World, wrong: dict[str, object], why: str) -> None:
    person, ana, _ = await held(world)
    with pytest.raises(Refused, match=why):
        await world.decisions.decide(person, ana, replace(DRAFT, **wrong), world.now)  # type: ignore[arg-type]
    assert await world.decisions.of(person, ana, world.now) == []


async def test_who_is_kept_apart_reads_signs_and_is_shown_nothing_of_it(world: World) -> None:
    person, ana, ben = await held(world)
    number = await world.decisions.decide(person, ana, DRAFT, world.now)
    await world.claims.keep_apart(person, ben, ben, "A cousin", world.now)
    assert await world.decisions.to_sign(ben, world.now) == []
    for act in (
        world.decisions.of(person, ben, world.now, "why"),
        world.decisions.decide(person, ben, DRAFT, world.now, "why"),
        world.decisions.sign(person, ben, number, True, "", world.now, "why"),
    ):
        with pytest.raises(Refused, match="kept apart"):
            await act


# the chain


@pytest.fixture
def chained(store: Store) -> Store:
    """Three decisions about one person, and one about another."""
    store.here("ana")
    mine, other = store.ref(store.recipient()), store.ref(store.recipient(OTHER))
    for ref, n in ((mine, 1), (mine, 2), (other, 3), (mine, 4)):
        store.write(decisions.decide, store.vault, ref, "ana", replace(DRAFT, facts=f"{n}"), store.now, "why")
    return store


def faults(store: Store) -> list[str]:
    return list(store.read(lambda conn: list(decisions.faults(conn, store.vault))))


def test_untouched_it_holds_and_erasing_leaves_the_audit_log_whole(chained: Store) -> None:
    assert faults(chained) == []
    assert chained.read(lambda conn: list(verify(conn, chained.vault))) == []
    whose = sa.select(persons.c.ref).join(rows, rows.c.person_id == persons.c.id).where(rows.c.seq == 3)
    ((ref,),) = chained.rows(whose)
    chained.write(erasing.erase, chained.vault, ref, "ana", "in_person", "She asked.", chained.now)
    assert chained.counted(rows) == 1
    assert faults(chained) == []
    assert chained.read(verify_audit, chained.vault) is None


@pytest.mark.parametrize(
    "values", [{"tier": "P3"}, {"staff_id": "ben"}, {"at": 5}, {"kind": "signed"}, {"of_seq": 1}, {"sealed": b"x"}]
)
def test_an_edited_one_is_found(chained: Store, values: dict[str, object]) -> None:
    chained.run(sa.update(rows).where(rows.c.staff_id == "ana", rows.c.seq == 2).values(**values))
    assert [fault.partition(" are ")[2] for fault in faults(chained)] == [
        "broken at number 2: one was changed, moved or taken out."
    ]


def test_one_taken_from_the_middle_or_off_the_end_is_found(chained: Store) -> None:
    chained.run(sa.delete(rows).where(rows.c.seq == 3))
    (found,) = faults(chained)
    assert "Number 3" in found
    assert "audit log" in found
    chained.run(sa.delete(rows).where(rows.c.seq == 1))
    assert any("broken at number 1" in fault for fault in faults(chained))


def test_swapped_ones_are_found(chained: Store) -> None:
    for old, new in ((1, 99), (2, 1), (99, 2)):
        chained.run(sa.update(rows).where(rows.c.seq == old).values(seq=new))
    assert any("broken at number 1" in fault for fault in faults(chained))


# what is given to others

PACK = Pack("marac", "Desk B", "consent", ("safe.hours", "goal.one"), {"ask": "Hear it on Thursday"}, "", "post")


async def test_what_is_given_is_kept_by_field_and_its_receipt_once(world: World) -> None:
    person, ana, ben = await held(world)
    pack = replace(PACK, receipt=world.now.date() + timedelta(days=3))
    number = await world.decisions.share(person, ana, pack, world.now)
    assert await world.decisions.share(person, ana, pack, world.now) == number, "a page that is loaded again"
    with pytest.raises(Refused, match="Say why"):
        await world.decisions.received(person, ana, number, " ", world.now)
    with pytest.raises(Refused, match="no such entry"):
        await world.decisions.received(person, ana, number + 7, "By phone", world.now)
    await world.decisions.received(person, ben, number, "Their desk, by phone", world.now, "Her worker is off")
    with pytest.raises(Refused, match="here already"):
        await world.decisions.received(person, ana, number, "Again", world.now)
    shared, receipt = await world.decisions.of(person, ana, world.now)
    assert isinstance(shared, Shared)
    assert (shared.pack, shared.staff) == (pack, ana)
    assert isinstance(receipt, Received)
    assert (receipt.of, receipt.word, receipt.staff) == (number, "Their desk, by phone", ben)
    assert {(ana, "decision.shared"), (ben, "decision.received")} <= set(world.audited())


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"receiver": "nobody"}, "no such receiver"),
        ({"to": " "}, "with whom"),
        ({"basis": "none"}, "on what basis"),
        ({"basis": "life"}, "without her consent"),
        ({"fields": (), "words": {}}, "Choose or write"),
        ({"words": {"ask": "Call 07700 900123"}}, "none of it is hers"),
        ({"words": {"ask": "x" * 601}}, "Too much"),
        ({"handed": ""}, "how it gets there"),
        ({"receipt": date(2020, 1, 1)}, "two months"),
    ],
)
async def test_nothing_is_recorded_as_given_without_a_basis_a_receiver_and_something_to_give(
    world: World, wrong: dict[str, object], why: str
) -> None:
    person, ana, _ = await held(world)
    with pytest.raises(Refused, match=why):
        await world.decisions.share(person, ana, replace(PACK, **wrong), world.now)  # type: ignore[arg-type]
    assert await world.decisions.of(person, ana, world.now) == []
