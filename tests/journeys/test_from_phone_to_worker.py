"""The main job, as it happens: an answer on her phone, a page on a worker's, a person in the chat, an outcome."""

from __future__ import annotations

from datetime import timedelta

import pytest

from escalation.ports import Refused
from tests.fakes.server import Fault
from tests.journeys.house import ANA_CHAT, ANA_PHONE, BEN_PHONE, HER_CHAT, HER_PHONE, House, until, until_async


async def test_afraid_nine_pages_the_on_call_worker_who_claims_by_text(house: House) -> None:
    ana = await house.worker("Ana", phone=ANA_PHONE)
    await house.recipient()

    await house.she_texts("sunflower", "1", "afraid 9")

    alert = await house.only_alert()
    assert alert.tier == "P1"
    await until(lambda: bool(house.twilio.texts_to(ANA_PHONE)), "a page to Ana")
    (page,) = house.twilio.texts_to(ANA_PHONE)
    assert alert.ref in page
    assert "P1" in page
    assert not {"afraid", "fear", "9", HER_PHONE} & set(page.lower().split())

    assert (await house.twilio.deliver(f"a {alert.ref.lower()}", ANA_PHONE)).ok
    await until(lambda: len(house.twilio.texts_to(ANA_PHONE)) == 2, "an answer to Ana")
    alert = await house.only_alert()
    assert (alert.state, alert.holder) == ("claimed", ana.id)


async def test_a_worker_takes_over_in_the_same_chat_and_hands_back(house: House) -> None:
    ana = await house.worker("Ana", chat=ANA_CHAT)
    person = await house.recipient()
    await house.she_texts("sunflower", "3")
    alert = await house.only_alert()
    assert alert.tier == "P0"

    with pytest.raises(Refused, match="Claim"):
        await house.service.chat.join(person, ana.id)
    alert = await house.service.desk.claim(alert.ref, ana.id, house.clock.now())
    await house.service.chat.join(person, ana.id)
    await house.service.chat.say(person, ana.id, "I am Ana. Can you write now?", "form-1")
    await house.service.chat.say(person, ana.id, "I am Ana. Can you write now?", "form-1")  # a double click
    await until(lambda: "I am Ana. Can you write now?" in house.twilio.texts_to(HER_PHONE), "Ana's words on her phone")
    assert house.twilio.texts_to(HER_PHONE).count("I am Ana. Can you write now?") == 1

    before = len(house.twilio.texts_to(HER_PHONE))
    assert (await house.twilio.deliver("yes I can", HER_PHONE)).ok
    assert (await house.state()).mode == "worker"
    lines = await house.service.desk.transcript(person, ana.id, "", house.clock.now())
    assert any(line.by == "her" and line.text == "yes I can" for line in lines)
    assert len(house.twilio.texts_to(HER_PHONE)) == before, "the bot is quiet while a worker is there"

    await house.service.chat.hand_back(person, ana.id)
    await until(lambda: len(house.twilio.texts_to(HER_PHONE)) > before, "the bot is back")
    assert (await house.state()).mode == "open"

    with pytest.raises(Refused, match="outcome"):
        await house.service.desk.resolve(alert.ref, ana.id, alert.claim, "", "", house.clock.now())
    await house.service.desk.resolve(
        alert.ref, ana.id, alert.claim, "spoke_safe", "At her sister's.", house.clock.now()
    )
    ben = await house.worker("Ben")

    async def both_wait() -> bool:
        return len(await house.queue()) == 2

    await until_async(both_wait, "a task stands beside what is to be signed")
    waiting = {one.state: one for one in await house.queue()}
    assert set(waiting) == {"closing", "open"}, "a P0 wants a second person"
    task = waiting["open"]
    assert (task.tier, task.title[:18]) == ("P3", "After an incident,"), "her record is to be confirmed"
    await house.service.claims.sign(alert.ref, ben.id, house.clock.now())
    assert [one.ref for one in await house.queue()] == [task.ref]


async def test_exit_hides_the_chat_while_a_worker_is_in_it(house: House) -> None:
    ana = await house.worker("Ana")
    person = await house.recipient("telegram", str(HER_CHAT))
    await house.she_writes("sunflower", "3")
    alert = await house.only_alert()
    await house.service.desk.claim(alert.ref, ana.id, house.clock.now())
    await house.service.chat.join(person, ana.id)
    await house.service.chat.say(person, ana.id, "I am here.", "n1")
    await until(lambda: "I am here." in house.telegram.screen(HER_CHAT), "Ana's words")

    await house.she_writes("X")

    await until(lambda: len(house.telegram.screen(HER_CHAT)) <= 1, "everything of the session is gone on both sides")
    with pytest.raises(Refused, match="closed"):
        await house.service.chat.say(person, ana.id, "Still there?", "n2")


async def test_nobody_answers_and_the_ladder_climbs(house: House) -> None:
    await house.worker("Ana", "on_call", phone=ANA_PHONE)
    await house.worker("Ben", "backup", phone=BEN_PHONE)
    await house.recipient()
    await house.she_texts("sunflower", "1", "9")
    await until(lambda: len(house.twilio.texts_to(ANA_PHONE)) == 1, "a page to Ana")
    assert house.twilio.texts_to(BEN_PHONE) == []

    await house.pass_time(timedelta(minutes=5, seconds=1))
    await until(lambda: len(house.twilio.texts_to(BEN_PHONE)) == 1, "a page to Ben")

    for _ in range(6):
        await house.pass_time(timedelta(minutes=10, seconds=1))
    assert len(house.twilio.texts_to(ANA_PHONE)) >= 7, "the ladder never ends in silence"


async def test_two_claim_at_once_and_the_second_is_told_who_was_first(house: House) -> None:
    await house.worker("Ana", phone=ANA_PHONE)
    await house.worker("Ben", phone=BEN_PHONE)
    await house.recipient()
    await house.she_texts("sunflower", "3")
    alert = await house.only_alert()
    await until(lambda: bool(house.twilio.texts_to(BEN_PHONE)), "a page to Ben")
    await until(lambda: bool(house.twilio.texts_to(ANA_PHONE)), "a page to Ana")

    await house.twilio.deliver(f"A {alert.ref}", ANA_PHONE)
    await house.twilio.deliver(f"A {alert.ref}", BEN_PHONE)

    await until(lambda: len(house.twilio.texts_to(BEN_PHONE)) == 2, "an answer to Ben")
    assert "Ana" in house.twilio.texts_to(BEN_PHONE)[-1]


async def test_a_claim_that_runs_out_pages_again(house: House) -> None:
    ana = await house.worker("Ana", phone=ANA_PHONE)
    await house.recipient()
    await house.she_texts("sunflower", "3")
    alert = await house.only_alert()
    await until(lambda: len(house.twilio.texts_to(ANA_PHONE)) == 1, "a page to Ana")
    await house.service.desk.claim(alert.ref, ana.id, house.clock.now())

    await house.pass_time(timedelta(minutes=16))

    await until(lambda: len(house.twilio.texts_to(ANA_PHONE)) >= 2, "a second page to Ana")
    assert (await house.only_alert()).state == "open"


async def test_a_missed_check_in_becomes_a_workers_matter_by_her_rule(house: House) -> None:
    await house.worker("Ana", phone=ANA_PHONE)
    await house.recipient(rhythm_days=1, missed_after_hours=2)
    await house.she_texts("sunflower", "1", "2", "x")
    await house.service.database.write(_checkin_in, house, timedelta(hours=1))

    await house.pass_time(timedelta(hours=1, minutes=1))
    pings = house.twilio.texts_to(HER_PHONE)
    assert pings[-1].startswith("Home recipes")
    await house.pass_time(timedelta(hours=2, minutes=1))  # the quiet retry
    await house.pass_time(timedelta(hours=2, minutes=1))  # then a worker

    alert = await house.only_alert()
    assert alert.kind == "missed"
    assert all(text.startswith("Home recipes") for text in house.twilio.texts_to(HER_PHONE)[len(pings) - 1 :])


def _checkin_in(conn: object, house: House, span: timedelta) -> None:
    import sqlalchemy as sa

    from storage.ids import new_id
    from storage.schema import persons, stamp, timers

    person = conn.execute(sa.select(persons.c.id)).scalar_one()  # type: ignore[attr-defined]
    ms = stamp(house.clock.now() + span)
    row = {"id": new_id(ms), "due_at": ms, "kind": "checkin", "owner_id": person, "key": ""}
    conn.execute(sa.insert(timers), row)  # type: ignore[attr-defined]


async def test_provider_trouble_loses_nothing_and_doubles_nothing(house: House) -> None:
    await house.recipient()
    house.twilio.fail(Fault.status(503), Fault.status(429, 20429, retry_after=1), Fault.reset_before())
    (answer,) = await house.she_texts("sunflower")
    assert "safe" in answer
    house.twilio.fail(Fault.truncated())
    await house.she_texts("1")
    await house.pass_time(timedelta(seconds=5))
    fear = [text for text in house.twilio.texts_to(HER_PHONE) if "afraid" in text]
    assert len(fear) == 1, "an answer we could not read is reconciled, not sent twice"


async def test_a_blocked_phone_becomes_a_workers_task(house: House) -> None:
    await house.recipient()
    house.twilio.fail(Fault.status(400, 21610))
    assert (await house.twilio.deliver("sunflower", HER_PHONE)).ok
    alert = await house.only_alert()
    assert (alert.kind, alert.tier) == ("task", "P2")


async def test_a_case_opened_with_a_reason_is_told_to_the_supervisor_once(house: House) -> None:
    await house.worker("Ruth", phone=BEN_PHONE, duty="supervisor", role="supervisor")
    ben = await house.worker("Ben", duty="off")
    person, desk = await house.recipient(), house.service.desk
    for _ in range(3):  # the page refreshes itself
        await desk.case(person, ben.id, "Ana fell ill", house.clock.now())
        await desk.transcript(person, ben.id, "Ana fell ill", house.clock.now())
    await until(lambda: bool(house.twilio.texts_to(BEN_PHONE)), "the supervisor is told")
    (told,) = house.twilio.texts_to(BEN_PHONE)
    assert person in told
    assert "ill" not in told
    (reading,) = await desk.opened_by_reason()
    assert (reading.staff, reading.person, reading.reason) == (ben.id, person, "Ana fell ill")
