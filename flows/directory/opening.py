"""Whether somebody answers now: on the service's own clock, on holidays too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from flows.directory.service import Hours, Service

State = Literal["always", "open", "closed", "unknown"]
# By region: 'GB-ENG', 'IE'. 'GB?' are those of some part only: what is for all of it may be open then or not.
Holidays = Mapping[str, frozenset[date]]
WEEK = frozenset(range(7))
LAST_MINUTES = (0, 23 * 60 + 59)  # a day is often written 00:00 to 23:59


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def state(service: Service, at: datetime, holidays: Holidays) -> State:
    """`at` is aware. Unknown without hours or zone, and on a holiday of which it is not said what happens."""
    if not service.hours:
        return "unknown"
    if _round_the_clock(service):
        return "always"
    if not service.zone:
        return "unknown"
    local = at.astimezone(_zone(service.zone))
    minute, today, yesterday = local.hour * 60 + local.minute, local.date(), local.date() - timedelta(days=1)
    if any(_runs(hours, today, minute) for hours in service.hours):
        day = today
    elif any(_runs_over(hours, yesterday, minute) for hours in service.hours):
        day = yesterday  # a night that began on a holiday is that holiday's
    else:
        return "closed"
    return _on(service, day, holidays)


def _on(service: Service, day: date, holidays: Holidays) -> State:
    """Open by the week's hours: does that hold on this very day?"""
    if day in service.closed_on:
        return "closed"
    regions = {f"{place.country}-{place.part}" if place.part else place.country for place in service.places}
    if service.holidays == "open":
        return "open"
    if any(day in holidays.get(region, ()) for region in regions):
        return "closed" if service.holidays == "closed" else "unknown"
    return "unknown" if any(day in holidays.get(f"{region}?", ()) for region in regions) else "open"


def _runs(hours: Hours, day: date, minute: int) -> bool:
    ends = hours.closes if hours.closes > hours.opens else 24 * 60
    return day.weekday() in hours.days and hours.opens <= minute < ends


def _runs_over(hours: Hours, day: date, minute: int) -> bool:
    return day.weekday() in hours.days and hours.closes <= hours.opens and minute < hours.closes


def _round_the_clock(service: Service) -> bool:
    whole = {day for hours in service.hours if _whole_day(hours) for day in hours.days}
    return whole == WEEK and service.holidays != "closed" and not service.closed_on


def _whole_day(hours: Hours) -> bool:
    return hours.opens == 0 and hours.closes in LAST_MINUTES
