"""A flow as boxes and arrows: what is written in each, before anybody thinks of where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from flows.engine.model import (
    Ask,
    Assess,
    Branch,
    Call,
    CallDue,
    Choice,
    End,
    Flow,
    HandToWorker,
    Question,
    Route,
    Set,
    Step,
)

LONGEST = 150  # characters of a text in its box; the flow itself has the rest


@dataclass(frozen=True, slots=True)
class Box:
    """A step: its kind as a word, its name, its text."""

    name: str
    kind: str
    caption: str
    text: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a step to a step, with what must be answered or true for it; several reasons stand one below the other."""

    start: str
    end: str
    labels: tuple[str, ...]


def boxes(flow: Flow) -> tuple[Box, ...]:
    return tuple(Box(step.name, step.verb, _caption(step), _short(_text(step))) for step in flow.steps.values())


def arrows(flow: Flow) -> tuple[Arrow, ...]:
    """One for each pair of steps, in the order of the flow."""
    found: dict[tuple[str, str], list[str]] = {}
    for step in flow.steps.values():
        routes = () if isinstance(step, End) else step.next
        for route in routes:
            found.setdefault((step.name, route.go), []).append(_label(step, route, len(routes) > 1))
    return tuple(Arrow(a, b, tuple(label for label in labels if label)) for (a, b), labels in found.items())


def _caption(step: Step) -> str:
    """What the step does, in a word or two."""
    match step:
        case Ask(kind="number"):
            return f"asks {step.low} to {step.high}"
        case Ask():
            return {"choices": "asks", "text": "asks for words", "time": "asks for a time", "yes_no": "asks"}[step.kind]
        case HandToWorker():
            return f"hands over, {step.tier}"
        case _:
            return _CAPTIONS[step.verb]


_CAPTIONS = {
    "say": "says",
    "set": "sets",
    "branch": "chooses",
    "assess": "weighs",
    "call": "runs a flow",
    "call_due": "runs what is due",
    "offer_plan": "shows the plan",
    "find": "finds a service",
    "end": "ends",
}


def _text(step: Step) -> str:
    match step:
        case Set():
            return "\n".join(f"{name} = {value}" for name, value in step.values)
        case Branch() | CallDue():
            return ""
        case Assess():
            return step.instrument
        case Call():
            return step.flow
        case _:
            return step.english


def _label(step: Step, route: Route, several: bool) -> str:
    if route.when is not None:
        return route.when.source
    if route.answer is not None:
        choice = next((c for c in _choices(step) if c.name == route.answer), None)
        return (
            choice.english
            if choice
            else {"skip": "skipped", "none": "nothing there", "last": "all shown"}.get(route.answer, route.answer)
        )
    return "else" if several else ""


def _choices(step: Step) -> tuple[Choice, ...]:
    return step.choices if isinstance(step, Question) else ()


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
