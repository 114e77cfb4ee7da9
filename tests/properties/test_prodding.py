"""An hour of prodding: whoever holds the phone, whatever they write, a cover stays one small automatic service."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.conversation import Contact, Conversation, Memory
from flows.engine.effects import Send
from flows.safety.hours import PRESETS
from flows.text.segments import count
from tests.properties.walks import START, TEXTS, Act, live, mac, programme

PRODS = 60  # one a minute
APART = 10  # messages before one may come again
COVERS = ("bus", "library", "pharmacy", "plants", "recipes", "weather")
PEOPLE = st.uuids().map(str)
ASKED = (
    "who is this",
    "who are you texting",
    "menu",
    "help",
    "1",
    "999",
    "you liar",
    "is she there?",
    "what is the weather today",
    "when is the next bus",
    "talk",
    "password",
    "?",
    "",
    "sunflowers",
)


def closed(person: str, cover: str, channel: str = "sms") -> Conversation:
    contact = Contact(
        channel=channel,
        cover=cover,
        signal=mac("sunflower"),
        duress=mac("marigold"),
        consent="self",
        windows=PRESETS["always"],
        missed_rule="retry_then_worker",
    )
    return Conversation(person, contact, memory=Memory(joined_at=START))


def said(person: str, cover: str, texts: list[str], what: str = "heard", channel: str = "sms") -> list[str]:
    """The ids of all that came back, one for each text."""
    turns = [turn for *_, turn in live(closed(person, cover, channel), [Act(what, text, 60) for text in texts])]
    return [effect.message for turn in turns for effect in turn.effects if isinstance(effect, Send)]


def test_six_covers_ship_and_each_has_enough_to_say() -> None:
    assert sorted(programme().covers) == list(COVERS)
    for cover in programme().covers.values():
        texts = [english for _, english in (*cover.replies, *cover.pings)]
        assert len(set(texts)) == len(texts), f"{cover.name} says something twice"
        assert len(cover.replies) >= 40, cover.name
        assert len(cover.pings) >= 8, cover.name
        assert [text for text in texts if "?" in text or count(text).segments != 1] == []


@pytest.mark.parametrize("cover", COVERS)
@given(PEOPLE, st.lists(TEXTS | st.sampled_from(ASKED), min_size=PRODS, max_size=PRODS))
def test_sixty_prods_hear_the_cover_only_and_nothing_too_soon_again(cover: str, person: str, texts: list[str]) -> None:
    prods = [text for text in texts if text.strip().lower() not in _SILENT and mac(text) not in _WORDS]
    replies = said(person, cover, prods)
    assert len(replies) == len(prods)
    assert set(replies) <= {message for message, _ in programme().covers[cover].replies}
    for at, reply in enumerate(replies):
        assert reply not in replies[max(0, at - APART) : at]


_SILENT = frozenset("stop stopall unsubscribe cancel end quit revoke optout start yes unstop help info".split())  # noqa: SIM905
_WORDS = (mac("sunflower"), mac("marigold"))


@given(st.lists(PEOPLE, min_size=50, max_size=50, unique=True))
def test_each_phone_has_an_order_of_its_own(people: list[str]) -> None:
    """Not one round begun at another place: what comes after a given message differs from phone to phone."""
    after = set()
    for person in people:
        replies = said(person, "recipes", ["hello"] * 44)
        after.add((replies + replies[:1])[replies.index("cover.recipes/reply.01") + 1])
    assert len(after) >= 5


@given(PEOPLE)
def test_every_ping_comes_before_one_comes_again_however_many_replies_lie_between(person: str) -> None:
    for between in range(10):
        week = [Act("checkin", seconds=7 * 86_400), *[Act("heard", "hello")] * between, Act("missed", seconds=90_000)]
        week.append(Act("missed", seconds=90_000))  # the quiet retry has had no answer either
        turns = [turn for *_, turn in live(closed(person, "plants"), week * 4)]
        sent = [e.message for turn in turns for e in turn.effects if isinstance(e, Send) and not e.asked_for]
        assert sorted(sent) == [message for message, _ in programme().covers["plants"].pings]


@given(PEOPLE)
def test_a_cover_that_the_programme_has_taken_away_leaves_its_own_one(person: str) -> None:
    own = programme().covers["recipes"]
    replies, pings = said(person, "last_years", ["hello"] * 3), said(person, "last_years", [""], "checkin")
    assert (len(replies), len(pings)) == (3, 1)
    assert set(replies) <= {message for message, _ in own.replies}
    assert set(pings) <= {message for message, _ in own.pings}


@given(PEOPLE, st.sampled_from(COVERS))
def test_on_telegram_the_cover_is_the_one_whose_name_the_bot_bears(person: str, cover: str) -> None:
    """Even for somebody who chose another one on the phone that she texted from before."""
    replies = said(person, cover, ["hello"] * 3, channel="telegram")
    assert len(replies) == 3
    assert all(reply.startswith(f"cover.{programme().rules.cover}/") for reply in replies)
