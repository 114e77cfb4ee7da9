"""What she has told, read back to her a bit at a time when she asks: her last answers in words, and what she wants.

Nothing while somebody else may hold the phone, nothing that she said to somebody independent (the transcript, which her
worker reads, would have it), and no number: a place on the scale is said in words (SAFETY 15, 33).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from flows.engine import goals
from flows.engine.conversation import Value
from flows.engine.draft import Draft
from flows.engine.model import Ask, Flow

ANSWER, GOAL, NEXT = "told.answer", "told.goal", "next"
TARGETS = (ANSWER, GOAL)
LOW, HIGH = 1 / 3, 2 / 3  # of a scale: where its ends begin


@dataclass(frozen=True, slots=True)
class Bit:
    """One thing that she told. `key` marks it as shown in this flow; `asked`: the question that it answered, if any."""

    key: str
    asked: str
    said: str


def show(draft: Draft, target: str) -> None:
    """The next bit of that kind is the one to be shown; after the last one none, and then the first again."""
    frame, bits = draft.stack[-1], _bits(draft, target)
    keys = {bit.key for bit in bits}
    fresh = next((bit.key for bit in bits if bit.key not in frame.shown), "")
    shown = frame.shown if fresh else tuple(key for key in frame.shown if key not in keys)
    draft.stack[-1] = replace(frame, shown=(*shown, fresh))


def shown(draft: Draft) -> Bit | None:
    """The bit that is to be shown; None where there is none, or it may not be shown now."""
    last = draft.stack[-1].shown[-1:] if draft.stack else ()
    return next((bit for target in TARGETS for bit in _bits(draft, target) if (bit.key,) == last), None)


def _bits(draft: Draft, target: str) -> tuple[Bit, ...]:
    if not draft.may_show:
        return ()
    if target == GOAL:
        return tuple(Bit(f"{GOAL} {name}", "", said) for name in goals.NAMES if (said := goals.words(draft, name)))
    return tuple(_answers(draft))


def _answers(draft: Draft) -> Iterator[Bit]:
    """The last answer to each question: the check-in's first, each flow's in the order in which it asks."""
    opening, memory = draft.programme.rules.opening, draft.memory
    for name, answers in ((opening, memory.checkin), *sorted(memory.last.items())):
        flow = draft.programme.flows.get(name)
        if flow is None or flow.independent:
            continue
        for step in flow.steps.values():
            value = answers.get(step.name) if isinstance(step, Ask) else None
            if isinstance(step, Ask) and value is not None and step.into is None:
                yield from _answer(draft, flow, step, value)


def _answer(draft: Draft, flow: Flow, step: Ask, value: Value) -> Iterator[Bit]:
    """Not where the question shows her record itself, nor of an answer that the question does not know any more."""
    message = f"{flow.name}/{step.name}"
    text, said = draft.programme.catalogues.text, _said(draft, message, step, value)
    asked = text(draft.contact.language, message, step.english)
    if said and "{" not in asked:
        yield Bit(f"{ANSWER} {message}", asked, said)


def _said(draft: Draft, message: str, step: Ask, value: Value) -> str:
    text, language = draft.programme.catalogues.text, draft.contact.language
    chosen = next((choice for choice in step.choices if choice.name == value), None)
    if chosen is not None:
        return text(language, f"{message}.{chosen.name}", chosen.english)
    if isinstance(value, int):
        where = _on_scale(step, value)
        return text(language, where, draft.programme.own[where]) if where else ""
    return str(value) if step.kind == "text" else ""


def _on_scale(step: Ask, value: int) -> str:
    if step.kind != "number" or not step.low <= value <= step.high or step.low == step.high:
        return ""
    place = (value - step.low) / (step.high - step.low)
    return "engine/scale_low" if place < LOW else "engine/scale_high" if place > HIGH else "engine/scale_middle"
