"""Safe hours: when an unasked message may reach her phone. Her wall clock decides, whatever the zone does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from flows.engine.conversation import Contact, Window

DAY = 24 * 60
AHEAD = 8  # days looked at: every weekday once, and today's missed start again next week
GAP = 180  # minutes a clock change may swallow; the largest in the tz database is under three hours

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
PRESETS: dict[str, tuple[Window, ...]] = {
    "always": (Window(EVERY_DAY, 0, DAY),),
    "mornings": (Window(EVERY_DAY, 9 * 60, 12 * 60),),
    "daytime": (Window(EVERY_DAY, 9 * 60, 17 * 60),),
    "evenings": (Window(EVERY_DAY, 18 * 60, 21 * 60),),
    "school_hours": (Window((0, 1, 2, 3, 4), 9 * 60 + 30, 14 * 60 + 30),),
    "worker": (),
}


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """Raises `ZoneInfoNotFoundError` for a zone that does not exist; refused where it is entered."""
    return ZoneInfo(name)


def is_safe(contact: Contact, at: datetime) -> bool:
    """Whether `at` (aware) lies in one of her windows. No windows: never."""
    local = at.astimezone(zone(contact.zone))
    minute, today = local.hour * 60 + local.minute, local.weekday()
    return any(_covers(window, minute, today) for window in contact.windows)


def _covers(window: Window, minute: int, today: int) -> bool:
    if window.start < window.end:
        return today in window.days and window.start <= minute < window.end
    yesterday = (today - 1) % 7
    return (today in window.days and minute >= window.start) or (yesterday in window.days and minute < window.end)


def next_safe(contact: Contact, at: datetime) -> datetime | None:
    """The first safe moment at or after `at`, UTC; None when she has no windows (a worker is asked then)."""
    if is_safe(contact, at):
        return at
    return min((start for start in _starts(contact, at) if start > at), default=None)


def _starts(contact: Contact, at: datetime) -> Iterator[datetime]:
    local = at.astimezone(zone(contact.zone))
    for ahead in range(AHEAD):
        day = (local + timedelta(days=ahead)).date()
        for window in contact.windows:
            if day.weekday() in window.days:
                at_local = time(window.start // 60 % 24, window.start % 60, tzinfo=zone(contact.zone))
                yield from _real(contact, datetime.combine(day, at_local).astimezone(UTC))


def _real(contact: Contact, start: datetime) -> Iterator[datetime]:
    """The opening itself, or the first safe minute behind a clock change that swallowed it."""
    for minutes in range(GAP):
        moment = start + timedelta(minutes=minutes)
        if is_safe(contact, moment):
            yield moment
            return


def safe_until(contact: Contact, at: datetime) -> datetime | None:
    """The end of the window that `at` lies in, to the minute and UTC, at most a day ahead; None outside."""
    if not is_safe(contact, at):
        return None
    return _end(contact.windows, contact.zone, at.astimezone(UTC).replace(second=0, microsecond=0))


@lru_cache(maxsize=4096)
def _end(windows: tuple[Window, ...], zone_name: str, edge: datetime) -> datetime:
    """A queue asks it for every alert, and most recipients share a few presets: once a minute for each is enough."""
    contact = Contact(windows=windows, zone=zone_name)
    return edge + minutes(next((m for m in range(1, DAY) if not is_safe(contact, edge + minutes(m))), DAY))


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)
