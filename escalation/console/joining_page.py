"""A new joining code: made for one recipient, shown once, handed over face to face."""

from __future__ import annotations

from starlette.responses import Response

from escalation.console.doors import TurnedAway, Visit
from escalation.console.pages import page
from escalation.ports import Refused

LONGEST_CASE = 60  # characters of the programme's own case number


async def show(visit: Visit) -> Response:
    return _page(visit)


async def invite(visit: Visit) -> Response:
    """Reloading the answer would make another code, so the browser asks first; the code is not shown again."""
    language, case = visit.form.get("language", ""), visit.form.get("case", "").strip()
    if language not in ("", *visit.wiring.settings.languages) or len(case) > LONGEST_CASE:
        raise TurnedAway(422, "problem.not_valid")
    try:
        code = await visit.wiring.people.invite(visit.staff.id, visit.now, language, case)
    except Refused as refused:
        return _page(visit, 409, refused=refused.why)
    return _page(visit, code=code)


def _page(visit: Visit, status: int = 200, code: str = "", refused: str = "") -> Response:
    names = visit.wiring.strings.locale.languages
    return page(
        visit,
        "joining.html",
        status,
        code=code,
        refused=refused,
        languages=[(tag, names.get(tag, tag)) for tag in visit.wiring.settings.languages],
        lines=visit.wiring.settings.lines,
        longest=LONGEST_CASE,
        here="joining",
    )
