"""Risk, contacts and alerts of a case on one axis of time, and the table behind the drawing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from escalation.console.drawing import APART, LEFT, RIGHT, Drawing, drawing, earlier
from escalation.contacted import Contacted, Kind
from escalation.ports import Alert, Assessment, Case, Judgement
from flows.engine.conversation import Value
from tests.console.conftest import Visitor
from tests.console.examples import CONTACT, HER, NOW, House, an_alert
from tests.console.test_escaping import HOSTILE

DAY = timedelta(days=1)
A_CASE = Case(HER, CONTACT, "closed", False, None, None, None, None, (), (), ())


def asked(*fears: Value) -> tuple[Assessment, ...]:
    """A day apart, the last of them today."""
    first = NOW - DAY * (len(fears) - 1)
    return tuple(Assessment(first + DAY * i, None, (), {"fear": fear}, "same") for i, fear in enumerate(fears))


def drawn(**values: object) -> Drawing:
    found = drawing(replace(A_CASE, **values), NOW)  # type: ignore[arg-type]
    assert found is not None
    return found


def ended(ref: str, days: float, lasted: float, **values: object) -> Alert:
    raised = NOW - DAY * days
    return an_alert(ref, raised_at=raised, closed_at=raised + DAY * lasted, **({"state": "resolved"} | values))


def test_where_nothing_happened_nothing_is_drawn() -> None:
    assert drawing(A_CASE, NOW) is None


def test_fear_stands_where_it_falls_in_time_and_in_height() -> None:
    fear = drawn(assessments=(*asked(0), Assessment(NOW - DAY * 30, None, (), {"fear": "10"}, "first"))).fear
    assert fear is not None
    top, bottom = fear.grid[-1][1], fear.grid[0][1]
    assert fear.points == ((LEFT, top), (RIGHT, bottom))
    assert fear.last == 0


def test_skipped_is_not_calm_and_stands_in_the_table_alone() -> None:
    found = drawn(assessments=asked(None, 3, "skip", 11, -1))
    assert found.fear is not None
    assert len(found.fear.points) == 1
    assert [row.value for row in found.rows] == [None, None, None, 3, None]


def test_a_single_answer_of_now_is_drawn_on_an_axis_of_a_week() -> None:
    found = drawn(assessments=asked(5))
    assert found.since == NOW - timedelta(days=7)
    assert found.fear is not None
    assert [x for x, _ in found.fear.points] == [RIGHT]
    assert (found.tiers, found.contacts, found.alerts) == ((), (), ()), "no heading stands over nothing"
    assert list(found.at) == ["fear"]


def test_ninety_days_are_drawn_and_nothing_of_them_is_lost() -> None:
    every_day = tuple(Contacted(NOW - DAY * i, "answered") for i in range(120))[::-1]
    found = drawn(assessments=asked(*([4] * 120)), contacts=every_day)
    assert found.since == NOW - timedelta(days=90)
    assert found.fear is not None
    assert found.fear.dense
    ((lane, _, marks),) = found.contacts
    assert (lane, sum(mark.count for mark in marks), len(found.fear.points)) == ("answered", 91, 91)
    assert [sum(row.what == what for row in found.rows) for what in ("fear", "answered")] == [91, 91]
    assert found.older == NOW - DAY * 91
    before = earlier(replace(A_CASE, assessments=asked(*([4] * 120)), contacts=every_day), NOW - DAY * 180, found.since)
    assert [sum(row.what == what for row in before.rows) for what in ("fear", "answered")] == [29, 29], "the rest"
    assert before.older is None


def test_an_alert_lasts_from_its_raising_to_its_end_in_the_row_of_its_tier() -> None:
    over, closing = ended("A1", 9, 3), ended("A2", 2, 1, tier="P0", state="closing")
    long, gone = ended("A3", 99, 98, tier="P3"), ended("A4", 120, 2)
    found = drawn(alerts=(over, closing, long, gone), assessments=(Assessment(NOW - DAY * 90, None, (), {}, "first"),))
    bars = {tier: row for tier, _, row in found.alerts}
    assert list(bars) == ["P0", "P1", "P3"], "the worst above"
    (done,), (waits,), (since,) = bars["P1"], bars["P0"], bars["P3"]
    assert LEFT < done.x < done.end < waits.x < waits.end == RIGHT
    assert (done.stands, waits.stands) == (False, True), "it waits for a second person"
    assert (since.x, since.before, done.before) == (LEFT, True, False)
    assert {row.name for row in found.rows if row.what == "alert"} == {"A1", "A2", "A3"}
    assert found.count("alert") == 2, "that were raised in these days"
    assert found.older == long.raised_at, "the last that came before them"
    assert found.standing == 1


def test_of_tiers_that_fall_together_the_worst_is_shown() -> None:
    judged = Judgement(NOW, "orchard", "1", "P3", "P1", "Her voice", "s1")
    found = drawn(assessments=(Assessment(NOW - DAY / 24, "P3", (), {}, "first", "orchard"),), judgements=(judged,))
    assert [(mark.tier, mark.count) for mark in found.tiers] == [("P1", 2)]


AGO = st.floats(0, 400)
KINDS: tuple[Kind, ...] = ("answered", "missed", "worker_joined", "worker_left")


@given(
    st.lists(st.tuples(AGO, st.integers(0, 10), st.sampled_from(("P0", "P3", None))), max_size=30),
    st.lists(st.tuples(AGO, st.sampled_from(KINDS)), min_size=1, max_size=60),
    st.lists(st.tuples(AGO, st.floats(0, 9), st.booleans()), max_size=9),
)
def test_all_of_it_stands_inside_and_no_mark_upon_another(
    fears: list[tuple[float, int, object]],
    contacts: list[tuple[float, Kind]],
    alerts: list[tuple[float, float, bool]],
) -> None:
    found = drawn(
        assessments=tuple(Assessment(NOW - DAY * ago, tier, (), {"fear": f}, "same") for ago, f, tier in fears),  # type: ignore[arg-type]
        contacts=tuple(Contacted(NOW - DAY * ago, kind) for ago, kind in contacts),
        alerts=tuple(
            ended(f"A{i}", ago, min(ago, lasted), state="resolved" if over else "claimed")
            for i, (ago, lasted, over) in enumerate(alerts)
        ),
    )
    rows = [marks for _, _, marks in found.contacts] + [found.tiers]
    for marks in rows:
        places = [mark.x for mark in marks]
        assert all(LEFT <= x <= RIGHT for x in places)
        assert all(later - x >= APART // 2 for x, later in pairwise(places))
    for _, y, bars in found.alerts:
        assert y < found.height
        assert all(LEFT <= bar.x < bar.end <= RIGHT for bar in bars)
    for x, y in found.fear.points if found.fear else ():
        assert LEFT <= x <= RIGHT
        assert 0 < y < found.height


# the page


def part(page: str) -> str:
    start = page.index('<section class="card" id="over-time"')
    return page[start : page.index("</section>", start)]


def cells(page: str) -> list[tuple[str, str]]:
    """What and tier of the table's rows, without their tags."""
    found = re.findall(r"<tr><td class=\"day\">.*?</td><td>(.*?)</td><td>(.*?)</td></tr>", part(page), re.DOTALL)
    return [(re.sub("<[^>]*>", "", what).strip(), re.sub("<[^>]*>", "", tier)) for what, tier in found]


async def test_the_case_shows_risk_contacts_and_alerts_with_their_table(claimed: Visitor, house: House) -> None:
    her = house.her
    her.contacts = [Contacted(NOW - DAY * 15, "missed"), Contacted(NOW - DAY * 13, "worker_joined", "s1")]
    her.judgements = [Judgement(NOW - DAY * 13, "orchard", "1", None, "P2", "She sounded hurt", "s1")]
    house.put(ended("M1", 15, 1, tier="P2"))
    page = (await claimed.get(f"/cases/{HER}")).text
    svg = re.search(r"<svg class=\"drawing\".*?</svg>", page, re.DOTALL)
    assert svg is not None
    tree = ElementTree.fromstring(svg[0])  # noqa: S314 - our own page
    title, about = tree.findtext("title"), tree.findtext("desc")
    assert (tree.get("role"), tree.get("aria-labelledby")) == ("img", "drawing-t drawing-d")
    assert title == "Risk, contacts and alerts from Fri 9 Oct to now, on one axis of time"
    assert about == (
        "The last time, she said fear 9 of 10. 2 alerts were raised. 1 is not resolved. 1 check-in was missed."
    )
    words = ["".join(text.itertext()) for text in tree.iter("text")]
    for said in ("Fear, 0 to 10", "Tiers found and judged", "Check-ins missed", "Worker with her", "P1", "P2", "now"):
        assert said in words
    assert cells(page) == [
        ("Fear 9 of 10 (up)", "P1"),
        ("Alert K2A: not resolved", "P1"),
        ("Fear 4 of 10 (same)", "–"),
        ("Tier set by a worker, Sam Okafor", "P2"),
        ("Worker joined the chat, Sam Okafor", "–"),
        ("Fear 5 of 10 (same)", "–"),
        ("Check-in missed", "–"),
        ("Alert M1: resolved Fri 6 Nov, 20:40", "P2"),
        ("Fear not answered", "–"),
        ("Fear 4 of 10 (same)", "–"),
        ("Fear 4 of 10 (same)", "–"),
        ("Fear 3 of 10 (first)", "–"),
    ]
    assert "She sounded hurt" not in part(page)
    assert "style=" not in page


def test_of_an_alert_that_went_on_the_end_of_earlier_days_is_no_end() -> None:
    over, went_on, stands, later = (
        ended("A1", 170, 3),
        ended("A2", 120, 99),
        an_alert("A3", tier="P0"),
        ended("A4", 9, 1),
    )
    stands = replace(stands, raised_at=NOW - DAY * 130)
    found = earlier(replace(A_CASE, alerts=(over, went_on, stands, later)), NOW - DAY * 180, NOW - DAY * 90)
    bars = {tier: row for tier, _, row in found.alerts}
    assert [(bar.after, bar.stands) for bar in bars["P1"]] == [(False, False), (True, False)]
    assert [(bar.after, bar.stands, bar.end) for bar in bars["P0"]] == [(True, True, RIGHT)]
    assert [row.name for row in found.rows] == ["A2", "A3", "A1"], "what was raised since is not of these days"
    assert found.older is None


async def test_one_goes_back_to_the_first_of_it_and_on_again_and_each_reading_is_a_timelines(
    claimed: Visitor, house: House
) -> None:
    her = house.her
    her.contacts = [Contacted(NOW - DAY * ago, "missed") for ago in (400, 130, 100, 20)]
    page = (await claimed.get(f"/cases/{HER}")).text
    assert [what for what, _ in cells(page)].count("Check-in missed") == 1
    first = leads(page, "earlier")
    assert first == f"/console/cases/{HER}/earlier?until=2026-08-12", "the day of the last of it"
    page = (await claimed.client.get(first)).text
    assert "Fri 15 May to Wed 12 Aug" in page
    assert [what for what, _ in cells(page)] == ["Check-in missed"] * 2
    assert leads(page, "after") == ""
    back = leads(page, "before")
    page = (await claimed.client.get(back)).text
    assert "Sat 19 Jul 2025 to Thu 16 Oct 2025" in page, "so long ago the year is said"
    assert [what for what, _ in cells(page)] == ["Check-in missed"]
    assert leads(page, "before") == ""
    again = (await claimed.client.get(leads(page, "after"))).text
    assert [what for what, _ in cells(again)][-2:] == ["Check-in missed"] * 2, "nothing lies between"
    nothing = (await claimed.get(f"/cases/{HER}/earlier?until=2025-01-01")).text
    assert "Nothing was asked, said or raised in these days." in nothing
    assert '<svg class="drawing"' not in nothing
    assert [a.action for a in house.memory.audit if a.action == "timeline.read"] == ["timeline.read"], "in ten minutes"


async def test_a_day_that_is_none_is_the_last_before_the_case_page(claimed: Visitor) -> None:
    for day in ("", "yesterday", "2026-13-01", "9999-12-31", "0001-01-01", "<b>"):
        page = (await claimed.client.get(f"/console/cases/{HER}/earlier", params={"until": day})).text
        assert "Mon 25 May to Sat 22 Aug" in page, day


async def test_anothers_earlier_days_want_a_reason_of_their_own(ines: Visitor, house: House) -> None:
    """The reason given for the case goes along; alone it is asked for, and the day is not forgotten."""
    house.her.contacts = [Contacted(NOW - DAY * 100, "missed")]
    path = f"/cases/{HER}/earlier?until=2026-08-12"
    asked = await ines.get(path)
    assert asked.status_code == 403
    assert f'action="/console{path}"' in asked.text
    assert (await ines.post(path, reason=" ")).status_code == 422
    given = await ines.post(path, reason="Sam fell ill")
    assert [what for what, _ in cells(given.text)] == ["Check-in missed"]
    audited = [(a.action, a.detail) for a in house.memory.audit if a.action.startswith("timeline")]
    assert audited == [("timeline.read.break_glass", "Sam fell ill")]
    case = (await ines.post(f"/cases/{HER}", reason="Sam fell ill")).text
    form = re.search(
        rf'<form class="lead" method="post" action="/console{re.escape(path)}">.*?</form>', case, re.DOTALL
    )
    assert form is not None
    assert 'name="reason" value="Sam fell ill"' in form[0]


def leads(page: str, name: str) -> str:
    """Where the link of this name leads, '' without one."""
    found = re.search(rf'<a href="([^"]*)" id="{name}"', page)
    return found[1] if found else ""


async def test_what_anybody_named_something_stays_words(claimed: Visitor, house: House) -> None:
    for number, name in enumerate(HOSTILE):
        house.change("s2", name=name)
        house.her.assessments = [Assessment(NOW, "P2", (), {}, "first", name, by="s2")]
        page = (await claimed.get(f"/cases/{HER}")).text
        if "<" in name:
            assert name not in part(page), number
        assert part(page).count("<svg") == 1


async def test_before_anything_was_said_the_page_says_so(claimed: Visitor, house: House) -> None:
    house.her.assessments = []
    page = (await claimed.get(f"/cases/{HER}")).text
    assert [what for what, _ in cells(page)] == ["Alert K2A: not resolved"]
    quiet = house.put(an_alert("Q1", "P-Q1"))
    quiet.assessments = []
    house.memory.alerts.pop("Q1")
    answer = await claimed.post("/cases/P-Q1", reason="Her sister called")
    assert "Nothing has been asked, said or raised yet." in part(answer.text)
    assert "<svg" not in part(answer.text)
