"""Tasks at the API: one's own, those of a case, a new one, done. The same port as the pages, and the same rights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from starlette.responses import Response

from escalation.console.api_doors import OF_A_CASE, OF_AN_ACT, ApiDoor
from escalation.console.api_views import Call, Empty, reply
from escalation.console.doors import CASES, clean
from escalation.tasks import LONGEST_WORDS, ByHand, Kind, NewTask, Task


class TaskToMake(msgspec.Struct, forbid_unknown_fields=True):
    """`due_at` with its zone. `staff`: whose it is, an id; '' for whoever is on duty; left out, yourself."""

    kind: ByHand
    words: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_WORDS)]
    due_at: Annotated[datetime, msgspec.Meta(tz=True)]
    staff: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class TaskShown(msgspec.Struct):
    """`recipient` is '' of one that is about no case; `words` are '' where the case is not open to the caller."""

    id: str
    kind: Kind
    words: str
    due_at: datetime
    recipient: str
    staff: str
    by: str
    made_at: datetime | None
    done_at: datetime | None
    done_by: str


class Tasks(msgspec.Struct):
    """Those to be done first, the earliest first."""

    tasks: Sequence[TaskShown]


class TaskDone(msgspec.Struct):
    id: str
    done_at: datetime


async def mine(call: Call) -> Response:
    return reply(_shown(await call.wiring.tasks.mine(call.staff.id, call.now)))


async def of_case(call: Call) -> Response:
    case = await call.wiring.desk.case(call.ref, call.staff.id, call.reason, call.now)
    return reply(_shown(await call.wiring.tasks.of_person(case.ref, call.now)))


async def make(call: Call) -> Response:
    wanted = await call.body(TaskToMake)
    whose = call.staff.id if wanted.staff is None else wanted.staff
    task = NewTask(wanted.kind, wanted.due_at, clean(wanted.words).strip(), whose)
    await call.wiring.tasks.make(call.ref, task, call.staff.id, call.now, call.reason)
    return reply(_shown(await call.wiring.tasks.of_person(call.ref, call.now)), 201)


async def done(call: Call) -> Response:
    await call.body(Empty)
    await call.wiring.tasks.done(call.ref, call.staff.id, call.now, call.reason)
    return reply(TaskDone(call.ref, call.now))


def _shown(found: Iterable[Task]) -> Tasks:
    return Tasks(
        [
            TaskShown(t.id, t.kind, t.words, t.due_at, t.person, t.staff, t.by, t.made_at, t.done_at, t.done_by)
            for t in found
        ]
    )


OF_HERS = "/recipients/{ref}/tasks"
DOORS = (
    ApiDoor("GET", "/tasks", "tasks", "What is given to you and not done", mine, CASES, Tasks),
    ApiDoor(
        "GET", OF_HERS, "tasks_of_case", "What is to be done on a case, and what was done lately", of_case,
        CASES, Tasks, refuses=OF_A_CASE, opens=True,
    ),
    ApiDoor(
        "POST", OF_HERS, "make_task", "A task on a case; due and not done it is an alert", make,
        CASES, Tasks, TaskToMake, 201, refuses=OF_AN_ACT, opens=True,
    ),
    ApiDoor(
        "POST", "/tasks/{ref}/done", "task_done", "A task is done, for good; its alert is settled with it", done,
        CASES, TaskDone, Empty, refuses=OF_AN_ACT, opens=True,
    ),
)  # fmt: skip
