"""A call that nobody takes: the signal of who agreed to it, and nothing for anybody else (SAFETY 16)."""

from __future__ import annotations

import httpx
import pytest
import sqlalchemy as sa

from storage.schema import inbox, outbox
from tests.journeys.house import ANA_PHONE, HER_PHONE, House, until

OTHER = "+447700900456"


async def rows(house: House, table: sa.Table) -> int:
    count = sa.select(sa.func.count()).select_from(table)
    return int(await house.service.database.read(lambda conn: conn.execute(count).scalar_one()))


async def test_where_it_was_agreed_a_worker_is_paged_once_and_nothing_is_sent_to_her(house: House) -> None:
    await house.worker("Ana", phone=ANA_PHONE)
    await house.recipient(blank_signal=True)
    assert (await house.twilio.call(HER_PHONE)).ok
    alert = await house.only_alert()
    assert (alert.kind, alert.tier, alert.title) == ("risk", "P1", "Called and rang off, as agreed")
    await until(lambda: len(house.twilio.texts_to(ANA_PHONE)) == 1, "a page to Ana")
    sid = f"CA{1:032x}"
    assert (await house.twilio.call(HER_PHONE, sid=sid)).ok, "Twilio says it again"
    assert len(await house.queue()) == 1
    assert await rows(house, inbox) == 1
    assert house.twilio.texts_to(HER_PHONE) == []
    assert (await house.state()).mode == "closed"


async def test_it_counts_in_an_open_chat_too_and_leaves_it_as_it_was(house: House) -> None:
    await house.recipient(blank_signal=True)
    await house.she_texts("sunflower")
    before = (await house.state()).session
    assert (await house.twilio.call(HER_PHONE)).ok
    assert (await house.only_alert()).tier == "P1"
    after = (await house.state()).session
    assert before is not None
    assert after is not None
    assert (after.stack, after.heard_at) == (before.stack, before.heard_at)
    assert len(house.twilio.texts_to(HER_PHONE)) == 1


@pytest.mark.parametrize("fields", [{}, {"blank_signal": True, "opted_out": True}])
async def test_otherwise_it_is_a_line_for_a_worker_to_read(house: House, fields: dict[str, bool]) -> None:
    person = await house.recipient(**fields)
    ana = await house.worker("Ana")
    assert (await house.twilio.call(HER_PHONE)).ok
    assert len(await house.queue()) == bool(fields), "who cannot be written to is still heard"
    assert house.twilio.texts_to(HER_PHONE) == []
    assert (await house.state()).memory.tries == ()
    lines = await house.service.desk.transcript(person, ana.id, "a look", house.clock.now())
    assert [(line.by, line.text) for line in lines if line.by == "her"] == [("her", "(missed call)")]


async def test_a_stranger_a_hidden_number_and_a_worker_are_rejected_and_nothing_follows(house: House) -> None:
    await house.worker("Ana", phone=ANA_PHONE)
    for caller in (OTHER, "anonymous", "sip:a@example.org", "+1", ANA_PHONE):
        assert (await house.twilio.call(caller)).ok, caller
    assert (await house.twilio.call(HER_PHONE, extra={"Direction": "outbound-dial"})).ok
    assert await rows(house, outbox) == 0
    assert await house.queue() == []


async def test_the_answer_is_a_rejection_and_only_to_twilio(house: House) -> None:
    await house.recipient(blank_signal=True)
    url = f"{house.url}/channels/twilio/voice"
    form = {
        "AccountSid": house.twilio.account, "CallSid": f"CA{7:032x}", "Direction": "inbound", "From": HER_PHONE,
        "To": house.twilio.number,
    }  # fmt: skip
    async with httpx.AsyncClient(trust_env=False) as client:
        forged = await client.post(url, data=form)
        signed = {"X-Twilio-Signature": house.twilio.signature(url, form)}
        answer = await client.post(url, data=form, headers=signed)
    assert forged.status_code == 403
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response><Reject/></Response>'
    assert (await house.only_alert()).tier == "P1"
