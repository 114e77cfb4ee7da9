"""What becomes of an alert that somebody has: handed over, put off, closed by two; and who is kept apart from whom.

The port of it, and the rules that need no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from escalation.ports import Alert, Refused
from flows.engine.model import Tier

OURS = "fault"  # a kind of alert of the service's own: nothing has happened to her
MOST_URGENT = 2  # live P0 and P1 of one worker (PRODUCT 3, care for workers): a third wants a reason
SIGN_WITHIN = timedelta(days=1)  # of a closed P0 or P1: then, and each day after, somebody who looks over it is told
SOONEST_SNOOZE = timedelta(minutes=5)
LONGEST_SNOOZE: Mapping[Tier, timedelta] = {"P1": timedelta(hours=4), "P2": timedelta(days=3), "P3": timedelta(days=7)}
LONGEST_WORD = 500  # characters of a reason or of a word that goes with an act

# What stands for the outcome in a worker's note on an alert that does not close it.
HANDED_OVER = "handed_over"  # a line at the end of a shift: `escalation.shifts`
AT_MEETING = "meeting"  # said at the weekly meeting; where others name an alert stands the week: `escalation.meeting`
SAID = ("third", "snoozed", "signed", "given_back", HANDED_OVER, AT_MEETING)

NO_SNOOZE = "A P0 is never put off. Pass it on, or let somebody take over."
NO_REASON = "Say why, in a sentence."
TOO_SHORT = "Put it off by five minutes at least."
ONLY_CLOSED = "This alert is not waiting for a second person."
NOT_ALONE = "You closed it yourself. A second person signs."
APART = "You are kept apart from this case. A colleague takes it."
NOT_THEM = "They are kept apart from this case."
ALREADY_THEIRS = "They have it already."
NOT_OFFERED = "This alert is not offered to you."
NO_CASEWORK = "They do not take alerts."
NOT_TO_THEM = "They do not take alerts of this case."
ONLY_HOLDER = "Only who holds it, or a supervisor, can offer it."
NOBODY_NEXT = (
    "Nobody else on duty can be reached now. Keep it, or call a colleague; if you release it, everybody is paged."
)
ONLY_SUPERVISOR = "Only a supervisor can do that."


class TooMany(Refused):
    """The worker holds as many urgent alerts as one can. It happens all the same when a reason is given."""

    def __init__(self, free: Sequence[str]) -> None:
        self.free = tuple(free)  # names
        super().__init__(
            f"You hold {MOST_URGENT} urgent alerts already. Free now: {', '.join(free)}. To take this one too, say why."
        )


@dataclass(frozen=True, slots=True)
class Closing:
    """How a P0 or P1 was closed, for who signs: `by` is a name. What the worker wrote is opened under audit."""

    alert: Alert
    by: str
    at: datetime
    outcome: str
    note: str


@dataclass(frozen=True, slots=True)
class Apart:
    """A worker who is kept apart from a case. `staff` an id; `reason` in the words of who said so, '' without."""

    staff: str
    at: datetime
    reason: str = ""


class Claims(Protocol):
    """Each raises Refused with a sentence for the worker, Unknown where there is no such alert, person or colleague.

    `claim` is the number that the act is made under; an act under an old one is refused.
    """

    async def offer(self, ref: str, staff: str, to: str, now: datetime) -> Alert:
        """By who holds it, or by a supervisor, also of one that nobody has. It stays where it is until `to` accepts."""

    async def take_over(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        """ "Take over from me": offered to who is next on duty and can be reached; said again, to the next but one."""

    async def decline(self, ref: str, staff: str, now: datetime) -> Alert:
        """By whom it is offered to. To accept is to claim."""

    async def snooze(self, ref: str, staff: str, claim: int, until: datetime, reason: str, now: datetime) -> Alert:
        """Nobody has it until `until`, when it is raised again by itself. Never a P0."""

    async def reached(self, ref: str, staff: str, claim: int, now: datetime) -> Alert:
        """By its holder: they have spoken with her another way than by the chat, so that she has her answer."""

    async def closing(self, ref: str, staff: str, now: datetime) -> Closing:
        """How it was closed, for who may sign it. Audited."""

    async def sign(self, ref: str, staff: str, now: datetime) -> Alert:
        """By another than who closed it. Then it is resolved."""

    async def give_back(self, ref: str, staff: str, word: str, now: datetime) -> Alert:
        """Not signed, and why: who closed it has it again, and is paged; where they are off, it waits for somebody."""

    async def keep_apart(self, person: str, staff: str, by: str, reason: str, now: datetime) -> None:
        """This worker takes, reads and is paged for nothing of hers. By themselves or a supervisor.

        What they hold of hers is released.
        """

    async def let_back(self, person: str, staff: str, by: str, now: datetime) -> None:
        """By a supervisor, and never by the one it is about."""

    async def apart(self, person: str) -> Sequence[Apart]:
        """Who is kept apart from her case. For a page that has opened it."""


def longest_snooze(tier: Tier) -> timedelta:
    """Raises Refused for a P0."""
    if tier not in LONGEST_SNOOZE:
        raise Refused(NO_SNOOZE)
    return LONGEST_SNOOZE[tier]


def may_snooze(tier: Tier, until: datetime, reason: str, now: datetime) -> None:
    """Raises Refused with why it cannot be put off until then."""
    longest = longest_snooze(tier)
    if not reason.strip():
        raise Refused(NO_REASON)
    if until < now + SOONEST_SNOOZE:
        raise Refused(TOO_SHORT)
    if until > now + longest:
        hours = round(longest.total_seconds() / 3600)
        raise Refused(f"A {tier} can be put off by {hours} hours at most.")
