"""She is told the truth of who reads her chat, however a worker's claim ends: and the next one can begin."""

from __future__ import annotations

from datetime import timedelta

import pytest

from escalation.ports import Alert, Staff
from tests.journeys.house import ANA_PHONE, BEN_PHONE, HER_PHONE, House, until

HERE = "A worker is here now"
GONE = "The worker has gone. Nobody reads this now. The next one is being asked."
LEFT = "The worker has left the chat. From here on it answers by itself again."
UNREAD = "Nobody has read it yet."


async def talking(house: House) -> tuple[str, Staff, Alert]:
    """Ana was paged, has taken it and is in her chat. Returns the case, Ana and the alert."""
    ana = await house.worker("Ana", phone=ANA_PHONE)
    await house.worker("Ben", "backup", phone=BEN_PHONE)
    person = await house.recipient()
    await house.she_texts("sunflower", "1", "afraid 9")
    await until(lambda: len(house.twilio.texts_to(ANA_PHONE)) == 1, "a page to Ana")
    alert = await house.service.desk.claim((await house.only_alert()).ref, ana.id, house.clock.now())
    await house.service.chat.join(person, ana.id)
    await reads(house, HERE)
    return person, ana, alert


async def reads(house: House, words: str) -> None:
    await until(lambda: any(words in text for text in house.twilio.texts_to(HER_PHONE)[-2:]), f"{words!r} on her phone")


async def ends(house: House, how: str, ana: Staff, alert: Alert) -> None:
    desk, now = house.service.desk, house.clock.now()
    if how == "resolved":
        await desk.resolve(alert.ref, ana.id, alert.claim, "spoke_safe", "At her sister's.", now)
    elif how == "put off":
        until_ten = now + timedelta(hours=2)
        await house.service.claims.snooze(alert.ref, ana.id, alert.claim, until_ten, "She is at work", now)
    elif how == "kept apart":
        await house.service.claims.keep_apart(alert.person, ana.id, ana.id, "My neighbour", now)
    elif how == "taken off the team":
        await house.service.accounts.deactivate(ana.id, "", now)
    elif how == "released":
        await desk.release(alert.ref, ana.id, alert.claim, now)
    elif how == "passed on":
        await house.twilio.deliver(f"P {alert.ref}", ANA_PHONE)
    else:
        await house.pass_time(timedelta(minutes=10))
        assert (await house.twilio.deliver("are you still there", HER_PHONE)).ok
        await house.pass_time(timedelta(minutes=6))


@pytest.mark.parametrize("how", ["released", "passed on", "ran out", "kept apart", "taken off the team"])
async def test_a_worker_who_is_gone_is_told_and_the_next_one_is_paged_and_begins(house: House, how: str) -> None:
    person, ana, alert = await talking(house)
    paged = len(house.twilio.texts_to(BEN_PHONE))

    await ends(house, how, ana, alert)

    await reads(house, GONE)
    assert UNREAD in (await house.she_texts("hello?"))[0], "she is answered, and with the truth"
    if how != "released":  # what is given back goes to those on call first, which is Ana again
        await until(lambda: len(house.twilio.texts_to(BEN_PHONE)) > paged, "a page to Ben")
    ben = next(one for one in await house.service.accounts.staff() if one.name == "Ben")
    await house.service.desk.claim(alert.ref, ben.id, house.clock.now())
    case = await house.service.desk.case(person, ben.id, "", house.clock.now())
    assert (case.worker_in, case.mode) == ("", "worker"), "the page offers him to start the chat"
    await house.service.chat.join(person, ben.id)
    await reads(house, HERE)


@pytest.mark.parametrize("how", ["resolved", "put off"])
async def test_an_alert_that_nobody_is_asked_for_ends_the_talk_and_the_bot_answers_again(
    house: House, how: str
) -> None:
    _, ana, alert = await talking(house)
    await ends(house, how, ana, alert)
    await reads(house, LEFT)
    assert (await house.state()).mode == "open"
    (answer,) = await house.she_texts("are you still there")
    assert answer, "she is never left without an answer"


@pytest.mark.parametrize("how", ["resolved", "released", "ran out"])
async def test_of_a_worker_who_is_gone_nothing_is_left_for_when_she_opens_the_chat(house: House, how: str) -> None:
    person, ana, alert = await talking(house)
    await house.she_texts("x")
    case = await house.service.desk.case(person, ana.id, "", house.clock.now())
    assert (case.mode, case.worker_waits) == ("closed", ana.id)
    heard = len(house.twilio.texts_to(HER_PHONE))

    if how == "ran out":
        await house.pass_time(timedelta(minutes=16))
    else:
        await ends(house, how, ana, alert)
        await house.pass_time(timedelta(hours=2))

    assert len(house.twilio.texts_to(HER_PHONE)) == heard, "nothing goes to a closed chat"
    (answer,) = await house.she_texts("sunflower")
    assert HERE not in answer
    assert "safe" in answer, "the check-in, as always"


async def test_one_who_still_holds_her_alert_is_there_when_she_opens_the_chat_again(house: House) -> None:
    await talking(house)
    await house.she_texts("x")
    await house.pass_time(timedelta(minutes=3))
    assert HERE in (await house.she_texts("sunflower"))[0]


async def test_while_the_service_was_down_a_chat_that_hid_itself_is_told_nothing(house: House) -> None:
    """The worker's time and hers have both run out: what comes first must not write to a phone in other hands."""
    await talking(house)
    heard = len(house.twilio.texts_to(HER_PHONE))
    house.clock.move(timedelta(hours=2))
    house.service.bell.ring("timers")
    await until(lambda: len(house.twilio.texts_to(BEN_PHONE)) >= 1, "the next is paged")
    await house.pass_time(timedelta(seconds=5))
    assert len(house.twilio.texts_to(HER_PHONE)) == heard
    assert (await house.state()).mode == "closed"
