"""Her crisis plan: what she answers goes into an item, each look sets the next one, a worker may change it too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import get_args

from msgspec.structs import replace

from flows.engine.conversation import PlanItem, Status
from flows.engine.draft import Draft
from flows.engine.effects import PlanChanged
from flows.engine.events import WorkerPlanned
from flows.engine.matching import Answer

STATUSES: tuple[Status, ...] = get_args(Status)
REVIEW_EVERY = timedelta(days=28)  # as often as the flow plan_review comes
LATEST_REVIEW = timedelta(days=366)  # what is looked at more seldom is not looked at
LONGEST_WORDS = 200  # characters of an item, as the flows ask for them
REVIEWED = frozenset({"todo", "done"})  # what a review shows her

CHANGED = "It has changed meanwhile: she or a colleague was quicker. Read it again first."
TOO_LONG = f"The words of an item have at most {LONGEST_WORDS} characters: they fit one message on her phone."
NOT_THEN = "Choose a day for its review from today on, within a year, or none."


def named(plan: Sequence[PlanItem], name: str) -> PlanItem | None:
    return next((item for item in plan if item.name == name), None)


def overdue(item: PlanItem, now: datetime) -> bool:
    return item.review_on is not None and item.review_on <= now


def answered(draft: Draft, name: str, answer: Answer) -> None:
    """A status by its token, or her own words, which make it something to do."""
    status: Status = next((each for each in STATUSES if each == answer.name), "todo")
    before = named(draft.plan, name)
    kept = before.words if before else ""
    words = kept if answer.name in STATUSES else str(answer.value)
    put(draft, PlanItem(name, status, "" if status == "worker" else words, draft.at, _next_look(draft, status)))


def shown(draft: Draft) -> PlanItem | None:
    """The item that this flow showed last; None when it showed none, or it is gone."""
    seen = draft.stack[-1].shown
    return named(draft.plan, seen[-1]) if seen else None


def still_right(draft: Draft) -> None:
    """She looked at the item that was shown last, and it stands as it is."""
    item = shown(draft)
    if item is not None:
        review_on = _next_look(draft, item.status)
        put(draft, PlanItem(item.name, item.status, item.words, item.at, review_on))


def _next_look(draft: Draft, status: Status) -> datetime | None:
    return draft.at + REVIEW_EVERY if status in REVIEWED else None


def put(draft: Draft, item: PlanItem, staff: str = "") -> None:
    """The item as it is from now on, in its old place. The words of what a worker keeps go to the history alone."""
    held = item
    if item.status == "worker":
        held = replace(item, words="")
        draft.forget_words(item.name)
    if named(draft.plan, item.name) is None:
        draft.plan = (*draft.plan, held)
    else:
        draft.plan = tuple(held if each.name == item.name else each for each in draft.plan)
    draft.effects.append(PlanChanged(item, staff))


def refuses(item: PlanItem | None, event: WorkerPlanned) -> str:
    """Why a worker's change cannot be, as a sentence for the worker; '' when it can."""
    if item is None:
        return "There is no such item in her plan."
    if item.at != event.seen and (item.status, item.words) != (event.status, event.words.strip()):
        return CHANGED
    if len(event.words.strip()) > LONGEST_WORDS:
        return TOO_LONG
    if event.review_on is not None and event.review_on != item.review_on:
        day = timedelta(days=1)  # today began before now
        if not event.at - day <= event.review_on <= event.at + LATEST_REVIEW:
            return NOT_THEN
    return ""
