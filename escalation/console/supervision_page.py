"""What a supervisor looks over: who is on, who carries how much, what waits, how soon people were answered.

One page, for supervisors alone. It names staff, and of recipients of aggression references only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from escalation.case_audit import GROUPS, ITEMS, MARKS
from escalation.console.doors import CASES, CASEWORK, SUPERVISION, Door, Visit
from escalation.console.pages import go, notice_of, page, refusal
from escalation.console.queue_rows import MOST, queue
from escalation.ports import Refused, Staff
from escalation.rota import Rota, spans, with_duties
from escalation.rota.duty import HEAVIEST
from escalation.supervision import DEBRIEF_WITHIN, FOUR_WEEKS, TIERS, WEEK, Load, Overview, times

AHEAD = timedelta(days=1)  # how far the next change of who is on duty is looked for


@dataclass(frozen=True, slots=True)
class Carries:
    """One of the staff, with what they carry; `full`: as much that is urgent as one can."""

    person: Staff
    load: Load


async def show(visit: Visit, refused: str = "") -> Response:
    """No reading of any case: nothing here is anybody's words but the reasons of staff."""
    wiring, now = visit.wiring, visit.now
    everybody = await wiring.accounts.staff()
    rota = await wiring.rotas.rota(now, now + AHEAD)
    working = [one for one in everybody if one.active and one.role in CASEWORK]
    overview = await wiring.supervision.overview(now)
    alerts = queue(await wiring.desk.queue(now, MOST), visit.staff.id, wiring.times(now))
    held = sorted((*alerts.mine, *alerts.others, *alerts.asked), key=lambda row: (row.alert.tier, row.alert.raised_at))
    return page(
        visit,
        "supervision.html",
        409 if refused else 200,
        on_now=on_duty(working, rota, now),
        on_next=_next(working, rota, now),
        until=now + AHEAD,
        tiers=TIERS,
        carries=_carries(working, overview),
        moving=[*alerts.waiting, *(row for row in held if row.alert.state == "claimed")],
        colleagues=[one for one in working if one.id != visit.staff.id],
        closing=alerts.closing,
        debriefs=await wiring.supervision.debriefs(),
        samples=await wiring.samples.samples(visit.staff.id),
        seen=await wiring.samples.seen(visit.staff.id, now),
        groups=GROUPS,
        items=len(ITEMS),
        marks=MARKS,
        spans=[(span, times(overview.handled, now - span, now)) for span in (WEEK, FOUR_WEEKS)],
        opened=await wiring.desk.opened_by_reason(),
        names={one.id: one.name for one in everybody},
        notice=notice_of(visit),
        refused=refused,
        here="supervision",
    )


async def mine(visit: Visit, refused: str = "") -> Response:
    """What a worker carries: their own counts and talks, and nobody else's."""
    supervision, who = visit.wiring.supervision, visit.staff.id
    return page(
        visit,
        "my_load.html",
        409 if refused else 200,
        exposure=await supervision.exposure(who, visit.now),
        debriefs=await supervision.debriefs(who),
        within=DEBRIEF_WITHIN.days,
        notice=notice_of(visit),
        refused=refused,
        here="my_load",
    )


async def talked(visit: Visit) -> Response:
    """A P0 has been talked through: said by whom it was about, or by who supervises."""
    whose = visit.form.get("staff", "")
    overseen = visit.form.get("from") == "supervision" and visit.staff.role in SUPERVISION
    try:
        await visit.wiring.supervision.talked(visit.ref("ref"), whose, visit.staff.id, visit.now)
    except Refused as refused:
        return await (show if overseen else mine)(visit, refusal(visit, refused))
    return go(visit, "supervision" if overseen else "my_load", "talked")


DOORS = (
    Door("GET", "/supervision", "supervision", show, SUPERVISION),
    Door("GET", "/my-load", "my_load", mine, CASES),
    Door("POST", "/debriefs/{ref}", "talked", talked, CASES, "act"),
)


def on_duty(people: Iterable[Staff], rota: Rota, at: datetime) -> list[Staff]:
    """Those with a duty, the heaviest first."""
    on = [one for one in with_duties(people, rota, at) if one.duty != "off"]
    return sorted(on, key=lambda one: (HEAVIEST.index(one.duty), one.name))


def _next(people: Sequence[Staff], rota: Rota, now: datetime) -> tuple[datetime, list[Staff]] | None:
    """When who is on duty changes next, and who is on then."""
    current = [(one.id, one.duty) for one in on_duty(people, rota, now)]
    for start, _, _ in spans(rota, now, now + AHEAD)[1:]:
        then = on_duty(people, rota, start)
        if [(one.id, one.duty) for one in then] != current:
            return start, then
    return None


def _carries(people: Sequence[Staff], overview: Overview) -> list[Carries]:
    """Who holds most of what is most urgent first."""

    def weight(one: Carries) -> tuple[tuple[int, ...], int, str]:
        live: Mapping[str, int] = {str(tier): count for tier, count in one.load.live.items()}
        return tuple(-live.get(tier, 0) for tier in TIERS), -one.load.exposure.week, one.person.name

    return sorted((Carries(one, overview.loads.get(one.id, Load())) for one in people), key=weight)
