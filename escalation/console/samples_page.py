"""A closed conversation drawn by chance, and the case audit form about how the work in it was done.

Whoever opens the page reads her words: it is recorded each time, and it is open to the supervisor who drew it alone.
"""

from __future__ import annotations

from functools import partial

from starlette.responses import Response

from escalation import case_audit
from escalation.console.banner import word
from escalation.console.doors import SUPERVISION, Door, TurnedAway, Visit
from escalation.console.pages import go, notice_of, page, refusal
from escalation.console.supervision_page import show as supervision
from escalation.ports import Refused, Unknown


async def draw(visit: Visit) -> Response:
    try:
        sample = await visit.wiring.samples.draw(visit.staff.id, visit.now)
    except Refused as refused:
        return await supervision(visit, refusal(visit, refused))
    return go(visit, "sample", sample=sample)


async def show(visit: Visit) -> Response:
    return await _page(visit)


async def keep(visit: Visit) -> Response:
    """One part of the form. What was written stays in its boxes where it is refused."""
    known = (*case_audit.ITEMS, *case_audit.TEXTS)
    answers = {name: value for name, value in visit.form.items() if name in known}
    if case_audit.merged({}, answers) is None:
        raise TurnedAway(422, "problem.not_valid")
    sample = visit.ref("sample")
    try:
        await visit.wiring.samples.answer(sample, visit.staff.id, answers, visit.now)
    except Unknown:
        raise
    except Refused as refused:
        return await _page(visit, refusal(visit, refused))
    parts = {name: group for group, items in case_audit.GROUPS.items() for name in items}
    part = next((parts[name] for name in answers if name in parts), "texts")
    return go(visit, "sample", "kept", f"#{part}-h", sample=sample)


async def finish(visit: Visit) -> Response:
    try:
        await visit.wiring.samples.finish(visit.ref("sample"), visit.staff.id, visit.now)
    except Unknown:
        raise
    except Refused as refused:
        return await _page(visit, refusal(visit, refused))
    return go(visit, "supervision", "sample_done")


async def _page(visit: Visit, refused: str = "") -> Response:
    try:
        opened = await visit.wiring.samples.open(visit.ref("sample"), visit.staff.id, visit.now)
    except Unknown:
        raise
    except Refused as why:
        return await supervision(visit, refusal(visit, why))
    return page(
        visit,
        "sample.html",
        409 if refused else 200,
        sample=opened.sample,
        opened=opened,
        groups=case_audit.GROUPS,
        marks=case_audit.MARKS,
        texts=case_audit.TEXTS,
        longest=case_audit.LONGEST_TEXT,
        given={**opened.answers, **(visit.form if refused else {})},
        names=await visit.wiring.staff_names(),
        word=partial(word, visit.wiring.times(visit.now)),
        notice=notice_of(visit),
        refused=refused,
        here="supervision",
    )


DOORS = (
    Door("POST", "/samples", "sample_draw", draw, SUPERVISION, "act"),
    Door("GET", "/samples/{sample}", "sample", show, SUPERVISION),
    Door("POST", "/samples/{sample}", "sample", keep, SUPERVISION, "act"),
    Door("POST", "/samples/{sample}/finish", "sample_finish", finish, SUPERVISION, "act"),
)
