"""A moving code at the API: as the page has it, shown once to whoever called."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from escalation.console.api_views import Call, reply
from escalation.people import Sure


class Mover(msgspec.Struct, forbid_unknown_fields=True):
    """`sure`: how you know that it is her: she answered the agreed question ('asked'), or you are with her."""

    sure: Sure


class MovingCode(msgspec.Struct):
    """Shown this once, good for a day. Read it out to her; never send it."""

    moving_code: str


async def moving_code(call: Call) -> Response:
    sure = (await call.body(Mover)).sure
    made = await call.wiring.people.moving_code(call.ref, call.staff.id, sure, call.now, call.reason)
    return reply(MovingCode(made), 201)
