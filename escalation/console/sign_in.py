"""Signing in: name, password and code in one form, one answer to whatever is wrong with them.

One form and not two pages: a right password alone is never told from a wrong one, so it cannot be found without the
code. The same hashing and the same code arithmetic are done for a name that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from escalation.console import codes, sessions, tongue
from escalation.console.doors import RETURN, Visit
from escalation.console.pages import back, notice_of, page
from escalation.console.passwords import Busy
from escalation.ports import Staff


@dataclass(frozen=True, slots=True)
class Bound:
    """At most `most` tries in `seconds`."""

    what: str
    most: int
    seconds: int


# A worker who mistypes three times at 3 a.m. must get in; a list of stolen passwords must not get far; and nobody may
# lock a worker out by guessing at her name from elsewhere, so the bound on a name alone is wide.
PAIR = Bound("sign_in.pair", 8, 300)
ADDRESS = Bound("sign_in.address", 40, 300)
NAME = Bound("sign_in.name", 120, 3600)
LONGEST_NAME = 100


async def show(visit: Visit) -> Response:
    """`?language=` of the page's own links is kept by the browser from here on."""
    response = _form(visit, 200, notice_of(visit))
    tongue.keep_asked(response, visit.request, visit.wiring)
    return response


async def sign_in(visit: Visit) -> Response:
    username = visit.form.get("username", "").strip()[:LONGEST_NAME]
    if not await allowed(visit, username):
        return _form(visit, 429, visit.wiring.strings.say("sign_in.too_often"), username)
    try:
        staff = await known(visit, username)
    except Busy:
        return _form(visit, 503, visit.wiring.strings.say("problem.busy.title"), username)
    if staff is None:
        return _form(visit, 403, visit.wiring.strings.say("sign_in.wrong"), username)
    token = await sessions.begin(visit.wiring, visit.request, staff, visit.now)
    await visit.wiring.accounts.record(staff.id, "signed_in", staff.id, visit.now)
    response = RedirectResponse(back(visit), 303)
    sessions.put(response, token, visit.wiring.settings)
    if staff.language in tongue.codes(visit.wiring):
        tongue.put(response, staff.language, visit.wiring.settings)
    return response


async def sign_out(visit: Visit) -> Response:
    await sessions.end(visit.wiring, visit.request, visit.now)
    await visit.wiring.accounts.record(visit.staff.id, "signed_out", visit.staff.id, visit.now)
    # The browser is told to clear its cookies, the language too, so the next page is asked for in it.
    kept = tongue.as_query(visit.request, visit.wiring)
    response = RedirectResponse(visit.link("sign_in") + "?notice=signed_out" + kept, 303)
    sessions.drop(response, visit.wiring.settings)
    return response


async def allowed(visit: Visit, username: str) -> bool:
    """Whether one more try at this name's password is looked at."""
    client = visit.request.client
    address = client.host if client else "unknown"
    keys = ((ADDRESS, address), (PAIR, f"{address} {username}"), (NAME, username))
    for bound, key in keys:
        if not await visit.wiring.accounts.allow(bound.what, key, visit.now, bound.most, bound.seconds):
            return False
    return True


async def known(visit: Visit, username: str) -> Staff | None:
    """Whom the form's password and code prove, or None, after the same work either way. A code is used up only together
    with a right password."""
    wiring, form = visit.wiring, visit.form
    account = await wiring.accounts.account(username)
    right = await wiring.passwords(account.password if account else None, form.get("password", ""))
    step = codes.step_of(account.totp if account else None, form.get("code", ""), visit.now)
    if account is None or not right or not account.staff.active:
        return None
    if account.totp is None:
        return None if wiring.settings.require_code else account.staff
    if step is None or not await wiring.accounts.totp_used(account.staff.id, step):
        return None
    return account.staff


def _form(visit: Visit, status: int, notice: str, username: str = "") -> Response:
    wanted = visit.form.get("next") or visit.request.query_params.get("next", "")
    return page(
        visit,
        "sign_in.html",
        status,
        notice=notice,
        wrong=status != 200,
        username=username,
        next=wanted if RETURN.fullmatch(wanted) else "",
        code_needed=visit.wiring.settings.require_code,
    )
