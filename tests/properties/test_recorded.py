"""SAFETY 34 and programme news: whatever leads there, nothing of either is asked or told where it must not be."""

from __future__ import annotations

from dataclasses import replace as with_rules
from datetime import timedelta
from itertools import product

import pytest
from msgspec.structs import replace

from flows.engine import conversation as codec
from flows.engine.conversation import Contact, Conversation, Fact, Frame, Memory, PlanItem, Session, Standing
from flows.engine.effects import Send, Turn
from flows.engine.events import Heard, WorkerRecorded
from flows.engine.model import Ask, Question, Tier
from flows.engine.programme import Programme
from flows.engine.step import step
from flows.safety.hours import PRESETS
from flows.safety.recorded import EXIT_ITEMS, VALUES
from tests.properties.walks import DURESS, SIGNAL, START, mac, programme

NEWS = VALUES["programme_news"]
# What the pause consists of; the rest of its flow is the way out, the plan and a worker.
PAUSE = {f"negotiated_exit/{step}" for step in ("safe", "phrase", "places", "length", "come_back", "not_done", "look")}
TOLD = {f"programme_news/{name}" for news in NEWS for name in (news, f"means_{news}")}
CALM = Memory(joined_at=START - timedelta(days=30), checked_at=START - timedelta(days=1))


def her(memory: Memory, session: Session | None = None, news: str = "yes") -> Conversation:
    contact = Contact(
        windows=PRESETS["always"], signal=mac(SIGNAL), duress=mac(DURESS), consent="worker", programme_news=news
    )
    plan = tuple(PlanItem(name, "todo", "hers") for name in sorted(EXIT_ITEMS)[:2])
    return Conversation("person-1", contact, session, plan, memory)


def standing(**facts: str) -> dict[Fact, Standing]:
    return {fact: Standing(value, "ana", START) for fact, value in facts.items()}  # type: ignore[misc]


def says(before: Conversation, text: str, content: Programme | None = None) -> Turn:
    return step(content or programme(), before, Heard(START + timedelta(seconds=30), text, mac(text), "f" * 28))


def sent(turn: Turn) -> set[str]:
    return {effect.message for effect in turn.effects if isinstance(effect, Send)}


def opening_with(flow: str) -> Programme:
    """A programme whose author lets that flow open the chat, without asking whether it may."""
    return with_rules(programme(), rules=with_rules(programme().rules, opening=flow))


@pytest.mark.parametrize(
    ("agreed", "order", "tier", "watched", "checked"),
    list(product((True, False), (True, False), (None, "P3", "P2", "P1", "P0"), (True, False), (True, False))),
)
def test_the_pause_begins_only_where_every_condition_holds(
    agreed: bool, order: bool, tier: Tier | None, watched: bool, checked: bool
) -> None:
    facts = {"negotiated_exit": "agreed"} if agreed else {}
    facts |= {"no_contact_order": "stands"} if order else {}
    memory = replace(CALM, recorded=standing(**facts), tier=tier, verify_first=watched)
    memory = memory if checked else replace(memory, checked_at=None)
    begun = "negotiated_exit/intro" in sent(says(her(memory), SIGNAL, opening_with("negotiated_exit")))
    asked_for = "negotiated_exit/intro" in sent(says(her(replace(memory, next_flow="negotiated_exit")), SIGNAL))
    assert begun == asked_for == (agreed and not order and tier in (None, "P3") and not watched and checked)


def forbidding() -> dict[str, tuple[Memory, Session]]:
    """What may come about while she is in the middle of it."""
    agreed, session = standing(negotiated_exit="agreed"), Session("s" * 28, START, START)
    order = agreed | standing(no_contact_order="stands")
    return {
        "withdrawn": (CALM, session),
        "an order": (replace(CALM, recorded=order), session),
        "risk in this session": (replace(CALM, recorded=agreed), replace(session, tier="P2")),
        "a tier that stands": (replace(CALM, recorded=agreed, tier="P1"), session),
        "duress": (replace(CALM, recorded=agreed, verify_first=True), replace(session, duress=True)),
    }


@pytest.mark.parametrize("why", forbidding())
def test_in_the_middle_of_it_no_answer_leads_on_once_a_condition_fails(why: str) -> None:
    flow = programme().flows["negotiated_exit"]
    memory, session = forbidding()[why]
    tried = 0
    for name, question in flow.steps.items():
        if not isinstance(question, Question):
            continue
        words = ("a flat hand",) if isinstance(question, Ask) and question.kind == "text" else ()
        for answer in (*(choice.token for choice in question.choices), "-", *words):
            frame = Frame(flow.name, flow.revision, name)
            turn = says(her(memory, replace(session, stack=(frame,))), answer)
            assert sent(turn), "an open chat is never silent"
            assert not sent(turn) & PAUSE, (name, answer)
            tried += 1
    assert tried > 40


@pytest.mark.parametrize("news", NEWS)
@pytest.mark.parametrize("consent", ["yes", "no", ""])
@pytest.mark.parametrize("watched", [True, False])
def test_news_is_told_only_to_who_asked_for_it_and_is_alone(news: str, consent: str, watched: bool) -> None:
    memory = replace(CALM, recorded=standing(programme_news=news), verify_first=watched)
    opened = says(her(memory, news=consent), SIGNAL, opening_with("programme_news"))
    told = says(opened.conversation, "1", opening_with("programme_news"))
    may = consent == "yes" and not watched
    assert (f"programme_news/{news}" in sent(told)) == may
    assert bool(sent(told) & TOLD) == may


@pytest.mark.parametrize("news", NEWS)
def test_recording_says_nothing_to_her_phone_in_any_mode(news: str) -> None:
    session = Session("s" * 28, START, START)
    for before in (her(CALM), her(CALM, session), her(CALM, replace(session, worker="ana"))):
        turn = step(programme(), before, WorkerRecorded(START, "ana", "programme_news", news, "f" * 28))
        assert sent(turn) == set()
        assert turn.conversation.mode == before.mode
        assert turn.conversation.memory.recorded["programme_news"].value == news


def test_the_items_of_the_pause_are_no_crisis_plan() -> None:
    """Who has agreed a pause and made no plan is still asked whether to begin one."""
    flow = programme().flows["crisis_plan"]
    session = Session("s" * 28, START, START, (Frame("menu", programme().flows["menu"].revision, "choose"),))
    assert len(her(CALM).plan) == 2
    assert flow.name in programme().flows
    assert sent(says(her(CALM, session), "2")) == {"crisis_plan/intro"}


def test_a_state_of_before_there_were_records_still_reads() -> None:
    written = codec.write(her(CALM))
    old = written.replace(b',"recorded":{}', b"").replace(b',"programme_news":"yes"', b"")
    assert len(old) < len(written) - 20
    read = codec.read(old)
    assert (read.memory.recorded, read.contact.programme_news) == ({}, "")
