"""The weekly meeting's sheet, by its forms."""

from __future__ import annotations

from tests.console.conftest import Visitor
from tests.console.examples import House

WEEK, BEFORE = "2026-11-16", "2026-11-09"  # of the examples' clock, and the one before it
SAID = "Higher: he <waits> at the school"


async def test_a_supervisor_leads_through_what_changed_and_writes_what_is_agreed(ruth: Visitor, house: House) -> None:
    page = (await ruth.get("/meeting")).text
    assert 'id="case-P-K2A"' in page
    assert "higher than the week before" in page
    assert "dice que me mata" not in page, "no word of hers"
    assert [a.action for a in house.memory.audit if a.actor == "s3"] == ["meeting.read"]
    done = await ruth.post("/meeting/P-K2A/say", week=WEEK, said=SAID)
    assert done.headers["location"] == f"/console/meeting?notice=meeting_said&week={WEEK}#case-P-K2A"
    fields = {"week": WEEK, "what": "Speak with the school", "staff": "s1", "by": "2026-11-27"}
    await ruth.post("/meeting/P-K2A/agree", **fields)
    page = (await ruth.get(f"/meeting?week={WEEK}")).text
    assert "Higher: he &lt;waits&gt; at the school" in page
    assert "Speak with the school" in page
    (task,) = house.memory.tasks.values()
    assert (task.staff, task.by, task.due_at.isoformat()) == ("s1", "s3", "2026-11-27T17:00:00+00:00")
    assert SAID not in (await ruth.get(f"/meeting?week={BEFORE}")).text


async def test_the_case_shows_what_was_said_at_which_meeting(ruth: Visitor, claimed: Visitor) -> None:
    await ruth.post("/meeting/P-K2A/say", week=WEEK, said=SAID)
    case = (await claimed.get("/cases/P-K2A")).text
    assert f"Said at the weekly meeting, of the week of {WEEK}:" in case


async def test_what_is_refused_keeps_what_was_typed(ruth: Visitor, house: House) -> None:
    bare = await ruth.post("/meeting/P-K2A/say", week=WEEK, said=" ")
    assert bare.status_code == 409
    late = await ruth.post("/meeting/P-K2A/agree", week=WEEK, what="Ask her <aunt>", staff="s1", by="2026-11-02")
    assert late.status_code == 409
    assert 'value="Ask her &lt;aunt&gt;"' in late.text
    assert (await ruth.post("/meeting/P-K2A/agree", week=WEEK, what="Ask", by="soon")).status_code == 422
    assert (await ruth.post("/meeting/P-NOBODY/say", week=WEEK, said=SAID)).status_code == 404
    assert house.memory.tasks == {}


async def test_only_supervisors_have_the_sheet(sam: Visitor) -> None:
    assert (await sam.get("/meeting")).status_code == 403
    assert (await sam.post("/meeting/P-K2A/say", week=WEEK, said=SAID)).status_code == 403
    assert 'href="/console/meeting"' not in (await sam.get("/queue")).text
