"""Which words may open, warn and leave, and that a refusal says which way to mend it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.app import read_content
from flows.engine.conversation import Contact, Conversation, Frame, Session
from flows.engine.effects import Send, Turn
from flows.engine.events import Heard
from flows.engine.her_words import LISTS
from flows.engine.matching import words
from flows.engine.programme import Programme
from flows.engine.step import step
from flows.safety.gate import HELP_WORDS, START_WORDS, STOP_WORDS, fit_word
from flows.safety.hours import PRESETS
from flows.text.canonical import canonical
from flows.text.canonical import words as parted

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
LANGUAGES = ("en", "es", "pt", "fr", "pl", "ar", "ur", "cy")


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read_content()


def chooses(programme: Programme, which: str, word: str, language: str = "en", **hers: str) -> Turn:
    """She is asked for this word as she joins, and answers."""
    frame = Frame("join", programme.flows["join"].revision, which)
    given = {"windows": PRESETS["always"], "consent": "self", "language": language, "cover": "recipes"} | hers
    before = Conversation("person-1", Contact(**given), Session("s" * 28, NOW, NOW, (frame,)))  # type: ignore[arg-type]
    return step(programme, before, Heard(NOW, word, f"mac:{canonical(word)}", "f" * 28))


def said(turn: Turn) -> list[str]:
    return [effect.message for effect in turn.effects if isinstance(effect, Send)]


@pytest.mark.parametrize("which", ["signal", "duress", "exit"])
@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("a", "unfit"),
        ("dog", "unfit"),
        ("19840611", "unfit"),
        ("٤٥٦٧٨", "unfit"),
        ("okay", "taken"),
        ("seven", "taken"),
        ("menus", "taken"),
        ("harvest", "taken"),
        ("Recipes", "taken"),
        ("omelette", "taken"),
        ("home recipes", "taken"),
    ],
)
def test_a_word_that_cannot_serve_is_refused_with_the_way_to_mend_it(
    programme: Programme, which: str, word: str, why: str
) -> None:
    turn = chooses(programme, which, word)
    assert said(turn) == [f"engine/word_{why}", f"join/{which}"]
    assert turn.conversation.contact.signal == turn.conversation.contact.duress == turn.conversation.contact.exit == ""


def test_a_word_too_like_another_of_hers_is_refused_by_that(programme: Programme) -> None:
    assert said(chooses(programme, "duress", "sunflower", signal="mac:sunflower"))[0] == "engine/word_alike"
    assert fit_word("teapot", ("teapots",)) == "alike", "the gate would take it for the other"


def test_what_carriers_and_exits_catch_can_never_be_hers() -> None:
    caught = STOP_WORDS | START_WORDS | HELP_WORDS | {"xxxx", "❌❌❌❌"}
    assert {fit_word(word) for word in caught} == {"taken", "unfit"}, "the shortest of them are too short as well"
    assert {word for word in caught if fit_word(word) == "unfit"} == {"end", "yes"}


def test_what_the_cover_says_is_refused_only_where_that_cover_is_hers(programme: Programme) -> None:
    assert said(chooses(programme, "signal", "omelette", cover="recipes"))[0] == "engine/word_taken"
    kept = chooses(programme, "signal", "omelette", cover="bus")
    assert kept.conversation.contact.signal == "mac:omelette"
    assert kept.hide == "(signal word)", "it stands nowhere as she wrote it"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_her_language_that_means_something_is_refused(programme: Programme, language: str) -> None:
    listed = frozenset[str]().union(*(words(programme, language, f"words/{name}") for name in LISTS))
    assert listed
    assert {fit_word(word, listed=listed) for word in listed} <= {"taken", "unfit"}
    cover = programme.covers["recipes"]
    texts = [programme.catalogues.text(language, message, english) for message, english in cover.replies[:5]]
    of_cover = max((word for text in texts for word in parted(text)), key=len)
    assert said(chooses(programme, "signal", of_cover, language)) == ["engine/word_taken", "join/signal"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("word", ["bluebird", "sunflower", "marigold", "lanterns", "teapots", "girasol", "عصفور أزرق"])
def test_an_ordinary_word_of_her_own_still_serves(programme: Programme, language: str, word: str) -> None:
    kept = chooses(programme, "signal", word, language)
    assert kept.conversation.contact.signal == f"mac:{canonical(word)}"
