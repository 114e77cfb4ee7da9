"""The queue behind its first page: everybody who waits can be come to, and each once."""

from __future__ import annotations

import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from escalation.console.queue_rows import MOST
from escalation.console.sift_rows import SIFTED
from escalation.further import part, read, written
from escalation.order import place
from escalation.ports import Alert, Place
from tests.console.conftest import Visitor
from tests.console.examples import NOW, House, an_alert
from tests.console.test_queue import order

MINUTE = timedelta(minutes=1)


def many(house: House, count: int, start: int = 0, **values: object) -> list[str]:
    """Alerts of one tier, each a minute less urgent than the one before. Returns their refs."""
    refs = [f"N{number:04}" for number in range(start, start + count)]
    for number, ref in enumerate(refs, start):
        house.put(an_alert(ref, f"P-{ref}", breach_at=NOW + MINUTE * (number + 10), **values))
    return refs


def leads(page: str, name: str) -> str:
    """Where the link of this name leads, '' without one; as the paths of a visitor."""
    found = re.search(rf'<a class="button" id="{name}" href="/console([^"]*)"', page)
    return found[1].replace("&amp;", "&") if found else ""


async def whole(visitor: Visitor, path: str, name: str = "later") -> list[list[str]]:
    """The alerts of each page, as one goes on from this one."""
    pages = []
    while path:
        page = (await visitor.get(path)).text
        pages.append(order(page.partition('<aside class="beside"')[0]))
        path = leads(page, name)
    return pages


async def test_going_on_comes_to_everybody_and_going_back_leads_to_the_living_page(sam: Visitor, house: House) -> None:
    refs = ["K2A", *many(house, 2 * MOST + 30)]
    pages = await whole(sam, "/queue")
    assert [len(page) for page in pages] == [MOST, MOST, 31]
    assert [ref for page in pages for ref in page] == refs
    path = "/queue"
    for _ in range(2):
        path = leads((await sam.get(path)).text, "later")
    before = leads((await sam.get(path)).text, "sooner")
    assert order((await sam.get(before)).text) == pages[1]
    top = await sam.get(leads((await sam.get(before)).text, "sooner"))
    assert (top.status_code, top.headers["location"]) == (303, "/console/queue")


async def test_a_queue_of_one_page_leads_nowhere(sam: Visitor, house: House) -> None:
    many(house, MOST - 1)
    page = (await sam.get("/queue")).text
    assert len(order(page)) == MOST
    assert leads(page, "later") == ""
    assert "most urgent are shown" not in page
    assert f'class="count">{MOST}</span>' in page


async def test_a_further_page_says_of_when_it_is_and_takes_the_most_urgent_of_all(sam: Visitor, house: House) -> None:
    refs = many(house, MOST + 5)
    page = (await sam.get(leads((await sam.get("/queue")).text, "later"))).text
    assert order(page) == refs[MOST - 1 :]
    assert "As of 20:40. This page does not update by itself." in page
    assert "P1 · K2A" in page, "the big button"
    assert not re.search(r"live\.js|data-stream|http-equiv=.refresh", page), "nothing moves, with scripts or without"
    assert "me mata" not in page
    taken = await sam.post(f"/alerts/{refs[-1]}/claim")
    assert taken.headers["location"] == f"/console/cases/P-{refs[-1]}"


async def test_who_is_taken_or_comes_in_meanwhile_pushes_nobody_off_the_next_page(sam: Visitor, house: House) -> None:
    refs = many(house, MOST + 20)
    later = leads((await sam.get("/queue")).text, "later")
    await house.desk.claim(refs[3], "s2", NOW)
    await house.desk.claim(refs[MOST - 2], "s2", NOW)
    house.put(an_alert("NEW", "P-NEW", tier="P0"))
    page = (await sam.get(later)).text
    assert order(page) == refs[MOST - 1 :]
    assert "P0 · NEW" in page, "the big button"


async def test_where_all_further_down_are_taken_the_page_says_so(sam: Visitor, house: House) -> None:
    (last, *_) = many(house, MOST)[::-1]
    later = leads((await sam.get("/queue")).text, "later")
    await house.desk.claim(last, "s2", NOW)
    page = (await sam.get(later)).text
    assert "Nobody waits here." in page
    assert leads(page, "first") == "/queue"
    assert (leads(page, "sooner"), leads(page, "later")) == ("", "")


async def test_a_filter_goes_on_behind_what_it_has_looked_through_and_says_how_much(sam: Visitor, house: House) -> None:
    many(house, SIFTED + 10)
    low = many(house, 2, start=SIFTED + 10, language="cy")
    page = (await sam.get("/queue?language=cy")).text
    assert order(page) == []
    assert f"{SIFTED:,} alerts were looked through." in page
    later = leads(page, "later")
    assert later.startswith("/queue?language=cy&after=")
    page = (await sam.get(later)).text
    assert order(page) == low
    assert "Show only: <b>Welsh</b>. 13 alerts were looked through." in page
    assert leads(page, "first") == "/queue?language=cy"
    top = await sam.get(leads(page, "sooner"))
    assert top.headers["location"] == "/console/queue?language=cy"
    assert [len(each) for each in await whole(sam, "/queue?tier=P1")] == [MOST] * 10 + [13]


async def test_what_is_no_place_is_the_first_page(sam: Visitor) -> None:
    for text in ("", "7", "1.2.3", "9.1.1.K2A", "1.-1.1.K2A", "1.1.1.<b>", "1.999999999999999.1.K2A", "1.1.1.K2A.x"):
        page = await sam.client.get("/console/queue", params={"after": text})
        assert order(page.text) == ["K2A"], text
        assert 'id="live"' in page.text


async def test_keys_go_from_the_last_alert_to_the_next_page(sam: Visitor) -> None:
    assert "The next alert, then the next page" in (await sam.get("/queue")).text


PLACES = st.builds(
    lambda rank, deadline, raised, ref: (rank, NOW + timedelta(milliseconds=deadline), NOW - raised * MINUTE, ref),
    st.integers(0, 3),
    st.integers(-(10**9), 10**9),
    st.integers(0, 10**6),
    st.text("0123456789ABCXYZ", min_size=1, max_size=6),
)


@given(PLACES)
def test_a_place_comes_back_from_its_address(edge: Place) -> None:
    assert read(written(edge)) == edge


@given(
    st.lists(
        st.tuples(st.sampled_from(("P0", "P1", "P2", "P3")), st.integers(-3000, 3000), st.booleans()), max_size=60
    ),
    st.integers(1, 9),
    st.integers(0, 9),
)
def test_down_and_up_again_each_that_fits_is_met_once_and_in_order(
    stand: list[tuple[str, int, bool]], most: int, beyond: int
) -> None:
    look = most + beyond
    alerts = [
        an_alert(f"A{number}", tier=tier, breach_at=NOW + MINUTE * minutes, language="cy" if fits else "en")
        for number, (tier, minutes, fits) in enumerate(stand)
    ]
    alerts.sort(key=lambda alert: place(alert, NOW))

    def fits(alert: Alert) -> bool:
        return alert.language == "cy"

    here = part(alerts[: look + 1], fits, look, most, NOW)
    down = list(here.shown)
    while here.later is not None:
        edge = here.later
        here = part([a for a in alerts if place(a, NOW) > edge][: look + 1], fits, look, most, NOW)
        assert len(here.shown) <= most
        down += here.shown
    assert down == [alert for alert in alerts if fits(alert)]
    up = list(here.shown)
    while here.sooner is not None:
        edge = here.sooner
        here = part([a for a in alerts if place(a, NOW) < edge][-look - 1 :], fits, look, most, NOW, back=True)
        up = [*here.shown, *up]
    assert up[-len(down) :] == down if down else not up
