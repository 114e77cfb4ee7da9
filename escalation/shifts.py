"""The end of a shift: what a worker has, a line on each, who takes it over; and whether the shift may end.

To accept is to claim, so an alert goes from hand to hand as it does at any other time (`escalation.claims`). A line is
a note on the alert, under her key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from escalation.claims import NO_REASON, ONLY_SUPERVISOR
from escalation.ladder import URGENT
from escalation.ports import Alert, Refused, Staff

SOON = timedelta(minutes=15)  # before a shift's end by the rota who leaves and who comes are paged (issue 5, Handover)
SHIFT = timedelta(hours=24)  # longer than any shift: so far back an alert, and a line on it, belong to this one
LONGEST_LINE = 160  # characters of a risk line, and of a next contact: read at a glance, said in a breath

NO_LINE = "Both are asked: how the risk stands in a line, and the next contact."


@dataclass(frozen=True, slots=True)
class Handed:
    """An alert that goes from one to the next. `risk` and `contact` in the words of `by` (a name), '' before `at`.

    `held`: by whose shift it is. Without, it is urgent, was theirs last, and nobody has it now.
    """

    alert: Alert
    risk: str = ""
    contact: str = ""
    by: str = ""
    at: datetime | None = None
    held: bool = True


@dataclass(frozen=True, slots=True)
class Leaving:
    """A worker's shift: when it ends by the rota, who has it then, and what they have, the most urgent first."""

    staff: Staff
    ends_at: datetime | None
    followers: tuple[Staff, ...]
    alerts: tuple[Handed, ...]


class Shifts(Protocol):
    """Each raises Refused with a sentence for the worker, Unknown where there is no such alert or colleague."""

    async def leaving(self, staff: str, now: datetime) -> Leaving:
        """A worker's own shift."""

    async def handed(self, staff: str, now: datetime) -> Sequence[Handed]:
        """What is offered to them, with the lines on it. Reading a line is audited."""

    async def line(self, ref: str, staff: str, claim: int, risk: str, contact: str, to: str, now: datetime) -> Alert:
        """By who holds it. It is offered to `to`, or to whoever is next on duty where that is ''."""

    async def end(self, staff: str, by: str, reason: str, now: datetime) -> Sequence[str]:
        """What nobody has accepted goes back into the queue, and whoever is on duty is paged; returns its refs.

        By themselves not with a P0 or P1 in it, nor without a line on each; by a supervisor with a reason.
        """

    async def others(self, staff: str, now: datetime) -> Sequence[Leaving]:
        """Of everybody else who has something, without what was said of it: for supervisors."""


def words(risk: str, contact: str) -> str:
    """Both as one note, a line each. Raises Refused where one is missing."""
    both = [" ".join(said.split())[:LONGEST_LINE] for said in (risk, contact)]
    if not all(both):
        raise Refused(NO_LINE)
    return "\n".join(both)


def said(text: str) -> tuple[str, str]:
    """Risk line and next contact of such a note."""
    risk, _, contact = text.partition("\n")
    return risk, contact


def may_end(mine: Sequence[Handed], staff: str, by: str, supervises: bool, reason: str) -> None:
    """Raises Refused with what is missing."""
    if by != staff:
        if not supervises:
            raise Refused(ONLY_SUPERVISOR)
        if not reason.strip():
            raise Refused(NO_REASON)
        return
    urgent = [one.alert.ref for one in mine if one.alert.tier in URGENT]
    if urgent:
        raise Refused(f"Nobody has accepted {', '.join(urgent)}. A supervisor can end your shift all the same.")
    bare = [one.alert.ref for one in mine if one.at is None]
    if bare:
        raise Refused(f"Write a line on {', '.join(bare)} first.")
