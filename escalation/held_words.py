"""The words of plan items that a worker keeps: staff have them, her chat does not (SAFETY 15). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from escalation.ports import PlanVersion


def held_words(versions: Sequence[PlanVersion]) -> Mapping[str, str]:
    """By item, of a history that begins with the oldest: what was written last, '' where a worker emptied it.

    When she hands an item to a worker she is not asked for its words, so the ones before are what the worker keeps.
    """
    held: dict[str, str] = {}
    for version in versions:
        item = version.item
        if item.status != "worker" or version.staff:
            held[item.name] = item.words
    return held
