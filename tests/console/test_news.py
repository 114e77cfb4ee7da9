"""Who referred her is told that there is news: the page shows exactly what goes out, and how it went."""

from __future__ import annotations

from dataclasses import replace

import pytest

from escalation.casefile import Agency, Kept
from escalation.methods import Method
from storage.memory import MemoryMethods
from tests.console.conftest import Visitor
from tests.console.examples import HER, NOW, House

HOUSING = {"agency_name": "Housing <i>North</i>", "agency_consent": "yes", "agency_reference": "H-12"}
BY_MAIL, BY_TEXT = "duty@housing.example", "+44 20 7946 0123"
TELL = "Tell Housing &lt;i&gt;North&lt;/i&gt; that there is news"
WORDS = "There is news about your referral H-12. Please ring the team that has it."


async def keep(visitor: Visitor, house: House, news_to: str = BY_MAIL, **fields: str) -> str:
    """The id of the entry."""
    made = await visitor.post(f"/cases/{HER}/agencies", **HOUSING | {"agency_news_to": news_to} | fields)
    assert made.status_code == 303
    return next(iter(house.memory.casefile[HER]))


async def press(visitor: Visitor, entry: str, alert: str = "K2A") -> tuple[int, str]:
    answer = await visitor.post(f"/cases/{HER}/agencies/tell", entry=entry, alert=alert)
    return answer.status_code, answer.text


async def case(visitor: Visitor) -> str:
    return (await visitor.get(f"/cases/{HER}")).text


@pytest.mark.parametrize(
    ("news_to", "kept", "shown"),
    [
        (BY_MAIL, BY_MAIL, ("This e-mail is sent, and nothing else:", "<b>Your referral</b>")),
        (BY_TEXT, "+442079460123", ("This text is sent, and nothing else:",)),
    ],
)
async def test_the_words_stand_on_the_page_before_they_go(
    claimed: Visitor, house: House, news_to: str, kept: str, shown: tuple[str, ...]
) -> None:
    entry = await keep(claimed, house, news_to)
    page = await case(claimed)
    assert page.count(TELL) == 1
    assert f'href="#news-{entry}"' in page, "the way to it, among the acts"
    assert all(words in page for words in (WORDS, kept, *shown))
    assert house.her.entries == [], "showing it sends nothing"


async def test_a_second_press_says_when_it_went_and_the_page_how(claimed: Visitor, house: House) -> None:
    entry = await keep(claimed, house)
    assert (await press(claimed, entry))[0] == 303
    page = await case(claimed)
    assert "Told of K2A that there is news: " in page
    assert "It is on its way." in page
    assert TELL not in page
    status, again = await press(claimed, entry)
    assert status == 409
    assert "They were told of this alert already: 20:40" in again
    assert len(house.her.entries) == 1
    log = (await claimed.get(f"/cases/{HER}/decisions")).text
    assert "That there is news, and nothing else. About K2A." in log
    assert "Housing &lt;i&gt;North&lt;/i&gt;" in log
    assert "duty@housing.example" not in log


@pytest.mark.parametrize(
    ("went", "said"), [("lost", "It did not get there. Ring them."), ("again", "It was not taken, and is tried again.")]
)
async def test_a_provider_that_refuses_is_told_of(claimed: Visitor, house: House, went: str, said: str) -> None:
    await press(claimed, await keep(claimed, house))
    (told,) = await house.casefile.told(HER)
    house.memory.went[told.told.news.message] = (went, "550")  # type: ignore[assignment]
    page = await case(claimed)
    assert said in page
    assert "(550)" in page


async def test_what_she_has_not_agreed_to_is_neither_offered_nor_done(claimed: Visitor, house: House) -> None:
    entry = await keep(claimed, house, agency_consent="not_asked")
    assert TELL not in await case(claimed)
    status, page = await press(claimed, entry)
    assert status == 409
    assert "She has not agreed that we speak with them" in page
    assert house.her.entries == []


async def test_nobody_but_who_holds_it_is_offered_it(claimed: Visitor, ines: Visitor, house: House) -> None:
    entry = await keep(claimed, house)
    opened = await ines.post(f"/cases/{HER}", reason="Weekly meeting")
    assert "duty@housing.example" in opened.text
    assert TELL not in opened.text
    assert (await press(ines, entry))[0] == 403
    house.memory.alerts["K2A"] = replace(house.memory.alerts["K2A"], tier="P2")
    assert TELL not in await case(claimed)
    assert (await press(claimed, entry))[0] == 409
    assert house.her.entries == []


async def test_a_way_that_is_not_set_up_here_is_not_offered(
    claimed: Visitor, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: tuple[Method, ...] = ("sms",)
    monkeypatch.setattr(MemoryMethods, "offered", offered)
    await keep(claimed, house)
    page = await case(claimed)
    assert "E-mail is not set up here. Ring them." in page
    assert TELL not in page


async def test_of_an_agency_that_others_kept_before_there_is_no_contact(claimed: Visitor, house: House) -> None:
    house.memory.casefile[HER] = {"old": Kept("old", Agency("Housing", "yes"), NOW, "s2")}
    assert "News may go to:" not in await case(claimed)
    assert (await press(claimed, "old"))[0] == 409
    assert (await press(claimed, "none"))[0] == 404


async def test_what_is_no_address_is_refused(claimed: Visitor, house: House) -> None:
    answer = await claimed.post(f"/cases/{HER}/agencies", **HOUSING, agency_news_to="ring the desk")
    assert answer.status_code == 409
    assert "That is no whole e-mail address or phone number." in answer.text
    assert HER not in house.memory.casefile
