"""Answers to tiers, by an instrument's rules. Critical rules act alone; one that fails to compute raises P2 itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from flows.engine.conditions import ConditionFailed, holds
from flows.engine.model import Instrument, Rule, Tier

ORDER: dict[Tier | None, int] = {"P0": 0, "P1": 1, "P2": 2, "P3": 3, None: 4}
_NAME = re.compile(r"\{([a-z][a-z0-9_.]*)\}")


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fired, with the sentence that a worker reads."""

    rule: str
    tier: Tier
    says: str


def worst(*tiers: Tier | None) -> Tier | None:
    return min(tiers, key=ORDER.__getitem__, default=None)


def worse(a: Tier | None, b: Tier | None) -> bool:
    """Whether `a` is more urgent than `b`."""
    return ORDER[a] < ORDER[b]


def weigh(instrument: Instrument, names: Mapping[str, object]) -> tuple[Fired, ...]:
    """The rules that hold."""
    names = _scored(instrument, names, whole=True)
    return tuple(fired for rule in instrument.rules if (fired := _weigh(rule, names)) is not None)


def said(instrument: Instrument, names: Mapping[str, object], answer: str, before: Sequence[str]) -> tuple[Fired, ...]:
    """The rules that this answer makes hold, said again or not; not what fired `before` and holds without it too."""
    rules, scored = instrument.reads.get(answer, ()), _scored(instrument, names, whole=False)
    found = ((rule, fired) for rule in rules if (fired := _weigh(rule, scored)) is not None)
    return tuple(
        fired for rule, fired in found if fired.rule not in before or not _without(instrument, rule, names, answer)
    )


def _without(instrument: Instrument, rule: Rule, names: Mapping[str, object], answer: str) -> bool:
    """Whether the rule holds by other answers alone. Only words can stand beside others: a number decides by itself."""
    if not isinstance(names.get(answer), str):
        return False
    try:
        return holds(rule.when, _scored(instrument, {**names, answer: ""}, whole=False))
    except ConditionFailed:
        return False


def _scored(instrument: Instrument, names: Mapping[str, object], *, whole: bool) -> Mapping[str, object]:
    """The names, with the points of an instrument that has items."""
    return {**names, "score": score(instrument, names, whole=whole)} if instrument.items else names


def score(instrument: Instrument, answers: Mapping[str, object], *, whole: bool) -> dict[str, int]:
    """Points: `total`, and one sum a group. Skipped is not "no": it adds nothing, and is counted in `unanswered`.

    `unanswered` is known at the end only (`whole`): before that, what was not asked yet would look like skipped.
    Empty for an instrument without items.
    """
    if not instrument.items:
        return {}
    found = {"total": 0} | {item.group: 0 for item in instrument.items if item.group}
    for item in instrument.items:
        points = item.points.get(str(answers.get(item.id)), 0)
        found["total"] += points
        if item.group:
            found[item.group] += points
    if whole:
        found["unanswered"] = sum(answers.get(item.id) is None for item in instrument.items)
    return found


def _weigh(rule: Rule, names: Mapping[str, object]) -> Fired | None:
    try:
        return Fired(rule.id, rule.tier, _sentence(rule.says, names)) if holds(rule.when, names) else None
    except ConditionFailed:
        return Fired(f"failed.{rule.id}", "P2", f"The rule {rule.id} could not be computed. Read the answers yourself.")


def _sentence(says: str, names: Mapping[str, object]) -> str:
    return _NAME.sub(lambda found: str(_look_up(found[1], names)), says)


def _look_up(name: str, names: Mapping[str, object]) -> object:
    value: object = names
    for part in name.split("."):
        value = value.get(part, "?") if isinstance(value, Mapping) else "?"
    return value


def change(before: Tier | None, now: Tier | None, first: bool) -> Literal["first", "up", "same", "down"]:
    """How this assessment compares with the last one: improvement is recorded as well as harm (SAFETY 35)."""
    if first:
        return "first"
    if ORDER[now] == ORDER[before]:
        return "same"
    return "up" if worse(now, before) else "down"
