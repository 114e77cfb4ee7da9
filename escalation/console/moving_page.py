"""A code with which her chat moves to another phone: made once a worker is sure of her, shown once, read out."""

from __future__ import annotations

from typing import get_args

from starlette.responses import Response

from escalation.console.case_page import Opening, ask_reason
from escalation.console.doors import Visit
from escalation.console.pages import page, refusal
from escalation.people import Sure
from escalation.ports import Refused, Unknown

SURE: tuple[Sure, ...] = get_args(Sure)


async def show(visit: Visit) -> Response:
    return await _page(visit, Opening())


async def open_with_reason(visit: Visit) -> Response:
    opening, person = Opening.of(visit.form), visit.ref("person")
    if not opening.reason:
        return ask_reason(visit, person, visit.wiring.strings.say("reason.missing"), 422, _here(visit))
    return await _page(visit, opening)


async def make(visit: Visit) -> Response:
    """Reloading the answer would make another code, so the browser asks first; the code is not shown again."""
    opening = Opening.of(visit.form)
    sure = next((each for each in SURE if each == visit.form.get("sure")), None)
    if sure is None:
        return await _page(visit, opening, 422, visit.wiring.strings.say("moving.missing"))
    try:
        code = await visit.wiring.people.moving_code(
            visit.ref("person"), visit.staff.id, sure, visit.now, opening.reason
        )
    except Unknown:
        raise
    except Refused as refused:
        return await _page(visit, opening, 409, refusal(visit, refused))
    return await _page(visit, opening, code=code)


async def _page(visit: Visit, opening: Opening, status: int = 200, refused: str = "", code: str = "") -> Response:
    """For whoever may open the case. The agreed question stands there, to be asked."""
    person = visit.ref("person")
    try:
        case = await visit.wiring.desk.case(person, visit.staff.id, opening.reason, visit.now)
    except Unknown:
        raise
    except Refused as closed:
        return ask_reason(visit, person, refused or refusal(visit, closed), 403, _here(visit))
    context = {"case": case, "opening": opening, "sure": SURE, "lines": visit.wiring.settings.lines, "code": code}
    return page(visit, "moving.html", status, refused=refused, here="case", **context)


def _here(visit: Visit) -> str:
    return visit.link("moving", person=visit.ref("person"))
