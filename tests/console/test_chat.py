"""The live chat: through the gate, truthful when it is shut, once for every click."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import msgspec
import pytest

from flows.engine.worker import LONGEST_SAID
from storage.memory import Audited
from tests.console.conftest import Visitor
from tests.console.examples import CONTACT, HER, NOW, House


@pytest.fixture
async def chatting(sam: Visitor) -> Visitor:
    """Sam, in the chat with K2A."""
    await sam.post("/alerts/K2A/claim")
    await sam.post("/cases/P-K2A/chat")
    return sam


def said(house: House) -> list[str]:
    return [line.text for line in house.her.lines if line.by == "worker"]


async def test_starting_the_chat_opens_the_conversation_under_audit(sam: Visitor, house: House) -> None:
    await sam.post("/alerts/K2A/claim")
    page = (await sam.post("/cases/P-K2A/chat")).text
    assert 'id="reply"' in page
    assert "Your message, in Spanish" in page
    assert Audited("s1", "transcript.read", HER, NOW) in house.memory.audit
    assert house.her.worker == "s1"


async def test_a_message_goes_out_as_it_was_written_and_stands_in_the_conversation(
    chatting: Visitor, house: House
) -> None:
    page = (await chatting.post("/cases/P-K2A/say", text="¿Puedes escribir <ahora>?", nonce="n1")).text
    assert said(house) == ["¿Puedes escribir <ahora>?"]
    assert re.search(r"¿Puedes escribir &lt;ahora&gt;\?.*?waiting to be sent", page, re.DOTALL)


async def test_a_double_click_is_one_message_and_each_page_has_a_new_nonce(chatting: Visitor, house: House) -> None:
    await chatting.post("/cases/P-K2A/say", text="Estoy aquí", nonce="n1")
    page = (await chatting.post("/cases/P-K2A/say", text="Estoy aquí", nonce="n1")).text
    assert said(house) == ["Estoy aquí"]
    nonce = re.search(r'name="nonce" value="([\w-]+)"', page)
    again = re.search(r'name="nonce" value="([\w-]+)"', (await chatting.post("/cases/P-K2A/transcript")).text)
    assert nonce is not None
    assert again is not None
    assert nonce[1] != again[1]


@pytest.mark.parametrize("paused_until", [None, NOW + timedelta(days=1)])
async def test_when_she_has_left_the_gate_refuses_and_says_why(
    paused_until: datetime | None, chatting: Visitor, house: House
) -> None:
    house.memory.leaves(HER)
    house.her.contact = msgspec.structs.replace(CONTACT, paused_until=paused_until)
    answer = await chatting.post("/cases/P-K2A/say", text="Ya voy", nonce="n1", talk="1")
    assert answer.status_code == 409
    assert "Her chat is closed. She opens it with her word; you will be in it then." in answer.text
    assert said(house) == []


async def test_when_she_has_left_the_words_stay(chatting: Visitor, house: House) -> None:
    house.memory.leaves(HER)
    answer = await chatting.post("/cases/P-K2A/say", text="Ya voy", nonce="n1", talk="1")
    assert ">Ya voy</textarea>" in answer.text


async def test_when_the_gate_refuses_one_who_is_in_the_chat_the_words_stay(chatting: Visitor, house: House) -> None:
    await chatting.post("/alerts/K2A/release", claim="1")
    answer = await chatting.post("/cases/P-K2A/say", text="Ya voy", nonce="n1", talk="1", reason="Still writing")
    assert answer.status_code == 409
    assert "Claim one of this person&#39;s alerts first." in answer.text
    assert ">Ya voy</textarea>" in answer.text
    assert said(house) == []


async def test_the_chat_of_a_closed_phone_cannot_be_started(sam: Visitor, house: House) -> None:
    await sam.post("/alerts/K2A/claim")
    house.memory.leaves(HER)
    page = (await sam.get("/cases/P-K2A")).text
    assert 'id="join"' not in page
    assert "Her chat is closed and shows only its cover." in page


async def test_a_worker_can_be_there_when_she_opens_it_and_nothing_is_sent(sam: Visitor, house: House) -> None:
    await sam.post("/alerts/K2A/claim")
    house.memory.leaves(HER)
    page = await submit(sam, (await sam.get("/cases/P-K2A")).text, "/console/cases/P-K2A/chat")
    assert "You will be in the chat as soon as she opens it" in page
    assert 'id="reply"' not in page
    assert house.her.waits == "s1"
    house.memory.hears(HER, "ya estoy", NOW)
    assert 'id="reply"' in (await sam.post("/cases/P-K2A/transcript")).text
    assert said(house) == []


async def test_when_she_left_the_worker_sees_that_they_wait_and_may_stop(
    chatting: Visitor, ines: Visitor, house: House
) -> None:
    house.memory.leaves(HER)
    page = (await chatting.get("/cases/P-K2A")).text
    assert 'id="you-wait"' in page
    assert 'id="wait"' not in page
    told = (await ines.post("/cases/P-K2A", reason="Handing over at eight")).text
    assert "Sam Okafor will be in it when she opens it." in told
    assert 'id="you-wait"' not in told
    await submit(chatting, page, "/console/cases/P-K2A/hand-back")
    assert house.her.waits == ""


async def test_handing_back_without_a_claim_is_refused_truthfully(chatting: Visitor, house: House) -> None:
    await chatting.post("/alerts/K2A/release", claim="1")
    answer = await chatting.post("/cases/P-K2A/hand-back", reason="Still in her chat")
    assert answer.status_code == 409
    assert "Claim one of this person&#39;s alerts first." in answer.text
    assert house.her.worker == "", "nobody is there who holds nothing of hers"


@pytest.mark.parametrize("text", ["", "   ", "x" * (LONGEST_SAID + 1)])
async def test_a_message_has_a_length(text: str, chatting: Visitor, house: House) -> None:
    answer = await chatting.post("/cases/P-K2A/say", text=text, nonce="n1", talk="1")
    assert answer.status_code == 422
    assert said(house) == []


async def test_a_message_without_a_nonce_is_not_sent(chatting: Visitor, house: House) -> None:
    assert (await chatting.post("/cases/P-K2A/say", text="hola", nonce="")).status_code == 422
    assert said(house) == []


async def test_control_characters_do_not_reach_her_phone(chatting: Visitor, house: House) -> None:
    await chatting.post("/cases/P-K2A/say", text="a\x00b\x1b[31mc\r\nd", nonce="n1")
    assert said(house) == ["ab[31mc\nd"]


async def test_handing_back_to_the_bot_takes_the_reply_box_away(chatting: Visitor, house: House) -> None:
    page = (await chatting.post("/cases/P-K2A/hand-back", talk="1")).text
    assert 'id="reply"' not in page
    assert "the bot is talking with her" in page
    assert house.her.worker == ""


async def test_a_colleague_in_the_chat_is_named(ines: Visitor, chatting: Visitor) -> None:
    page = (await ines.post("/cases/P-K2A", reason="Handing over at eight")).text
    assert "Sam Okafor is in the chat." in page
    assert 'id="join"' not in page
    assert 'id="reply"' not in page


async def test_with_scripts_off_every_step_of_a_chat_is_a_plain_form(sam: Visitor, house: House) -> None:
    """Claim, start, say, hand back and resolve, by nothing but the forms that the pages hold."""
    page = (await sam.get("/queue")).text
    assert '<noscript><meta http-equiv="refresh"' in page
    page = await submit(sam, page, "/console/queue/next")
    page = await submit(sam, page, "/console/cases/P-K2A/chat")
    page = await submit(sam, page, "/console/cases/P-K2A/say", text="Estoy aquí")
    page = await submit(sam, page, "/console/cases/P-K2A/hand-back")
    page = await submit(sam, page, "/console/alerts/K2A/resolve", outcome="spoke_safe", closing="She is fine")
    assert said(house) == ["Estoy aquí"]
    assert ("spoke_safe", "K2A", "She is fine") in [(line.message, line.state, line.text) for line in house.her.notes]
    assert "It stays in the queue until a second person has signed." in page


async def submit(visitor: Visitor, page: str, action: str, **typed: str) -> str:
    """Presses the button of the form with that action, and follows where it leads."""
    form = next(f for f in page.split("<form ")[1:] if f'action="{action}' in f).split("</form>")[0]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = await visitor.client.post(action, data=hidden | typed, headers=headers, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


async def test_a_number_is_sent_only_when_the_worker_says_that_she_asked(chatting: Visitor, house: House) -> None:
    words = "Ring 0808 2000 247"
    first = await chatting.post("/cases/P-K2A/say", text=words, nonce="n1", talk="1")
    assert first.status_code == 409
    assert said(house) == []
    assert "link, an address or a number" in first.text
    assert f">{words}</textarea>" in first.text, "the words stay"
    assert re.search(r'<label class="reply-asked"><input type="checkbox" name="confirmed" value="1">', first.text)

    again = await chatting.post("/cases/P-K2A/say", text=words, nonce="n1", confirmed="1")
    assert again.status_code == 200
    assert said(house) == [words]
    assert '<label class="reply-asked" hidden>' in again.text
    assert Audited("s1", "chat.say.asked_for", HER, NOW) in house.memory.audit


async def test_after_a_duress_word_the_page_asks_before_her_phone_shows_a_worker(
    claimed: Visitor, house: House
) -> None:
    house.her.watched, house.her.worker = True, ""
    page = (await claimed.get("/cases/P-K2A")).text
    assert "the phone shows nothing of hers" in page, "what it means stands in the banner"
    assert "What was set on her phone since the duress word is forgotten" in page, "and beside the way out of it"
    assert "Show on her phone that a worker is here." in page

    first = await claimed.post("/cases/P-K2A/chat")
    assert first.status_code == 409
    assert "somebody else may be reading her phone" in first.text
    assert house.her.worker == ""

    joined = await claimed.post("/cases/P-K2A/chat", confirmed="1")
    assert joined.status_code == 200
    assert '<label class="reply-asked"><input type="checkbox" name="confirmed" value="1"> Somebody else' in joined.text
    assert (await claimed.post("/cases/P-K2A/say", text="Hola", nonce="n1", talk="1")).status_code == 409
    assert said(house) == []
    assert (await claimed.post("/cases/P-K2A/say", text="Hola", nonce="n1", confirmed="1")).status_code == 200
    assert said(house) == ["Hola"]

    await claimed.post("/cases/P-K2A/verified")
    after = (await claimed.get("/cases/P-K2A")).text
    assert "nothing of hers" not in after
