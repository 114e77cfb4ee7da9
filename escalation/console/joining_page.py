"""A new joining code: made for one recipient, shown once, handed over face to face. And who has a case number."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from escalation.console.doors import TurnedAway, Visit
from escalation.console.pages import page, refusal
from escalation.ports import LONGEST_NUMBER, Refused


async def show(visit: Visit) -> Response:
    return _page(visit)


async def invite(visit: Visit) -> Response:
    """Reloading the answer would make another code, so the browser asks first; the code is not shown again."""
    language, case = visit.form.get("language", ""), visit.form.get("case", "").strip()
    if language not in ("", *visit.wiring.settings.languages) or len(case) > LONGEST_NUMBER:
        raise TurnedAway(422, "problem.not_valid")
    try:
        code = await visit.wiring.people.invite(visit.staff.id, visit.now, language, case)
    except Refused as refused:
        return _page(visit, 409, refused=refused.why)
    return _page(visit, code=code)


async def find(visit: Visit) -> Response:
    """Cases under just this number. It travels in the form, never in an address, so that no log keeps it."""
    number = visit.form.get("number", "").strip()
    try:
        found = await visit.wiring.desk.under_number(number, visit.staff.id, visit.now)
    except Refused as refused:
        return _page(visit, 422, refused=refusal(visit, refused))
    return _page(visit, number=number, found=found)


def _page(
    visit: Visit, status: int = 200, code: str = "", refused: str = "", number: str = "", found: Sequence[str] = ()
) -> Response:
    names = visit.wiring.strings.locale.languages
    return page(
        visit,
        "joining.html",
        status,
        code=code,
        refused=refused,
        languages=[(tag, names.get(tag, tag)) for tag in visit.wiring.settings.languages],
        lines=visit.wiring.settings.lines,
        longest=LONGEST_NUMBER,
        number=number,
        found=found,
        here="joining",
    )
