"""Which pages go out together: a P0 never, every page in just one message, no code lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.ladder.file import TIERS
from escalation.ladder.grouping import MOST, Waiting, group
from flows.authoring.extract import own_sources
from flows.text.render import render
from flows.text.segments import count


def page(number: int, tier: str = "P2", code: str = "", channel: str = "sms", news: bool = False) -> Waiting:
    return Waiting(f"id{number}", tier, code or f"K{number}", channel, news)  # type: ignore[arg-type]


def test_pages_that_wait_behind_one_go_with_it_and_the_highest_tier_is_named() -> None:
    whole = group(page(1, "P2"), [page(2, "P1"), page(3, "P3")])
    assert (whole.pages, whole.codes, whole.tier) == (("id1", "id2", "id3"), ("K1", "K2", "K3"), "P1")


def test_a_p0_goes_alone_and_joins_nothing() -> None:
    assert group(page(1, "P0"), [page(2), page(3)]).pages == ("id1",)
    assert group(page(1), [page(2, "P0"), page(3)]).pages == ("id1", "id3")


@pytest.mark.parametrize("other", [page(2, news=True), page(2, channel="voice"), page(2, channel="email")])
def test_what_is_more_than_one_more_alert_goes_alone(other: Waiting) -> None:
    assert group(page(1), [other]).pages == ("id1",)
    assert group(other, [page(1)]).pages == ("id2",)


def test_the_same_alert_paged_again_is_said_once_and_takes_no_room() -> None:
    again = [page(n, code="K1") for n in range(2, 20)]
    whole = group(page(1), again)
    assert (len(whole.pages), whole.codes) == (19, ("K1",))


waiting = st.builds(
    Waiting,
    st.uuids().map(str),
    st.sampled_from(TIERS),
    st.sampled_from([f"K{n}" for n in range(12)]),
    st.sampled_from(("sms", "telegram", "voice")),
    st.booleans(),
)


@given(waiting, st.lists(waiting, max_size=30))
def test_whatever_waits_the_first_is_in_it_no_p0_is_and_each_page_said_has_its_code(
    first: Waiting, others: list[Waiting]
) -> None:
    whole = group(first, others)
    said = [one for one in (first, *others) if one.id in whole.pages]
    assert whole.pages[0] == first.id
    assert len(set(whole.pages)) == len(whole.pages)
    assert {one.code for one in said} == set(whole.codes)
    assert len(whole.codes) <= MOST
    if len(said) > 1:
        assert "P0" not in {one.tier for one in said}
        assert whole.tier == min(one.tier for one in said)


def test_the_longest_group_of_long_codes_is_one_text_message() -> None:
    english = next(source.english for source in own_sources() if source.id == "page/several")
    codes = ", ".join("K2AB4" for _ in range(MOST))
    said = render(english, {"count": str(MOST), "tier": "P1", "codes": codes})
    assert count(said).segments == 1
