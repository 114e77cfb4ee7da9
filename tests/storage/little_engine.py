"""An engine of a dozen lines whose effects a test asks for by text, so that the storage is tested and not the content.

    hello     opens the session and answers          x          exit: cancel, wipe, a cover
    risk P1   raises an alert of key 'risk'          ping       an unasked message
    later 60  a check-in timer in 60 minutes         never      cancels that timer
    boom      the engine fails                       poison     the turn cannot be recorded
    plan W    W is an item of her plan               apart W    W answers someone independent, who asks on
    want W    W is her first goal, one before ends
Anything else is an answer: noted and answered when the session is open, met by a cover when it is closed.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from msgspec.structs import replace

from flows.engine.conditions import compile_condition
from flows.engine.conversation import Conversation, Goal, Kept, PlanItem, Session, Value
from flows.engine.effects import (
    Answered,
    Assessed,
    Cancel,
    CancelSends,
    ContactChanged,
    Effect,
    GoalChanged,
    Noted,
    PlanChanged,
    Raise,
    Schedule,
    Send,
    Turn,
    Wipe,
)
from flows.engine.events import (
    Due,
    Event,
    Heard,
    Joined,
    WorkerChanged,
    WorkerCleared,
    WorkerGone,
    WorkerJoined,
    WorkerLeft,
    WorkerSaid,
)
from flows.engine.model import Instrument, Item, Licence, Rule, Tier
from flows.engine.programme import Programme
from flows.engine.rescue import HOLDING, rescue
from flows.engine.step import step
from flows.safety.danger import Reader
from flows.text.catalogue import Catalogues
from storage.people import Joining

OWN = {HOLDING: "One moment.", "t/hello": "Hello.", "t/next": "And then?", "t/cover": "Soup.", "t/ping": "A recipe."}
OWN |= {"engine/worker_here": "Here.", "engine/worker_left": "Left.", "engine/worker_gone": "Gone."}
WORKERS = (
    WorkerJoined | WorkerLeft | WorkerGone | WorkerCleared | WorkerChanged
)  # but for their words, the engine's own
INSTRUMENTS = {name: Instrument(name, "1", name, (), judgement=name == "t") for name in ("t", "strict")}


def rule(name: str, tier: Tier, when: str) -> Rule:
    return Rule(name, tier, f"It is {name}", compile_condition(when))


POND = Instrument(
    "pond",
    "1",
    "pond",
    (
        rule("pond.deep", "P1", "deep == 'yes'"),
        rule("pond.from_2", "P2", "score.total >= 2"),
        rule("pond.gaps", "P3", "score.unanswered >= 1"),
    ),
    (Item("deep", {"yes": 1}), Item("wide", {"very": 2}, answers=("very", "hardly"))),
    licence=Licence("The Invented Institute", "INV-1", date(2026, 12, 1)),
    judgement=True,
)
LOCKED = Instrument("locked", "1", "locked", (), (Item("a", {"yes": 1}),), licence=Licence("The Invented Institute"))
INSTRUMENTS |= {"pond": POND, "locked": LOCKED}
PROGRAMME = Programme({}, {}, INSTRUMENTS, Catalogues(), Reader(), own=OWN)
JOINING = Joining("harvest", "en", "Europe/London", timedelta(minutes=5))
little_rescue = partial(rescue, PROGRAMME)


def send(message: str, kind: str = "session", asked_for: bool = True, words: str = "") -> Send:
    return Send(message, OWN.get(message, ""), kind, "en", asked_for=asked_for, words=words)  # type: ignore[arg-type]


def answers(session: Session | None) -> Send:
    """On a closed chat it is a cover: words of a session leave in one only."""
    return send("t/next", "session" if session else "cover")


def decide(before: Conversation, event: Event) -> Turn:
    if isinstance(event, Heard) and event.text == "duress":
        kept = Kept(before.contact, before.plan, before.goals, before.memory)
        return Turn(replace(before, stand_in=kept, turns=before.turns + 1), (Noted("duress"),))
    if isinstance(event, WorkerCleared):
        before = replace(before, stand_in=None)
    if isinstance(event, WORKERS) or (isinstance(event, Due) and event.kind == "confirm"):
        return step(PROGRAMME, before, event)  # its rules are the engine's own
    if isinstance(event, Heard) and event.text.startswith("want "):
        return _wants(before, event)
    effects, session, contact, plan = _happens(before, event)
    said = {effect.instrument: effect.tier for effect in effects if isinstance(effect, Assessed)}
    memory = replace(before.memory, tiers=before.memory.tiers | said)
    if before.session is not None and before.session.worker and session is None:
        memory = replace(memory, worker_waits=before.session.worker)
    after = replace(before, session=session, contact=contact, plan=plan, memory=memory, turns=before.turns + 1)
    return Turn(after, tuple(effects), apart=isinstance(event, Heard) and event.text.startswith("apart "))


def _wants(before: Conversation, event: Event) -> Turn:
    assert isinstance(event, Heard)
    ended = tuple(replace(goal, ended=event.at) for goal in before.goals)
    goal = Goal("one", event.text.removeprefix("want "), event.at)
    after = replace(before, goals=(*ended, goal), turns=before.turns + 1)
    return Turn(after, (GoalChanged(goal), answers(before.session)))


def _happens(before: Conversation, event: Event) -> tuple[list[Effect], Session | None, object, object]:
    session, contact, plan = before.session, before.contact, before.plan
    effects: list[Effect] = []
    match event:
        case Joined():
            contact = replace(contact, consent=event.basis)
            effects = [send("t/hello", "notice"), ContactChanged(contact)]
            session = Session(event.fresh, event.at, event.at)
        case Heard():
            effects, session, plan = _heard(before, event)
        case Due():
            effects = [Noted("due", event.kind), send("t/ping", "cover", asked_for=False)]
        case WorkerSaid():
            effects = [send("worker/words", words=event.text)]
    return effects, session, contact, plan


def _heard(  # noqa: C901 - a table of texts
    before: Conversation, event: Heard
) -> tuple[list[Effect], Session | None, object]:
    session, plan = before.session, before.plan
    word, _, rest = event.text.partition(" ")
    match word:
        case "boom":
            raise RuntimeError("a fault of the engine")
        case "hello":
            return [send("t/hello"), Noted("opened")], Session(event.fresh, event.at, event.at), plan
        case "x":
            wipe: list[Effect] = [Wipe(session.id)] if session else []
            return [CancelSends(), *wipe, send("t/cover", "cover"), Noted("exit")], None, plan
        case "risk":
            tier, _, saw = rest.partition(" ")
            because = Raise(tier, "risk", "risk", (f"rule.{tier}",), (f"It is {tier}",), (saw,))  # type: ignore[arg-type]
            return [because, Assessed("t", "1", tier, (f"rule.{tier}",), {"said": event.text}, "up")], session, plan  # type: ignore[arg-type]
        case "ping":
            return [send("t/ping", "cover", asked_for=False)], session, plan
        case "later":
            return [Schedule("checkin", event.at + timedelta(minutes=int(rest)))], session, plan
        case "never":
            return [Cancel("checkin")], session, plan
        case "poison":
            return [Noted("poison", "\ud800")], session, plan
        case "plan":
            item = PlanItem("collect", "todo", rest)
            return [PlanChanged(item), answers(session)], session, (*plan, item)
        case "apart":
            given: dict[str, Value] = {"said": rest}
            assessed = Assessed("t", "1", "P2", ("rule.P2",), given, "first", {"total": 1}, apart=True)
            return [assessed, replace(answers(session), apart=True)], session, plan
    if session is None:
        return [send("t/cover", "cover")], None, plan
    return [Answered("t", "next", event.text), send("t/next")], session, plan
