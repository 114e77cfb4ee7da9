"""The rules of the walk find what they are there to find: one sound message, spoilt in one way at a time."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest

from bot.app import read_content
from flows.authoring.transcripts import BEGINS, TranscriptFile
from flows.engine.conditions import compile_condition
from flows.engine.conversation import Contact, Conversation, Session
from flows.engine.effects import Send
from flows.engine.model import Ask, Route
from flows.engine.programme import Programme
from tests.walk.acts import MENU, OPENS, Act
from tests.walk.heard import RULES, Message
from tests.walk.walking import Walk
from tests.walk.ways import Explorer, Node, Opening

WANT = "checkin/want"


@lru_cache(maxsize=1)
def shipped() -> Programme:
    return read_content()


def problems(message: Message) -> list[str]:
    return [problem for rule in RULES for problem in rule(message)]


def with_text(language: str, message: str, text: str) -> Programme:
    """What ships, with these words in place of a translation; '' takes it away."""
    catalogues = shipped().catalogues
    filled = catalogues.filled[language]
    messages = {name: words for name, words in {**filled.messages, message: text}.items() if words}
    every = {**catalogues.filled, language: replace(filled, messages=messages)}
    return replace(shipped(), catalogues=replace(catalogues, filled=every))


def said(text: str, *, channel: str = "sms", **params: str) -> Message:
    """A message to an open chat in Arabic, with these words."""
    contact = Contact(channel=channel, language="ar", consent="worker")
    conversation = Conversation("p", contact, Session("s" * 28, BEGINS, BEGINS))
    send = Send(WANT, "What would you like now?", "session", "ar", params)
    return Message(with_text("ar", WANT, text), send, conversation, conversation)


SOUND = "شكرًا لك. ماذا تفضل الآن؟"


def test_a_sound_message_has_nothing_wrong() -> None:
    assert problems(said(SOUND)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SOUND + " {item}", "it has a gap"),
        ("\u00a0 ", "something in it is empty"),
        (SOUND * 9, "segments, and 3 is the most"),
        (SOUND + " www.example.org", "it holds a link"),
        (SOUND + " Rowan", "it names the service"),
        (SOUND + " 0808 2000 247", "it holds the number 08082000247"),
        (SOUND + " 12.11.2026", "it holds a date"),
        (SOUND + ' "STOP"', "it offers 'STOP'"),
        (SOUND + " Thank you.", "it has the English word 'you'"),
        (SOUND + " gracias", "it has 'gracias' in Latin letters"),
        ("Yes " + SOUND, "a line begins from left to right"),
        ("", "checkin/want is not translated"),
    ],
)
def test_what_breaks_a_rule_is_told(text: str, found: str) -> None:
    told = problems(said(text))
    assert any(found in each for each in told), told


def test_on_telegram_words_of_the_other_direction_are_isolated() -> None:
    message = said("من خطتك: {item}. {words}", channel="telegram", item="حقيبة", words="my aunt")
    assert "\u2068my aunt\u2069" in message.shown[0]
    assert "\u2068حقيبة" not in message.shown[0]
    assert problems(message) == []
    assert "\u2068" not in said("من خطتك: {item}. {words}", item="حقيبة", words="my aunt").shown[0]


def test_a_session_message_in_a_closed_chat_is_told() -> None:
    message = said(SOUND)
    closed = Conversation("p", message.before.contact)
    assert "a closed chat said it" in problems(Message(message.programme, message.send, closed, closed))


def test_an_end_that_says_nothing_of_help_is_told() -> None:
    trial = trial_of(with_text("es", "menu/close", "Hasta pronto."))
    node = trial.roots["the menu"] = Node(kept=True)
    for act in (OPENS, MENU, Act("skip")):
        node.after.append(Node(act, node, kept=True))
        node = node.after[0]
    walk = Walk(trial, "es")
    walk.run()
    ends = "menu/close (es): it ends and does not say how to "
    assert sorted(walk.problems) == [ends + "get help", ends + "hide"]


def test_a_route_that_no_answers_lead_over_is_named() -> None:
    pause = shipped().flows["pause"]
    asked = pause.steps["how_long"]
    assert isinstance(asked, Ask)
    never = Route("paused", when=compile_condition("how_long > 500"))
    steps = {**pause.steps, "how_long": replace(asked, next=(never, *asked.next))}
    calm = replace(pause, name="checkin")
    small = {"checkin": calm, "menu": replace(pause, name="menu", steps=steps)}
    trial = trial_of(replace(shipped(), flows=small))
    trial.explore()
    assert [each for each in trial.unreached() if each.startswith("menu/")] == ["menu/how_long to paused"]


def trial_of(programme: Programme) -> Explorer:
    file = TranscriptFile.model_validate({"transcript": "the menu", "talk": [{"they": "x"}]})
    return Explorer(programme, (Opening("the menu", file, (OPENS, MENU)),), "sms")
