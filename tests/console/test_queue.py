"""The queue: the most urgent first, two clocks, and one winner."""

from __future__ import annotations

import re
from datetime import timedelta

from escalation.console.queue_page import TRIES
from escalation.console.queue_rows import MOST
from escalation.ports import Alert, Refused
from tests.console.conftest import Visitor
from tests.console.examples import NOW, House, an_alert

MINUTE = timedelta(minutes=1)


def order(page: str) -> list[str]:
    return re.findall(r'<li id="alert-(\w+)"', page)


async def test_the_list_is_by_tier_then_breach_then_wait(sam: Visitor, house: House) -> None:
    house.put(an_alert("LATER", "P-1", breach_at=NOW + MINUTE * 30))
    house.put(an_alert("ELDER", "P-2", breach_at=NOW + MINUTE * 30, raised_at=NOW - MINUTE * 60))
    house.put(an_alert("DURESS", "P-3", tier="P0"))
    house.put(an_alert("LOW", "P-4", tier="P3", breach_at=NOW - MINUTE))
    page = (await sam.get("/queue")).text
    assert order(page) == ["DURESS", "K2A", "ELDER", "LATER", "LOW"]


async def test_each_waiting_alert_shows_the_time_left_and_the_time_waited(sam: Visitor) -> None:
    page = (await sam.get("/queue")).text
    assert re.search(r"data-until=[^>]*>5:42</time> <span>to claim", page)
    assert re.search(r"data-since=[^>]*>4:18</time> <span>waiting", page)


async def test_a_breached_alert_says_how_late_it_is(sam: Visitor, house: House) -> None:
    house.clock.forward(minutes=6, seconds=42)
    page = (await sam.get("/queue")).text
    assert re.search(r'class="clock late".*?>1:00</time> <span>late', page, re.DOTALL)


async def test_the_tier_is_told_by_letter_word_and_shape(sam: Visitor, house: House) -> None:
    shapes = set()
    for tier, word in (("P0", "now"), ("P1", "high"), ("P2", "raised"), ("P3", "routine")):
        house.put(an_alert(tier=tier))
        page = (await sam.get("/queue")).text
        badge = re.search(r'<span class="tier tier-p\d">(.*?</span>)', page, re.DOTALL)
        assert badge is not None
        assert f"<b>{tier}</b>" in badge[1]
        assert f">{word}<" in badge[1]
        shape = re.search(r"<svg.*?</svg>", badge[1], re.DOTALL)
        assert shape is not None
        shapes.add(shape[0])
    assert len(shapes) == 4


async def test_taking_the_most_urgent_claims_it_and_opens_its_case(sam: Visitor, house: House) -> None:
    house.put(an_alert("DURESS", "P-3", tier="P0"))
    answer = await sam.post("/queue/next")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/cases/P-3"
    assert house.memory.alerts["DURESS"].holder == "s1"
    assert house.memory.alerts["K2A"].state == "open"


async def test_when_a_colleague_is_quicker_the_next_is_taken(sam: Visitor, house: House) -> None:
    """Inés claims the first between Sam's look and his claim."""
    house.put(an_alert("DURESS", "P-3", tier="P0"))
    seen = await house.desk.queue(NOW)
    await house.desk.claim("DURESS", "s2", NOW)

    async def as_it_was(now: object, limit: int = 200) -> list[Alert]:
        return list(seen)

    house.desk.queue = as_it_was  # type: ignore[method-assign]
    answer = await sam.post("/queue/next")
    assert answer.headers["location"] == "/console/cases/P-K2A"


async def test_when_colleagues_have_them_all_the_queue_says_who(sam: Visitor, house: House) -> None:
    tried: list[str] = []

    async def always_second(ref: str, staff: str, now: object) -> Alert:
        tried.append(ref)
        raise Refused("Somebody was first.", "Inés Duarte")

    for number in range(TRIES + 3):
        house.put(an_alert(f"N{number}", f"P-{number}"))
    house.desk.claim = always_second  # type: ignore[method-assign]
    answer = await sam.post("/queue/next")
    assert answer.status_code == 409
    assert "Inés Duarte has it now" in answer.text
    assert len(tried) == TRIES


async def test_taking_from_an_empty_queue_says_so(sam: Visitor, house: House) -> None:
    await house.desk.claim("K2A", "s2", NOW)
    answer = await sam.post("/queue/next")
    assert answer.headers["location"] == "/console/queue?notice=claimed_none"
    page = await sam.client.get(answer.headers["location"])
    assert "Nobody is waiting any more" in page.text


async def test_the_second_to_claim_is_told_who_was_first(sam: Visitor, ines: Visitor, house: House) -> None:
    assert (await sam.post("/alerts/K2A/claim")).status_code == 303
    second = await ines.post("/alerts/K2A/claim")
    assert second.status_code == 409
    assert "Sam Okafor has it already." in second.text
    assert house.memory.alerts["K2A"].holder == "s1"


async def test_claimed_alerts_stand_apart_and_name_their_holder(sam: Visitor, ines: Visitor) -> None:
    await sam.post("/alerts/K2A/claim")
    mine, theirs = (await sam.get("/queue")).text, (await ines.get("/queue")).text
    assert 'id="open-K2A"' in mine
    assert "Open" in mine
    assert "Sam Okafor has it" in theirs
    assert 'id="claim-K2A"' not in mine + theirs


async def test_a_claim_that_ran_out_waits_again(sam: Visitor, ines: Visitor, house: House) -> None:
    await sam.post("/alerts/K2A/claim")
    house.clock.forward(minutes=14)
    await ines.get("/queue")
    house.clock.forward(minutes=2)
    assert 'id="claim-K2A"' in (await ines.get("/queue")).text
    assert (await ines.post("/alerts/K2A/claim")).status_code == 303


async def test_a_snoozed_alert_that_is_due_again_can_be_claimed(sam: Visitor, house: House) -> None:
    house.put(an_alert(state="snoozed", next_page_at=NOW + timedelta(hours=1)))
    page = (await sam.get("/queue")).text
    assert 'id="claim-K2A"' in page.partition('id="asleep"')[2], "it waits for nobody, and can be taken all the same"
    assert 'id="claim-K2A"' not in page.partition('id="asleep"')[0]
    house.memory.tick(NOW + timedelta(hours=1))
    assert 'id="claim-K2A"' in (await sam.get("/queue")).text.partition('id="asleep"')[0]


async def test_an_empty_queue_is_calm_and_says_what_happens_next(sam: Visitor, house: House) -> None:
    house.memory.alerts.clear()
    page = (await sam.get("/queue")).text
    assert "Nobody is waiting." in page
    assert 'id="take"' not in page


async def test_the_queue_tells_who_is_on_call_and_warns_when_nobody_is(sam: Visitor, house: House) -> None:
    assert "Nobody is on call" not in (await sam.get("/queue")).text
    await house.accounts.duty("s1", "off", NOW)
    assert "Nobody is on call" in (await sam.get("/queue")).text


async def test_one_who_left_is_not_on_call(sam: Visitor, house: House, ruth: Visitor) -> None:
    house.change("s1", active=False)
    assert "Nobody is on call" in (await ruth.get("/queue")).text


async def test_a_very_long_queue_says_that_it_is_cut(sam: Visitor, house: House) -> None:
    for number in range(250):
        house.put(an_alert(f"N{number}", f"P-{number}"))
    page = (await sam.get("/queue")).text
    assert len(order(page)) == MOST
    assert f"Only the {MOST} most urgent" in page


async def test_the_live_part_alone_is_the_same_list_with_the_title(sam: Visitor) -> None:
    whole, part = (await sam.get("/queue")).text, (await sam.get("/queue/list")).text
    assert order(part) == order(whole) == ["K2A"]
    assert "<title>(1) Queue" in part
    assert "<html" not in part


async def test_the_page_never_says_what_she_wrote_or_who_she_is(sam: Visitor) -> None:
    page = (await sam.get("/queue")).text
    assert "me mata" not in page
    assert "Ana" not in page


async def test_an_alert_whose_record_cannot_be_opened_stands_in_the_queue_all_the_same(
    sam: Visitor, house: House
) -> None:
    house.put(an_alert("SHUT", "P-9", tier="P0", channel="", language="", title="Cannot be opened"))
    page = (await sam.get("/queue")).text
    row = page[page.index('id="alert-SHUT"') : page.index('id="alert-K2A"')]
    assert "Cannot be opened" in row
    assert "write" not in row
    assert "·" not in row


async def test_her_clock_runs_on_after_a_claim_until_she_has_an_answer(
    sam: Visitor, ines: Visitor, house: House
) -> None:
    await sam.post("/alerts/K2A/claim")
    for visitor in (sam, ines):
        assert re.search(r'class="clock her">.*?>10:42</time> <span>to answer her', (await visitor.get("/queue")).text)
    house.clock.forward(minutes=11, seconds=42)
    assert re.search(
        r'class="clock her late">.*?>1:00</time> <span>late to answer her', (await ines.get("/queue")).text
    )
    case = (await sam.get("/cases/P-K2A")).text
    assert re.search(r'id="her-clock"><span class="late">.*?>1:00</time> late to answer her', case)

    said = await sam.post("/alerts/K2A/reached", claim="1", of="P-K2A")
    assert said.headers["location"] == "/console/cases/P-K2A?notice=reached"
    page = (await sam.get("/queue")).text
    assert "answered after 16 min" in page
    assert "to answer her" not in page
    case = (await sam.client.get(said.headers["location"])).text
    assert "Recorded: she has had an answer." in case
    assert "She had an answer after 16 min." in case
    assert 'id="reached"' not in case


async def test_who_does_not_hold_it_cannot_say_that_she_has_an_answer(
    sam: Visitor, ines: Visitor, house: House
) -> None:
    await sam.post("/alerts/K2A/claim")
    assert (await ines.post("/alerts/K2A/reached", claim="1")).status_code == 409
    assert (await sam.post("/alerts/K2A/reached", claim="")).status_code == 422
    assert house.memory.alerts["K2A"].answered_at is None


async def test_a_task_of_the_service_has_no_clock_of_hers(sam: Visitor, house: House) -> None:
    house.put(an_alert(kind="task"))
    await sam.post("/alerts/K2A/claim")
    assert "to answer her" not in (await sam.get("/queue")).text


async def test_what_has_waited_too_long_stands_with_the_p1s_and_says_why(sam: Visitor, house: House) -> None:
    house.put(an_alert("OLD", "P-1", tier="P2", breach_at=NOW - timedelta(hours=4)))
    house.put(an_alert("NXT", "P-2", breach_at=NOW + MINUTE * 9))
    page = (await sam.get("/queue")).text
    assert order(page) == ["OLD", "K2A", "NXT"]
    row = page[page.index('id="alert-OLD"') : page.index('id="alert-K2A"')]
    assert "has waited too long, counts as P1" in row
    assert page.count("has waited too long") == 1


async def test_filters_are_addresses_with_counts_and_the_button_takes_the_most_urgent_of_all(
    sam: Visitor, house: House
) -> None:
    house.put(an_alert("DUR", "P-1", tier="P0", kind="duress", language="en"))
    house.put(an_alert("TALK", "P-2", tier="P2", kind="talk", breach_at=NOW + MINUTE * 60))
    house.put(an_alert("LATE", "P-3", tier="P2", kind="talk", language="en", breach_at=NOW - MINUTE))
    page = (await sam.get("/queue")).text
    assert choices(page) == {
        "whose-unclaimed": ("/console/queue?whose=unclaimed", "4"),
        "late-late": ("/console/queue?late=late", "1"),
        "tier-P0": ("/console/queue?tier=P0", "1"),
        "tier-P1": ("/console/queue?tier=P1", "1"),
        "tier-P2": ("/console/queue?tier=P2", "2"),
        "kind-duress": ("/console/queue?kind=duress", "1"),
        "kind-risk": ("/console/queue?kind=risk", "1"),
        "kind-talk": ("/console/queue?kind=talk", "2"),
        "language-en": ("/console/queue?language=en", "2"),
        "language-es": ("/console/queue?language=es", "2"),
    }
    page = (await sam.get("/queue?tier=P2&language=en")).text
    assert order(page) == ["LATE"]
    assert choices(page)["tier-P0"] == ("/console/queue?language=en&amp;tier=P0", "1"), "were it pressed instead"
    assert choices(page)["tier-P2"][0] == "/console/queue?language=en", "pressed again it is let go"
    assert "3 more wait that are not shown here." in page
    assert "P0 · DUR" in page, "the big button"
    assert 'data-refresh="/console/queue/list?tier=P2&amp;language=en"' in page, "live updates keep them"
    assert order((await sam.get("/queue/list?tier=P2&language=en")).text) == ["LATE"]
    assert "<title>(4) Queue" in page
    assert (await sam.post("/queue/next")).headers["location"] == "/console/cases/P-1"
    assert order((await sam.get("/queue?whose=mine")).text) == ["DUR"]


async def test_a_filter_that_nobody_knows_filters_nothing(sam: Visitor) -> None:
    page = (await sam.get("/queue?tier=P9&late=%3Cb%3E&kind=&language=%22x&whose=all&sort=name")).text
    assert order(page) == ["K2A"]
    assert "not shown here" not in page
    assert "<b>" not in page.partition('class="bar"')[0]


async def test_a_filter_looks_through_more_than_a_page(sam: Visitor, house: House) -> None:
    for number in range(MOST + 20):
        house.put(an_alert(f"N{number}", f"P-{number}"))
    house.put(an_alert("LOW", "P-LOW", tier="P3", breach_at=NOW + MINUTE * 60))
    assert "LOW" not in order((await sam.get("/queue")).text)
    assert order((await sam.get("/queue?tier=P3")).text) == ["LOW"]


async def test_a_reference_leads_to_the_case_however_it_is_typed(sam: Visitor, house: House) -> None:
    for typed in ("K2A", " k 2 a ", "К2А", "p-k2a", "K-2-A"):  # the third is Cyrillic
        found = await sam.post("/queue/look-up", ref=typed)
        assert found.headers["location"] == "/console/cases/P-K2A", typed
    rows = [(a.actor, a.action, a.subject, a.detail) for a in house.memory.audit]
    assert rows == [("s1", "ref.look_up", "", "")] * 5


async def test_what_is_not_there_and_what_one_may_not_see_are_answered_alike(sam: Visitor, house: House) -> None:
    await house.claims.keep_apart("P-K2A", "s1", "s1", "I know him.", NOW)
    answers = [await sam.post("/queue/look-up", ref=typed) for typed in ("K2A", "P-K2A", "ZZZ", " ", "'; --")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}) == 1
    assert "Nothing that you may see has this reference." in answers[0].text


def choices(page: str) -> dict[str, tuple[str, str]]:
    """Where each choice leads, and how many it would show."""
    found = re.findall(r'<a id="sift-([\w-]+)" href="([^"]+)"[^>]*>[^<]*<span class="figures">([\d+]+)<', page)
    return {name: (where, count) for name, where, count in found}
