"""Safe hours: when an unasked message may reach her phone. Her wall clock decides, whatever the zone does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from flows.engine.conversation import Contact, Today, Window

DAY = 24 * 60
AHEAD = 15  # days looked at: each weekday twice, for a change of zone once left a whole day out (Apia, 2011)

LAST_HOUR = 22  # until then she may be written to where she asked for it for today only

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
    """Whether `at` (aware) lies in one of her windows, or in what she set for today only. No windows: never."""
    today_only = contact.today
    if today_only is not None and today_only.since <= at < today_only.until:
        return today_only.open
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
    found: list[datetime] = []
    for ahead in range(AHEAD if contact.windows else 0):
        was = bool(found)
        found += (moment for moment in _edges(contact, at, ahead) if moment > at and is_safe(contact, moment))
        if was:
            break  # one day more than the first with any: a change of clocks may shift what one day has
    if contact.today is not None:
        found += (m for m in (contact.today.since, contact.today.until) if m > at and is_safe(contact, m))
    return min(found, default=None)


def _edges(contact: Contact, at: datetime, ahead: int) -> Iterator[datetime]:
    """When hours may open on that day of hers: where a window begins, as often as it does, and where clocks change."""
    here = zone(contact.zone)
    day = at.astimezone(here).date() + timedelta(days=ahead)
    midnight = datetime.combine(day, time(tzinfo=here)).astimezone(UTC)
    changes = _change(contact.zone, midnight)
    if changes is not None:
        yield changes
    for window in contact.windows:
        if day.weekday() in window.days:
            for fold in (0, 1) if changes else (0,):
                wall = time(window.start // 60 % 24, window.start % 60, fold=fold, tzinfo=here)
                yield datetime.combine(day, wall).astimezone(UTC)


@lru_cache(maxsize=4096)
def _change(name: str, since: datetime) -> datetime | None:
    """The minute within a day of `since`, UTC, at which the clocks of that zone change; None on most days."""
    here, low, high = zone(name), 0, DAY
    before = since.astimezone(here).utcoffset()
    if (since + minutes(high)).astimezone(here).utcoffset() == before:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (middle, high) if (since + minutes(middle)).astimezone(here).utcoffset() == before else (low, middle)
        )
    return since + minutes(high)


def safe_until(contact: Contact, at: datetime) -> datetime | None:
    """The end of the window that `at` lies in, to the minute and UTC, at most a day ahead; None outside."""
    if not is_safe(contact, at):
        return None
    return _end(contact.windows, contact.zone, contact.today, at.astimezone(UTC).replace(second=0, microsecond=0))


@lru_cache(maxsize=4096)
def _end(windows: tuple[Window, ...], zone_name: str, today: Today | None, edge: datetime) -> datetime:
    """A queue asks it for every alert, and most recipients share a few presets: once a minute for each is enough."""
    contact = Contact(windows=windows, zone=zone_name, today=today)
    return edge + minutes(next((m for m in range(1, DAY) if not is_safe(contact, edge + minutes(m))), DAY))


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def midnight(contact: Contact, at: datetime, days: int = 1) -> datetime:
    """When the day that comes so many days after that of `at` begins on her clock, UTC."""
    local = at.astimezone(zone(contact.zone))
    return datetime.combine(local.date() + timedelta(days=days), time(tzinfo=local.tzinfo)).astimezone(UTC)


def evening(contact: Contact, at: datetime) -> datetime:
    """LAST_HOUR of her today, UTC."""
    local = at.astimezone(zone(contact.zone))
    return datetime.combine(local.date(), time(LAST_HOUR, tzinfo=local.tzinfo)).astimezone(UTC)
