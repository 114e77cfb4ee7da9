"""A worker's own page: how they are paged, a code to prove each way, and a test page.

A browser adds itself: `static/paged.js` asks it for a subscription and fills in the form.
"""

from __future__ import annotations

from starlette.responses import Response

from escalation.console.doors import PAGED, Door, TurnedAway, Visit
from escalation.console.pages import go, notice_of, page, refusal
from escalation.methods import BROWSER, METHODS, Method
from escalation.ports import Refused, Unknown

LONGEST = 128  # characters of an address that is typed
LONGEST_BROWSER = 1024  # of one that a browser gives
TOLD = ("unable", "denied", "here", "failed")  # why it is not added, of which the script says one


async def show(visit: Visit) -> Response:
    return await _page(visit)


async def add(visit: Visit) -> Response:
    method, address = visit.form.get("method", ""), visit.form.get("address", "").strip()
    if len(address) > (LONGEST_BROWSER if method == BROWSER else LONGEST):
        raise TurnedAway(422, "problem.not_valid")
    try:
        await visit.wiring.methods.add(visit.staff.id, _offered(visit, method), address, visit.now)
    except Refused as refused:
        return await _page(visit, refused, method, address)
    return go(visit, "paged", "code_sent")


async def send_code(visit: Visit) -> Response:
    try:
        await visit.wiring.methods.send_code(visit.staff.id, visit.form.get("way", ""), visit.now)
    except Refused as refused:
        return await _refused(visit, refused)
    return go(visit, "paged", "code_sent")


async def prove(visit: Visit) -> Response:
    way, code = visit.form.get("way", ""), visit.form.get("code", "")
    try:
        await visit.wiring.methods.prove(visit.staff.id, way, code, visit.now)
    except Refused as refused:
        return await _refused(visit, refused)
    return go(visit, "paged", "proven")


async def remove(visit: Visit) -> Response:
    try:
        await visit.wiring.methods.remove(visit.staff.id, visit.form.get("way", ""), visit.now)
    except Refused as refused:
        return await _refused(visit, refused)
    return go(visit, "paged", "way_removed")


async def test(visit: Visit) -> Response:
    try:
        tried = await visit.wiring.methods.test(visit.staff.id, visit.now)
    except Refused as refused:
        return await _refused(visit, refused)
    return go(visit, "paged", "test_sent" if tried else "test_nowhere")


def _offered(visit: Visit, method: str) -> Method:
    found = next((one for one in METHODS if one == method and one in visit.wiring.methods.offered), None)
    if found is None:
        raise TurnedAway(422, "problem.not_valid")
    return found


async def _refused(visit: Visit, refused: Refused) -> Response:
    if isinstance(refused, Unknown):
        raise TurnedAway(404, "problem.no_such_page")
    return await _page(visit, refused)


async def _page(visit: Visit, refused: Refused | None = None, method: str = "", address: str = "") -> Response:
    methods = visit.wiring.methods
    return page(
        visit,
        "methods.html",
        409 if refused else 200,
        ways=await methods.of(visit.staff.id),
        offered=[one for one in METHODS if one in methods.offered and one != BROWSER],
        browser=BROWSER if BROWSER in methods.offered else "",
        browser_told=TOLD,
        push_key=visit.wiring.settings.push_key,
        chosen=method,
        address="" if method == BROWSER else address,
        longest=LONGEST,
        notice=notice_of(visit),
        refused=refusal(visit, refused) if refused else "",
        here="paged",
    )


DOORS = (
    Door("GET", "/paged", "paged", show, PAGED),
    Door("POST", "/paged/add", "paged_add", add, PAGED, "act"),
    Door("POST", "/paged/code", "paged_code", send_code, PAGED, "act"),
    Door("POST", "/paged/prove", "paged_prove", prove, PAGED, "act"),
    Door("POST", "/paged/remove", "paged_remove", remove, PAGED, "act"),
    Door("POST", "/paged/test", "paged_test", test, PAGED, "act"),
)
