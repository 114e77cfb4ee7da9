"""A worker switches the console's keys or its sound on or off: in the menu under her name, kept with her account."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from escalation.accounts import CUES
from escalation.console.doors import TurnedAway, Visit
from escalation.console.pages import back


async def switch(visit: Visit) -> Response:
    """`cue` is the one that changes its state."""
    cue = visit.form.get("cue", "")
    if cue not in CUES:
        raise TurnedAway(422, "problem.not_valid")
    wanted = set(visit.staff.cues) ^ {cue}
    await visit.wiring.accounts.cued(visit.staff.id, [each for each in CUES if each in wanted])
    return RedirectResponse(back(visit), 303)
