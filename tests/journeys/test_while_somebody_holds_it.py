"""What happens to an alert that somebody took: it rises, she says more, it is passed on, it was closed too early."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from escalation.ports import Alert, Staff
from tests.journeys.house import ANA_PHONE, BEN_PHONE, HER_PHONE, House, until


async def team(house: House) -> tuple[Staff, Staff]:
    return await house.worker("Ana", phone=ANA_PHONE), await house.worker("Ben", "backup", phone=BEN_PHONE)


async def told(house: House, phone: str, count: int) -> str:
    """The last of so many texts to a worker's phone."""
    await until(lambda: len(house.twilio.texts_to(phone)) >= count, f"{count} texts to {phone}")
    texts = house.twilio.texts_to(phone)
    assert len(texts) == count, texts
    return texts[-1]


async def takes(house: House, alert: Alert, phone: str = ANA_PHONE) -> None:
    before = len(house.twilio.texts_to(phone))
    await house.twilio.deliver(f"A {alert.ref}", phone)
    assert "is yours" in await told(house, phone, before + 1)


async def held(house: House, *texts: str) -> Alert:
    """What a recipient says is an alert; Ana was paged and has taken it."""
    await house.recipient()
    await house.she_texts(*texts)
    alert = await house.only_alert()
    await told(house, ANA_PHONE, 1)
    await takes(house, alert)
    return alert


async def closes(house: House, alert: Alert, staff: Staff) -> None:
    now = house.clock.now()
    held = await house.service.desk.claim(alert.ref, staff.id, now)
    done = await house.service.desk.resolve(alert.ref, staff.id, held.claim, "false_alarm", "A slip, she says.", now)
    if done.state == "closing":
        other = next(one for one in await house.service.accounts.staff() if one.id != staff.id)
        await house.service.claims.sign(alert.ref, other.id, now)


@pytest.mark.parametrize("first", ["3", "he has a knife"])
@pytest.mark.parametrize("again", [("menu", "1", "3"), ("he has a knife",)])
async def test_what_she_says_again_after_an_alert_was_closed_is_a_new_one(
    house: House, first: str, again: tuple[str, ...]
) -> None:
    ana, _ = await team(house)
    await house.recipient()
    await house.she_texts("sunflower", first)
    old = await house.only_alert()
    await told(house, ANA_PHONE, 1)
    await closes(house, old, ana)
    house.clock.move(timedelta(minutes=3))

    await house.she_texts(*again)

    new = await house.only_alert()
    assert (new.tier, new.state) == ("P0", "open")
    assert new.ref != old.ref
    assert new.ref in await told(house, ANA_PHONE, 2)


async def test_the_end_of_a_check_in_raises_nothing_that_was_dealt_with_on_the_way(house: House) -> None:
    ana, _ = await team(house)
    await house.recipient()
    await house.she_texts("sunflower", "1", "9")
    await closes(house, await house.only_alert(), ana)

    session = (await house.state()).session
    while session is not None and session.stack and session.stack[-1].flow == "checkin":
        await house.she_texts("-")  # every further question is skipped
        session = (await house.state()).session

    assert (await house.state()).memory.tier == "P1", "the whole was weighed"
    assert await house.queue() == []


async def test_said_again_while_the_alert_stands_changes_nothing(house: House) -> None:
    ana, _ = await team(house)
    person = await house.recipient()
    await house.she_texts("sunflower", "he has a knife", "he has a knife", "menu", "1", "3", "menu", "1", "3")
    alert = await house.only_alert()
    await house.service.desk.claim(alert.ref, ana.id, house.clock.now())
    case = await house.service.desk.case(person, ana.id, "", house.clock.now())
    rules = [rule for why in case.why[alert.ref] for rule in why.rules]
    assert rules.count("unsafe_now") == 1
    assert len(rules) == len(set(rules))


async def test_a_rise_brings_the_next_person_when_its_holder_is_silent(house: House) -> None:
    _, ben = await team(house)
    alert = await held(house, "sunflower", "2")
    assert (alert.tier, alert.title) == ("P2", "Not sure whether they are safe right now")

    await house.she_texts("he has a knife")

    assert f"{alert.ref} is now P0" in await told(house, ANA_PHONE, 3)
    alert = await house.only_alert()
    assert alert.title != "Not sure whether they are safe right now"
    assert house.twilio.texts_to(BEN_PHONE) == []
    await house.pass_time(timedelta(minutes=2, seconds=1))
    assert alert.ref in await told(house, BEN_PHONE, 1)
    await takes(house, alert, BEN_PHONE)
    assert (await house.only_alert()).holder == ben.id


async def test_a_holder_who_answers_a_rise_is_left_to_it(house: House) -> None:
    ana, _ = await team(house)
    alert = await held(house, "sunflower", "2")
    await house.she_texts("he has a knife")
    await told(house, ANA_PHONE, 3)
    await takes(house, alert)

    await house.pass_time(timedelta(minutes=10))

    assert (await house.only_alert()).holder == ana.id
    assert house.twilio.texts_to(BEN_PHONE) == []


async def test_what_its_holder_passes_on_is_the_next_persons_at_once(house: House) -> None:
    _, ben = await team(house)
    alert = await held(house, "sunflower", "3")

    await house.twilio.deliver(f"P {alert.ref}", ANA_PHONE)

    assert "passed on" in await told(house, ANA_PHONE, 3)
    assert alert.ref in await told(house, BEN_PHONE, 1)
    await takes(house, alert, BEN_PHONE)
    assert (await house.only_alert()).holder == ben.id
    await house.twilio.deliver(f"P {alert.ref}", ANA_PHONE)
    assert "Ben has it" in await told(house, ANA_PHONE, 4), "nothing is promised about what another holds"
    assert (await house.only_alert()).holder == ben.id


async def test_who_passes_on_what_nobody_holds_is_not_paged_next(house: House) -> None:
    await team(house)
    await house.recipient()
    await house.she_texts("sunflower", "3")
    alert = await house.only_alert()
    await told(house, ANA_PHONE, 1)
    await house.twilio.deliver(f"P {alert.ref}", ANA_PHONE)
    assert "passed on" in await told(house, ANA_PHONE, 2)
    assert alert.ref in await told(house, BEN_PHONE, 1)


async def test_a_second_duress_word_reaches_the_phone_of_who_holds_the_first(house: House) -> None:
    await team(house)
    alert = await held(house, "marigold")
    await house.pass_time(timedelta(minutes=10))

    (cover,) = await house.she_texts("marigold")

    page = await told(house, ANA_PHONE, 3)
    assert page.startswith(f"{alert.ref} (P0)")
    assert not {"duress", "marigold", HER_PHONE} & set(page.lower().split())
    assert "safe" not in cover
    await house.she_texts("marigold")
    assert len(house.twilio.texts_to(ANA_PHONE)) == 3, "once a minute at most"


async def test_a_page_that_dies_does_not_wait_for_the_ladder_and_monitoring_sees_it(house: House) -> None:
    await team(house)
    await house.recipient()
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as operator:
        assert (await operator.get("/health/escalation")).json()["phones_shut"] == 0
        house.twilio.missed("STOP", ANA_PHONE)

        await house.she_texts("sunflower", "3")

        assert (await house.only_alert()).ref in await told(house, BEN_PHONE, 1)
        seen = await operator.get("/health/escalation")
        assert (seen.status_code, seen.json()["phones_shut"]) == (503, 1)
        assert ANA_PHONE not in seen.text
