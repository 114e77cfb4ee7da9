"""The end of a shift, by the forms of its page."""

from __future__ import annotations

from datetime import timedelta

from escalation.belongings import Phone
from escalation.rota import Shift
from tests.console.conftest import Visitor
from tests.console.examples import NOW, House, an_alert

RISK, NEXT = "Calm, he is <away>", "Tomorrow at 10, by text"
HOUR = timedelta(hours=1)


async def hand_on(visitor: Visitor, house: House, to: str = "s2") -> None:
    await visitor.post("/alerts/K2A/claim")
    number = str(house.memory.alerts["K2A"].claim)
    done = await visitor.post("/shift/alerts/K2A/line", claim=number, risk=RISK, contact=NEXT, to=to)
    assert done.headers["location"] == "/console/shift?notice=shift_line"


async def test_a_shift_is_handed_over_case_by_case_and_ended(sam: Visitor, ines: Visitor, house: House) -> None:
    assert "You have nothing to hand on." in (await sam.get("/shift")).text
    await hand_on(sam, house)
    page = (await sam.get("/shift")).text
    assert "Offered to Inés Duarte." in page
    assert "Nobody has accepted K2A." in page
    assert 'id="end-shift"' not in page
    theirs = (await ines.get("/shift")).text
    assert "Calm, he is &lt;away&gt;" in theirs
    assert NEXT in theirs
    assert [a.action for a in house.memory.audit if a.actor == "s2"] == ["shift.read"]
    assert (await ines.post("/shift/alerts/K2A/accept")).headers["location"] == "/console/shift?notice=shift_accepted"
    assert (house.memory.alerts["K2A"].holder, house.memory.alerts["K2A"].claim) == ("s2", 2)
    assert 'id="end-shift"' in (await sam.get("/shift")).text
    assert (await sam.post("/shift/end")).headers["location"] == "/console/shift?notice=shift_ended"
    case = (await ines.get("/cases/P-K2A")).text
    assert "K2A was handed over, with how the risk stands and the next contact:" in case


async def test_what_was_typed_stays_where_a_line_is_refused(sam: Visitor, house: House) -> None:
    await sam.post("/alerts/K2A/claim")
    bare = await sam.post("/shift/alerts/K2A/line", claim="1", risk=RISK, contact=" ", to="s2")
    assert bare.status_code == 409
    assert "Both are asked" in bare.text
    assert 'value="Calm, he is &lt;away&gt;"' in bare.text
    late = await sam.post("/shift/alerts/K2A/line", claim="7", risk=RISK, contact=NEXT, to="s2")
    assert (late.status_code, house.her.notes[-1].message) == (409, "")


async def test_said_no_to_it_stays_and_can_be_handed_to_another(sam: Visitor, ines: Visitor, house: House) -> None:
    await hand_on(sam, house)
    await ines.post("/shift/alerts/K2A/decline")
    page = (await sam.get("/shift")).text
    assert "Not handed on yet" in page
    assert 'value="Calm, he is &lt;away&gt;"' in page, "what was written is not asked again"
    house.memory.phones["s2"] = [Phone("p2", "sms", "202", True)]
    await sam.post("/shift/alerts/K2A/line", claim="1", risk=RISK, contact=NEXT, to="")
    assert house.memory.alerts["K2A"].offered_to == "s2", "take over from me: who is next on duty"


async def test_a_third_urgent_one_asks_why_and_is_taken_all_the_same(sam: Visitor, ines: Visitor, house: House) -> None:
    house.memory.phones["s1"] = [Phone("p1", "sms", "201", True)]
    for ref in ("AAA", "BBB"):
        house.put(an_alert(ref, f"P-{ref}"))
        await ines.post(f"/alerts/{ref}/claim")
    await hand_on(sam, house)
    asked = await ines.post("/shift/alerts/K2A/accept")
    assert asked.status_code == 409
    assert 'name="third"' in asked.text
    await ines.post("/shift/alerts/K2A/accept", third="She knows me")
    assert house.memory.alerts["K2A"].holder == "s2"


async def test_the_rota_says_when_it_ends_and_whom_it_goes_to(sam: Visitor, house: House) -> None:
    house.change("s1", duty="off")
    house.memory.shifts += [
        Shift("s1", "on_call", 0, NOW - HOUR, NOW + HOUR),
        Shift("s2", "on_call", 0, NOW + HOUR, NOW + 9 * HOUR),
    ]
    await sam.post("/alerts/K2A/claim")
    page = (await sam.get("/shift")).text
    assert "Then on duty: Inés Duarte" in page
    assert '<option value="s2" selected>' in page
    house.memory.shifts.pop()
    assert "Then nobody is on duty by the rota." in (await sam.get("/shift")).text


async def test_a_supervisor_ends_it_with_a_reason_and_reads_no_line(sam: Visitor, ruth: Visitor, house: House) -> None:
    await hand_on(sam, house)
    page = (await ruth.get("/shift")).text
    assert "offered to Inés Duarte" in page
    assert "away" not in page
    assert (await ruth.post("/shift/s1/end", why=" ")).status_code == 409
    assert (await sam.post("/shift/s1/end", why="I am tired")).status_code == 403
    await ruth.post("/shift/s1/end", why="Sam fell ill")
    assert house.memory.alerts["K2A"].state == "open"
    (row,) = [a for a in house.memory.audit if a.action == "shift.end"]
    assert (row.actor, row.subject, row.detail) == ("s3", "s1", "Sam fell ill")
