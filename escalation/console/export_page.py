"""All that is hers, given to her when she asks: her authority first, then one page to print, or the same as JSON.

Nothing is sent and no file is made: what leaves the screen does so by the hand of the worker.
"""

from __future__ import annotations

from datetime import date
from typing import get_args

from starlette.responses import Response

from escalation.console.api_views import reply
from escalation.console.case_page import Opening, ask_reason
from escalation.console.contact_rows import stands
from escalation.console.doors import Visit
from escalation.console.pages import page, refusal
from escalation.export import CONTACT, Export, exported
from escalation.people import Asking, Wish
from escalation.ports import Case, Refused, Unknown

WISHES: tuple[Wish, ...] = get_args(Wish)
AS_JSON = "json"


async def show(visit: Visit) -> Response:
    return await _ask(visit, Opening())


async def open_with_reason(visit: Visit) -> Response:
    opening, person = Opening.of(visit.form), visit.ref("person")
    if not opening.reason:
        return ask_reason(visit, person, visit.wiring.strings.say("reason.missing"), 422, _here(visit))
    return await _ask(visit, opening)


async def make(visit: Visit) -> Response:
    """Recorded before anything is read. Reloading asks first, for it is recorded each time."""
    opening, asking = Opening.of(visit.form), _asking(visit)
    if asking is None:
        return await _ask(visit, opening, 422, visit.wiring.strings.say("export.missing"))
    try:
        case, export = await _export(visit, opening, asking)
    except Unknown:
        raise
    except Refused as refused:
        return await _ask(visit, opening, 409, refusal(visit, refused))
    if visit.form.get("as") == AS_JSON:
        return reply(export)
    contact = stands(case.contact, CONTACT, visit.wiring.times(visit.now), visit.wiring.name)
    context = {"case": case, "export": export, "contact": contact}
    return page(visit, "export.html", 200, here="case", **context)


async def _export(visit: Visit, opening: Opening, asking: Asking) -> tuple[Case, Export]:
    """Raises Refused."""
    whose = (visit.ref("person"), visit.staff.id)
    consents = await visit.wiring.people.hands_over(*whose, asking, visit.now, opening.reason)
    case = await visit.wiring.desk.case(*whose, opening.reason, visit.now)
    talk = await visit.wiring.desk.transcript(*whose, opening.reason, visit.now)
    return case, exported(case, talk, consents, asking, visit.now, visit.wiring.hers(case.contact.language))


def _asking(visit: Visit) -> Asking | None:
    how = next((each for each in WISHES if each == visit.form.get("how")), None)
    try:
        return Asking(how, date.fromisoformat(visit.form.get("on", ""))) if how else None
    except ValueError:
        return None


async def _ask(visit: Visit, opening: Opening, status: int = 200, refused: str = "") -> Response:
    """How she asked and when; for whoever may open the case."""
    person = visit.ref("person")
    try:
        case = await visit.wiring.desk.case(person, visit.staff.id, opening.reason, visit.now)
    except Unknown:
        raise
    except Refused as closed:
        return ask_reason(visit, person, refused or refusal(visit, closed), 403, _here(visit))
    ways = [(each, visit.wiring.strings.say(f"authority.{each}")) for each in WISHES]
    context = {"case": case, "opening": opening, "ways": ways, "kept": visit.form}
    return page(visit, "export_ask.html", status, refused=refused, here="case", **context)


def _here(visit: Visit) -> str:
    return visit.link("export", person=visit.ref("person"))
