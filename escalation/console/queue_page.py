"""The queue: take the most urgent, or choose. Works by plain forms; with scripts the list keeps itself up to date."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from escalation.claims import LONGEST_WORD, TooMany
from escalation.console import further_page
from escalation.console.doors import AUDIT, CASES, CASEWORK, PEOPLE, Visit
from escalation.console.own_page import own
from escalation.console.pages import go, notice_of, page, refusal
from escalation.console.queue_rows import MOST, queue, waiting
from escalation.console.rota_rows import on_now
from escalation.console.sift_rows import SIFTED, address, groups, sift_of
from escalation.further import part
from escalation.looking_up import LONGEST
from escalation.order import waits
from escalation.ports import Duty, Refused, Staff

TRIES = 5  # alerts that "take the most urgent" tries when colleagues are quicker


async def home(visit: Visit) -> Response:
    """The first page of each role. Roles whose screens come later are told so."""
    if visit.staff.role in CASEWORK:
        return go(visit, "queue")
    if visit.staff.role in CASES:
        return go(visit, "own")
    if visit.staff.role in AUDIT:
        return go(visit, "audit")
    if visit.staff.role in PEOPLE:
        return go(visit, "staff")
    return page(visit, "problem.html", code=200, message="problem.no_screens_yet", why="")


async def show(visit: Visit) -> Response:
    turned = further_page.turned_to(visit.request.query_params)
    if turned is not None:
        return await further_page.show(visit, turned)
    return await _queue(visit, "queue.html", notice=notice_of(visit))


async def fragment(visit: Visit) -> Response:
    """The same list without the page around it: what live pages and the demo swap in."""
    return await _queue(visit, "queue_live.html")


async def take_next(visit: Visit) -> Response:
    """Claim the most urgent that nobody has; when a colleague is first, the next one."""
    last: Refused | None = None
    alerts = await visit.wiring.desk.queue(visit.now, MOST)
    for alert in waiting(alerts, visit.now)[:TRIES]:
        try:
            claimed = await visit.wiring.desk.claim(alert.ref, visit.staff.id, visit.now)
        except TooMany as many:
            return await refused_here(visit, many, third=alert.ref)
        except Refused as refused:
            last = refused
        else:
            return go(visit, "case", person=claimed.person)
    if last is None:
        return go(visit, "queue", "claimed_none")
    return await refused_here(visit, last)


async def refused_here(visit: Visit, refused: Refused, third: str = "") -> Response:
    """The queue, or their own cases, with the reason on top. `third`: the alert that wants one from the worker."""
    if visit.staff.role not in CASEWORK:
        return await own(visit, 409, refused=refusal(visit, refused))
    return await _queue(visit, "queue.html", 409, refused=refusal(visit, refused), third=third)


async def look_up(visit: Visit) -> Response:
    """A reference, of an alert or of a recipient, leads to the case; it is for the case to ask for a reason. What was
    typed travels in the form, never in an address, and is recorded nowhere."""
    person = await visit.wiring.people.look_up(visit.form.get("ref", ""), visit.staff.id, visit.now)
    if person:
        return go(visit, "case", person=person)
    return await _queue(visit, "queue.html", 404, refused=visit.wiring.strings.say("sift.no_such"))


async def _queue(
    visit: Visit, template: str, status: int = 200, notice: str = "", refused: str = "", third: str = ""
) -> Response:
    sift, staff = sift_of(visit.request.query_params), visit.staff.id
    clock = visit.wiring.times(visit.now)
    look = SIFTED if sift.wanted else MOST
    alerts = await visit.wiring.desk.queue(visit.now, look + 1)
    found = waiting(alerts, visit.now)
    first = part(found, lambda alert: sift.shows(alert, staff, visit.now), look, MOST, visit.now)
    in_hand = [a for a in alerts if not waits(a, visit.now) and sift.shows(a, staff, visit.now)]
    everybody = await on_now(visit)
    return page(
        visit,
        template,
        status,
        queue=queue([*first.shown, *in_hand], staff, clock),
        all_that_wait=found[:look],
        groups=groups(sift, alerts, staff, clock),
        sifted=address(sift.wanted),
        cut=len(found) > look,
        later=address(sift.wanted, first.later) if first.later else "",
        longest_ref=LONGEST,
        on_call=_on(everybody, "on_call"),
        backup=_on(everybody, "backup"),
        silent=await visit.wiring.methods.silent(visit.now),
        most=MOST,
        looked=SIFTED,
        notice=notice,
        refused=refused,
        third=third,
        longest=LONGEST_WORD,
        here="queue",
    )


def _on(everybody: Sequence[Staff], duty: Duty) -> tuple[Staff, ...]:
    return tuple(person for person in everybody if person.duty == duty and person.active)
