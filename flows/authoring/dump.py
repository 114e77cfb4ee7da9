"""A compiled flow back to text, so that an old revision can be kept with the conversations that are still in it.

The text is JSON, which the reader of flow files reads as well: `compile_text(flow.name, dump(flow)) == flow`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import assert_never

from flows.engine.model import (
    Ask,
    Assess,
    Branch,
    Call,
    CallDue,
    Choice,
    End,
    Find,
    Flow,
    HandToWorker,
    OfferPlan,
    Route,
    Say,
    Set,
    Step,
)

REVISION_DIGITS = 12  # hex: 48 bits, plenty to tell the revisions of one flow apart

_Written = str | list["_Written"] | dict[str, "_Written"]


def dump(flow: Flow) -> str:
    """The same text for the same flow, whatever its file looked like; it begins with the flow's name."""
    written: dict[str, _Written] = {"flow": flow.name, "about": flow.about, "start": flow.start}
    if flow.watch is not None:
        written["watch"] = flow.watch
    if flow.schedule is not None:
        written["schedule"] = {key: str(days) for key, days in asdict(flow.schedule).items() if days}
    if flow.independent:
        written["independent"] = "true"
    written["steps"] = {name: _step(step) for name, step in flow.steps.items()}
    return json.dumps(written, ensure_ascii=False)


def revision(flow: Flow) -> str:
    """A short hash of all that the flow says and does; comments and layout of its file do not count."""
    return hashlib.sha256(dump(flow).encode()).hexdigest()[:REVISION_DIGITS]


def _step(step: Step) -> dict[str, _Written]:  # noqa: C901 - one line a kind
    match step:
        case Ask():
            return _ask(step)
        case Say():
            return {"say": step.english, "next": _next(step.next)}
        case Set():
            return {"set": dict(step.values), "next": _next(step.next)}
        case Branch():
            return {"branch": _guarded(step.next)}
        case Assess():
            return {"assess": step.instrument, "next": _next(step.next)}
        case Call():
            return {"call": step.flow, "next": _next(step.next)}
        case CallDue():
            return {"call_due": "true", "next": _next(step.next)}
        case OfferPlan():
            return _offer(step)
        case Find():
            return _find(step)
        case HandToWorker():
            return {"hand_to_worker": step.english, "tier": step.tier, "next": _next(step.next)}
        case End():
            return {"end": step.english, "later": "true"} if step.later else {"end": step.english}
        case _:
            assert_never(step)


def _ask(step: Ask) -> dict[str, _Written]:
    written: dict[str, _Written] = {"ask": step.english}
    match step.kind:
        case "number":
            written["number"] = {"from": str(step.low), "to": str(step.high)}
        case "text":
            written["text"] = {"most": str(step.high)}
        case "time" | "yes_no":
            written[step.kind] = "true"
        case "choices":
            pass
        case _:
            assert_never(step.kind)
    if step.choices and step.kind != "yes_no":
        written["choices"] = _choices(step.choices)
    if step.into is not None:
        written["into"] = step.into
    return written | {"fine": step.fine, "next": _next(step.next)}


def _offer(step: OfferPlan) -> dict[str, _Written]:
    return {
        "offer_plan": step.english,
        "items": list(step.items),
        "choices": _choices(step.choices),
        "fine": step.fine,
        "next": _next(step.next),
    }


def _find(step: Find) -> dict[str, _Written]:
    asked: dict[str, _Written] = {
        key: name for key, name in (("where", step.where), ("how", step.how), ("who", step.who)) if name
    }
    return {
        "find": step.english,
        "by": step.by,
        "needs": {need: list(categories) for need, categories in step.needs},
        "may": step.may,
        **asked,
        "choices": _choices(step.choices),
        "fine": step.fine,
        "next": _next(step.next),
    }


def _choices(choices: tuple[Choice, ...]) -> _Written:
    return {choice.name: choice.english for choice in choices}


def _next(routes: tuple[Route, ...]) -> _Written:
    if len(routes) == 1 and routes[0].answer is None and routes[0].when is None:
        return routes[0].go
    if any(route.answer is not None for route in routes):
        return {route.answer or "else": route.go for route in routes}
    return _guarded(routes)


def _guarded(routes: tuple[Route, ...]) -> list[_Written]:
    return [{"when": route.when.source, "go": route.go} if route.when else {"go": route.go} for route in routes]
