"""How answers moved from one time to the next: what rose, what fell, what is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.console.conftest import Browser, Visitor
from tests.console.examples import House
from tests.console.sheets.filling import BASELINE, ORCHARD, filled, holding


async def test_over_time_it_says_what_rose_what_fell_and_who_asked(
    claimed: Visitor, house: House, browser: Browser
) -> None:
    await filled(claimed, house, ORCHARD, {"q07": "yes", "q08": "yes", "q09": "no", "q10": "yes"})
    await claimed.post(f"{ORCHARD}/judge", tier="P0", why="What the neighbour saw")
    house.clock.forward(days=30)
    sam = await holding(browser)
    await filled(sam, house, ORCHARD, {"q07": "no", "q08": "yes", "q09": "yes", "q10": "-"})
    page = (await sam.get("/cases/P-K2A")).text
    over = page[page.index('id="trend-orchard"') :].partition("</details>")[0]
    assert 'class="way way-unclear">fewer answers than before' in over, "what was skipped makes nothing better"
    rose, fell, unknown = (over.index(f"moved-{kind}") for kind in ("rose", "fell", "unknown"))
    assert rose < over.index("Invented item 9") < fell < over.index("Invented item 7") < unknown
    assert over.index("Invented item 10") > unknown, "skipped is not better"
    assert "Invented item 8" not in over
    assert "What the neighbour saw" in over
    assert over.count("Sam Okafor") >= 2
    assert '<svg class="chart"' in over
    assert over.count("<tr><td ") == 2


async def test_improvement_is_shown_as_such(claimed: Visitor, house: House, browser: Browser) -> None:
    await filled(claimed, house, BASELINE, {"afraid": "yes", "hurt": "yes", "forced": "no"})
    house.clock.forward(days=30)
    sam = await holding(browser)
    await filled(sam, house, BASELINE, {"afraid": "no", "hurt": "no", "forced": "no"})
    over = (await sam.get("/cases/P-K2A")).text.partition('id="trend-baseline"')[2].partition("</details>")[0]
    assert 'class="way way-down">fell' in over
    assert over.count("<li ") == 2
    assert "moved-rose" not in over
    assert "moved-unknown" not in over


async def test_what_the_chat_asked_stands_in_the_same_line(claimed: Visitor, house: House) -> None:
    first = house.her.assessments[-1]
    asked = replace(
        first, instrument="baseline", tier="P2", answers={"hurt": "yes"}, score={"total": 1}, rules=("baseline.hurt",)
    )
    house.her.assessments.append(replace(asked, at=first.at - timedelta(days=9)))
    await filled(claimed, house, BASELINE, {"hurt": "yes", "afraid": "no"})
    page = (await claimed.get("/cases/P-K2A")).text
    over = page[page.index('id="trend-baseline"') :].partition("</details>")[0]
    assert "the chat</td>" in over
    assert "Sam Okafor" in over
    assert "Nothing moved" in over
