"""Handed over, put off, signed by two, kept apart: by the forms of the pages."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from escalation.belongings import Phone
from escalation.console.handing import SPANS
from escalation.ports import Alert
from tests.console.conftest import Visitor
from tests.console.examples import NOW, House, an_alert

SECRET = "At her sister's in the mill"


@pytest.fixture
async def closed(sam: Visitor, house: House) -> Alert:
    """Sam has closed Her P1."""
    await sam.post("/alerts/K2A/claim")
    await sam.post("/alerts/K2A/resolve", claim="1", outcome="spoke_safe", closing=SECRET)
    return house.memory.alerts["K2A"]


def alert(house: House) -> Alert:
    return house.memory.alerts["K2A"]


async def test_who_signs_reads_how_it_was_closed_and_no_more(closed: Alert, ines: Visitor, house: House) -> None:
    queue = (await ines.get("/queue")).text
    assert 'id="sign-K2A"' in queue
    assert "Sam Okafor closed it" in queue
    page = (await ines.get("/alerts/K2A/sign")).text
    assert "At her sister&#39;s in the mill" in page
    assert "Sam Okafor closed it" in page
    assert "dice que me mata" not in page, "nothing of hers"
    assert [a.action for a in house.memory.audit if a.actor == "s2"] == ["closing.read"]
    done = await ines.post("/alerts/K2A/sign")
    assert done.headers["location"] == "/console/queue?notice=signed"
    assert alert(house).state == "resolved"


async def test_who_closed_it_is_not_offered_to_sign(closed: Alert, sam: Visitor, house: House) -> None:
    queue = (await sam.get("/queue")).text
    assert 'id="closing-h"' in queue
    assert 'id="sign-K2A"' not in queue
    assert (await sam.get("/alerts/K2A/sign")).status_code == 409
    assert "You closed it yourself" in (await sam.post("/alerts/K2A/sign")).text
    assert alert(house).state == "closing"


async def test_given_back_without_a_word_asks_for_one_and_keeps_what_was_typed(
    closed: Alert, ines: Visitor, house: House
) -> None:
    bare = await ines.post("/alerts/K2A/give-back", word=" ")
    assert bare.status_code == 409
    assert "Say why, in a sentence." in bare.text
    given = await ines.post("/alerts/K2A/give-back", word="And the children?")
    assert given.headers["location"] == "/console/queue?notice=given_back"
    assert ("given_back", "And the children?") in [(line.message, line.text) for line in house.her.notes]


async def test_the_case_says_who_closed_it_and_leads_to_signing(closed: Alert, ines: Visitor, sam: Visitor) -> None:
    page = (await ines.post("/cases/P-K2A", reason="To sign")).text
    assert 'id="to-sign"' in page
    assert 'id="claim"' not in page
    assert "You have closed it" in (await sam.post("/cases/P-K2A", reason="To look")).text


async def test_an_alert_goes_from_hand_to_hand_by_forms(sam: Visitor, ines: Visitor, house: House) -> None:
    await sam.post("/alerts/K2A/claim")
    page = (await sam.get("/cases/P-K2A")).text
    assert '<option value="s2">Inés Duarte' in page
    assert '<option value="s4">' not in page, "an editor takes no alerts"
    await sam.post("/alerts/K2A/offer", to="s2", of="P-K2A", claim="1")
    assert "Offered to Inés Duarte." in (await sam.get("/cases/P-K2A")).text
    asked = (await ines.get("/queue")).text
    assert 'id="accept-K2A"' in asked
    assert "Sam Okafor has it and asks you to take it" in asked
    assert (await ines.post("/alerts/K2A/decline")).headers["location"] == "/console/queue?notice=declined"
    assert alert(house).offered_to == ""
    await sam.post("/alerts/K2A/offer", to="s2", of="P-K2A", claim="1")
    await ines.post("/alerts/K2A/claim")
    assert (alert(house).holder, alert(house).claim) == ("s2", 2)


async def test_take_over_from_me_asks_the_next_or_says_that_there_is_none(sam: Visitor, house: House) -> None:
    await sam.post("/alerts/K2A/claim")
    refused = await sam.post("/alerts/K2A/take-over", claim="1", of="P-K2A")
    assert refused.status_code == 409
    assert "Nobody else on duty can be reached" in refused.text
    house.memory.phones["s2"] = [Phone("p2", "sms", "202", True)]
    await sam.post("/alerts/K2A/take-over", claim="1", of="P-K2A")
    assert alert(house).offered_name == "Inés Duarte"


async def test_a_supervisor_asks_somebody_to_take_it(ruth: Visitor, sam: Visitor, house: House) -> None:
    page = (await ruth.post("/cases/P-K2A", reason="Nobody has it")).text
    assert 'id="offer"' in page
    assert 'id="snooze"' not in page
    await ruth.post("/alerts/K2A/offer", to="s1")
    assert "A supervisor asks you to take it" in (await sam.get("/queue")).text


async def test_put_off_it_is_in_nobodys_way_and_says_when_it_rises(sam: Visitor, house: House) -> None:
    await sam.post("/alerts/K2A/claim")
    page = (await sam.get("/cases/P-K2A")).text
    assert '<option value="240">' in page
    assert '<option value="480">' not in page, "a P1 for four hours at most"
    bare = await sam.post("/alerts/K2A/snooze", claim="1", minutes="60", why="", of="P-K2A")
    assert bare.status_code == 409
    assert (await sam.post("/alerts/K2A/snooze", claim="1", minutes="61", why="x")).status_code == 422
    put_off = await sam.post("/alerts/K2A/snooze", claim="1", minutes="60", why="She is in court", of="P-K2A")
    assert put_off.headers["location"] == "/console/queue?notice=snoozed"
    assert alert(house).asleep_until == NOW + timedelta(hours=1)
    queue = (await sam.get("/queue")).text
    assert "until it rises again" in queue
    assert "Nobody is waiting." in queue


async def test_a_p0_is_not_put_off(sam: Visitor, house: House) -> None:
    house.put(an_alert(tier="P0"))
    await sam.post("/alerts/K2A/claim")
    assert 'id="snooze"' not in (await sam.get("/cases/P-K2A")).text
    assert (await sam.post("/alerts/K2A/snooze", claim="1", minutes=str(SPANS[0]), why="Later")).status_code == 409
    assert alert(house).holder == "s1"


@pytest.mark.parametrize("by", ["/queue/next", "/alerts/K2C/claim"])
async def test_a_third_urgent_one_names_who_is_free_and_asks_why(by: str, sam: Visitor, house: House) -> None:
    house.memory.phones["s2"] = [Phone("p2", "sms", "202", True)]
    for ref in ("K2B", "K2C"):
        house.put(an_alert(ref, f"P-{ref}", breach_at=NOW + timedelta(minutes=9)))
    for ref in ("K2A", "K2B"):
        await sam.post(f"/alerts/{ref}/claim")
    refused = await sam.post(by)
    assert refused.status_code == 409
    assert "Free now: Inés Duarte" in refused.text
    assert 'id="take-third"' in refused.text
    taken = await sam.post("/alerts/K2C/claim", third="I am in her chat already")
    assert taken.headers["location"] == "/console/cases/P-K2C"


async def test_who_is_kept_apart_is_out_of_the_case(sam: Visitor, ruth: Visitor, house: House) -> None:
    await sam.post("/alerts/K2A/claim")
    gone = await sam.post("/cases/P-K2A/apart", why="My cousin")
    assert gone.headers["location"] == "/console/queue?notice=kept_apart"
    assert alert(house).state == "open"
    assert "You are kept apart" in (await sam.post("/cases/P-K2A", reason="I want to see")).text
    page = (await ruth.post("/cases/P-K2A", reason="Sam knows him")).text
    assert "My cousin" in page
    await ruth.post("/cases/P-K2A/apart/end", staff="s1", reason="A mistake")
    assert house.memory.apart["P-K2A"] == {}


@pytest.fixture
async def chatting(sam: Visitor) -> Visitor:
    await sam.post("/alerts/K2A/claim")
    await sam.post("/cases/P-K2A/chat")
    return sam


async def test_a_phrase_goes_out_in_her_language_by_one_press(chatting: Visitor, house: House) -> None:
    page = (await chatting.post("/cases/P-K2A/transcript")).text
    assert 'lang="es" dir="auto">Estoy aquí y te leo.</button>' in page
    assert '<span dir="auto">I am here and reading.</span> · draft' in page, "and beside it the worker's own language"
    assert "no speaker has read it yet" in page
    await chatting.post("/cases/P-K2A/say", phrase="here", language="es", nonce="n1")
    await chatting.post("/cases/P-K2A/say", phrase="here", language="es", nonce="n1")
    assert [line.text for line in house.her.lines if line.by == "worker"] == ["Estoy aquí y te leo."]
    assert (await chatting.post("/cases/P-K2A/say", phrase="none", language="es", nonce="n2")).status_code == 422


async def test_the_worker_is_warned_only_where_the_languages_differ(chatting: Visitor, house: House) -> None:
    assert "what you write is sent as it is" in (await chatting.post("/cases/P-K2A/transcript")).text
    house.her.contact = msgspec.structs.replace(house.her.contact, language="en")
    page = (await chatting.post("/cases/P-K2A/transcript")).text
    assert "what you write is sent as it is" not in page
    assert page.count("I am here and reading.") == 1, "no second language beside it"


async def test_after_a_duress_word_a_phrase_wants_to_be_confirmed_too(chatting: Visitor, house: House) -> None:
    house.her.watched = True
    assert (await chatting.post("/cases/P-K2A/say", phrase="here", language="es", nonce="n1")).status_code == 409
    await chatting.post("/cases/P-K2A/say", phrase="here", language="es", nonce="n2", confirmed="1")
    assert [line.text for line in house.her.lines if line.by == "worker"] == ["Estoy aquí y te leo."]
