"""One's own password: another one, for who knows the one that stands and has the authenticator.

A browser left open is not enough, and guessing here counts with guessing at the sign-in.
"""

from __future__ import annotations

from starlette.responses import Response

from escalation.console import sessions, sign_in
from escalation.console.doors import EVERYBODY, Door, Visit
from escalation.console.pages import go, notice_of, page, refusal
from escalation.console.passwords import LONGEST, SHORTEST, Busy, fits
from escalation.ports import Refused


async def show(visit: Visit) -> Response:
    return _page(visit)


async def change(visit: Visit) -> Response:
    """Every other browser is signed out; this one goes on under a new token."""
    wiring, say, new = visit.wiring, visit.wiring.strings.say, visit.form.get("new", "")
    if not fits(new):
        return _page(visit, 422, say("password.length", shortest=SHORTEST, longest=LONGEST))
    if new != visit.form.get("again", ""):
        return _page(visit, 422, say("password.differ"))
    if not await sign_in.allowed(visit, visit.staff.username):
        return _page(visit, 429, say("sign_in.too_often"))
    try:
        staff = await sign_in.known(visit, visit.staff.username)
    except Busy:
        return _page(visit, 503, say("problem.busy.title"))
    if staff is None:
        return _page(visit, 403, say("password.wrong"))
    hashed = await wiring.passwords.hashed(new)
    try:
        await wiring.accounts.new_password(staff.id, staff.version, hashed, visit.now)
    except Refused as refused:
        return _page(visit, 409, refusal(visit, refused))
    token = await sessions.begin(wiring, visit.request, staff, visit.now)
    response = go(visit, "password", "password_changed")
    sessions.put(response, token, wiring.settings)
    return response


def _page(visit: Visit, status: int = 200, refused: str = "") -> Response:
    bounds = {"shortest": SHORTEST, "longest": LONGEST}
    return page(visit, "password.html", status, notice=notice_of(visit), refused=refused, here="password", **bounds)


DOORS: tuple[Door, ...] = (
    Door("GET", "/password", "password", show, EVERYBODY),
    Door("POST", "/password", "password", change, EVERYBODY, "act"),
)
