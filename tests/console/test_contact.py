"""The safe-contact page: what stands, what a worker changes, who changed what, and what came of the agreed question."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import httpx
import pytest
from msgspec.structs import replace

from escalation.console.contact_rows import as_written, own_hours, zones
from escalation.console.strings import Strings
from escalation.safe_contact import ContactVersion
from flows.engine.conversation import Contact, Way
from flows.engine.looking import signed
from flows.engine.safe_contact import mark
from flows.safety.hours import PRESETS, parsed
from storage.memory import Audited
from tests.console.conftest import Visitor
from tests.console.examples import HER, NOW, House

PAGE = "/cases/P-K2A/contact"
API = "/api/v1/recipients/P-K2A/contact"


async def opened(visitor: Visitor, **fields: str) -> str:
    answer = await visitor.post(PAGE, reason="Weekly meeting", **fields)
    assert answer.status_code == 200
    return answer.text


async def saves(visitor: Visitor, house: House, **fields: str) -> httpx.Response:
    return await visitor.post(f"{PAGE}/set", seen=mark(house.her.contact), **fields)


def chosen(page: str, field: str) -> str:
    """What stands in a list of the page."""
    box = re.search(rf'<select id="{field}".*?</select>', page, re.DOTALL)
    assert box is not None
    found = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', box[0])
    assert found is not None
    return html.unescape(found[1] or found[2])


def history(page: str) -> str:
    found = re.search(r'<section class="card" id="history".*?</section>', page, re.DOTALL)
    assert found is not None
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", found[0])))


async def test_who_holds_her_alert_sees_it_and_anybody_else_says_why(claimed: Visitor, ines: Visitor) -> None:
    assert (await claimed.get(PAGE)).status_code == 200
    assert (await ines.get(PAGE)).status_code == 403
    assert (await ines.post(PAGE, reason=" ")).status_code == 422
    assert chosen(await opened(ines), "zone")


async def test_a_part_is_saved_and_the_page_says_who_changed_what(claimed: Visitor, house: House) -> None:
    answer = await saves(claimed, house, shared_phone="yes", may_read="<my brother>", voicemail="agreed")
    assert answer.status_code == 303
    contact = house.her.contact
    assert (contact.shared_phone, contact.may_read, contact.voicemail) == ("yes", "<my brother>", "agreed")
    page = (await claimed.get(PAGE)).text
    assert chosen(page, "voicemail") == "agreed"
    assert "&lt;my brother&gt;" in page
    assert re.search(r"Sam Okafor .*Who else may read it: <my brother>", history(page))
    assert "Agreed to be written to" not in history(page), "what stood before is not put down to her worker"
    assert Audited("s1", "contact.set", HER, NOW) in house.memory.audit
    assert house.her.lines[-1].by != "worker", "nothing goes to her phone"


async def test_hours_of_her_own_and_her_zone(claimed: Visitor, house: House) -> None:
    given = {"hours": "own", "own_hours": "Mon Wed 09:00-12:00", "zone": "Asia/Karachi", "rhythm_days": "7"}
    await saves(claimed, house, **given)
    assert house.her.contact.windows == parsed("Mon Wed 9-12")
    page = (await claimed.get(PAGE)).text
    assert (chosen(page, "hours"), chosen(page, "zone")) == ("own", "Asia/Karachi")
    assert ">Mon Wed 09:00-12:00</textarea>" in page
    await saves(claimed, house, hours="evenings", own_hours="Mon Wed 09:00-12:00")
    assert house.her.contact.windows == PRESETS["evenings"], "the list decides, what stands in the box is no choice"


async def test_what_is_refused_stays_in_its_boxes_with_the_reason(claimed: Visitor, house: House) -> None:
    before = house.her.contact
    answer = await saves(
        claimed, house, hours="own", own_hours="when <he> is out", zone="Europe/London", rhythm_days="9"
    )
    assert answer.status_code == 409
    assert "Write days and times, such as" in answer.text
    assert ">when &lt;he&gt; is out</textarea>" in answer.text
    assert 'value="9"' in answer.text
    assert house.her.contact == before


async def test_a_page_that_is_old_writes_over_nothing(claimed: Visitor, house: House) -> None:
    seen = mark(house.her.contact)
    house.her.contact = replace(house.her.contact, may_read="her mother")
    answer = await claimed.post(f"{PAGE}/set", seen=seen, may_read="nobody")
    assert answer.status_code == 409
    assert "changed while you had it open" in answer.text
    assert house.her.contact.may_read == "her mother"


@pytest.mark.parametrize("fields", [{}, {"may_read": "x"}, {"seen": "0", "signal": "sunflower"}])
async def test_what_no_form_of_ours_sends_is_turned_away(
    claimed: Visitor, house: House, fields: dict[str, str]
) -> None:
    before = house.her.contact
    assert (await claimed.post(f"{PAGE}/set", **fields)).status_code == 422
    assert house.her.contact == before


async def test_her_steps_are_kept_in_their_order_and_whose_words_they_are(claimed: Visitor, house: House) -> None:
    house.her.contact = signed(house.her.contact, replace(house.her.contact, may_know="my aunt Rosa"), "her")
    page = (await claimed.get(PAGE)).text
    assert re.search(r'id="may_know-by">In her own words', page)
    given = {"way_1": "police", "never_1": "<while he> is there", "way_2": "call", "missed_retries": "3"}
    assert (await saves(claimed, house, to_try="Ring at work", **given)).status_code == 303
    assert house.her.contact.ways == (Way("call"), Way("police", "<while he> is there", "worker"))
    page = (await claimed.get(PAGE)).text
    assert (chosen(page, "way_1"), chosen(page, "way_2"), chosen(page, "way_3")) == ("call", "police", "none")
    assert re.search(r'id="to_try-by">Written by a worker', page)
    assert "2. Ask the police to look: she agreed to it (never: <while he> is there)" in history(page)
    refused = await saves(claimed, house, way_1="call", way_2="call")
    assert refused.status_code == 409
    assert "Each step once, please." in refused.text
    assert "Call only as her steps say" in (await claimed.get("/cases/P-K2A")).text, "it does not say: do not call"


async def test_another_way_is_kept_apart_from_voicemail(claimed: Visitor, house: House) -> None:
    await saves(claimed, house, other_channel="call", other_whose="<her> sister", other_safe="yes")
    contact = house.her.contact
    assert (contact.other_channel, contact.other_whose, contact.other_safe) == ("call", "<her> sister", "yes")
    assert contact.voicemail == "never"
    await saves(claimed, house, other_channel="email", other_whose="", other_safe="unknown")
    page = (await claimed.get(PAGE)).text
    assert (chosen(page, "other_channel"), chosen(page, "other_safe")) == ("email", "unknown")
    assert "Is it safe for her?: She says that it is → Not known" in history(page)


async def test_confirmed_today(claimed: Visitor, house: House) -> None:
    house.her.contact = replace(house.her.contact, confirmed_at=NOW - timedelta(days=31))
    assert "Longer than 30 days ago" in (await claimed.get(PAGE)).text
    answer = await claimed.post(f"{PAGE}/confirmed", seen=mark(house.her.contact))
    assert answer.headers["location"].endswith("notice=contact_confirmed")
    assert house.her.contact.confirmed_at == NOW
    page = (await claimed.get(PAGE)).text
    assert "Longer than 30 days ago" not in page
    assert (await claimed.post(f"{PAGE}/confirmed")).status_code == 422


async def test_a_reason_goes_with_every_form_and_stands_in_no_address(ines: Visitor, house: House) -> None:
    assert (await saves(ines, house, may_read="him")).status_code == 403
    answer = await saves(ines, house, may_read="him", reason="Weekly meeting")
    assert answer.status_code == 200
    assert "The record is changed. Nothing was sent." in answer.text
    assert house.her.contact.may_read == "him"
    forms = re.findall(r"<form[^>]*/contact/[^>]*>.*?</form>", answer.text, re.DOTALL)
    assert len(forms) >= 6
    assert all('name="reason" value="Weekly meeting"' in form for form in forms)


# the agreed question


async def test_it_is_asked_only_while_it_may_not_be_her(claimed: Visitor, house: House) -> None:
    house.her.verify_first = False
    assert 'id="asking"' not in (await claimed.get(PAGE)).text
    house.her.verify_first = True
    assert 'id="asked-right"' in (await claimed.get(PAGE)).text


@pytest.mark.parametrize(
    ("outcome", "suspect", "says"),
    [("right", False, "It is her."), ("wrong", True, "It may not be her"), ("not_asked", True, "somebody has asked")],
)
async def test_what_came_of_it_is_kept_with_what_to_do(
    claimed: Visitor, house: House, outcome: str, suspect: bool, says: str
) -> None:
    house.her.verify_first = True
    answer = await claimed.post(f"{PAGE}/asked", outcome=outcome, said="The green one, she said")
    assert answer.status_code == 303
    page = await claimed.client.get(answer.headers["location"])
    assert says in page.text
    assert house.her.verify_first is suspect
    assert house.her.notes[-1].text == "The green one, she said"


async def test_a_wrong_answer_wants_words_and_a_claim(claimed: Visitor, ines: Visitor, house: House) -> None:
    house.her.verify_first = True
    assert "Write down what was said" in (await claimed.post(f"{PAGE}/asked", outcome="wrong", said=" ")).text
    assert (await claimed.post(f"{PAGE}/asked", outcome="sure", said="x")).status_code == 422
    assert (await claimed.post(f"{PAGE}/asked", outcome="wrong", said="x" * 1001)).status_code == 422
    assert "Claim one of her alerts first" in await opened(ines)
    answer = await ines.post(f"{PAGE}/asked", outcome="right", said="", reason="Weekly meeting")
    assert answer.status_code == 409
    assert house.her.verify_first


# forgotten words


NEW_WORDS = f"{PAGE}/new-words"
A_CODE = re.compile(r'<p class="code" dir="ltr"><bdi>([^<]+)</bdi>')


def with_words(house: House) -> None:
    house.her.contact = replace(house.her.contact, signal="5a5a5a5a", consent="worker")


async def test_a_code_for_new_words_is_shown_once_to_who_has_asked_her(claimed: Visitor, house: House) -> None:
    with_words(house)
    lines = len(house.her.lines)
    assert 'name="verified" value="1" required' in (await claimed.get(PAGE)).text
    answer = await claimed.post(NEW_WORDS, verified="1")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    code = A_CODE.findall(answer.text)
    assert code == [house.her.words_code]
    assert not A_CODE.search((await claimed.get(PAGE)).text)
    assert Audited("s1", "contact.new_words", HER, NOW) in house.memory.audit
    assert code[0] not in f"{house.memory.audit}"
    assert len(house.her.lines) == lines, "nothing goes to her phone"


async def test_without_the_question_no_code_is_made(claimed: Visitor, house: House) -> None:
    with_words(house)
    answer = await claimed.post(NEW_WORDS)
    assert answer.status_code == 409
    assert "A code is made only when it was answered right" in answer.text
    house.her.verify_first = True
    page = (await claimed.get(PAGE)).text
    assert 'id="make-code"' not in page
    assert "Ask the agreed question first, above." in page
    assert (await claimed.post(NEW_WORDS, verified="1")).status_code == 409
    assert house.her.words_code == ""


async def test_without_a_claim_none_is_made_even_with_a_reason(ines: Visitor, house: House) -> None:
    with_words(house)
    assert 'id="make-code"' not in await opened(ines)
    answer = await ines.post(NEW_WORDS, verified="1", reason="Weekly meeting")
    assert answer.status_code == 409
    assert "Claim one of this person" in answer.text
    assert house.her.words_code == ""


async def test_who_wants_nothing_or_has_no_word_yet_comes_in_another_way(claimed: Visitor, house: House) -> None:
    house.her.contact = replace(house.her.contact, signal="", consent="worker")
    assert "it asks for one there" in (await claimed.post(NEW_WORDS, verified="1")).text
    house.her.contact = replace(house.her.contact, signal="5a5a5a5a", consent="")
    assert "She comes back by herself" in (await claimed.post(NEW_WORDS, verified="1")).text
    assert house.her.words_code == ""


# the history


async def test_the_history_names_who_and_never_a_word_of_hers(claimed: Visitor, house: House) -> None:
    first = Contact(consent="self", signal="5a5a5a5a", duress="d0d0d0d0", exit="lantern")
    second = replace(first, signal="7b7b7b7b", opted_out=True)
    house.her.contact_versions += [
        ContactVersion(NOW - timedelta(days=2), first),
        ContactVersion(NOW - timedelta(days=1), second, "carrier"),
    ]
    page = (await claimed.get(PAGE)).text
    told = history(page)
    assert re.search(r"her carrier .*Stopped by the carrier: no → yes .*Signal word: chosen anew .*she herself", told)
    assert "Signal word: chosen" in told.partition("she herself")[2]
    assert not [word for word in ("5a5a", "7b7b", "d0d0", "lantern") if word in page]


async def test_without_a_change_it_says_so(claimed: Visitor) -> None:
    assert "Nothing was changed yet." in history((await claimed.get(PAGE)).text)


# days in the reader's language


def test_hours_are_written_and_read_in_the_days_of_the_reader() -> None:
    for language in ("en", "es", "cy"):
        strings = Strings(language=language)
        contact = Contact(windows=parsed("Mon Wed Sun 09:00-12:00; Tue 22:00-06:00"))
        assert parsed(as_written(own_hours(contact, strings), strings)) == contact.windows
    assert as_written("lunes miércoles 9-12", Strings(language="es")) == "Mon Wed 09:00-12:00"
    assert own_hours(Contact(windows=PRESETS["evenings"]), Strings()) == ""


def test_a_zone_that_is_in_no_list_stays_as_it_is() -> None:
    assert "UTC" in zones("UTC")
    assert "Europe/Warsaw" in zones("Europe/London")["Europe"]


# the API


async def test_the_api_reads_and_sets_it_with_a_reason(caller: httpx.AsyncClient, house: House) -> None:
    assert (await caller.get(API)).status_code == 409
    why = {"Rowan-Reason": "Their own system"}
    shown = (await caller.get(API, headers=why)).json()
    assert shown["values"]["zone"] == house.her.contact.zone
    assert shown["history"] == []
    body = {"values": shown["values"] | {"hours": "Mon 09:00-10:00"}, "seen": shown["seen"], "confirmed": True}
    done = (await caller.post(API, json=body, headers=why)).json()
    assert done["values"]["hours"] == "Mon 09:00-10:00"
    (change,) = done["history"]
    assert (change["by"], change["staff"], set(change["changed"]) >= {"windows", "confirmed_at"}) == (
        "worker",
        "s1",
        True,
    )
    assert (await caller.post(API, json=body, headers=why)).status_code == 409, "under an old mark"
    assert (await caller.post(API, json={"words": {}}, headers=why)).status_code == 422
