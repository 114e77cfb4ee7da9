"""SAFETY 14, open: at every question of every flow a duress word is answered as all-is-fine, byte for byte."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from flows.engine.conversation import Contact, Conversation, Frame, Goal, Memory, PlanItem, Session, replace
from flows.engine.events import Heard
from flows.engine.her_words import NOW
from flows.engine.model import Ask, Question
from flows.engine.step import step
from flows.safety.hours import PRESETS
from tests.properties.test_any_life import texts
from tests.properties.walks import DURESS, LANGUAGES, SIGNAL, START, mac, programme

QUESTIONS = [
    (flow.name, name, found.fine)
    for flow in programme().flows.values()
    for name, found in flow.steps.items()
    if isinstance(found, Question)
]


def drawn() -> list[tuple[str, str, str, str]]:
    """Every question in four of the eight languages: in others for each, and in the same ones each time."""
    return [(*each, code) for each in QUESTIONS for code in Random("/".join(each)).sample(LANGUAGES, 4)]


@pytest.mark.parametrize(("flow", "name", "fine", "language"), drawn())
def test_the_reply_is_the_fine_answers(flow: str, name: str, fine: str, language: str) -> None:
    before = standing(flow, name, language)
    at = START + timedelta(seconds=30)
    answer = as_sent(flow, name, fine)
    by_duress = step(programme(), before, Heard(at, DURESS, mac(DURESS), "f" * 28))
    calm = step(programme(), nothing_stored(before), Heard(at, answer, mac(answer), "f" * 28))
    assert texts(by_duress.effects) == texts(calm.effects)
    assert texts(by_duress.effects), "an open chat is never silent"
    assert by_duress.conversation.plan == before.plan
    assert by_duress.conversation.goals == before.goals
    assert by_duress.conversation.memory.last == before.memory.last
    assert by_duress.conversation.memory.checkin == before.memory.checkin


def as_sent(flow: str, name: str, fine: str) -> str:
    """A choice by its token: its English name may be a word of her language ("no" is Polish for yeah).

    Where the word that opens is asked for, all is fine when it is right.
    """
    question = programme().flows[flow].steps[name]
    if isinstance(question, Ask) and question.into == NOW:
        return SIGNAL
    tokens = {choice.name: choice.token for choice in getattr(question, "choices", ())}
    return {"skip": "-", **tokens}.get(fine, fine)


def standing(flow: str, name: str, language: str) -> Conversation:
    """A person at that question."""
    revision = programme().flows[flow].revision
    session = Session("s" * 28, START, START, (Frame(flow, revision, name, shown=("go_to",)),), asked=3)
    contact = Contact(
        language=language, windows=PRESETS["always"], signal=mac(SIGNAL), duress=mac(DURESS), consent="worker"
    )
    plan = (PlanItem("go_to", "todo", "my sister's house"),)
    goals = tuple(Goal(number, "sleep well", START - timedelta(days=9)) for number in ("one", "two", "three"))
    memory = Memory(joined_at=START - timedelta(days=9))
    return Conversation("person-1", contact, session, plan, memory, goals=goals)


def nothing_stored(conversation: Conversation) -> Conversation:
    """Somebody at the same question who has just joined: no plan, no goals, nothing that is due."""
    contact = replace(conversation.contact, programme_news="no")
    memory = Memory(joined_at=START, verify_first=True)
    return Conversation("person-1", contact, conversation.session, memory=memory)


def test_honest_answers_before_the_duress_word_do_not_show_afterwards() -> None:
    """She said 9, then the phone was taken: what follows reads like a calm check-in."""
    conversation = standing("checkin", "fear", "en")
    at = START + timedelta(seconds=30)
    elevated = step(programme(), conversation, Heard(at, "9", mac("9"), "f" * 28)).conversation
    bare = nothing_stored(conversation)
    calm = step(programme(), bare, Heard(at, "0", mac("0"), "f" * 28)).conversation
    for number in range(12):
        at += timedelta(seconds=10)
        forced = step(programme(), elevated, Heard(at, DURESS, mac(DURESS), f"{number:028d}"))
        elevated = forced.conversation
        fine = fine_of(calm)
        if fine is None:
            break
        quiet = step(programme(), calm, Heard(at, fine, mac(fine), f"{number:028d}"))
        calm = quiet.conversation
        assert texts(forced.effects) == texts(quiet.effects)


def fine_of(conversation: Conversation) -> str | None:
    if conversation.session is None or not conversation.session.stack:
        return None
    frame = conversation.session.stack[-1]
    found = programme().flows[frame.flow].steps[frame.step]
    if not isinstance(found, Question):
        return None
    return "-" if found.fine == "skip" else found.fine
