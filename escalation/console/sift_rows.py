"""The queue's filters as they are read: every choice is an address, with how many it would show. Kept nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlencode

from escalation.console.clocks import Clock
from escalation.further import written
from escalation.ports import Alert, Place
from escalation.sifting import FIELDS, LATE, Field, Sift
from flows.engine.model import Tier

SIFTED = 1000  # alerts that a filter looks through for one page
AFTER, BEFORE = "after", "before"  # the place behind which, or before which, a page stands
WHOSE = ("mine", "unclaimed")
KINDS = ("duress", "risk", "talk", "missed", "task", "fault")  # of an alert, as `flows.engine.effects.Raise` has them
KNOWN: Mapping[Field, tuple[str, ...]] = {"whose": WHOSE, "late": (LATE,), "tier": get_args(Tier), "kind": KINDS}
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Choice:
    """`query` is that of the page it leads to: with it, or without where it is `on`."""

    name: str  # of its element
    word: str
    count: int
    on: bool
    query: str


@dataclass(frozen=True, slots=True)
class Group:
    word: str
    choices: tuple[Choice, ...]


def sift_of(query: Mapping[str, str]) -> Sift:
    """What an address asks for. What is no value of ours counts as not asked."""
    asked: dict[Field, str] = {field: query[field] for field in FIELDS if field in query}
    return Sift({field: value for field, value in asked.items() if _known(field, value)})


def _known(field: Field, value: str) -> bool:
    return value in KNOWN[field] if field in KNOWN else bool(_TAG.fullmatch(value))


def address(wanted: Mapping[Field, str], edge: Place | None = None, back: bool = False) -> str:
    """'?tier=P0', '?tier=P0&after=…' for the page behind a place, or '' for the first with all that wait."""
    asked = {str(field): value for field, value in wanted.items()}
    if edge is not None:
        asked[BEFORE if back else AFTER] = written(edge)
    return f"?{urlencode(asked)}" if asked else ""


def words(sift: Sift, clock: Clock) -> tuple[str, ...]:
    """What is asked for, as it is read: ('P2', 'Spanish')."""
    return tuple(_word(field, value, clock) for field, value in sift.wanted.items())


def groups(sift: Sift, alerts: Iterable[Alert], staff: str, clock: Clock) -> tuple[Group, ...]:
    """Only what would show something, or is on."""
    counts = sift.counts(alerts, staff, clock.now)
    found = []
    for field in FIELDS:
        on = sift.wanted.get(field, "")
        values = [value for value in _in_order(field, counts[field], on) if counts[field][value] or value == on]
        choices = tuple(
            Choice(
                f"sift-{field}-{value}",
                _word(field, value, clock),
                counts[field][value],
                value == on,
                address(sift.turned(field, value)),
            )
            for value in values
        )
        if choices:
            found.append(Group(clock.strings.say(f"sift.{field}"), choices))
    return tuple(found)


def _in_order(field: Field, counted: Iterable[str], on: str) -> Sequence[str]:
    return KNOWN[field] if field in KNOWN else sorted({*counted, *filter(None, (on,))})


def _word(field: Field, value: str, clock: Clock) -> str:
    match field:
        case "tier":
            return value
        case "language":
            return str(clock.strings.locale.languages.get(value, value))
        case _:
            return clock.strings.say(f"sift.{field}_{value}")
