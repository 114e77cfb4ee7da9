"""Safe hours: when an unasked message may reach her phone. Her wall clock decides, whatever the zone does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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


# as a worker writes them

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_WINDOWS = 14  # two a day
LONGEST_TEXT = 400  # characters; what is read here has no business to be longer
_SPAN = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2})(?::(\d{2}))?$")
_DAY = re.compile(r"([^\W\d_]+)\.?(?:\s*[-–]\s*([^\W\d_]+)\.?)?$")


class UnfitHours(ValueError):
    """No days and times."""


def parsed(text: str, names: Mapping[str, int] | None = None) -> tuple[Window, ...]:
    """'Mon Wed 09:00-12:00; Sat-Sun 10-14', parted by semicolons or lines; without days every day. Raises UnfitHours.

    `names`: days of other languages, casefolded, beside the English ones; their beginnings do too.
    """
    if len(text) > LONGEST_TEXT:
        raise UnfitHours
    known = {name.casefold(): day for day, name in enumerate(DAYS)} | dict(names or {})
    windows = tuple(_window(part.strip(), known) for part in re.split(r"[;\n]", text) if part.strip())
    if not 0 < len(windows) <= MOST_WINDOWS:
        raise UnfitHours(text)
    return windows


def _window(part: str, known: Mapping[str, int]) -> Window:
    span = _SPAN.search(part)
    if span is None:
        raise UnfitHours(part)
    start, end = _minute(span[1], span[2]), _minute(span[3], span[4])
    if start in (DAY, end):
        raise UnfitHours(part)
    listed = re.sub(r"\s*[-–]\s*", "-", part[: span.start()])
    days = {day for word in re.split(r"[\s,]+", listed) if word for day in _days(word, known)}
    return Window(tuple(sorted(days)) or EVERY_DAY, start, end)


def _minute(hour: str, minute: str | None) -> int:
    found = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) > 59 or found > DAY:
        raise UnfitHours(hour)
    return found


def _days(word: str, known: Mapping[str, int]) -> Iterator[int]:
    found = _DAY.match(word)
    if found is None:
        raise UnfitHours(word)
    first = _day(found[1], known)
    last = first if found[2] is None else _day(found[2], known)
    yield from ((first + ahead) % 7 for ahead in range((last - first) % 7 + 1))


def _day(word: str, known: Mapping[str, int]) -> int:
    said = word.casefold()
    for name, day in known.items():
        if said == name or (len(name) >= 3 and said.startswith(name)):
            return day
    raise UnfitHours(word)


def written(windows: tuple[Window, ...], names: Sequence[str] = DAYS) -> str:
    """As `parsed` reads it. `names` of the days, Monday first."""
    return "; ".join(
        f"{' '.join(names[day] for day in window.days)} {_clock(window.start)}-{_clock(window.end)}"
        for window in windows
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


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
