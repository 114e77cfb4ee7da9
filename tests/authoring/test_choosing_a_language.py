"""Whoever joins finds her language: listed, behind one number, or by typing its own name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.app import read_content
from flows.engine.conversation import Contact, Conversation
from flows.engine.effects import Send
from flows.engine.events import Heard, Joined
from flows.engine.programme import Programme
from flows.engine.step import step
from flows.engine.wording import wording
from flows.text.render import numbered
from flows.text.segments import count

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
OURS = {"en", "es", "pt", "fr", "pl", "ar", "ur", "cy"}
QUESTIONS = ("join/language", "join/language_wales", "join/more_languages")


@pytest.fixture(scope="module")
def shipped() -> Programme:
    return read_content()


def asked(sent: list[Send], programme: Programme) -> str:
    said = wording(programme, sent[-1])
    return numbered(said.text, [label for _, label in said.options])


def joining(programme: Programme, *texts: str) -> tuple[Conversation, list[Send]]:
    """Her state after these texts, and all that was sent."""
    turn = step(programme, Conversation("a", Contact()), Joined(AT, "self", "sms", "en", "Europe/London", "f" * 28))
    effects = list(turn.effects)
    for text in texts:
        turn = step(programme, turn.conversation, Heard(AT, text, f"mac:{text}", "e" * 28))
        effects += turn.effects
    return turn.conversation, [effect for effect in effects if isinstance(effect, Send)]


@pytest.mark.parametrize(
    ("place", "first"),
    [
        ("", "join/language"),
        ("US-CT", "join/language"),
        ("GB-ENG/portsmouth", "join/language"),
        ("GB-WLS", "join/language_wales"),
        ("GB-WLS/cardiff", "join/language_wales"),
    ],
)
def test_two_questions_list_all_eight_and_each_is_one_sms(shipped: Programme, place: str, first: str) -> None:
    here = replace(shipped, rules=replace(shipped.rules, place=place))
    _, sent = joining(here, "6")
    assert [send.message for send in sent] == [first, "join/more_languages"]
    assert {option.label.rpartition(".")[2] for send in sent for option in send.options} == OURS | {"more"}
    for question in (sent[:1], sent):
        counted = count(asked(question, here))
        assert (counted.encoding, counted.segments) == ("UCS-2", 1), asked(question, here)


def test_each_language_is_called_by_its_own_name(shipped: Programme) -> None:
    flow = shipped.flows["join"]
    for question in QUESTIONS:
        for choice in flow.steps[question.partition("/")[2]].choices:  # type: ignore[union-attr]
            for language in OURS if choice.name != "more" else ():
                label = shipped.catalogues.text(language, f"{question}.{choice.name}", choice.english)
                assert label == shipped.catalogues.languages[choice.name].own_name, (language, question)


@pytest.mark.parametrize("before", [(), ("6",)])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("English", "en"),
        ("espanol", "es"),
        ("Português", "pt"),
        ("portugues.", "pt"),
        ("FRANÇAIS", "fr"),
        ("polski", "pl"),
        ("Polish", "pl"),
        ("العربية", "ar"),
        ("اُردو", "ur"),
        ("urdu", "ur"),
        ("cymraeg", "cy"),
        ("Gymraeg", "cy"),
        ("cy", "cy"),
    ],
)
def test_a_language_that_is_typed_is_taken_at_either_question(
    shipped: Programme, before: tuple[str, ...], text: str, code: str
) -> None:
    after, sent = joining(shipped, *before, text)
    assert after.contact.language == code
    assert sent[-1].message == "join/hello"
    assert sent[-1].language == code


@pytest.mark.parametrize("text", ["what", "klingon", "ar e you", "7", "lingua"])
def test_anything_else_is_asked_again(shipped: Programme, text: str) -> None:
    after, sent = joining(shipped, text)
    assert after.contact.language == "en"
    assert [send.message for send in sent[1:]] == ["engine/again", "join/language"]
