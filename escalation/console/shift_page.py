"""The end of a shift: a line on each alert, who takes it over, and the end; for supervisors also others' shifts."""

from __future__ import annotations

from starlette.responses import Response

from escalation.claims import LONGEST_WORD, TooMany
from escalation.console.doors import CASEWORK, SUPERVISION, Door, TurnedAway, Visit
from escalation.console.pages import go, notice_of, page, refusal
from escalation.ports import Refused, Staff, Unknown
from escalation.shifts import LONGEST_LINE, Leaving, may_end


async def show(visit: Visit) -> Response:
    return await _page(visit)


async def line(visit: Visit) -> Response:
    """What was written stays in its boxes when it is refused."""
    ref, number = visit.ref("ref"), visit.form.get("claim", "")
    if not number.isdecimal() or len(number) > 9:
        raise TurnedAway(422, "problem.not_valid")
    said = (visit.form.get("risk", ""), visit.form.get("contact", ""), visit.form.get("to", ""))
    try:
        await visit.wiring.shifts.line(ref, visit.staff.id, int(number), *said, visit.now)
    except Refused as refused:
        return await _refused(visit, refused)
    return go(visit, "shift", "shift_line")


async def accept(visit: Visit) -> Response:
    """To accept is to claim. A third urgent one asks why on this page."""
    ref, reason = visit.ref("ref"), visit.form.get("third", "").strip()[:LONGEST_WORD]
    try:
        await visit.wiring.desk.claim(ref, visit.staff.id, visit.now, reason)
    except TooMany as many:
        return await _page(visit, many, third=ref.upper())
    except Refused as refused:
        return await _refused(visit, refused)
    return go(visit, "shift", "shift_accepted")


async def decline(visit: Visit) -> Response:
    try:
        await visit.wiring.claims.decline(visit.ref("ref"), visit.staff.id, visit.now)
    except Refused as refused:
        return await _refused(visit, refused)
    return go(visit, "shift", "shift_declined")


async def end(visit: Visit) -> Response:
    return await _end(visit, visit.staff.id, "")


async def end_theirs(visit: Visit) -> Response:
    return await _end(visit, visit.ref("staff"), visit.form.get("why", "").strip()[:LONGEST_WORD])


async def _end(visit: Visit, staff: str, reason: str) -> Response:
    try:
        await visit.wiring.shifts.end(staff, visit.staff.id, reason, visit.now)
    except Refused as refused:
        return await _refused(visit, refused)
    return go(visit, "shift", "shift_ended")


async def _refused(visit: Visit, refused: Refused) -> Response:
    if isinstance(refused, Unknown):
        raise refused
    return await _page(visit, refused)


async def _page(visit: Visit, refused: Refused | None = None, third: str = "") -> Response:
    shifts, staff = visit.wiring.shifts, visit.staff
    mine = await shifts.leaving(staff.id, visit.now)
    everybody = await visit.wiring.accounts.staff()
    return page(
        visit,
        "shift.html",
        409 if refused else 200,
        mine=mine,
        unfinished=_unfinished(visit, mine),
        handed=await shifts.handed(staff.id, visit.now),
        others=await shifts.others(staff.id, visit.now) if staff.role in SUPERVISION else (),
        colleagues=[one for one in everybody if one.active and one.role in CASEWORK and one.id != staff.id],
        follows=_only(mine.followers),
        third=third,
        written=visit.request.path_params.get("ref", "").upper() if refused else "",
        kept=visit.form,
        longest=LONGEST_LINE,
        longest_word=LONGEST_WORD,
        notice=notice_of(visit),
        refused=refusal(visit, refused) if refused else "",
        here="shift",
    )


def _unfinished(visit: Visit, mine: Leaving) -> str:
    """Why it cannot be ended by themselves yet; '' when it can."""
    try:
        may_end(mine.alerts, mine.staff.id, mine.staff.id, False, "")
    except Refused as why:
        return refusal(visit, why)
    return ""


def _only(followers: tuple[Staff, ...]) -> str:
    """Whom an alert is offered to unless another is chosen; '' where the rota does not say whom."""
    return followers[0].id if followers else ""


DOORS = (
    Door("GET", "/shift", "shift", show, CASEWORK),
    Door("POST", "/shift/alerts/{ref}/line", "shift_line", line, CASEWORK, "act"),
    Door("POST", "/shift/alerts/{ref}/accept", "shift_accept", accept, CASEWORK, "act"),
    Door("POST", "/shift/alerts/{ref}/decline", "shift_decline", decline, CASEWORK, "act"),
    Door("POST", "/shift/end", "shift_end", end, CASEWORK, "act"),
    Door("POST", "/shift/{staff}/end", "shift_end_theirs", end_theirs, SUPERVISION, "act"),
)
