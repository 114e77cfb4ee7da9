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
