"""Gone on with days later, finished and weighed, and judged beside the rules."""

from __future__ import annotations

import re

from msgspec.structs import replace as changed

from tests.console.conftest import Browser, Visitor
from tests.console.examples import House
from tests.console.sheets.filling import BASELINE, ORCHARD, answered, filled, holding


async def test_days_later_a_colleague_goes_on_and_finishes(claimed: Visitor, house: House, browser: Browser) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    for number in range(1, 15):
        await answered(claimed, house, f"q{number:02}", "yes")
    house.clock.forward(days=5)
    ines = await browser("ines")
    await ines.post("/alerts/K2A/claim")
    page = (await ines.get(ORCHARD)).text
    assert "14 of 24 looked at" in page
    assert "10 items are still open." in page
    done = await ines.post(f"{ORCHARD}/finish", sheet=house.her.sheets["orchard"].id)
    assert done.headers["location"] == f"/console{ORCHARD}?notice=finished"
    (found,) = [a for a in house.her.assessments if a.instrument == "orchard"]
    assert (found.tier, found.by, found.score) == ("P1", "s2", {"total": 14, "unanswered": 10})


async def test_when_all_is_looked_at_finishing_is_what_is_left(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{BASELINE}/begin")
    for item in ("humiliated", "afraid", "forced", "hurt"):
        await answered(claimed, house, item, "no", path=BASELINE)
    page = (await claimed.get(BASELINE)).text
    assert "Every item has been looked at" in page
    assert "Nothing is open." in page
    assert '<button id="finish" class="do">' in page
    assert 'class="card ask" method' not in page


async def test_it_shows_tier_bands_what_fired_and_the_answers(claimed: Visitor, house: House) -> None:
    harbour = "/cases/P-K2A/instruments/harbour"
    await filled(claimed, house, harbour, {"h01": "yes", "h02": "yes", "h03": "no", "h20": "sometimes"})
    page = (await claimed.get(f"{harbour}?notice=finished")).text
    assert "Finished. It stands on her record." in page
    gave = page[page.index('id="gave"') : page.index("again-h")]
    assert "9 of 33 points" in gave
    assert re.search(r'class="inside" aria-current="true"><span class="figures">8–13</span>', gave)
    assert "Harbour: 9, from 8" in gave
    assert "<code>harbour.from_8</code>" in gave
    assert "16 items have no answer." in gave
    said = page[page.index('id="said"') :]
    assert said.count('class="fired"') == 3
    assert "4 points" in said
    assert "At times" in said
    assert "Not answered" in said
    assert 'id="judge"' not in page, "harbour leaves no room for judgement"


async def test_an_item_that_raises_alone_is_marked(claimed: Visitor, house: House) -> None:
    await filled(claimed, house, ORCHARD, {"q07": "yes", "q08": "yes"})
    said = (await claimed.get(ORCHARD)).text.partition('id="said"')[2]
    assert said.count("raises by itself") == 1


async def test_a_finished_one_is_never_changed_and_a_new_one_stands_beside_it(
    claimed: Visitor, house: House, browser: Browser
) -> None:
    await filled(claimed, house, BASELINE, {"afraid": "yes"})
    gone = await claimed.post(f"{BASELINE}/answer", sheet="old", item="hurt", before="0", answer="yes", origin="her")
    assert gone.status_code == 409
    assert "finished or set aside" in gone.text
    house.clock.forward(days=1)
    await filled(await holding(browser), house, BASELINE, {"afraid": "no"})
    found = [a.answers for a in house.her.assessments if a.instrument == "baseline"]
    assert found == [{"afraid": "yes"}, {"afraid": "no"}]


async def test_finishing_twice_finishes_once(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{BASELINE}/begin")
    await answered(claimed, house, "hurt", "no", path=BASELINE)
    sheet = house.her.sheets["baseline"].id
    for _ in range(2):
        assert (await claimed.post(f"{BASELINE}/finish", sheet=sheet)).status_code == 303
    assert len([a for a in house.her.assessments if a.instrument == "baseline"]) == 1


async def test_an_empty_one_cannot_be_finished(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    refused = await claimed.post(f"{ORCHARD}/finish", sheet=house.her.sheets["orchard"].id)
    assert refused.status_code == 409
    assert "Nothing has been answered yet." in refused.text


async def test_one_begun_with_another_version_is_set_aside_by_a_new_one(claimed: Visitor, house: House) -> None:
    await claimed.post(f"{ORCHARD}/begin")
    old = house.her.sheets["orchard"]
    house.her.sheets["orchard"] = changed(old, version="2025.9")
    page = (await claimed.get(ORCHARD)).text
    assert "One was begun with version 2025.9, which is no longer in use." in page
    assert (await answered(claimed, house, "q01", "no")).status_code == 409
    await claimed.post(f"{ORCHARD}/begin")
    assert house.her.sheets["orchard"].version == "2026.1"
    assert house.her.sheets["orchard"].id != old.id


async def test_a_judgement_is_asked_for_with_a_reason_and_stands_beside_the_rules(
    claimed: Visitor, house: House
) -> None:
    await filled(claimed, house, ORCHARD, {f"q{n:02}": "yes" for n in range(8, 14)})
    page = (await claimed.get(ORCHARD)).text
    form = page[page.index('id="judge"') : page.index("again-h")]
    assert re.findall(r'name="tier" value="(P\d)"', form) == ["P0", "P1", "P3"], "P2 is what stands"
    assert re.search(r'<textarea id="why"[^>]*required', form)
    judged = await claimed.post(f"{ORCHARD}/judge", tier="P1", why="Her voice on the phone")
    assert judged.headers["location"].endswith("?notice=judged")
    page = (await claimed.get(ORCHARD)).text
    assert "Her voice on the phone" in page
    assert [(j.found, j.tier, j.staff) for j in house.her.judgements] == [("P2", "P1", "s1")]
    assert house.memory.alerts["K2A"].tier == "P1"


async def test_a_lower_judgement_without_a_reason_is_refused_and_the_choice_stays(
    claimed: Visitor, house: House
) -> None:
    await filled(claimed, house, ORCHARD, {"q07": "yes"})
    refused = await claimed.post(f"{ORCHARD}/judge", tier="P3", why=" ")
    assert refused.status_code == 409
    assert "needs a reason" in refused.text
    assert re.search(r'value="P3" required checked', refused.text)
    assert (await claimed.post(f"{ORCHARD}/judge", tier="P9", why="x")).status_code == 422
    assert (await claimed.post(f"{ORCHARD}/judge", tier="P3", why="x" * 501)).status_code == 422
    assert house.her.judgements == []
