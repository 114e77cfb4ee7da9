"""On the case page: what she wants and how it goes, her plan and its changes, what is not for this worker."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from escalation.ports import Assessment, Line
from storage.memory import Audited
from tests.console.conftest import Visitor
from tests.console.examples import HER, NOW, House

CHANGE = {"item": "collect", "status": "todo", "words": "La vecina", "nonce": "n1"}


def part(page: str, name: str) -> str:
    """From that section's beginning to the next."""
    start = page.index(f'id="{name}"')
    return page[start : page.index("</section>", start)]


async def test_goals_stand_in_her_words_with_a_line_and_its_numbers_behind(claimed: Visitor) -> None:
    shown = part((await claimed.get("/cases/P-K2A")).text, "goals")
    assert '<p dir="auto" lang="es"><b>Dormir tranquila</b></p>' in shown
    assert "Nearer than at first: 3, now 6" in shown
    assert 'aria-label="Where she says she stands, 0 to 10. First 3, last 6, over 3 answers."' in shown
    first = shown[: shown.index("Mi propio dinero")]
    assert re.findall(r'<td class="figures">(\d+)</td>', first) == ["6", "2", "3"]
    assert "No number yet." in shown[shown.index("Mi propio dinero") :]
    assert shown.index("Goals that ended") < shown.index("Un trabajo")
    assert "style=" not in shown


async def test_who_has_set_no_goals(claimed: Visitor, house: House) -> None:
    house.her.goals = []
    assert "She has set no goals yet." in (await claimed.get("/cases/P-K2A")).text


async def test_an_item_past_its_review_is_marked(claimed: Visitor) -> None:
    shown = part((await claimed.get("/cases/P-K2A")).text, "plan")
    assert "Review was due on Sun 8 Nov" in shown
    assert "Review on Fri 18 Dec" in shown
    assert shown.count("Review was due") == 1


async def test_a_worker_changes_an_item_and_the_change_stands_under_their_name(claimed: Visitor, house: House) -> None:
    before = house.her.plan[0]
    seen = before.at.isoformat() if before.at else ""
    answer = await claimed.post("/cases/P-K2A/plan", **CHANGE, seen=seen, review_on="2026-12-01")
    assert answer.headers["location"] == "/console/cases/P-K2A?notice=planned"
    item = house.her.plan[0]
    assert (item.status, item.words) == ("todo", "La vecina")
    assert item.review_on is not None
    assert item.review_on.isoformat() == "2026-12-01T00:00:00+00:00"
    page = (await claimed.client.get(answer.headers["location"])).text
    assert "The plan is changed." in page
    history = page[page.index('id="plan-history"') :]
    assert re.search(r"La vecina</bdi></td><td dir=\"auto\">Sam Okafor", history)
    assert re.search(r"Mi hermana Ana, con el coche</bdi></td><td dir=\"auto\">she herself", history)
    assert Audited("s1", "case.plan", HER, NOW) in house.memory.audit
    assert not any("vecina" in row.detail for row in house.memory.audit)


async def test_the_form_says_what_stands_and_a_day_left_as_it_was_stays(claimed: Visitor, house: House) -> None:
    page = (await claimed.get("/cases/P-K2A")).text
    assert "</section>" not in page[page.index('id="plan"') : page.index('id="plan-change"')], "in the plan's own card"
    form = page[page.index('id="plan-change-collect"') :]
    fields = dict(re.findall(r'<input type="hidden" name="(seen|review_was)" value="([^"]*)">', form)[:2])
    day = re.search(r'type="date"[^>]*value="([^"]*)"', form)
    assert day is not None
    assert day[1] == "2026-11-08"
    assert (await claimed.post("/cases/P-K2A/plan", **CHANGE, **fields, review_on=day[1])).status_code == 303
    assert house.her.plan[0].review_on == NOW - timedelta(days=12), "long past, and not touched by other words"


async def test_what_she_changed_meanwhile_is_not_overwritten_and_the_workers_words_stay(
    claimed: Visitor, house: House
) -> None:
    answer = await claimed.post("/cases/P-K2A/plan", **CHANGE, seen="2026-01-01T00:00:00+00:00")
    assert answer.status_code == 409
    assert "It has changed meanwhile" in answer.text
    assert "La vecina</textarea>" in answer.text
    assert 'id="plan-change" open' in answer.text
    assert house.her.plan[0].words == "Mi hermana Ana, con el coche"


async def test_only_the_holder_changes_the_plan(claimed: Visitor, ines: Visitor, house: House) -> None:
    page = (await ines.post("/cases/P-K2A", reason="covering")).text
    assert 'id="plan-change"' not in page
    answer = await ines.post("/cases/P-K2A/plan", **CHANGE, reason="covering")
    assert answer.status_code == 409
    assert "Claim one of this person&#39;s alerts first." in answer.text
    assert house.her.plan[0].words == "Mi hermana Ana, con el coche"


@pytest.mark.parametrize(
    "wrong", [{"status": "gone"}, {"review_on": "soon"}, {"seen": "x"}, {"review_on": "2026-12-01", "review_was": "x"}]
)
async def test_a_field_that_is_not_as_our_form_has_it(wrong: dict[str, str], claimed: Visitor, house: House) -> None:
    assert (await claimed.post("/cases/P-K2A/plan", **(CHANGE | wrong))).status_code == 422
    assert len(house.her.plan_versions) == len(house.her.plan)


async def test_what_is_for_someone_independent_is_told_and_not_shown(
    claimed: Visitor, ruth: Visitor, house: House
) -> None:
    asked = Line(NOW, "bot", "Did you feel listened to?", "adherence/listened", apart=True)
    house.her.lines += [asked, Line(NOW, "her", "not by Sam", apart=True)]
    house.her.assessments.append(Assessment(NOW, "P1", ("harm.much",), {"harm": "much"}, "up", "adherence", apart=True))
    page = (await claimed.post("/cases/P-K2A/transcript")).text
    assert "not by Sam" not in page
    assert "listened to" not in page
    assert page.count("Answered to someone independent") == 1
    trend = page[page.index('id="trend-adherence"') :]
    assert "<td>P1</td><td>to someone independent</td>" in trend
    theirs = (await ruth.post("/cases/P-K2A/transcript", reason="the monthly interview")).text
    assert "not by Sam" in theirs
    assert Audited("s3", "transcript.read_independent", HER, NOW) in house.memory.audit


async def test_a_worker_records_the_stage_of_change_and_the_page_tells_how_it_went(
    claimed: Visitor, ines: Visitor, house: House
) -> None:
    goal = next(one for one in house.her.goals if one.words == "Mi propio dinero")
    fields = {"goal": "two", "set_at": goal.at.isoformat()}
    page = part((await claimed.get("/cases/P-K2A")).text, "goals")
    form = page[page.index('name="goal" value="two"') :]
    assert f'name="set_at" value="{goal.at.isoformat()}"' in form
    lines = len(house.her.lines)
    answer = await claimed.post("/cases/P-K2A/stages", **fields, stage="contemplation")
    assert answer.headers["location"] == "/console/cases/P-K2A?notice=staged"
    house.clock.forward(minutes=5)
    again = await ines.post("/cases/P-K2A/stages", **fields, stage="action", reason="covering")
    assert "The stage of change is kept. Nothing was sent." in again.text
    shown = part(again.text, "goals")
    of_it = shown[shown.index("Mi propio dinero") : shown.index("Goals that ended")]
    assert re.search(r"Stage of change</span> <b>Doing it \(action\)</b> .*Inés Duarte", of_it)
    history = of_it[of_it.index("Every stage") :]
    assert re.search(r"Doing it.*Inés Duarte.*Thinking about it.*Sam Okafor", history, re.DOTALL)
    assert 'value="action"' not in shown[shown.index('id="stage-two"') :], "what stands is not offered again"
    assert len(house.her.lines) == lines, "nothing went to her phone"
    assert [row.action for row in house.memory.audit].count("case.stage") == 2
    assert not any("action" in row.detail for row in house.memory.audit)


async def test_a_stage_of_a_goal_that_she_has_changed_meanwhile_is_refused_with_a_sentence(
    claimed: Visitor, house: House
) -> None:
    fields = {"goal": "two", "stage": "action", "set_at": NOW.isoformat()}
    answer = await claimed.post("/cases/P-K2A/stages", **fields)
    assert answer.status_code == 409
    assert "That goal does not stand any more" in answer.text
    assert 'id="stage-change" open' in answer.text
    assert not any(goal.stages for goal in house.her.goals)


@pytest.mark.parametrize(
    ("wrong", "says"), [({"stage": ""}, "Choose the stage"), ({"set_at": "x"}, "not as it should")]
)
async def test_a_stage_that_is_not_as_our_form_has_it(
    wrong: dict[str, str], says: str, claimed: Visitor, house: House
) -> None:
    fields = {"goal": "two", "stage": "action", "set_at": NOW.isoformat()} | wrong
    answer = await claimed.post("/cases/P-K2A/stages", **fields)
    assert answer.status_code == 422
    assert says in answer.text
    assert not any(goal.stages for goal in house.her.goals)


async def test_what_a_worker_keeps_stands_on_the_page_with_its_words_and_in_the_form(
    claimed: Visitor, house: House
) -> None:
    seen = house.her.plan[0].at
    change = CHANGE | {"status": "worker", "seen": seen.isoformat() if seen else ""}
    await claimed.post("/cases/P-K2A/plan", **change)
    assert (house.her.plan[0].status, house.her.plan[0].words) == ("worker", "")
    page = (await claimed.get("/cases/P-K2A")).text
    items = page[page.index('id="plan-items"') : page.index('id="plan-history"')]
    assert re.search(r"never shown in the chat:</span> <bdi lang=\"es\">La vecina</bdi>", items)
    form = page[page.index('id="plan-change-collect"') : page.index('id="plan-change-keys_and_papers"')]
    assert "La vecina</textarea>" in form, "saving another day of review loses no word"
