"""Faults in what is asked: its all-is-fine answer, where the answer goes, what is set, what of the plan is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from flows.authoring.content import Authored, Content
from flows.authoring.findings import Finding
from flows.authoring.fit import did_you_mean
from flows.authoring.transcripts import BEGINS
from flows.engine import goals, watching
from flows.engine.conversation import Contact
from flows.engine.crisis_plan import STATUSES
from flows.engine.her_words import UnfitAnswer
from flows.engine.model import Ask, Find, Flow, OfferPlan, Question, Set, Step
from flows.engine.record import FIELDS, FILLS_NOTHING, HAPPENED, MADE, NEW, RIGHT, SAID, SHOWN, TARGETS, WORDS
from flows.engine.safe_contact import OTHER_CHANNELS

RESERVED = frozenset({"else", "skip", "none", "last"})  # what routes call an answer that is no choice
# Words whose meaning the engine knows; any other would be kept and then do nothing.
KNOWN = {
    "contact.shared_phone": ("yes", "no", "unknown"),
    "contact.missed_rule": ("retry_then_worker", "worker", "nothing"),
    "contact.other_channel": OTHER_CHANNELS,
    "contact.other_safe": ("yes", "no", "unknown"),
    "contact.police": ("yes", "no"),
    "contact.consent": ("self", "none"),
    "contact.programme_news": ("yes", "no"),
    "contact.today": ("quiet", "open", "usual"),
    "contact.voicemail": ("never", "always", "agreed"),
}


def choice_names(flow: Authored[Flow]) -> Iterator[Finding]:
    """No choice is called what routes already call something else."""
    for step in flow.value.steps.values():
        for choice in getattr(step, "choices", ()):
            if choice.name in RESERVED:
                place = flow.document.key("steps", step.name, "choices", choice.name)
                yield flow.document.finding(place, f"a choice cannot be called {choice.name}", "Choose another name")


def fine(flow: Authored[Flow]) -> Iterator[Finding]:
    """`fine` is an answer of its question: it is what a duress word says in her place (SAFETY 14)."""
    for step in flow.value.steps.values():
        if isinstance(step, Question) and step.fine not in _fine_answers(step):
            place = flow.document.at("steps", step.name, "fine")
            hint = did_you_mean(step.fine, _fine_answers(step))
            yield flow.document.finding(place, f"`{step.fine}` is no answer to {step.name}", hint)


def fine_missing(flow: Authored[Flow]) -> Iterator[Finding]:
    """Where an answer could give her away, an author has thought of what a duress word answers."""
    for step in flow.value.steps.values():
        closed = isinstance(step, OfferPlan | Find) or (
            isinstance(step, Ask) and step.kind in ("choices", "number", "yes_no")
        )
        if closed and flow.document.node("steps", step.name, "fine") is None:
            place = flow.document.key("steps", step.name)
            hint = f"Add `fine: ` and the all-is-fine answer: {', '.join(_shown(step))}"
            yield flow.document.finding(place, f"`{step.name}` does not say what a duress word answers here", hint)


def _shown(step: Step) -> tuple[str, ...]:
    if isinstance(step, Ask) and step.kind == "number":
        return (f"{step.low} to {step.high}", "skip")
    return tuple(_fine_answers(step))


def _fine_answers(step: Step) -> Collection[str]:
    if isinstance(step, Ask) and step.kind == "number":
        return (*map(str, range(step.low, step.high + 1)), "skip")
    if isinstance(step, Question):
        return (*(choice.name for choice in step.choices), "skip")
    return ()


# where answers go


def targets(flow: Authored[Flow]) -> Iterator[Finding]:
    """An answer goes into a field that there is and fits there, whichever it is."""
    for step in flow.value.steps.values():
        if isinstance(step, Ask) and step.into is not None:
            problems = [*_target(step, step.into), *(_unshown(flow.value) if step.into == SHOWN else ())]
            for problem, hint in problems:
                yield flow.document.finding(flow.document.at("steps", step.name, "into"), problem, hint)


def _unshown(flow: Flow) -> Iterator[tuple[str, str]]:
    if not any(isinstance(step, OfferPlan) for step in flow.steps.values()):
        yield f"no item of the plan is shown here, so there is no `{SHOWN}`", "Show one first, with `offer_plan`"


def _target(step: Ask, into: str) -> Iterator[tuple[str, str]]:
    if into.startswith("plan."):
        yield from _plan_answers(step)
    elif into in goals.TARGETS:
        yield from _goal_answers(step, into)
    elif into in watching.TARGETS:
        yield from _watch_answers(step, into)
    elif into not in TARGETS:
        yield f"there is no field {into}", did_you_mean(into, TARGETS)
    elif into in WORDS:
        if step.kind != "text" or step.choices:
            yield f"`{into}` is a word of her own", "Ask with `text` and without choices"
    else:
        for answer in _answers(step):
            yield from _unfit(into, answer)


def _plan_answers(step: Ask) -> Iterator[tuple[str, str]]:
    if step.kind not in ("text", "choices"):
        yield "a plan item is kept in words", "Ask with `text`, with choices beside it or without"
    for choice in step.choices:
        if choice.name not in (*STATUSES, *FILLS_NOTHING):
            yield f"`{choice.name}` is no state of a plan item", did_you_mean(choice.name, STATUSES)


def _goal_answers(step: Ask, into: str) -> Iterator[tuple[str, str]]:
    if into.endswith(".now"):
        if (step.kind, step.low, step.high) != ("number", goals.LOW, goals.HIGH):
            yield (
                "where she stands with a goal is a number",
                f"Ask with `number: {{from: {goals.LOW}, to: {goals.HIGH}}}`",
            )
    elif step.kind not in ("text", "choices"):
        yield "a goal is kept in words", "Ask with `text`, with choices beside it or without"
    for choice in step.choices:
        if choice.name not in goals.CHOICES:
            yield f"`{choice.name}` does nothing to a goal", did_you_mean(choice.name, goals.CHOICES)


def _watch_answers(step: Ask, into: str) -> Iterator[tuple[str, str]]:
    """Until when she is looked out for is a time, and choices beside it are hours from now; the rest is her words."""
    kind = "time" if into == watching.UNTIL else "text"
    if step.kind != kind:
        yield f"`{into}` is a {kind}", f"Ask with `{kind}`"
    known = (*(watching.HOURS if kind == "time" else ()), *FILLS_NOTHING)
    for choice in step.choices:
        if choice.name not in known:
            yield f"`{choice.name}` does not fit into {into}", did_you_mean(choice.name, known)


def _answers(step: Ask) -> tuple[str, ...]:
    """Answers that stand for all: every choice, both ends of a number."""
    if step.kind == "number":
        return (str(step.low), str(step.high))
    return tuple(choice.name for choice in step.choices if choice.name not in FILLS_NOTHING)


def _unfit(field: str, value: str) -> Iterator[tuple[str, str]]:
    known = KNOWN.get(field)
    try:
        FIELDS[field](Contact(), value, BEGINS)
    except UnfitAnswer:
        yield f"`{value}` does not fit into {field}", "See docs/architecture.md for what a field may hold"
    else:
        if known is not None and value not in known:
            yield f"`{field}` cannot be {value}", did_you_mean(value, known)


def values(flow: Authored[Flow]) -> Iterator[Finding]:
    """What a step sets is a field that there is, with a value that fits."""
    for step in flow.value.steps.values():
        if not isinstance(step, Set):
            continue
        for target, value in step.values:
            path = ("steps", step.name, "set", target)
            if "." in target and target not in (*FIELDS, *HAPPENED, *MADE, SHOWN):
                hint = did_you_mean(target, (*FIELDS, *HAPPENED, *MADE, SHOWN))
                yield flow.document.finding(flow.document.key(*path), f"`{target}` cannot be set", hint)
            elif "." in target:
                for problem, hint in _ill_set(flow.value, target, value):
                    yield flow.document.finding(flow.document.at(*path), problem, hint)


def _ill_set(flow: Flow, target: str, value: str) -> Iterator[tuple[str, str]]:
    if target == SHOWN:
        yield from _unshown(flow)
        if value != RIGHT:
            yield f"`{SHOWN}` cannot be {value}", f"Write {RIGHT}, or ask with `into: {SHOWN}`"
    elif target in HAPPENED:
        if value not in SAID[target]:
            yield f"`{target}` cannot be {value}", did_you_mean(value, SAID[target])
    elif target in MADE:
        if value != NEW:
            yield f"`{target}` cannot be {value}", f"Write {NEW}"
    else:
        yield from _unfit(target, value)


# the crisis plan


def plan_items(content: Content, own: Mapping[str, str]) -> Iterator[Finding]:
    """An item that is shown is asked for somewhere, and each has a name in the engine's own texts."""
    asked = {
        step.into.removeprefix("plan.")
        for flow in content.flows.values()
        for step in flow.value.steps.values()
        if isinstance(step, Ask) and step.into is not None and step.into.startswith("plan.") and step.into != SHOWN
    }
    for flow in content.flows.values():
        for step in flow.value.steps.values():
            if isinstance(step, OfferPlan):
                yield from _shown_items(flow, step, asked)
            elif isinstance(step, Ask) and step.into and step.into.startswith("plan.") and step.into != SHOWN:
                name = step.into.replace(".", "/", 1)
                if name not in own:
                    place = flow.document.at("steps", step.name, "into")
                    hint = f"Add `{name}:` to flows/text/messages.yaml"
                    yield flow.document.finding(place, f"`{step.into}` has no name that can be shown", hint)


def _shown_items(flow: Authored[Flow], step: OfferPlan, asked: Collection[str]) -> Iterator[Finding]:
    for number, item in enumerate(step.items):
        place = flow.document.at("steps", step.name, "items", number)
        if item not in asked:
            yield flow.document.finding(place, f"no flow asks for the plan item {item}", did_you_mean(item, asked))
        if item in step.items[:number]:
            yield flow.document.finding(place, f"`{item}` is here a second time", "Keep one of the two")


FLOW_FAULTS = (choice_names, fine, targets, values)
FLOW_ADVICE = (fine_missing,)
