"""The queue behind its first page, by plain addresses, as it stood at one moment: only the first moves by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from escalation import further
from escalation.console.doors import Visit
from escalation.console.pages import page
from escalation.console.queue_rows import MOST, queue
from escalation.console.sift_rows import AFTER, BEFORE, SIFTED, address, sift_of, words
from escalation.ports import Place


@dataclass(frozen=True, slots=True)
class Turned:
    """`back`: up the queue, before the place."""

    edge: Place
    back: bool


def turned_to(query: Mapping[str, str]) -> Turned | None:
    """Which page an address asks for. None: the first, also where what it names is no place."""
    name = next((name for name in (BEFORE, AFTER) if name in query), "")
    edge = further.read(query.get(name, ""))
    return None if edge is None else Turned(edge, back=name == BEFORE)


async def show(visit: Visit, turned: Turned) -> Response:
    """Going back, the page that reaches the top is the first page, which is alive."""
    wiring, now, staff = visit.wiring, visit.now, visit.staff.id
    sift = sift_of(visit.request.query_params)
    look = SIFTED if sift.wanted else MOST
    found = await wiring.desk.further(turned.edge, now, look + 1, turned.back)
    here = further.part(found, lambda alert: sift.shows(alert, staff, now), look, MOST, now, turned.back)
    first = visit.link("queue")
    if turned.back and here.sooner is None:
        return RedirectResponse(first + address(sift.wanted), 303)
    clock = wiring.times(now)
    urgent = await wiring.desk.queue(now, 1)
    return page(
        visit,
        "queue_further.html",
        waiting=queue(here.shown, staff, clock).waiting,
        most_urgent=next(iter(queue(urgent, staff, clock).waiting), None),
        looked=min(len(found), look) if sift.wanted else 0,
        chosen=words(sift, clock),
        first=first + address(sift.wanted),
        again=first + address(sift.wanted, turned.edge, turned.back),
        sooner=first + address(sift.wanted, here.sooner, back=True) if here.sooner else "",
        later=first + address(sift.wanted, here.later) if here.later else "",
        here="queue",
    )
