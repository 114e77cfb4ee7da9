"""On record: what both agreed, an order, programme news. By whom and when; taken back; refused with a sentence."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from storage.memory import Audited
from tests.console.conftest import Visitor
from tests.console.examples import HER, NOW, House

REASON = "Weekly meeting"
RECORDS = "/cases/P-K2A/records"


def card(page: str) -> str:
    """The page's card, as one reads it."""
    found = re.search(r'<section class="card" id="records".*?</section>', page, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", re.sub(r"<(?!button|/button)[^>]*>", " ", found[0]))


async def opened(visitor: Visitor) -> str:
    answer = await visitor.post("/cases/P-K2A", reason=REASON)
    assert answer.status_code == 200
    return card(answer.text)


async def test_a_worker_records_that_both_agreed_and_the_page_says_who_and_when(sam: Visitor, house: House) -> None:
    assert "Nothing is recorded." in await opened(sam)
    answer = await sam.post(RECORDS, fact="negotiated_exit", value="agreed", reason=REASON)
    assert "That is on record. Nothing was sent." in answer.text
    shown = card(answer.text)
    assert re.search(r"Negotiated exit\s+Both agreed it in sessions\s+20:40 ·\s+Sam Okafor", shown)
    assert Audited("s1", "case.record.negotiated_exit", HER, NOW) in house.memory.audit
    assert house.her.lines[-1].by != "worker", "nothing goes to her phone"


async def test_another_worker_takes_it_back_and_both_acts_stay_to_be_read(
    sam: Visitor, ines: Visitor, house: House
) -> None:
    await sam.post(RECORDS, fact="negotiated_exit", value="agreed", reason=REASON)
    shown = await opened(ines)
    assert 'id="record-negotiated_exit-none"' in shown
    assert 'id="record-negotiated_exit-agreed"' not in shown
    answer = await ines.post(RECORDS, fact="negotiated_exit", value="", reason=REASON)
    history = card(answer.text).partition("What was recorded when")[2]
    assert re.search(r"Negotiated exit: taken back .*Inés Duarte.*Negotiated exit: Both agreed .*Sam Okafor", history)
    assert house.her.recorded == {}
    assert Audited("s2", "case.withdraw.negotiated_exit", HER, NOW) in house.memory.audit


async def test_an_order_takes_the_agreement_away_and_stands_against_a_new_one(sam: Visitor, house: House) -> None:
    await sam.post(RECORDS, fact="negotiated_exit", value="agreed", reason=REASON)
    answer = await sam.post(RECORDS, fact="no_contact_order", value="stands", reason=REASON)
    assert set(house.her.recorded) == {"no_contact_order"}
    assert 'id="record-negotiated_exit-agreed"' not in card(answer.text)
    refused = await sam.post(RECORDS, fact="negotiated_exit", value="agreed", reason=REASON)
    assert refused.status_code == 409
    assert "A no-contact order stands" in refused.text
    await sam.post(RECORDS, fact="no_contact_order", value="", reason=REASON)
    assert house.her.recorded == {}, "it must be agreed anew"


@pytest.mark.parametrize(("asked", "says"), [("", "was not asked yet"), ("no", "does not want to hear it")])
async def test_news_without_her_consent_is_refused_with_a_sentence(
    asked: str, says: str, sam: Visitor, house: House
) -> None:
    house.her.contact = replace(house.her.contact, programme_news=asked)
    shown = await opened(sam)
    assert says in shown
    assert 'id="record-programme_news' not in shown
    refused = await sam.post(RECORDS, fact="programme_news", value="left", reason=REASON)
    assert refused.status_code == 409
    assert "She has not agreed to hear news of the programme." in refused.text
    assert house.her.recorded == {}


async def test_news_is_recorded_replaced_and_taken_back_while_it_is_unread(sam: Visitor, house: House) -> None:
    house.her.contact = replace(house.her.contact, programme_news="yes")
    shown = await opened(sam)
    for value in ("started", "missed", "left", "finished"):
        assert f'id="record-programme_news-{value}"' in shown
    await sam.post(RECORDS, fact="programme_news", value="missed", reason=REASON)
    await sam.post(RECORDS, fact="programme_news", value="left", reason=REASON)
    assert house.her.recorded["programme_news"].value == "left"
    again = await sam.post(RECORDS, fact="programme_news", value="left", reason=REASON)
    assert again.status_code == 409
    assert "That is recorded already." in again.text
    await sam.post(RECORDS, fact="programme_news", value="", reason=REASON)
    empty = await sam.post(RECORDS, fact="programme_news", value="", reason=REASON)
    assert empty.status_code == 409
    assert "there is nothing to take back" in empty.text
    assert not any("left" in str(row) for row in house.memory.audit), "the audit names the fact, not its value"


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"fact": "mood", "value": "low"}, 422), ({}, 422), ({"fact": "negotiated_exit", "value": "left"}, 409)],
)
async def test_nothing_else_can_be_recorded(fields: dict[str, str], status: int, sam: Visitor, house: House) -> None:
    assert (await sam.post(RECORDS, reason=REASON, **fields)).status_code == status
    assert house.her.recorded == {}


async def test_nobody_of_that_reference(sam: Visitor) -> None:
    answer = await sam.post("/cases/P-NONE/records", fact="negotiated_exit", value="agreed", reason=REASON)
    assert answer.status_code == 404
