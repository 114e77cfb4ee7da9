"""The case audit form of the IFST study, for a sample of closed conversations: how the work was done, never what risk
she is at. It raises nothing, and nothing of it stands in her record. Pure.

The items are the quality markers of the study's coding frame (case audit form 1, part 5), by its own numbers, in our
words; those that only a family's whole file could show (group work, structure of the family, counts of sessions) are
left out. Their words are the console's: `audit_form.ITEM`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from escalation.ports import Line
from flows.engine.model import Tier

GROUPS: Mapping[str, tuple[str, ...]] = {
    "who": ("m1", "g1", "g2"),
    "risk": ("m2b", "m3b", "m3c", "m3d", "m13b"),
    "her": ("m2c", "m2d", "m8a", "m13c", "m13d"),
    "change": ("m2a", "m3a", "m3e", "m6b", "m10a", "m12a"),
    "together": ("m4a", "m4b", "m6c", "m10d"),
    "course": ("i1", "i2", "i3"),
}
MARKS = ("seen", "partly", "missing", "not_here")
TEXTS = ("learning", "worked", "develop")  # learning points, what worked well, what could be done differently
LONGEST_TEXT = 1000  # characters

RECENT = timedelta(days=28)  # closed since then may be drawn: what was said is kept for 30 days
BEFORE = timedelta(days=1)  # of the conversation, before its alert was raised
WITHIN = timedelta(days=7)  # our own choice: while who worked on it remembers
MOST_OPEN = 3  # samples of one supervisor that are not answered: nobody draws until the one they wanted comes
KEPT = timedelta(days=400)  # what was seen, for last year's comparison

ITEMS = tuple(item for items in GROUPS.values() for item in items)

ENOUGH = "Answer the samples that you have drawn first."
NONE_LEFT = "No closed conversation of the last 28 days is left to draw."
NOT_YOURS = "Only the supervisor who drew this sample can open it."
NO_SAMPLE = "There is no such sample."
DONE = "This sample is answered. It stays as it is."
NO_ANSWER = "Mark one item at least."


@dataclass(frozen=True, slots=True)
class Sample:
    """A closed alert that was drawn. `ref` of the alert; `by` a staff id; `answered`: how many items have a mark."""

    id: str
    ref: str
    tier: Tier
    by: str
    at: datetime
    answered: int = 0
    done: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A sample that its supervisor has open. `lines`: the conversation around the alert, without what was said to
    somebody independent; none once it is done. `answers`: by item and text."""

    sample: Sample
    language: str
    lines: tuple[Line, ...]
    answers: Mapping[str, str] = field(default_factory=dict)


class Samples(Protocol):
    """For supervisors; each raises Refused for others. Drawing and opening are readings of their own in the audit."""

    async def samples(self, staff: str) -> tuple[Sample, ...]:
        """A supervisor's own that are not done, oldest first."""

    async def seen(self, staff: str, now: datetime) -> Mapping[str, Mapping[str, int]]:
        """By item and mark, how often in all samples that are done and still kept."""

    async def draw(self, staff: str, now: datetime) -> str:
        """One by chance, of the alerts closed lately in which this supervisor had no part. Returns its id."""

    async def open(self, sample: str, staff: str, now: datetime) -> Opened: ...

    async def answer(self, sample: str, staff: str, answers: Mapping[str, str], now: datetime) -> None:
        """Keeps these beside those that were kept; '' takes one away. Raises Refused for what is no item or mark."""

    async def finish(self, sample: str, staff: str, now: datetime) -> None:
        """It stays as it is from then on, and its conversation is shown no more."""


def merged(kept: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str] | None:
    """None where something given is no item, no mark of it or no text."""
    for name, value in given.items():
        if name in TEXTS:
            continue
        if name not in ITEMS or value not in ("", *MARKS):
            return None
    both = {**kept, **{name: value.strip()[:LONGEST_TEXT] for name, value in given.items()}}
    return {name: value for name, value in both.items() if value}


def marked(answers: Mapping[str, str]) -> int:
    return sum(name in ITEMS for name in answers)


def counted(answers: Iterable[Mapping[str, str]]) -> dict[str, dict[str, int]]:
    """Of items that were marked at all."""
    found: dict[str, dict[str, int]] = {}
    for each in answers:
        for item in ITEMS:
            if item in each:
                of = found.setdefault(item, {})
                of[each[item]] = of.get(each[item], 0) + 1
    return found
