"""What a worker puts on record, and what comes of it on her phone: nothing unasked, all of it in a session."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.house import HER_PHONE, House, until

CALM = ("sunflower", "1", "0", "2", "1")  # a check-in up to its last answer


async def she_says_in_her_settings_that_she_wants_news(house: House) -> None:
    shown = await house.she_texts("sunflower", "menu", "7", "1", "1", "1", "1", "6", "1", "1")
    assert "we do not tell you" in shown[-1]
    await house.she_texts("2", "1")  # and who else looks at the phone stays as it is
    await until(lambda: "What shall we look at" in house.twilio.texts_to(HER_PHONE)[-1], "the settings again")
    await house.she_texts("x")


async def test_news_waits_until_she_opens_her_chat_and_survives_a_restart(house: House) -> None:
    ana = await house.worker("Ana")
    person = await house.recipient()
    path = f"/recipients/{person}/records"
    async with await house.caller(ana) as client:
        client.headers["Rowan-Reason"] = "Weekly meeting"
        refused = await client.post(path, json={"fact": "programme_news", "value": "left"})
        assert refused.status_code == 409
        assert "has not agreed" in refused.json()["detail"]
        await she_says_in_her_settings_that_she_wants_news(house)
        before = len(house.twilio.texts_to(HER_PHONE))
        assert (await client.post(path, json={"fact": "programme_news", "value": "left"})).status_code == 200
    await house.pass_time(timedelta(hours=5))
    assert len(house.twilio.texts_to(HER_PHONE)) == before, "nothing goes out for it"
    await house.stop()
    await house.start()

    await house.she_texts(*CALM)
    offer, told = await house.she_texts("1", "1")
    assert "left" not in offer
    assert "Your partner has left the course." in told
    await house.she_texts("1", "3")
    alert = await house.only_alert()
    assert (alert.tier, alert.kind) == ("P1", "risk")
    case = await house.service.desk.case(person, ana.id, "to look", house.clock.now())
    assert case.recorded == ()
    assert [(one.value, one.staff) for one in case.recordings] == [("left", ana.id), ("read", "")]


async def test_the_agreed_pause_is_there_while_the_record_stands(house: House) -> None:
    ana = await house.worker("Ana")
    person = await house.recipient(programme_news="no")
    path, listed = f"/recipients/{person}/records", "Our agreed pause"
    await house.she_texts(*CALM, "1")
    assert listed not in (await house.she_texts("menu", "5", "7"))[-1]
    async with await house.caller(ana) as client:
        client.headers["Rowan-Reason"] = "Weekly meeting"
        assert (await client.post(path, json={"fact": "negotiated_exit", "value": "agreed"})).status_code == 200
        assert listed in (await house.she_texts("menu", "5", "7"))[-1]
        assert "You both agreed a pause" in (await house.she_texts("8"))[-1]
        assert (await client.post(path, json={"fact": "negotiated_exit", "value": ""})).status_code == 200
    assert "not for now" in (await house.she_texts("1"))[-1]
    assert listed not in (await house.she_texts("menu", "5", "7"))[-1]
