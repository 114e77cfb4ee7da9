"""The weekly safety-planning meeting: which cases changed in a week and how, what was said there, what was agreed.

What is said is a note on the case, under her key; what is agreed is a task (`escalation.tasks`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from escalation.ports import Line, Refused
from escalation.tasks import NewTask, Task
from flows.engine.model import Tier
from flows.safety.risk import worse, worst

Change = Literal["up", "down", "same", "unknown"]

MOST = 200  # cases on one sheet, the most urgent first: more than a meeting can speak of
LONGEST_SAID = 1000  # characters: how the risk is seen, in a few sentences
NOTHING_SAID = "Say how the risk is seen, in a sentence."


@dataclass(frozen=True, slots=True)
class Week:
    """`first` is its Monday in the staff's zone, `start` and `end` its midnights, `before` that of the week before."""

    first: date
    before: datetime
    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        return self.first.isoformat()


@dataclass(frozen=True, slots=True)
class Assessed:
    """An assessment, as far as the meeting is told of it: when, and what it came to."""

    at: datetime
    tier: Tier | None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One case in one week. `worst` of its assessments, None without one that rose; `change` beside the week before.

    `raised` are its new alerts' tiers, the most urgent first; `missed` check-ins among them; `planned` changes of her
    plan. `agreed`: tasks of the meeting that were made in that week, and those that
    were still to be done in it.
    """

    person: str  # her case ref
    worst: Tier | None
    change: Change
    raised: tuple[Tier, ...] = ()
    missed: int = 0
    planned: int = 0
    said: tuple[Line, ...] = ()
    agreed: tuple[Task, ...] = ()

    @property
    def new(self) -> bool:
        """Whether there is anything to speak of."""
        return bool(self.change in ("up", "down") or self.raised or self.planned or self.said or self.agreed)


class Meetings(Protocol):
    """For supervisors. Each raises Refused with a sentence for them, Unknown where there is no such person."""

    async def sheet(self, staff: str, week: Week, now: datetime) -> Sequence[Reviewed]:
        """The cases with anything new, the most urgent first. Each that is shown is audited. Not those that the
        reader is kept apart from."""

    async def say(self, person: str, staff: str, week: Week, text: str, now: datetime) -> None:
        """How the risk was seen. Kept with the case, by week."""

    async def agree(self, person: str, staff: str, week: Week, task: NewTask, now: datetime) -> None:
        """Who does what by when."""


def change(week: Week, assessed: Iterable[Assessed]) -> tuple[Tier | None, Change]:
    """The worst tier of the week, and whether it went up or down since the week before. Nobody knows of a week in
    which she was not asked."""
    known = list(assessed)
    now = [one.tier for one in known if week.start <= one.at < week.end]
    before = [one.tier for one in known if week.before <= one.at < week.start]
    if not now or not before:
        return worst(*now), "unknown"
    is_, was = worst(*now), worst(*before)
    return is_, "up" if worse(is_, was) else "down" if worse(was, is_) else "same"


def of_week(week: Week, tasks: Iterable[Task]) -> tuple[Task, ...]:
    """What was agreed at the meeting: in this week, or before and not done when it began; the earliest due first.

    Tasks that were set on the case are of the case, which is opened for itself.
    """
    found = [
        one
        for one in tasks
        if one.kind == "meeting"
        and one.made_at is not None
        and one.made_at < week.end
        and (one.made_at >= week.start or one.done_at is None or one.done_at >= week.start)
    ]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.id)))


def in_order(found: Iterable[Reviewed]) -> list[Reviewed]:
    """Those with anything new: the worst first, a rise before others, then by ref."""
    ways = {"up": 0, "unknown": 1, "same": 2, "down": 3}
    said = [one for one in found if one.new]
    tiers = ("P0", "P1", "P2", "P3", None)
    return sorted(said, key=lambda one: (tiers.index(worst(one.worst, *one.raised)), ways[one.change], one.person))[
        :MOST
    ]


def words(text: str) -> str:
    """Raises Refused where nothing is said."""
    if not text.strip():
        raise Refused(NOTHING_SAID)
    return text.strip()[:LONGEST_SAID]
