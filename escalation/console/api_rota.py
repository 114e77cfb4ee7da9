"""The rota at the API: who is on duty now, who is next, and where nobody is on call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from starlette.responses import Response

from escalation.console.api_views import Call, NotValid, reply
from escalation.ports import Duty
from escalation.rota import Rota, Shift, gaps
from escalation.rota.export import served
from escalation.rota.gaps import BEFORE, DAYS


class OnDuty(msgspec.Struct):
    """`staff` an id, `name` as colleagues see it. UTC; `until` the end of what is looked at where it goes on."""

    staff: str
    name: str
    duty: Duty
    since: datetime
    until: datetime


class NobodyOnCall(msgspec.Struct):
    """`by_hand`: ids of whom is called all the same, because their duty was set by hand."""

    since: datetime
    until: datetime
    by_hand: Sequence[str]


class RotaShown(msgspec.Struct):
    """`now`, then `next`: whatever begins later, earliest first. `off_cover`: ids of whom no page reaches."""

    at: datetime
    zone: str
    now: Sequence[OnDuty]
    next: Sequence[OnDuty]
    gaps: Sequence[NobodyOnCall]
    off_cover: Sequence[str]


async def rota(call: Call) -> Response:
    """Of the coming 14 days, covers and layers worked in."""
    if call.request.query_params:
        raise NotValid("rota takes no query")
    rotas, now = call.wiring.rotas, call.now
    names = await call.wiring.staff_names()
    end = now + timedelta(days=DAYS)
    found = await rotas.rota(now - BEFORE, end)
    off = sorted((await rotas.off_cover()).keys() & names.keys())
    on, later = _parted(found, now, end)
    holes = [NobodyOnCall(gap.start, gap.end, gap.by_hand) for gap in gaps(found, now, DAYS)]
    zone = call.wiring.settings.zone
    shown = RotaShown(now, zone, [_one(s, names) for s in on], [_one(s, names) for s in later], holes, off)
    return reply(shown)


def _parted(found: Rota, now: datetime, end: datetime) -> tuple[list[Shift], list[Shift]]:
    """What holds now, with when it began, and what begins later."""
    shifts = [shift for shift in served(found, now - BEFORE, end) if shift.end > now]
    return [s for s in shifts if s.start <= now], [s for s in shifts if s.start > now]


def _one(shift: Shift, names: dict[str, str]) -> OnDuty:
    return OnDuty(shift.staff, names.get(shift.staff, shift.staff), shift.duty, shift.start, shift.end)
