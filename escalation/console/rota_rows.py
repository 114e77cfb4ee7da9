"""The rota in rows, a day each, in the staff's zone: who has which duty from when to when, where nobody is on call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from escalation.console.clocks import Clock
from escalation.console.doors import Visit
from escalation.ports import Duty, Staff
from escalation.rota import Rota, on_duty, spans, with_duties
from escalation.rota.duty import HEAVIEST

DAYS = {"week": 7, "month": 28}  # four weeks: a shift pattern is seen whole, and months are of no meaning to a rota


@dataclass(frozen=True, slots=True)
class Part:
    """`from_` and `to` are clocks, '' where the part fills the day. `by_hand`: on call only for want of a plan."""

    from_: str
    to: str
    people: tuple[Staff, ...]
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    label: str
    today: bool
    parts: Mapping[Duty, tuple[Part, ...]]


async def on_now(visit: Visit) -> list[Staff]:
    """Everybody active, each with the duty that they have now."""
    staff = [person for person in await visit.wiring.accounts.staff() if person.active]
    return with_duties(staff, await visit.wiring.rotas.rota(visit.now, visit.now), visit.now)


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def first_day(asked: str, view: str, now: datetime, zone: str) -> date:
    """The Monday of the week that was asked for; of this one where it was none."""
    today = now.astimezone(ZoneInfo(zone)).date()
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = today
    if abs(day - today) > timedelta(days=366):
        day = today
    return day - timedelta(days=day.weekday())


def days(rota: Rota, people: Mapping[str, Staff], first: date, count: int, clock: Clock) -> list[Day]:
    """`rota`: of just this time. Who is off cover today is shown as planned: they may be back."""
    planned = replace(rota, off_cover=frozenset())
    return [_day(planned, people, first + timedelta(days=n), clock) for n in range(count)]


def _day(rota: Rota, people: Mapping[str, Staff], day: date, clock: Clock) -> Day:
    start, end = midnight(day, clock.zone), midnight(day + timedelta(days=1), clock.zone)
    whole = spans(rota, start, end)
    parts = {duty: tuple(_parts(rota, people, whole, duty, clock)) for duty in HEAVIEST}
    return Day(clock.day(start), start <= clock.now < end, parts)


def _parts(
    rota: Rota,
    people: Mapping[str, Staff],
    whole: Sequence[tuple[datetime, datetime, Mapping[str, Duty]]],
    duty: Duty,
    clock: Clock,
) -> Iterator[Part]:
    """Neighbours with the same people are one. Of duties beside on call, times without anybody are left out."""
    joined: list[tuple[datetime, datetime, tuple[str, ...], bool]] = []
    for from_, to, has in whole:
        ids = tuple(sorted(id for id, what in has.items() if what == duty and id in people))
        by_hand = duty == "on_call" and bool(ids) and _unplanned(rota, from_)
        if joined and joined[-1][2:] == (ids, by_hand):
            joined[-1] = (joined[-1][0], to, ids, by_hand)
        else:
            joined.append((from_, to, ids, by_hand))
    for from_, to, ids, by_hand in joined:
        if ids or duty == "on_call":
            times = ("", "") if len(joined) == 1 else (clock.clock(from_), clock.clock(to))
            yield Part(*times, tuple(people[id] for id in ids), by_hand)


def _unplanned(rota: Rota, at: datetime) -> bool:
    """A calendar plans who is on call, and at this moment it has nobody."""
    if not any(shift.duty == "on_call" for shift in rota.shifts):
        return False
    return "on_call" not in on_duty(replace(rota, by_hand={}), at).values()
