"""Saying whose case it is, on the case page."""

from __future__ import annotations

from starlette.responses import Response

from escalation.console.assigned import AS
from escalation.console.case_page import Opening
from escalation.console.claim_acts import of_case
from escalation.console.doors import TurnedAway, Visit


async def assign(visit: Visit) -> Response:
    as_ = next((each for each in AS if each == visit.form.get("as")), None)
    if as_ is None:
        raise TurnedAway(422, "problem.not_valid")
    person, staff, reason = visit.ref("person"), visit.form.get("staff", ""), Opening.of(visit.form).reason
    assigning = visit.wiring.access.assign(person, staff, as_, visit.staff.id, visit.now, reason)
    return await of_case(visit, assigning, "assigned")


async def end(visit: Visit) -> Response:
    person, assignment, reason = visit.ref("person"), visit.form.get("assignment", ""), Opening.of(visit.form).reason
    ending = visit.wiring.access.end(person, assignment, visit.staff.id, visit.now, reason)
    return await of_case(visit, ending, "unassigned")
