"""From step to step until her answer is needed or the flow is over. Never silent, never endless."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from msgspec.structs import replace

from flows.engine import confirming, crisis_plan, goals, her_words, record, watching
from flows.engine.conditions import ConditionFailed, holds
from flows.engine.conversation import Frame, PlanItem, Value
from flows.engine.draft import Draft
from flows.engine.effects import Assessed, Option, Raise
from flows.engine.finding import next_found
from flows.engine.hers import hers, withheld
from flows.engine.model import (
    Ask,
    Assess,
    Branch,
    Call,
    CallDue,
    Choice,
    End,
    Find,
    HandToWorker,
    Instrument,
    OfferPlan,
    Route,
    Say,
    Set,
    Step,
)
from flows.engine.rhythm import due_flow, ended, schedule_checkin
from flows.safety import recorded, risk
from flows.safety.risk import Fired

MOST_STEPS = 60  # in one turn; the longest honest chain of says and branches is under ten, so more is a loop
DEEPEST = 7  # flows calling flows: menu, what is kept, another phone, a worker, the plan, a part of it


def walk(draft: Draft) -> None:
    """Run from where she is. Ends at a question, with a worker, or with no flow left."""
    for _ in range(MOST_STEPS):
        step = _step(draft)
        if step is None or not _take(draft, step):
            return
    lost(draft, "loop")


def _step(draft: Draft) -> Step | None:
    if not draft.stack:
        return None
    frame = draft.stack[-1]
    flow = draft.flow(frame)
    step = flow.steps.get(frame.step) if flow else None
    if step is None or len(draft.stack) > DEEPEST:
        lost(draft, f"{frame.flow}/{frame.step}")
    return step


def lost(draft: Draft, where: str) -> None:
    """A step that is no longer there: a safe message instead of silence, and somebody is told."""
    draft.leave_all()
    draft.own("engine/lost_step")
    draft.task("fault.lost_step", f"The conversation was at {where}, which no longer exists.")


def _take(draft: Draft, step: Step) -> bool:  # noqa: C901 - one line a kind
    """Do one step; True when there is more to walk."""
    match step:
        case Ask():
            return _ask(draft, step)
        case OfferPlan():
            return _offer(draft, step)
        case Find():
            return _find(draft, step)
        case Say():
            if not withheld(draft, step.english):
                draft.say(_id(draft, step), step.english, params=hers(draft, _id(draft, step), step.english))
            return follow(draft, step.next)
        case Set():
            return _set(draft, step)
        case Branch():
            return follow(draft, step.next)
        case Assess():
            return _assess(draft, step)
        case Call() | CallDue():
            return _call(draft, step)
        case HandToWorker():
            return _hand_over(draft, step)
        case End():
            return _end(draft, step)
        case _:
            assert_never(step)


def _id(draft: Draft, step: Step) -> str:
    return f"{draft.stack[-1].flow}/{step.name}"


# routes


def follow(draft: Draft, routes: tuple[Route, ...], answer: str | None = None) -> bool:
    """Move to where the first fitting route leads; with none the flow is over."""
    known: dict[str, object] | None = None
    for route in routes:
        if route.answer is not None and route.answer != answer:
            continue
        known = names(draft) if known is None and route.when is not None else known
        if not _holds(draft, route, known or {}):
            continue
        draft.go(route.go)
        return True
    return _pop(draft)


def _holds(draft: Draft, route: Route, known: dict[str, object]) -> bool:
    if route.when is None:
        return True
    try:
        return holds(route.when, known)
    except ConditionFailed:
        draft.task("fault.condition", f"The condition of a step could not be computed: {route.when.source}", "P2")
        return False


def _call(draft: Draft, step: Call | CallDue) -> bool:
    name = step.flow if isinstance(step, Call) else due_flow(draft)
    if not name or not draft.may_begin(name):
        return follow(draft, step.next, "none")
    draft.start(name)
    return True


def _pop(draft: Draft, later: bool = False) -> bool:
    """Leave a flow; the caller goes on behind its call."""
    done = draft.leave()
    flow = draft.flow(done)
    if flow is not None:
        ended(draft, flow, later)
    if done.flow == draft.programme.rules.joining:
        _joined(draft)
    if not draft.stack:
        return False
    caller = _step(draft)
    return follow(draft, caller.next) if isinstance(caller, Call | CallDue) else True


def _joined(draft: Draft) -> None:
    """Joining is over: from now on she may be pinged, in her hours and with her cover only."""
    if not draft.contact.consent or draft.memory.joined_at is not None:
        return
    draft.memory = replace(draft.memory, joined_at=draft.at)
    schedule_checkin(draft)
    confirming.begin(draft)


def names(draft: Draft) -> dict[str, object]:
    """What conditions and rules may read (docs/architecture.md). Skipped answers are absent."""
    frame = draft.stack[-1]
    tier = "P3" if draft.suspect else draft.here.tier or "P3"  # under duress the flow stays calm
    return known(draft, frame.flow, frame.answers, tier)


def known(draft: Draft, flow: str, answers: Mapping[str, Value], tier: str) -> dict[str, object]:
    """The same for answers to a flow that did not come by its questions: those that a worker writes down."""
    contact, memory = draft.contact, draft.memory
    given: dict[str, object] = {k: v for k, v in answers.items() if v is not None}
    joined = (draft.at - memory.joined_at).days if memory.joined_at else 0
    plan = [item for item in draft.plan if item.name not in recorded.EXIT_ITEMS] if draft.plan else ()
    watched = recorded.watched(memory, draft.session)
    return given | {
        "risk": {"tier": tier},
        "previous": {k: v for k, v in previous(draft, flow).items() if v is not None},
        "plan": {
            "count": len(plan),
            "todo": sum(item.status == "todo" for item in plan),
        },
        "goals": {"count": goals.count(draft)},
        "contact": {
            "channel": contact.channel,
            "language": contact.language,
            "shared_phone": contact.shared_phone,
            "consent": contact.consent,
            "programme_news": "no" if watched else contact.programme_news,
        },
        "days": {"joined": joined},
        "programme": {"place": draft.programme.rules.place},
        "watch": {"state": watching.state(draft)},
        "chat": {"words": her_words.way(draft)},
        "recorded": recorded.known(contact, memory, draft.session),
    }


def previous(draft: Draft, flow: str) -> Mapping[str, Value]:
    """What each question of this flow was last answered with, in a sitting before this one."""
    memory = draft.memory
    return memory.checkin if flow == draft.programme.rules.opening else memory.last.get(flow, {})


# steps


def _ask(draft: Draft, step: Ask) -> bool:
    if step.into and step.into.startswith("plan.") and _planned(draft, step.into.removeprefix("plan.")):
        return follow(draft, step.next, "done")  # built in small pieces: what stands is not asked again
    if withheld(draft, step.english):
        return follow(draft, step.next, "none")
    _question(draft, step.name, step.english, step.choices, hers(draft, _id(draft, step), step.english))
    return False


def _planned(draft: Draft, name: str) -> bool:
    return any(item.name == name for item in draft.plan)


def _question(draft: Draft, name: str, english: str, choices: tuple[Choice, ...], params: dict[str, str]) -> None:
    frame = draft.stack[-1]
    here = f"{frame.flow}/{name}"
    options = tuple(Option(c.token, f"{here}.{c.name}", c.english) for c in choices)
    draft.say(here, english, params=params, options=options, tag=_tag(draft))


def _tag(draft: Draft) -> str:
    """Marks the question just asked: a button of an older one, or of another session, is known by it."""
    draft.session = replace(draft.here, asked=draft.here.asked + 1)
    return current_tag(draft)


def current_tag(draft: Draft) -> str:
    return f"{draft.here.id[-6:]}{draft.here.asked}"


def _set(draft: Draft, step: Set) -> bool:
    local: dict[str, Value] = {}
    for target, value in step.values:
        if target == record.SHOWN:
            crisis_plan.still_right(draft)
        elif target in record.FIELDS:
            record.put(draft, target, value)
        elif target in record.HAPPENED:
            record.HAPPENED[target](draft, value)
        elif target in record.MADE:
            record.MADE[target](draft, value)
        else:
            local[target] = value
    frame = draft.stack[-1]  # one of them may have marked what is shown
    draft.stack[-1] = replace(frame, answers=frame.answers | local)
    return follow(draft, step.next)


def _assess(draft: Draft, step: Assess) -> bool:
    instrument, frame = draft.programme.instruments[step.instrument], draft.stack[-1]
    fired = risk.weigh(instrument, names(draft))
    draft.alarm(_unraised(draft, frame, instrument, fired))
    draft.weighed(fired)
    _remember(draft, frame, instrument, fired)
    return follow(draft, step.next)


def _unraised(draft: Draft, frame: Frame, instrument: Instrument, fired: tuple[Fired, ...]) -> tuple[Fired, ...]:
    """Where each answer was weighed when it came, only what that left out: a worker may have closed its alert since."""
    flow = draft.flow(frame)
    watched = flow is not None and flow.watch == instrument.name
    return tuple(one for one in fired if one.rule not in frame.fired) if watched else fired


def _remember(draft: Draft, frame: Frame, instrument: Instrument, fired: tuple[Fired, ...]) -> None:
    """For the record, and for the change rules of the next sitting. Improvement is kept as well as harm."""
    memory, tier = draft.memory, risk.worst(*(f.tier for f in fired))
    change = risk.change(memory.tier, tier, first=memory.checked_at is None)
    rules, answers = tuple(f.rule for f in fired), dict(frame.answers)
    score = risk.score(instrument, answers, whole=True)
    says = tuple(f.says for f in fired)
    apart = draft.independent
    given = (instrument.name, instrument.version, tier, rules, answers, change, score)
    draft.effects.append(Assessed(*given, says=says, apart=apart))
    memory = replace(memory, tiers=memory.tiers | {instrument.name: tier})
    if frame.flow == draft.programme.rules.opening:
        draft.memory = replace(memory, checked_at=draft.at, tier=tier)
    else:  # another instrument may raise the tier of the last check-in, never lower it
        draft.memory = replace(memory, tier=risk.worst(memory.tier, tier))
    draft.remember(frame)  # at once: a duress word after it must not take back what was said freely


def _offer(draft: Draft, step: OfferPlan) -> bool:
    """One item of her own plan a message at most, and none while somebody else may hold the phone (SAFETY 15)."""
    frame = draft.stack[-1]
    item = _next_item(draft, step, frame) if draft.may_show else None
    if item is None:
        return follow(draft, step.next, "none")
    draft.stack[-1] = replace(frame, shown=(*frame.shown, item.name))
    message = f"plan/{item.name}"
    label = draft.programme.catalogues.text(
        draft.contact.language, message, draft.programme.own.get(message, item.name)
    )
    _question(draft, step.name, step.english, step.choices, {"item": label, "words": item.words})
    return False


def _next_item(draft: Draft, step: OfferPlan, frame: Frame) -> PlanItem | None:
    standing = {item.name: item for item in draft.plan if item.status in ("todo", "done")}
    return next((standing[name] for name in step.items if name in standing and name not in frame.shown), None)


def _find(draft: Draft, step: Find) -> bool:
    """One service a message. After the last one the next time begins with the first again."""
    found, why = next_found(draft, step)
    if found is None:
        return follow(draft, step.next, why)
    _question(draft, step.name, step.english, step.choices, found)
    return False


def _hand_over(draft: Draft, step: HandToWorker) -> bool:
    draft.say(_id(draft, step), step.english, "notice")
    draft.effects.append(Raise(step.tier, "talk", "talk", ("asked_for_worker",), ("Asks to talk to a worker",)))
    draft.session = replace(draft.here, waiting=True)
    follow(draft, step.next)  # where the bot goes on when the worker hands back
    return False


def _end(draft: Draft, step: End) -> bool:
    if step.english:
        draft.say(_id(draft, step), step.english)
    return _pop(draft, step.later)
