"""That her safe-contact record still holds (SAFETY 3), and that it is still her who writes (SAFETY 15).

The record is confirmed again on a schedule and at once after an incident, a separation or a wish for another number:
by a worker, who gets one task, or by her, who is asked in her next session that nobody else may be reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from flows.engine.draft import Draft
from flows.engine.effects import Schedule
from flows.engine.events import WorkerAsked
from flows.safety.risk import Fired

TIMER = "confirm"
SEPARATION = "parting"  # rules of the check-in of this name, and those under it, tell of one
DUE = "Her safe-contact record is due to be confirmed: ask her when it is safe, and put it right."
AFTER_SEPARATION = "After a separation, confirm her safe-contact record: ask her when it is safe, and put it right."
AFTER_INCIDENT = "After an incident, confirm her safe-contact record: ask her when it is safe, and put it right."
SILENCE = (
    "Wrote again after {days} days. Ask the agreed question: nothing of hers is shown until you know that it is her."
)
WRONG = "The agreed question was not answered right: it may not be her. Reach her another agreed way."


def begin(draft: Draft) -> None:
    """The schedule, for whoever has none yet: from the end of joining on, or from an older release."""
    if draft.memory.confirm_due is None and draft.memory.joined_at is not None:
        _next(draft)


def _next(draft: Draft) -> None:
    due = draft.at + draft.programme.rules.confirm_every
    draft.memory = replace(draft.memory, confirm_due=due)
    draft.effects.append(Schedule(TIMER, due))


def fell_due(draft: Draft, since: str = "") -> None:
    """By the schedule, or where an incident that rose at `since` (ISO 8601) is resolved: unless whoever worked on it
    has confirmed the record meanwhile. Her phone gets nothing for it but its agreed cover pings."""
    if not draft.contact.consent or draft.memory.joined_at is None:
        return
    confirmed = draft.contact.confirmed_at
    if since and confirmed is not None and confirmed >= datetime.fromisoformat(since):
        return
    _next(draft)
    _ask(draft, AFTER_INCIDENT if since else DUE, "P3")


def _ask(draft: Draft, reason: str, tier: str) -> None:
    draft.memory = replace(draft.memory, ask_confirm=True)
    draft.task("task.confirm", reason, tier)


def weighed(draft: Draft, fired: Sequence[Fired]) -> None:
    """What she answers may tell of a separation: the hours and the phone that were agreed may not hold any more."""
    parted = any(one.rule == SEPARATION or one.rule.startswith(f"{SEPARATION}.") for one in fired)
    if parted and not (draft.suspect or draft.memory.ask_confirm):
        _ask(draft, AFTER_SEPARATION, "P2")


def confirm(draft: Draft) -> None:
    """She, or a worker with her, says that it holds."""
    draft.contact = replace(draft.contact, confirmed_at=draft.at)
    draft.memory = replace(draft.memory, ask_confirm=False)
    _next(draft)


ANSWERS = ("yes", "later")


def asked(draft: Draft, value: str) -> None:
    """She was asked in her session. Anything but a yes puts it off: the worker's task stands."""
    if value == "yes":
        confirm(draft)
    else:
        draft.memory = replace(draft.memory, ask_confirm=False)


def another_number(draft: Draft, value: str) -> None:
    """She wants another phone: whoever asks for that may be somebody else, and the record will not fit the new one.

    The answer itself has raised a worker's task.
    """
    draft.memory = replace(draft.memory, ask_confirm=True, verify_first=True)


def must_verify(draft: Draft, why: str) -> None:
    """Nothing of hers is shown until a worker has verified with the agreed question that it is her."""
    draft.memory = replace(draft.memory, verify_first=True)
    draft.task("task.verify", why, "P2")


def opened(draft: Draft) -> None:
    """The chat opens. After a long silence the phone may be in other hands, and who has it may know the word."""
    memory = draft.memory
    if memory.opened_at is not None and not draft.suspect and not memory.verify_first:
        silent = draft.at - memory.opened_at
        if silent >= draft.programme.rules.long_silence:
            must_verify(draft, SILENCE.format(days=silent // timedelta(days=1)))
    draft.memory = replace(draft.memory, opened_at=draft.at)
    if not draft.suspect:
        begin(draft)


def worker_asked(draft: Draft, event: WorkerAsked) -> None:
    """Not right: it stays as it is, or becomes so, and somebody must reach her another way. Right is WorkerCleared."""
    draft.note(f"verify_{event.outcome}", event.staff)
    if event.outcome == "wrong":
        must_verify(draft, WRONG)
