"""Her case before the days that the case page draws: 90 days at a time, back to the first of it, by address.

Audited as the reading of a timeline, for it is one, and once more where the case is somebody else's.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from starlette.responses import Response

from escalation.console.banner import word
from escalation.console.case_page import Opening, ask_reason
from escalation.console.clocks import day_of, midnight
from escalation.console.doors import CASES, Door, Visit
from escalation.console.drawing import DRAWN, earlier
from escalation.console.pages import page, refusal
from escalation.ports import Refused, Unknown

DAY = timedelta(days=1)
UNTIL = "until"  # the last day that is drawn, as '2026-08-24'


async def show(visit: Visit) -> Response:
    return await _page(visit, Opening())


async def open_with_reason(visit: Visit) -> Response:
    opening = Opening.of(visit.form)
    if not opening.reason:
        return ask_reason(visit, visit.ref("person"), visit.wiring.strings.say("reason.missing"), 422, _here(visit))
    return await _page(visit, opening)


async def _page(visit: Visit, opening: Opening) -> Response:
    person, clock, zone = visit.ref("person"), visit.wiring.times(visit.now), visit.wiring.settings.zone
    try:
        case = await visit.wiring.desk.case(person, visit.staff.id, opening.reason, visit.now, over_time=True)
    except Unknown:
        raise
    except Refused as closed:
        return ask_reason(visit, person, refusal(visit, closed), 403, _here(visit))
    last = _last(visit)
    until = midnight(last + DAY, zone)
    drawn = earlier(case, midnight(last + DAY - DRAWN, zone), until)
    return page(
        visit,
        "earlier.html",
        case=case,
        opening=opening,
        drawing=drawn,
        last=until - timedelta(seconds=1),
        before=_at(visit, clock.date(drawn.older)) if drawn.older else "",
        after=_later(visit, drawn.newer),
        title_of=visit.wiring.title,
        names=await visit.wiring.staff_names(),
        word=lambda family, value: word(clock, family, value),
        here="case",
    )


def _later(visit: Visit, newer: datetime | None) -> str:
    """Where it goes on, '' where that is the case page: there it is drawn still."""
    if newer is None or newer >= visit.now - DRAWN:
        return ""
    return _at(visit, visit.wiring.times(visit.now).date(newer) + DRAWN - DAY)


def _last(visit: Visit) -> date:
    """The day that is asked for; without one that could be, the last before those of the case page."""
    clock = visit.wiring.times(visit.now)
    return day_of(visit.request.query_params.get(UNTIL, "")) or clock.date(visit.now - DRAWN)


def _here(visit: Visit) -> str:
    return _at(visit, _last(visit))


def _at(visit: Visit, last: date) -> str:
    return f"{visit.link('earlier', person=visit.ref('person'))}?{UNTIL}={last.isoformat()}"


DOORS: tuple[Door, ...] = (
    Door("GET", "/cases/{person}/earlier", "earlier", show, CASES),
    Door("POST", "/cases/{person}/earlier", "earlier", open_with_reason, CASES, "act"),
)
