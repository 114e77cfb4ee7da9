"""Tasks: made and done on the case page, and what is given to a worker on a page of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.responses import Response

from escalation.console.case_page import Opening
from escalation.console.claim_acts import of_case
from escalation.console.doors import CASES, Door, TurnedAway, Visit
from escalation.console.pages import go, notice_of, page, refusal
from escalation.console.task_rows import NUMBERED, PLACES
from escalation.ports import Refused, Unknown
from escalation.tasks import BY_HAND, BY_ITS_ACT, LONGEST_WORDS, NewTask

NOBODY = "anybody"  # in the form: whoever is on duty


async def make(visit: Visit) -> Response:
    making = visit.wiring.tasks.make(
        visit.ref("person"), _new(visit), visit.staff.id, visit.now, Opening.of(visit.form).reason
    )
    return await of_case(visit, making, "task_made")


async def done(visit: Visit) -> Response:
    doing = visit.wiring.tasks.done(
        visit.form.get("task", ""), visit.staff.id, visit.now, Opening.of(visit.form).reason
    )
    return await of_case(visit, doing, "task_done")


async def show(visit: Visit) -> Response:
    return await _mine(visit)


async def done_of_mine(visit: Visit) -> Response:
    try:
        await visit.wiring.tasks.done(visit.form.get("task", ""), visit.staff.id, visit.now)
    except Unknown:
        raise
    except Refused as refused:
        return await _mine(visit, refusal(visit, refused))
    return go(visit, "tasks", "task_done")


async def _mine(visit: Visit, refused: str = "") -> Response:
    tasks = await visit.wiring.tasks.mine(visit.staff.id, visit.now)
    told = {"notice": notice_of(visit), "refused": refused}
    asked = {"places": PLACES, "by_its_act": BY_ITS_ACT, "numbered": NUMBERED}
    return page(visit, "tasks.html", 409 if refused else 200, tasks=tasks, here="tasks", **told, **asked)


def _new(visit: Visit) -> NewTask:
    """Raises TurnedAway where a field is not as our own form has it."""
    form = visit.form
    kind = next((each for each in BY_HAND if each == form.get("kind")), None)
    words = form.get("task_words", "").strip()
    if kind is None or len(words) > LONGEST_WORDS:
        raise TurnedAway(422, "problem.not_valid")
    try:
        local = datetime.fromisoformat(form.get("by", ""))
        due = local.replace(tzinfo=ZoneInfo(visit.wiring.settings.zone)).astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise TurnedAway(422, "problem.not_valid") from wrong
    whose = form.get("whose", "") or visit.staff.id
    return NewTask(kind, due, words, "" if whose == NOBODY else whose)


DOORS = (
    Door("POST", "/cases/{person}/tasks", "task_make", make, CASES, "act"),
    Door("POST", "/cases/{person}/tasks/done", "task_done", done, CASES, "act"),
    Door("GET", "/tasks", "tasks", show, CASES),
    Door("POST", "/tasks/done", "my_task_done", done_of_mine, CASES, "act"),
)
