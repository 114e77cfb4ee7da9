"""Where nobody is on call: the holes of the coming days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from escalation.rota.duty import Rota, on_duty, spans

DAYS = 14  # PRODUCT 3: long enough to find somebody before a fortnight's leave
BEFORE = timedelta(days=7)  # a hole that stands already is followed back so far, so that it keeps its beginning


@dataclass(frozen=True, slots=True)
class Gap:
    """From `start` to `end` no calendar and no cover has anybody on call. `by_hand`: staff ids of whom is called all
    the same, because their duty was set by hand."""

    start: datetime
    end: datetime
    by_hand: tuple[str, ...] = ()


def gaps(rota: Rota, start: datetime, days: int = DAYS) -> list[Gap]:
    """Earliest first; one that stands at `start` begins where it began, at most a week before.

    Where a calendar has people on call, a duty set by hand is no plan but the last resort, and does not fill the hole;
    without such a calendar it is the rota. Who is off cover today is taken to be back.
    """
    planned = any(shift.duty == "on_call" for shift in rota.shifts)
    here = replace(rota, off_cover=frozenset())
    looked_at = replace(here, by_hand={}) if planned else here
    end = start + timedelta(days=days)
    found = [(from_, to) for from_, to, has in spans(looked_at, start - BEFORE, end) if "on_call" not in has.values()]
    joined: list[tuple[datetime, datetime]] = []
    for from_, to in found:
        if joined and joined[-1][1] == from_:
            joined[-1] = (joined[-1][0], to)
        else:
            joined.append((from_, to))
    return [Gap(from_, to, _by_hand(here, max(from_, start))) for from_, to in joined if to > start]


def _by_hand(rota: Rota, at: datetime) -> tuple[str, ...]:
    return tuple(sorted(staff for staff, duty in on_duty(rota, at).items() if duty == "on_call"))
