"""Who referred her hears that there is news only when a worker presses: by mail or text, and not one word of hers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.email import EmailChannel, Mailbox
from escalation.casefile import Agency
from escalation.news import Sent
from escalation.ports import Alert, Staff
from tests.fakes.server import Fault
from tests.fakes.smtp import FakeMail
from tests.journeys.house import ANA_PHONE, House, until, until_async

DESK_PHONE = "+447700900177"
BY_MAIL = Agency("Housing", "yes", reference="H-12", news_to="duty@housing.example")
BY_TEXT = Agency("Housing", "yes", news_to=DESK_PHONE)


@pytest.fixture
async def mailed(tmp_path: Path) -> AsyncIterator[tuple[House, FakeMail]]:
    with FakeMail(tmp_path) as mail:
        house = House(tmp_path)
        mailbox = Mailbox("127.0.0.1", mail.port, "desk@example.org")
        house.more_channels["email"] = EmailChannel(mailbox, f"{house.url}/console/queue", mail.trust)
        async with house:
            yield house, mail


async def held(house: House, agency: Agency) -> tuple[Alert, Staff, str]:
    """She says that she is not safe, and Ana, who has her case with this agency on it, takes it."""
    ana, now = await house.worker("Ana", phone=ANA_PHONE), house.clock.now()
    person = await house.recipient()
    await house.service.casefile.keep(person, agency, ana.id, now, "Referred to us")
    await house.she_texts("sunflower", "3")
    alert = await house.service.desk.claim((await house.only_alert()).ref, ana.id, now)
    (entry,) = await house.service.casefile.of_person(person)
    return alert, ana, entry.id


async def press(house: House, alert: Alert, ana: Staff, entry: str) -> None:
    await house.service.casefile.tell(alert.person, entry, alert.ref, ana.id, "en", house.clock.now())


async def fate(house: House, alert: Alert, went: str) -> Sent:
    async def so() -> list[Sent]:
        return [one for one in await house.service.casefile.told(alert.person) if one.went == went]

    await until_async(so, f"it is {went}")
    return (await so())[0]


async def test_a_mail_says_their_reference_and_leads_nowhere(mailed: tuple[House, FakeMail]) -> None:
    house, mail = mailed
    alert, ana, entry = await held(house, BY_MAIL)
    await until(lambda: bool(house.twilio.texts_to(ANA_PHONE)), "a page to Ana")
    assert mail.mails == [], "an alert alone tells nobody outside"
    await press(house, alert, ana, entry)
    await until(lambda: bool(mail.mails), "a mail")
    (sent,) = mail.mails
    assert (sent["To"], sent["Subject"]) == ("duty@housing.example", "Your referral")
    said = "There is news about your referral H-12. Please ring the team that has it."
    assert str(sent.get_payload()).strip() == said
    assert (await fate(house, alert, "sent")).told.staff == ana.id


async def test_a_text_goes_to_who_has_no_mail_and_is_reported_on(house: House) -> None:
    house.twilio.arrives.add(DESK_PHONE)
    alert, ana, entry = await held(house, BY_TEXT)
    await until(lambda: bool(house.twilio.texts_to(ANA_PHONE)), "a page to Ana")
    assert house.twilio.texts_to(DESK_PHONE) == []
    await press(house, alert, ana, entry)
    await until(lambda: bool(house.twilio.texts_to(DESK_PHONE)), "a text")
    said = "There is news about a referral of yours. Please ring the team that has it."
    assert house.twilio.texts_to(DESK_PHONE) == [said]
    await fate(house, alert, "sent")


async def test_a_mailbox_that_is_not_there_is_told_on_the_page_and_raises_nothing(
    mailed: tuple[House, FakeMail],
) -> None:
    house, mail = mailed
    alert, ana, entry = await held(house, BY_MAIL)
    mail.refuse = "550 no such user"
    await press(house, alert, ana, entry)
    assert (await fate(house, alert, "lost")).code == "550"
    assert [one.ref for one in await house.queue()] == [alert.ref]
    assert mail.mails == []


async def test_a_number_that_takes_no_texts_is_told_on_the_page_and_closes_no_phone(house: House) -> None:
    alert, ana, entry = await held(house, BY_TEXT)
    await until(lambda: bool(house.twilio.texts_to(ANA_PHONE)), "a page to Ana")
    house.twilio.fail(Fault.status(400, 21610))
    await press(house, alert, ana, entry)
    assert (await fate(house, alert, "lost")).code == "21610"
    assert [one.ref for one in await house.queue()] == [alert.ref], "her own carrier's stop is another"
    assert await house.she_texts("hello")
