"""Her safe-contact record as workers keep it: on the fake and on both databases the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from escalation.ports import Refused, Unknown
from escalation.safe_contact import NEEDS_NOTE, ContactChange
from flows.engine.conversation import Contact, Memory
from flows.engine.safe_contact import MEANWHILE, mark
from flows.safety.hours import PRESETS, parsed
from storage.enrolment import enrol
from storage.schema import stamp, timers
from tests.storage.store import Store, World, stored_world


def sets(seen: str = "", confirmed: bool = False, **values: str) -> ContactChange:
    return ContactChange(values, seen, confirmed)


async def test_a_change_stands_with_who_made_it_and_when_the_next_one_too(world: World) -> None:
    ana, ben = await world.worker(), await world.worker("Ben")
    person, began = world.recipient(), world.now
    await world.contacts.set(person, ana, sets(hours="Mon Wed 09:00-12:00", may_read=" my brother "), "weekly look")
    world.pass_time(minutes=5)
    await world.contacts.set(person, ben, sets(zone="Europe/Warsaw"), "the same")
    case = await world.desk.case(person, ana, "to look", world.now)
    assert (case.contact.windows, case.contact.zone) == (parsed("Mon Wed 9-12"), "Europe/Warsaw")
    first, second = case.contact_versions
    assert (first.at, first.by, first.staff, first.contact.may_read) == (began, "worker", ana, "my brother")
    assert (second.at, second.staff, second.contact) == (world.now, ben, case.contact)
    assert [(who, what) for who, what in world.audited() if what.startswith("contact.")] == [
        (ana, "contact.set"),
        (ben, "contact.set"),
    ]


async def test_without_a_claim_or_a_reason_nothing_is_set_and_nothing_audited(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    with pytest.raises(Refused, match="Give a reason"):
        await world.contacts.set(person, ana, sets(may_read="him"), "")
    assert not [what for _, what in world.audited() if what.startswith("contact.")]
    alert = await world.alert(person)
    await world.desk.claim(alert, ana, world.now)
    await world.contacts.set(person, ana, sets(may_read="him"), "")
    assert (await world.desk.case(person, ana, "", world.now)).contact.may_read == "him"


async def test_what_does_not_fit_or_was_read_before_a_change_is_refused_and_leaves_nothing(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    before = (await world.desk.case(person, ana, "why", world.now)).contact
    for change in (
        sets(zone="Nowhere/Land"),
        sets(hours="soon"),
        sets(signal="x"),
        sets(),
        sets(shared_phone="unknown"),
    ):
        with pytest.raises(Refused):
            await world.contacts.set(person, ana, change, "why")
    seen = mark(before)
    await world.contacts.set(person, ana, sets(seen, to_try="Ring at work"), "why")
    with pytest.raises(Refused, match=MEANWHILE):
        await world.contacts.set(person, ana, sets(seen, to_try=""), "why")
    case = await world.desk.case(person, ana, "why", world.now)
    assert (case.contact.to_try, len(case.contact_versions)) == ("Ring at work", 1)
    with pytest.raises(Unknown):
        await world.contacts.set("NOBODY", ana, sets(may_read="him"), "why")


async def test_confirmed_today_stands_with_the_moment(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    await world.contacts.set(person, ana, sets(confirmed=True), "seen at the office")
    case = await world.desk.case(person, ana, "to look", world.now)
    assert case.contact.confirmed_at == world.now
    assert (ana, "contact.confirm") in world.audited()


async def test_the_agreed_question_right_wrong_or_not_asked(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    with pytest.raises(Refused, match="Claim one"):
        await world.contacts.asked(person, ana, "wrong", "She hung up")
    alert = await world.alert(person)
    await world.desk.claim(alert, ana, world.now)
    with pytest.raises(Refused, match=NEEDS_NOTE):
        await world.contacts.asked(person, ana, "wrong", "  ")
    await world.contacts.asked(person, ana, "wrong", "Did not know the bicycle")
    case = await world.desk.case(person, ana, "", world.now)
    assert case.suspect
    assert [note.text for note in case.notes] == ["Did not know the bicycle"]
    assert "task" in {each.kind for each in case.alerts}, "somebody reaches her another way"
    await world.contacts.asked(person, ana, "not_asked", "No answer")
    assert (await world.desk.case(person, ana, "", world.now)).suspect
    await world.contacts.asked(person, ana, "right", "")
    case = await world.desk.case(person, ana, "", world.now)
    assert (case.suspect, len(case.notes)) == (False, 2)
    assert [what for _, what in world.audited() if what.startswith("contact.")] == [
        "contact.asked.wrong",
        "contact.asked.not_asked",
        "contact.asked.right",
    ]


def enrolled(store: Store) -> str:
    """One who has been through joining. Her ref."""
    contact = Contact(windows=PRESETS["always"], consent="worker")
    told = (store.vault, "+447700900555", contact, "worker", store.now, None, Memory(joined_at=store.now))
    return store.ref(store.write(enrol, *told)[1].person)


async def test_her_timers_move_in_the_same_transaction(store: Store) -> None:
    world, person = stored_world(store), enrolled(store)
    ana = await world.worker()
    await world.contacts.set(person, ana, sets(rhythm_days="2"), "met her")
    due = sa.select(timers.c.due_at).where(timers.c.kind == "checkin")
    assert store.rows(due)[0].due_at == stamp(world.now + timedelta(days=2))
    await world.contacts.set(person, ana, sets(hours="Wed 10:00-11:00"), "met her")
    assert store.rows(due)[0].due_at == stamp(datetime(2026, 11, 25, 10, 0, tzinfo=UTC))
    await world.contacts.set(person, ana, sets(confirmed=True), "met her")
    (row,) = store.rows(sa.select(timers).where(timers.c.kind == "confirm"))
    world.pass_time(days=30)
    assert row.due_at == stamp(world.now)
    assert [a.kind for a in await world.desk.queue(world.now) if a.title.startswith("Her safe-contact record")] == [
        "task"
    ]
