"""Who may open a case, with what reason, and that each reading is recorded: the same on all three."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from escalation.ports import Refused, StageSeen, Unknown
from storage import accounts, cases
from storage.schema import outbox
from storage.timeline import timeline
from tests.storage.store import ANA_PHONE, BEN_PHONE, Store, World


async def test_reading_a_case_one_holds_is_audited_and_renews_the_claim(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    ref = await world.alert(person)
    await world.desk.claim(ref, ana, world.now)
    world.pass_time(minutes=10)
    case = await world.desk.case(person, ana, "", world.now)
    assert (case.ref, case.mode, [a.ref for a in case.alerts]) == (person, "closed", [ref])
    assert case.alerts[0].claim_until is not None
    found = await world.desk.alert(ref, world.now)
    assert found is not None
    assert found.claim_until == world.now + timedelta(minutes=15)
    assert world.audited()[-1] == (ana, "case.read")


async def test_another_workers_case_needs_a_reason_and_the_reason_is_kept(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    before = world.audited()
    for reading in (world.desk.case, world.desk.transcript):
        with pytest.raises(Refused, match="reason"):
            await reading(person, ben, "  ", world.now)
    assert world.audited() == before, "nothing was read, nothing is recorded"
    await world.desk.case(person, ben, "Ana fell ill", world.now)
    await world.desk.transcript(person, ben, "Ana fell ill", world.now)
    assert world.audited()[-2:] == [(ben, "case.read.break_glass"), (ben, "transcript.read.break_glass")]


async def test_a_case_that_is_read_over_time_is_audited_as_its_timeline(world: World) -> None:
    ana, ben = await world.worker("Ana"), await world.worker("Ben")
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    with pytest.raises(Refused, match="reason"):
        await world.desk.case(person, ben, "", world.now, over_time=True)
    for reading in range(2):
        await world.desk.case(person, ana, "", world.now, over_time=bool(reading))
        await world.desk.case(person, ben, "Ana fell ill", world.now, over_time=bool(reading))
    assert world.audited()[-4:] == [
        (ana, "case.read"),
        (ben, "case.read.break_glass"),
        (ana, "timeline.read"),
        (ben, "timeline.read.break_glass"),
    ]


async def test_a_page_that_refreshes_itself_is_one_reading(world: World) -> None:
    ben = await world.worker("Ben")
    person, before = world.recipient(), len(world.audited())
    for minutes in (0, 4, 9, 12):
        await world.desk.case(person, ben, "Ana fell ill", world.now + timedelta(minutes=minutes))
    assert world.audited()[before:] == [(ben, "case.read.break_glass")] * 2
    assert [(one.staff, one.person, one.reason) for one in await world.desk.opened_by_reason()] == [
        (ben, person, "Ana fell ill")
    ] * 2


async def test_another_reason_is_another_reading_and_the_same_one_is_not(world: World) -> None:
    ben = await world.worker("Ben")
    person, before = world.recipient(), len(world.audited())
    for reason in ("Ana fell ill", "Her sister called", " Ana fell ill "):
        await world.desk.case(person, ben, reason, world.now)
    assert world.audited()[before:] == [(ben, "case.read.break_glass")] * 2
    assert [one.reason for one in await world.desk.opened_by_reason()] == ["Her sister called", "Ana fell ill"]


async def test_having_once_resolved_an_alert_of_hers_is_no_leave_to_read_on(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    held = await world.desk.claim(await world.alert(person), ana, world.now)
    await world.desk.resolve(held.ref, ana, held.claim, "spoke_safe", "Done.", world.now)
    with pytest.raises(Refused, match="reason"):
        await world.desk.transcript(person, ana, "", world.now)


async def test_nobody_is_unknown(world: World) -> None:
    ana = await world.worker()
    for reading in (world.desk.case, world.desk.transcript):
        with pytest.raises(Unknown):
            await reading("ZZZZZZ", ana, "a reason", world.now)
    with pytest.raises(Unknown):
        await world.desk.timeline("ZZZZZZ", ana, world.now, "a reason")


async def test_an_open_case_page_hears_of_a_note(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)

    async def hear() -> None:
        async for word in world.desk.changes():
            if word == person:
                return

    hearing = asyncio.create_task(hear())
    await asyncio.sleep(0)
    await world.desk.note(person, ana, "Evenings only.", world.now)
    await asyncio.wait_for(hearing, 5)


async def test_a_note_stands_on_the_case_and_an_empty_one_is_refused(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    await world.desk.note(person, ana, " Evenings only. ", world.now)
    with pytest.raises(Refused):
        await world.desk.note(person, ana, " ", world.now)
    case = await world.desk.case(person, ana, "", world.now)
    assert [(n.text, n.staff, n.by) for n in case.notes] == [("Evenings only.", ana, "note")]


async def test_the_timeline_holds_no_text_and_is_audited(world: World) -> None:
    ana = await world.worker()
    person = world.recipient()
    ref = await world.alert(person)
    await world.desk.claim(ref, ana, world.now)
    line = await world.desk.timeline(person, ana, world.now)
    assert [(entry["what"], entry["ref"]) for entry in line] == [("alert", ref)]
    assert "words" not in repr(line)
    assert world.audited()[-1] == (ana, "timeline.read")


async def test_a_case_carries_when_she_was_in_contact_as_the_timeline_does(world: World) -> None:
    ana, person = await world.worker(), world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    assert (await world.desk.case(person, ana, "", world.now)).contacts == ()
    world.opens(person)
    world.pass_time(minutes=1)
    await world.chat.join(person, ana)
    world.pass_time(minutes=1)
    await world.chat.hand_back(person, ana)
    found = (await world.desk.case(person, ana, "", world.now)).contacts
    assert [(one.kind, one.staff) for one in found] == [("answered", ""), ("worker_joined", ana), ("worker_left", ana)]
    line = [entry for entry in await world.desk.timeline(person, ana, world.now) if entry["what"] == "contact"]
    said = [(one.at, one.kind, one.staff) for one in found]
    assert [(e["at"], e["kind"], e["staff"]) for e in line if e["kind"] != "sent"] == said
    assert "I am here" not in repr(found)


# What a worker writes into a case, and how the audit calls it.
WRITES = {
    "note": "note.write",
    "record": "case.record.negotiated_exit",
    "stage": "case.stage",
    "judge": "case.judge",
}


async def write(world: World, act: str, person: str, staff: str, reason: str) -> None:
    match act:
        case "note":
            await world.desk.note(person, staff, "Evenings only.", world.now, reason)
        case "record":
            await world.chat.record(person, staff, "negotiated_exit", "agreed", reason)
        case "stage":
            await world.chat.stage(person, staff, StageSeen("one", world.now, "action"), reason)
        case "judge":
            await world.chat.judge(person, staff, "t", "P1", "Her voice", reason)


@pytest.mark.parametrize("act", WRITES)
async def test_writing_into_a_case_needs_what_reading_it_needs(world: World, act: str) -> None:
    ana, ben, person = await world.worker("Ana"), await world.worker("Ben"), world.recipient()
    world.assessed(person, "P2")
    world.wants(person, "a job")
    ref = next((a.ref for a in await world.desk.queue(world.now) if a.person == person), "")
    await world.desk.claim(ref or await world.alert(person), ana, world.now)
    before = world.audited()
    with pytest.raises(Refused, match="Give a reason"):
        await write(world, act, person, ben, "  ")
    assert world.audited() == before, "nothing was written, nothing is recorded"
    await write(world, act, person, ben, "Ana fell ill")
    assert world.audited()[len(before) :] == [(ben, "case.read.break_glass"), (ben, WRITES[act])]
    (reading,) = await world.desk.opened_by_reason()
    assert (reading.staff, reading.person, reading.reason) == (ben, person, "Ana fell ill")


async def test_who_holds_the_case_writes_into_it_without_a_reason(world: World) -> None:
    ana, person = await world.worker(), world.recipient()
    world.assessed(person, "P2")
    world.wants(person, "a job")
    ref = next((a.ref for a in await world.desk.queue(world.now) if a.person == person), "")
    await world.desk.claim(ref or await world.alert(person), ana, world.now)
    before = len(world.audited())
    for act in WRITES:
        await write(world, act, person, ana, "")
    assert set(world.audited()[before:]) == {(ana, "case.read"), *((ana, what) for what in WRITES.values())}


async def test_a_timeline_is_of_no_other_worker_without_a_reason(world: World) -> None:
    ben, person = await world.worker("Ben"), world.recipient()
    before = world.audited()
    with pytest.raises(Refused, match="Give a reason"):
        await world.desk.timeline(person, ben, world.now)
    assert world.audited() == before
    await world.desk.timeline(person, ben, world.now, "A report is due")
    assert world.audited()[-1] == (ben, "timeline.read.break_glass")
    assert [one.reason for one in await world.desk.opened_by_reason()] == ["A report is due"]


async def test_the_timeline_shows_that_she_answered_and_that_a_worker_was_there(world: World) -> None:
    ana, person = await world.worker(), world.recipient()
    await world.desk.claim(await world.alert(person), ana, world.now)
    world.opens(person)
    world.pass_time(minutes=1)
    await world.chat.join(person, ana)
    world.pass_time(minutes=1)
    await world.chat.hand_back(person, ana)
    line = await world.desk.timeline(person, ana, world.now)
    contacts = [(entry["kind"], entry["staff"]) for entry in line if entry["what"] == "contact"]
    assert contacts == [("answered", ""), ("worker_joined", ana), ("worker_left", ana)]


def test_the_timeline_shows_what_went_out_by_itself_and_what_became_of_it(store: Store) -> None:
    person = store.recipient()
    store.hears("later 60")
    store.pass_time(minutes=61)
    store.fire()
    store.deliver()
    store.here("ana")
    line = store.write(timeline, store.vault, store.ref(person), "ana", store.now, "A report is due")
    (sent,) = [entry for entry in line if entry["what"] == "contact"]
    assert (sent["kind"], sent["state"], sent["at"]) == ("sent", "sent", store.now)


# who is told


def told(store: Store) -> list[str]:
    """Whose phones are told, each once."""
    query = sa.select(outbox.c.owner_id).where(outbox.c.kind == "page", outbox.c.owner_kind == "staff")
    return [row.owner_id for row in store.rows(query)]


def someone(store: Store, name: str, role: str, phone: str, duty: str = "off") -> str:
    made = store.write(accounts.add, store.vault, name, name, role, "x", None, store.now)
    if phone:
        store.write(accounts.add_phone, store.vault, made.id, "sms", phone, store.now)
    if duty != "off":
        store.write(accounts.duty, store.vault, made.id, duty, store.now)
    return str(made.id)


def opened(store: Store, reader: str) -> None:
    store.write(cases.open_case, store.vault, store.ref(store.recipient()), reader, "Ana fell ill", store.now)


def test_a_supervisor_who_is_off_duty_is_told_before_the_alarm_contact(store: Store) -> None:
    someone(store, "olga", "administrator", "+447700900203")
    store.write(accounts.keep_alarm_contact, store.vault, "hash", "sms", BEN_PHONE, store.now)
    ruth = someone(store, "ruth", "supervisor", ANA_PHONE)
    store.here("s9")
    opened(store, "s9")
    assert told(store) == [ruth]


def test_a_supervisor_who_reads_by_reason_is_told_on_to_the_alarm_contact(store: Store) -> None:
    someone(store, "olga", "administrator", "+447700900203")
    ruth = someone(store, "ruth", "supervisor", ANA_PHONE, duty="supervisor")
    store.write(accounts.keep_alarm_contact, store.vault, "hash", "sms", BEN_PHONE, store.now)
    opened(store, ruth)
    (reached,) = told(store)
    assert next(s.username for s in store.read(accounts.everybody) if s.id == reached) == "alarm-contact"


def test_where_no_supervisor_and_no_alarm_contact_has_a_phone_an_administrator_is_told(store: Store) -> None:
    olga = someone(store, "olga", "administrator", BEN_PHONE)
    someone(store, "una", "supervisor", "")
    ruth = someone(store, "ruth", "supervisor", ANA_PHONE, duty="supervisor")
    opened(store, ruth)
    assert told(store) == [olga]
