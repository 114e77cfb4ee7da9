"""How a page reaches a worker: the telephone, the mail, and what is tried when one of them does not answer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bot import health
from bot.channels.email import EmailChannel, Mailbox
from escalation.ports import Staff
from storage import accounts, methods
from storage.schema import outbox
from storage.telling import tell
from tests.fakes.server import Fault
from tests.fakes.smtp import FakeMail
from tests.fakes.twilio_calls import Rung
from tests.journeys.house import ANA_PHONE, BEN_PHONE, House, until, until_async

BEN_CHAT = 900202
OTHER_PHONE = "+447700900177"


async def has(house: House, staff: Staff, method: str, address: str) -> None:
    """One more way, proven."""
    now = house.clock.now()
    await house.service.database.write(accounts.add_phone, house.service.vault, staff.id, method, address, now)


async def called(tmp_path: Path) -> House:
    return House(tmp_path, twilio_voice=True)


async def rung(house: House, phone: str = ANA_PHONE, nth: int = 1) -> Rung:
    await until(lambda: len(house.twilio.rings(phone)) >= nth, "the telephone rings")
    return house.twilio.rings(phone)[nth - 1]


async def alone_with_a_telephone(house: House) -> Staff:
    """Ana, whom only a call reaches; a recipient says that she is not safe."""
    ana = await house.worker("Ana")
    await has(house, ana, "voice", ANA_PHONE)
    await house.recipient()
    await house.she_texts("sunflower", "3")
    return ana


async def test_one_on_the_telephone_takes_the_alert(tmp_path: Path) -> None:
    async with await called(tmp_path) as house:
        ana = await alone_with_a_telephone(house)
        call, alert = await rung(house), await house.only_alert()
        assert (call.form["MachineDetection"], call.form["Timeout"]) == ("Enable", "25")
        said = await house.twilio.picks_up(call)
        assert len(call.heard) == 3, "three times"
        assert " ".join(alert.ref) in said
        assert "press 1" in said
        assert "yours" in await house.twilio.presses(call, "1")
        held = await house.only_alert()
        assert (held.state, held.holder) == ("claimed", ana.id)


async def test_two_passes_it_on_and_a_key_counts_once(tmp_path: Path) -> None:
    async with await called(tmp_path) as house:
        await house.worker("Ben", "backup", phone=BEN_PHONE)
        await alone_with_a_telephone(house)
        call = await rung(house)
        await house.twilio.picks_up(call)
        action = call.action
        assert "passed on" in await house.twilio.presses(call, "2")
        await until(lambda: bool(house.twilio.texts_to(BEN_PHONE)), "a page to Ben")
        call.action = action
        assert "not open" in await house.twilio.presses(call, "1"), "its one answer was given"
        assert (await house.only_alert()).state == "open"


@pytest.mark.parametrize("then", ["presses 1 again", "passes on", "rings off"])
async def test_a_third_urgent_one_on_the_telephone_says_who_is_free_and_what_to_press(
    tmp_path: Path, then: str
) -> None:
    async with await called(tmp_path) as house:
        ana = await house.worker("Ana")
        await house.recipient(address=OTHER_PHONE)
        await house.she_texts("sunflower", "3", phone=OTHER_PHONE)
        await house.she_texts("x", "marigold", phone=OTHER_PHONE)
        for alert in await house.queue():
            await house.service.desk.claim(alert.ref, ana.id, house.clock.now())
        urgent = await house.queue()
        assert [one.tier in ("P0", "P1") for one in urgent] == [True, True]
        await has(house, ana, "voice", ANA_PHONE)
        await house.worker("Ben", "backup", phone=BEN_PHONE)
        await house.recipient()
        await house.she_texts("sunflower", "3")
        call = await rung(house)
        await house.twilio.picks_up(call)
        said = await house.twilio.presses(call, "1")
        assert "Ben can take it" in said
        assert "press 1 again" in said
        third = next(one for one in await house.queue() if one.ref not in {each.ref for each in urgent})
        assert third.state == "open"
        if then == "presses 1 again":
            assert "yours" in await house.twilio.presses(call, "1")
            notes = (await house.service.desk.case(third.person, ana.id, "", house.clock.now())).notes
            assert [line.message for line in notes] == ["third"]
            return
        if then == "passes on":
            assert "passed on" in await house.twilio.presses(call, "2")
        else:
            await house.twilio.hangs_up(call)
        await until(lambda: bool(house.twilio.texts_to(BEN_PHONE)), "a page to Ben")


async def test_another_key_is_asked_again(tmp_path: Path) -> None:
    async with await called(tmp_path) as house:
        await alone_with_a_telephone(house)
        call = await rung(house)
        await house.twilio.picks_up(call)
        assert "press 1" in await house.twilio.presses(call, "7")
        assert (await house.only_alert()).state == "open"


@pytest.mark.parametrize("end", ["machine", "busy", "no-answer", "failed", "rang off"])
async def test_a_machine_or_nobody_is_no_answer_and_the_next_person_is_paged_at_once(tmp_path: Path, end: str) -> None:
    async with await called(tmp_path) as house:
        await house.worker("Ben", "backup", phone=BEN_PHONE)
        await alone_with_a_telephone(house)
        call = await rung(house)
        if end == "machine":
            assert await house.twilio.picks_up(call, by="machine_start") == "", "it is told nothing"
        elif end == "rang off":
            await house.twilio.picks_up(call)
            await house.twilio.hangs_up(call)
        else:
            await house.twilio.hangs_up(call, end)
        await until(lambda: bool(house.twilio.texts_to(BEN_PHONE)), "a page to Ben")


async def test_a_door_of_a_call_opens_to_twilio_alone(tmp_path: Path) -> None:
    """SECURITY 3.1: a wrong signature, another account, an odd shape, a token that nobody was given."""
    async with await called(tmp_path) as house:
        await alone_with_a_telephone(house)
        call = await rung(house)
        form = house.twilio.form_of(call) | {"CallStatus": "in-progress", "Digits": "1"}
        key = f"{call.url}/key"
        assert (await house.twilio.post(call, key, form, signature="no")).status_code == 403
        for change in (
            {"AccountSid": "AC" + "0" * 32},
            {"Direction": "inbound"},
            {"Digits": "11"},
            {"CallSid": "SM" + "0" * 32},
            {"CallStatus": "in progress"},
            {"AnsweredBy": "nobody at all!"},
        ):
            assert (await house.twilio.post(call, key, form | change)).status_code == 400, change
        unknown = await house.twilio.post(call, key.replace(call.url[-10:], "x" * 10), form)
        assert "<Gather" not in unknown.text
        assert (await house.only_alert()).state == "open"
        assert (await house.twilio.post(call, key, form)).status_code == 200
        assert (await house.only_alert()).state == "claimed"


async def test_the_address_of_a_call_tells_nothing(tmp_path: Path) -> None:
    async with await called(tmp_path) as house:
        ana = await alone_with_a_telephone(house)
        call, alert = await rung(house), await house.only_alert()
        for word in (ana.id, ana.username, alert.ref, ANA_PHONE[1:]):
            assert word not in call.url.replace(house.url, "")


async def test_a_code_is_read_out_and_nothing_can_be_pressed(tmp_path: Path) -> None:
    async with await called(tmp_path) as house:
        ana = await house.worker("Ana")
        now, vault = house.clock.now(), house.service.vault
        await house.service.database.write(methods.add, vault, ana.id, "voice", ANA_PHONE, "GB", ana.id, now)
        call = await rung(house)
        said = await house.twilio.picks_up(call)
        code = "".join(sign for sign in call.heard[0] if sign.isdigit())
        assert (len(code), call.action) == (6, ""), said
        (way,) = await house.service.methods.of(ana.id)
        await house.service.methods.prove(ana.id, way.id, code, now)
        (way,) = await house.service.methods.of(ana.id)
        assert way.state == "open"


async def test_a_page_in_a_mail_leads_to_the_console_and_says_no_more(tmp_path: Path) -> None:
    with FakeMail(tmp_path) as mail:
        house = House(tmp_path)
        link = f"{house.url}/console/queue"
        house.more_channels["email"] = EmailChannel(
            Mailbox("127.0.0.1", mail.port, "desk@example.org"), link, mail.trust
        )
        async with house:
            ana = await house.worker("Ana")
            await has(house, ana, "email", "ana@example.org")
            await house.recipient()
            await house.she_texts("sunflower", "3")
            await until(lambda: bool(mail.mails), "a mail")
            alert = await house.only_alert()
            said = str(mail.mails[0].get_payload())
            assert said.split() == [alert.tier, alert.ref, "waits.", "Open", "the", "console:", link]


# a provider is down


async def test_while_texts_are_refused_the_telephone_rings_and_the_next_person_hears_of_it(tmp_path: Path) -> None:
    async with await called(tmp_path) as house:
        ana = await house.worker("Ana", phone=ANA_PHONE)
        await has(house, ana, "voice", ANA_PHONE)
        await house.worker("Ben", "backup", chat=BEN_CHAT)
        await house.she_writes("hello", chat=BEN_CHAT)  # a bot may not write first
        await house.recipient("telegram", "900123")
        house.twilio.fail(*[Fault.status(503)] * 50)
        await house.she_writes("sunflower", "3")
        await rung(house)
        await house.twilio.hangs_up(house.twilio.rings(ANA_PHONE)[0], "busy")
        await until(lambda: len(house.telegram.texts_to(BEN_CHAT)) == 2, "a page to Ben, by another provider")
        assert house.twilio.texts_to(ANA_PHONE) == []


async def test_when_nothing_reaches_anybody_health_and_the_console_say_so_loudly(house: House) -> None:
    await house.worker("Ana", phone=ANA_PHONE)
    ben = await house.worker("Ben", "backup", phone=BEN_PHONE)
    await house.recipient("telegram", "900123")
    house.twilio.fail(*[Fault.status(503)] * 100)
    await house.she_writes("sunflower", "3")

    async def silent() -> bool:
        return await house.service.methods.silent(house.clock.now())

    await until_async(silent, "nobody is reached")
    report = await health.escalation(house.service)
    assert not report.well
    assert report.shown["nobody_reached"] is True
    assert report.shown["providers_down"] == ["sms"]
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as probe:
        assert (await probe.get("/health/escalation")).status_code == 503
    query = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.owner_id == ben.id)

    async def asked() -> bool:
        return bool(await house.service.database.read(lambda conn: conn.execute(query).scalar_one()))

    await until_async(asked, "Ben is tried though the texts are down")


async def test_pages_do_not_storm_while_a_provider_is_down(house: House) -> None:
    """Each step is hurried once, and behind the last one the ladder keeps its pace."""
    await house.worker("Ana", phone=ANA_PHONE)
    await house.recipient("telegram", "900123")
    house.twilio.fail(*[Fault.status(503)] * 1000)
    await house.she_writes("sunflower", "3")
    await house.only_alert()
    await house.pass_time(timedelta(minutes=10))
    query = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.kind == "page")
    written = await house.service.database.read(lambda conn: conn.execute(query).scalar_one())
    assert written <= 7, written


async def test_a_page_is_said_in_the_language_that_the_worker_reads(house: House) -> None:
    ana = await house.worker("Ana", phone=ANA_PHONE)
    await house.service.accounts.reads(ana.id, "es")
    await house.service.database.write(
        tell, house.service.vault, ana.id, "page/opened", {"ref": "K2A"}, house.clock.now()
    )
    await until(lambda: bool(house.twilio.texts_to(ANA_PHONE)), "a page")
    assert "K2A" in house.twilio.texts_to(ANA_PHONE)[0]
    assert "opened" not in house.twilio.texts_to(ANA_PHONE)[0]


async def test_whose_case_it_is_hears_that_there_is_news_and_finds_it_in_the_console(house: House) -> None:
    """Pia of partner support, off duty, in Spanish; Ana is paged for the same and has no second message."""
    ana = await house.worker("Ana", phone=ANA_PHONE)
    ruth = await house.worker("Ruth", "off", role="supervisor")
    pia = await house.worker("Pia", "off", phone=BEN_PHONE, role="partner_support")
    await house.service.accounts.reads(pia.id, "es")
    her, now = await house.recipient(), house.clock.now()
    for worker, as_ in ((pia, "partner_support"), (ana, "key_worker")):
        await house.service.access.assign(her, worker.id, as_, ruth.id, now, "Referred on Monday")  # type: ignore[arg-type]
    await house.she_texts("sunflower", "3")
    alert = await house.only_alert()
    await until(lambda: bool(house.twilio.texts_to(BEN_PHONE)), "a notice")
    await until(lambda: bool(house.twilio.texts_to(ANA_PHONE)), "a page")
    assert house.twilio.texts_to(BEN_PHONE) == [f"Hay novedades en uno de tus casos: {alert.ref}. Abre la consola."]
    (paged,) = house.twilio.texts_to(ANA_PHONE)
    assert paged.startswith(f"{alert.tier} {alert.ref}")
    (own,) = await house.service.access.own(pia.id, now)
    assert [one.ref for one in own.alerts] == [alert.ref]
    await house.twilio.deliver(f"A {alert.ref}", BEN_PHONE)
    await until(lambda: len(house.twilio.texts_to(BEN_PHONE)) == 2, "an answer")
    assert (await house.only_alert()).state == "open"
