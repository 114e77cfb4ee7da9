"""The supervisor's page: who carries what, what waits and for how long, and no word of a recipient's."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from escalation.rota import Shift
from storage.memory import Audited
from tests.console.conftest import Visitor
from tests.console.examples import HER, LINES, NOW, House, an_alert

MINUTE = timedelta(minutes=1)


def words(html: str) -> str:
    """What a reader is told, tags and line breaks gone."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2]).split())


async def test_the_page_says_who_is_on_who_is_next_and_who_has_what(ruth: Visitor, sam: Visitor, house: House) -> None:
    house.memory.shifts += [
        Shift("s1", "on_call", 1, NOW - timedelta(hours=2), NOW + timedelta(hours=1)),
        Shift("s2", "on_call", 1, NOW + timedelta(hours=1), NOW + timedelta(hours=9)),
    ]
    await sam.post("/alerts/K2A/claim")
    said = words((await ruth.get("/supervision")).text)
    assert "Sam Okafor On call" in said
    assert "From 21:40 Inés Duarte On call" in said
    assert "Sam Okafor 0 1 0 0 1 1 Inés Duarte 0 0 0 0 0 0" in said
    assert "K2A Sam Okafor 4:18 since it was raised" in said


async def test_how_soon_is_counted_by_tier_over_7_and_28_days(ruth: Visitor, house: House) -> None:
    for ref, days, minutes in (("A01", 2, 4), ("A02", 3, 20), ("A03", 20, 30)):
        raised = NOW - timedelta(days=days)
        values = {"tier": "P0", "state": "resolved", "raised_at": raised, "breach_at": raised + 5 * MINUTE}
        answered = raised + 6 * MINUTE if ref == "A01" else None
        house.put(an_alert(ref, f"P-{ref}", claimed_at=raised + minutes * MINUTE, answered_at=answered, **values))
        house.memory.audit.append(Audited("s2", "alert.claim", ref, raised + minutes * MINUTE))
    said = words((await ruth.get("/supervision")).text)
    assert "P0 now 2 1 12:00 up to 20:00 6:00 up to 6:00" in said, "of the last 7 days"
    assert "P0 now 3 2 20:00 up to 30:00 6:00 up to 6:00" in said, "of the last 28"
    assert "Inés Duarte 0 0 0 0 2 3" in said


async def test_a_supervisor_offers_from_here_and_comes_back(ruth: Visitor, house: House) -> None:
    answer = await ruth.post("/alerts/K2A/offer", to="s2", **{"from": "supervision"})
    assert answer.headers["location"] == "/console/supervision?notice=offered"
    assert house.memory.alerts["K2A"].offered_to == "s2"
    assert "offered to Inés Duarte" in words((await ruth.get("/supervision")).text)


async def test_what_waits_for_a_second_person_stands_there_with_its_age(ruth: Visitor, house: House) -> None:
    closed = {"state": "closing", "holder": "s2", "holder_name": "Inés Duarte", "closed_at": NOW - 70 * MINUTE}
    house.put(an_alert("Z9Z", **closed))
    page = (await ruth.get("/supervision")).text
    assert "Inés Duarte closed it 1 h 10 min since it was closed" in words(page)
    assert 'href="/console/alerts/Z9Z/sign"' in page


async def test_cases_opened_with_a_reason_are_listed_here_and_nowhere_else(ruth: Visitor, sam: Visitor) -> None:
    assert "Nobody has opened a case" in (await ruth.get("/supervision")).text
    await sam.post("/cases/P-K2A", reason="<b>Inés</b> fell ill")
    page = (await ruth.get("/supervision")).text
    assert "Sam Okafor opened P-K2A:" in page
    assert "&lt;b&gt;Inés" in page
    for path in ("/staff", "/my-load"):
        assert "opened P-K2A" not in (await sam.get(path)).text + (await ruth.get(path)).text


async def test_no_word_of_hers_stands_on_it_and_opening_it_is_no_reading(ruth: Visitor, house: House) -> None:
    before = list(house.memory.audit)
    page = (await ruth.get("/supervision")).text
    assert LINES[3].text not in page
    assert house.memory.people[HER].notes[0].text not in page
    assert house.memory.audit == before


async def test_each_worker_sees_what_they_carry_and_of_nobody_else(sam: Visitor, ines: Visitor) -> None:
    await sam.post("/alerts/K2A/claim")
    assert "7 days 1 28 days 1" in words((await sam.get("/my-load")).text)
    page = (await ines.get("/my-load")).text
    assert "7 days 0 28 days 0" in words(page)
    assert "Sam" not in page
    assert (await sam.get("/supervision")).status_code == 403


async def test_after_a_p0_both_say_that_they_have_talked(sam: Visitor, ruth: Visitor, house: House) -> None:
    house.put(an_alert("D0D", "P-D0D", tier="P0"))
    await sam.post("/alerts/D0D/claim")
    await sam.post("/alerts/D0D/resolve", claim="1", outcome="spoke_safe", closing="At her sister's.")
    assert "Sam Okafor D0D" in words((await ruth.get("/supervision")).text)
    mine = (await sam.get("/my-load")).text
    assert "within 3 days" in mine
    answer = await sam.post("/debriefs/D0D", staff="s1", **{"from": "my_load"})
    assert answer.headers["location"] == "/console/my-load?notice=talked"
    assert "You say that you have talked" in (await sam.get("/my-load")).text
    house.memory.debriefs = {key: replace(d, at=NOW - timedelta(days=4)) for key, d in house.memory.debriefs.items()}
    page = words((await ruth.get("/supervision")).text)
    assert "overdue Sam Okafor says that you have talked." in page
    await ruth.post("/debriefs/D0D", staff="s1", **{"from": "supervision"})
    assert "No talk is due." in (await ruth.get("/supervision")).text
    again = await ruth.post("/debriefs/D0D", staff="s1", **{"from": "supervision"})
    assert (again.status_code, "done already" in again.text) == (409, True)


async def test_nobody_says_it_for_a_colleague_unless_they_supervise(
    sam: Visitor, ines: Visitor, ruth: Visitor, house: House
) -> None:
    house.put(an_alert("D0D", "P-D0D", tier="P0"))
    await sam.post("/alerts/D0D/claim")
    await sam.post("/alerts/D0D/resolve", claim="1", outcome="spoke_safe", closing="At her sister's.")
    refused = await ines.post("/debriefs/D0D", staff="s1", **{"from": "supervision"})
    assert refused.status_code == 409
    assert "D0D" not in refused.text
    assert "Sam" not in (await ines.get("/my-load")).text
    assert (await ruth.get("/supervision")).text.count("We have talked") == 1


async def test_a_sample_is_drawn_answered_in_parts_and_closed_again(
    sam: Visitor, ines: Visitor, ruth: Visitor, house: House
) -> None:
    await sam.post("/alerts/K2A/claim")
    await sam.post("/alerts/K2A/resolve", claim="1", outcome="spoke_safe", closing="At her sister's.")
    await ines.post("/alerts/K2A/sign")
    drawn = (await ruth.post("/samples")).headers["location"]
    path = drawn.removeprefix("/console")
    page = (await ruth.get(path)).text
    assert LINES[3].text in page, "her words, and the worker's"
    assert Audited("s3", "sample.read", HER, NOW) in house.memory.audit
    assert (await sam.get(path)).status_code == 403
    house.change("s2", role="supervisor")
    other = await ines.get(path)
    assert (other.status_code, LINES[3].text in other.text) == (409, False)
    kept = await ruth.post(path, m2b="seen", m3d="missing")
    assert kept.headers["location"] == f"{drawn}?notice=kept#risk-h"
    await ruth.post(path, learning="<b>Ask</b> sooner")
    page = (await ruth.get(path)).text
    assert '<option value="missing" selected>' in page
    assert "&lt;b&gt;Ask" in page
    assert (await ruth.post(path, m2b="P0")).status_code == 422
    assert "2 of 26 marked" in words((await ruth.get("/supervision")).text)
    await ruth.post(f"{path}/finish")
    page = words((await ruth.get("/supervision")).text)
    assert "Immediate risk comes first 1 0 0 0" in page
    assert LINES[3].text not in (await ruth.get(path)).text
    assert "No closed conversation" in (await ruth.post("/samples")).text
