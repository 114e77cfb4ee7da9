"""A worker chooses the language of the console: a form in the menu under her name, kept with her account."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from escalation.console import tongue
from escalation.console.doors import TurnedAway, Visit
from escalation.console.pages import back


async def choose(visit: Visit) -> Response:
    language = visit.form.get("language", "")
    if language not in tongue.codes(visit.wiring):
        raise TurnedAway(422, "problem.not_valid")
    await visit.wiring.accounts.reads(visit.staff.id, language)
    response = RedirectResponse(back(visit), 303)
    tongue.put(response, language, visit.wiring.settings)
    return response
