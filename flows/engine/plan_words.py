"""Her own words for items of the plan, where they stand beside it: the answers of a flow that asked for them.

They live in the plan alone. An item that a worker keeps would otherwise leave the plan and stay here (SAFETY 15).
"""

from __future__ import annotations

from msgspec.structs import replace

from flows.engine.conversation import Frame, Value
from flows.engine.model import Ask, Flow

PLAN = "plan."
SHOWN = "plan.shown"  # the item that the flow showed last


def are_words(flow: Flow, step: str, value: Value) -> bool:
    """Free text for an item; a choice such as `done` is none."""
    asked = flow.steps.get(step)
    if not isinstance(asked, Ask) or not (asked.into or "").startswith(PLAN) or not isinstance(value, str):
        return False
    return value not in {choice.name for choice in asked.choices}


def without(frame: Frame, flow: Flow, item: str) -> Frame:
    """The frame of that flow without her words for that item: as if they had been skipped."""
    mine = {f"{PLAN}{item}"} | ({SHOWN} if item in frame.shown else set())
    gone = {step for step, value in frame.answers.items() if are_words(flow, step, value) and _into(flow, step) in mine}
    if not gone:
        return frame
    answers = {step: value for step, value in frame.answers.items() if step not in gone}
    return replace(frame, answers=answers)


def _into(flow: Flow, step: str) -> str | None:
    asked = flow.steps.get(step)
    return asked.into if isinstance(asked, Ask) else None
