"""Orders, agencies and workers' own items by the forms of the case page."""

from __future__ import annotations

import pytest

from escalation.casefile import Agency, Kept, Order, OwnItem
from tests.console.conftest import Visitor
from tests.console.examples import HER, House

AN_ORDER = {"order_kind": "no_contact", "order_who": "Mr. <i>R.</i>", "order_whom": "her"}


def on_file(house: House) -> list[Kept]:
    return list(house.memory.casefile.get(HER, {}).values())


async def test_an_order_stands_beside_whether_to_write_and_blocks_the_exit(claimed: Visitor, house: House) -> None:
    made = await claimed.post(f"/cases/{HER}/orders", order_until="2026-12-24", **AN_ORDER)
    assert made.headers["location"] == f"/console/cases/{HER}?notice=filed"
    (one,) = on_file(house)
    assert isinstance(one.entry, Order)
    assert (one.entry.who, str(one.entry.until)) == ("Mr. <i>R.</i>", "2026-12-24 00:00:00+00:00")
    page = (await claimed.get(f"/cases/{HER}")).text
    banner = page[page.index('id="banner"') : page.index("</section>", page.index('id="banner"'))]
    assert "An order stands until Thu 24 Dec" in banner
    assert "Mr. &lt;i&gt;R.&lt;/i&gt; may not contact her" in banner
    refused = await claimed.post(f"/cases/{HER}/records", fact="negotiated_exit", value="agreed")
    assert "A no-contact order stands" in refused.text
    assert [task.kind for task in house.memory.tasks.values()] == ["order"]
    await claimed.post(f"/cases/{HER}/file/end", entry=one.id)
    assert 'id="file-ended"' in (await claimed.get(f"/cases/{HER}")).text
    assert [task.done_by for task in house.memory.tasks.values()] == ["s1"]


async def test_an_agency_says_whether_she_agrees_and_an_item_goes_to_no_phone(claimed: Visitor, house: House) -> None:
    agency = {"agency_name": "Housing", "agency_person": "duty officer", "agency_reference": "H-12"}
    await claimed.post(f"/cases/{HER}/agencies", agency_consent="no", agency_since="2026-11-01", **agency)
    await claimed.post(f"/cases/{HER}/own-items", item_words="Ask the school")
    found, item = (one.entry for one in on_file(house))
    assert isinstance(found, Agency)
    assert (found.name, found.consent, found.reference) == ("Housing", "no", "H-12")
    assert item == OwnItem("Ask the school")
    page = (await claimed.get(f"/cases/{HER}")).text
    assert "She does not agree: do not speak with them" in page
    assert "Ask the school" in page
    assert all("Ask the school" not in words.words for words in house.her.plan)
    assert all("Ask the school" not in line.text for line in house.her.lines)


async def test_a_day_at_the_end_of_the_calendar_is_a_day(claimed: Visitor, house: House) -> None:
    assert (await claimed.post(f"/cases/{HER}/orders", order_until="9999-12-31", **AN_ORDER)).status_code == 303
    assert "until" in (await claimed.get(f"/cases/{HER}")).text
    assert len(on_file(house)) == 1


@pytest.mark.parametrize(
    ("door", "fields", "status"),
    [
        ("orders", AN_ORDER | {"order_who": " "}, 409),
        ("orders", AN_ORDER | {"order_until": "2026-11-01"}, 409),
        ("orders", AN_ORDER | {"order_since": "2026-12-24", "order_until": "2026-12-01"}, 409),
        ("orders", AN_ORDER | {"order_until": "soon"}, 422),
        ("orders", AN_ORDER | {"order_kind": "house arrest"}, 422),
        ("orders", AN_ORDER | {"order_words": "x" * 501}, 422),
        ("agencies", {"agency_name": "", "agency_consent": "yes"}, 409),
        ("agencies", {"agency_name": "Housing", "agency_consent": "perhaps"}, 422),
        ("own-items", {"item_words": ""}, 409),
        ("file/end", {"entry": "none"}, 404),
    ],
)
async def test_what_is_nothing_to_keep_is_refused(
    claimed: Visitor, house: House, door: str, fields: dict[str, str], status: int
) -> None:
    assert (await claimed.post(f"/cases/{HER}/{door}", **fields)).status_code == status
    assert on_file(house) == []
    assert house.her.recorded == {}


async def test_another_s_case_is_written_in_for_a_reason_alone(ines: Visitor, house: House) -> None:
    assert (await ines.post(f"/cases/{HER}/own-items", item_words="Ring")).status_code == 403
    assert on_file(house) == []
    given = await ines.post(f"/cases/{HER}/own-items", item_words="Ring", reason="Weekly meeting")
    assert given.status_code == 200
    assert [one.by for one in on_file(house)] == ["s2"]
