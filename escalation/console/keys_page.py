"""The state of the key ring for administrators: ids, ages, and when the operator last rotated, saved and verified."""

from __future__ import annotations

from starlette.responses import Response

from escalation.console.doors import KEEPERS, Door, Visit
from escalation.console.pages import page


async def show(visit: Visit) -> Response:
    kept = await visit.wiring.keeping.state(visit.now)
    return page(visit, "keys.html", kept=kept, here="keys")


DOORS: tuple[Door, ...] = (Door("GET", "/keys", "keys", show, KEEPERS),)
