"""Answers to tiers, by an instrument's rules. Critical rules act alone; one that fails to compute raises P2 itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from flows.engine.conditions import ConditionFailed, holds
from flows.engine.model import Instrument, Rule, Tier

ORDER: dict[Tier | None, int] = {"P0": 0, "P1": 1, "P2": 2, "P3": 3, None: 4}
_NAME = re.compile(r"\{([a-z_.]+)\}")


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
    return tuple(fired for rule in instrument.rules if (fired := _weigh(rule, names)) is not None)


def said(instrument: Instrument, names: Mapping[str, object], answer: str, before: Sequence[str]) -> tuple[Fired, ...]:
    """The rules that this answer makes hold, said again or not; not what fired `before` and holds without it too."""
    rules = instrument.reads.get(answer, ())
    found = ((rule, fired) for rule in rules if (fired := _weigh(rule, names)) is not None)
    return tuple(fired for rule, fired in found if fired.rule not in before or not _without(rule, names, answer))


def _without(rule: Rule, names: Mapping[str, object], answer: str) -> bool:
    """Whether the rule holds by other answers alone. Only words can stand beside others: a number decides by itself."""
    if not isinstance(names.get(answer), str):
        return False
    try:
        return holds(rule.when, {**names, answer: ""})
    except ConditionFailed:
        return False


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
