"""Tasks: what somebody of the staff is to do by a time. Due and not done, it becomes an alert (storage/tasks.py).

The port of it, and the rules that need no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, get_args

from escalation.ports import Refused

ByHand = Literal["contact", "check", "agency", "review", "general"]  # what a worker chooses from on a case
# The service's, and the meeting's.
Own = Literal["order", "receipt", "sign", "rewrite", "debrief", "talk", "sample", "meeting"]
Kind = ByHand | Own

BY_HAND: tuple[ByHand, ...] = get_args(ByHand)
KINDS: tuple[Kind, ...] = (*BY_HAND, *get_args(Own))
# Done with what it asks for alone.
BY_ITS_ACT: frozenset[Kind] = frozenset({"sign", "rewrite", "debrief", "talk", "sample"})
# What the alert says of one about a case: in no word of hers or of a worker's.
DUE: Mapping[Kind, str] = {
    "contact": "A task is due: be in touch with her.",
    "check": "A task is due: find something out.",
    "agency": "A task is due: speak with an agency.",
    "order": "An order is about to end.",
    "review": "A task is due: look over the case.",
    "receipt": "A task is due: ask whether a referral has arrived.",
    "sign": "A decision waits for a second person.",
    "rewrite": "A decision was given back and is to be written anew.",
    "meeting": "A task is due: agreed at the weekly meeting.",
    "general": "A task is due.",
}
LONGEST_WORDS = 500  # characters
FURTHEST = timedelta(days=731)

NO_WORDS = "Say what is to be done, in a sentence."
NOT_THEN = "Choose a time that is still to come, within two years."
IS_DONE = "This task is done already. Make a new one."
NOT_BY_HAND = "This task ends by itself, once what it asks for is done."
NO_TASK = "There is no such task."
NOT_YOURS = "This task is a colleague's."


@dataclass(frozen=True, slots=True)
class Task:
    """`person`: her case ref, '' of a task that is about no recipient. `staff`: whose it is, '' for whoever is on duty
    (for whoever supervises, where it is about no recipient).

    `by` made it, `done_by` did it: staff ids. `words` are '' where the reader has not opened her case.
    """

    id: str
    kind: Kind
    due_at: datetime
    words: str
    person: str = ""
    staff: str = ""
    by: str = ""
    made_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str = ""


@dataclass(frozen=True, slots=True)
class NewTask:
    """What, by when, and whose, as in Task. `about`: the id of what ends it by its own end; '' of one by hand."""

    kind: Kind
    due_at: datetime
    words: str
    staff: str = ""
    about: str = ""


class Tasks(Protocol):
    """Each raises Refused with a sentence for the worker, Unknown where there is no such task, person or colleague."""

    async def make(self, person: str, task: NewTask, by: str, now: datetime, reason: str = "") -> None:
        """On her case. `reason`: why it is opened, where `by` holds no alert of hers."""

    async def done(self, task: str, by: str, now: datetime, reason: str = "") -> None:
        """For good; its alert is resolved with it, where no colleague holds that. `reason` as in `make`, for who it is
        not given to. Refused for BY_ITS_ACT."""

    async def of_person(self, person: str, now: datetime) -> Sequence[Task]:
        """Those to be done first, the earliest first; then those done lately. For a page that has opened her case."""

    async def mine(self, staff: str, now: datetime) -> Sequence[Task]:
        """What is given to them and not done, the earliest first; of who supervises also what is about no case and
        nobody's. Of a case without its words: that is to open it."""


def may_make(task: NewTask, now: datetime) -> None:
    """Raises Refused with what is wrong with it."""
    if not task.words.strip():
        raise Refused(NO_WORDS)
    if not now < task.due_at <= now + FURTHEST:
        raise Refused(NOT_THEN)
