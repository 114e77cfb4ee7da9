"""Erasing a recipient: who asked and how, why, the reference typed once more; then the receipt, and nothing else."""

from __future__ import annotations

from typing import get_args

from starlette.responses import Response

from escalation.console.doors import Visit
from escalation.console.pages import go, page, refusal
from escalation.people import Authority
from escalation.ports import Refused, Unknown

LONGEST_WHY = 500  # characters, for whoever reads the audit log
AUTHORITIES: tuple[Authority, ...] = get_args(Authority)


async def show(visit: Visit) -> Response:
    return _page(visit)


async def erase(visit: Visit) -> Response:
    """Once done the case is gone: the receipt is shown by GET, so that reloading repeats nothing."""
    form, person = visit.form, visit.ref("person")
    authority = next((each for each in AUTHORITIES if each == form.get("authority", "")), None)
    reason = form.get("reason", "").strip()
    if authority is None or not reason or len(reason) > LONGEST_WHY:
        return _page(visit, 422, visit.wiring.strings.say("erase.missing", most=LONGEST_WHY))
    if form.get("confirm", "").strip().upper() != person.upper():
        return _page(visit, 422, visit.wiring.strings.say("erase.differs"))
    try:
        receipt = await visit.wiring.people.erase(person, visit.staff.id, authority, reason, visit.now)
    except Unknown:
        raise
    except Refused as refused:
        return _page(visit, 409, refusal(visit, refused))
    return go(visit, "receipt", ref=receipt)


async def receipt(visit: Visit) -> Response:
    """Raises Unknown."""
    left = await visit.wiring.people.receipt(visit.ref("ref"))
    return page(visit, "receipt.html", left=left, here="case")


def _page(visit: Visit, status: int = 200, refused: str = "") -> Response:
    ways = [(each, visit.wiring.strings.say(f"authority.{each}")) for each in AUTHORITIES]
    context = {"person": visit.ref("person").upper(), "ways": ways, "longest": LONGEST_WHY, "kept": visit.form}
    return page(visit, "erase.html", status, refused=refused, here="case", **context)
