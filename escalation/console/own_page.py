"""The cases that somebody is assigned to, with what stands of each: the first page of partner support."""

from __future__ import annotations

from starlette.responses import Response

from escalation.console.doors import Visit
from escalation.console.pages import notice_of, page
from escalation.order import is_held


async def show(visit: Visit) -> Response:
    return await own(visit, notice=notice_of(visit))


async def own(visit: Visit, status: int = 200, notice: str = "", refused: str = "") -> Response:
    """Nothing of the queue: only alerts of their own cases. `refused`: why an act did not happen."""
    cases = await visit.wiring.access.own(visit.staff.id, visit.now)
    held = {alert.ref for case in cases for alert in case.alerts if is_held(alert, visit.now)}
    return page(visit, "own.html", status, cases=cases, held=held, notice=notice, refused=refused, here="own")
