"""The record of decisions by the forms of its pages."""

from __future__ import annotations

import re

from escalation.decisions import Decision, Review
from tests.console.conftest import Visitor
from tests.console.examples import HER, House

CASE = f"/cases/{HER}"
WRITTEN = {
    "facts": "Her sister heard <him> say it",
    "options": "Wait, or tell the police",
    "decision": "The police are told tonight",
    "basis": "life",
    "why": "Her life; asking her on this phone could harm her",
    "shared_with": "Police, duty desk",
    "tier": "P3",
}


async def test_a_decision_is_written_signed_by_another_and_listed_till_then(
    claimed: Visitor, ines: Visitor, house: House
) -> None:
    assert f'href="/console{CASE}/decisions"' in (await claimed.get(CASE)).text
    done = await claimed.post(f"{CASE}/decisions/write", **WRITTEN)
    assert done.headers["location"] == f"/console{CASE}/decisions?notice=decided"
    mine = (await claimed.get(f"{CASE}/decisions?notice=decided")).text
    assert "Her sister heard &lt;him&gt; say it" in mine
    assert "You wrote it. A second person signs." in mine
    assert 'id="sign-1"' not in mine
    listed = (await ines.get("/decisions")).text
    assert "P-K2A" in listed
    assert "police" not in listed.lower(), "nothing of what it says"
    assert (await ines.get(f"{CASE}/decisions")).status_code == 403
    page = (await ines.post(f"{CASE}/decisions", reason="To sign")).text
    assert 'id="sign-1"' in page
    assert 'name="reason" value="To sign"' in page
    after = (await ines.post(f"{CASE}/decisions/sign", number="1", agreed="1", reason="To sign")).text
    assert "Signed by Inés Duarte" in after
    assert "Nothing waits" in (await ines.get("/decisions")).text
    written, review = house.her.entries
    assert isinstance(written, Decision)
    assert written.draft.tier == "P1", "what stands open of hers is a P1"
    assert isinstance(review, Review)
    assert (review.staff, review.agreed) == ("s2", True)


async def test_given_back_with_a_word_and_replaced_by_another(claimed: Visitor, ines: Visitor) -> None:
    await claimed.post(f"{CASE}/decisions/write", **WRITTEN)
    bare = await ines.post(f"{CASE}/decisions/sign", number="1", agreed="0", word=" ", reason="To sign")
    assert bare.status_code == 409
    assert re.search(r'id="back-1" open', bare.text)
    await ines.post(f"{CASE}/decisions/sign", number="1", agreed="0", word="And the children?", reason="To sign")
    page = (await claimed.get(f"{CASE}/decisions")).text
    assert "Given back by Inés Duarte:" in page
    assert "And the children?" in page
    assert "The police are told tonight</textarea>" in page, "her own words again, to be mended"
    assert '<option value="life" selected>' in page
    assert '<option value="1" selected>In place of no. 1</option>' in page
    theirs = (await ines.post(f"{CASE}/decisions", reason="To sign")).text
    assert "The police are told tonight</textarea>" not in theirs
    await claimed.post(f"{CASE}/decisions/write", **WRITTEN | {"facts": "Both children are with her", "instead": "1"})
    page = (await claimed.get(f"{CASE}/decisions")).text
    assert "In place of no. 1" in page
    assert page.index('id="decision-3"') < page.index('id="decision-1"'), "latest first; both stay"
    assert "The police are told tonight</textarea>" not in page


async def test_what_is_refused_stays_in_its_boxes(claimed: Visitor, house: House) -> None:
    refused = await claimed.post(f"{CASE}/decisions/write", **WRITTEN | {"why": ""})
    assert refused.status_code == 409
    assert "Say why it is shared without her consent." in refused.text
    assert '<option value="life" selected>' in refused.text
    assert "The police are told tonight</textarea>" in refused.text
    for wrong in ({"tier": "P9"}, {"instead": "x"}):
        assert (await claimed.post(f"{CASE}/decisions/write", **WRITTEN | wrong)).status_code == 422
    assert house.her.entries == []


async def test_who_writes_without_a_claim_gives_a_reason_that_stays_with_the_page(sam: Visitor, house: House) -> None:
    assert (await sam.post(f"{CASE}/decisions/write", **WRITTEN)).status_code == 403
    assert (await sam.post(f"{CASE}/decisions")).status_code == 422
    kept = await sam.post(f"{CASE}/decisions/write", **WRITTEN, reason="Ines fell ill")
    assert kept.status_code == 200
    assert "Kept." in kept.text
    assert 'value="Ines fell ill"' in kept.text
    assert ("s1", "decision.decision", HER) in [(row.actor, row.action, row.subject) for row in house.memory.audit]
