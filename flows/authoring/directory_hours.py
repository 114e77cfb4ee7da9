"""When a service of a directory is open: HSDS schedules of weeks, and single days on which it is shut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flows.authoring.directory_entry import Entry, text
from flows.authoring.hsds_tables import rows_of
from flows.authoring.placed import Placed
from flows.directory.service import Hours

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_DAYS_SHUT = 62  # of one closure; a longer one is a service that has stopped
_TIME = re.compile(r"([01]?\d|2[0-4]):?([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")


class _Unread(ValueError):
    """A schedule that cannot be told as hours of a week."""


def hours(entry: Entry) -> tuple[Hours, ...]:
    """Those of the service, or else of the one place where it is given. One that cannot be read: none are known."""
    rows = [*rows_of(entry.table.get("schedules")), *rows_of(entry.table.get("regular_schedules"))]
    at_locations = rows_of(entry.table.get("service_at_locations"))
    if not rows and len(at_locations) == 1:
        rows = rows_of(at_locations[0].get("schedules"))
    found = []
    for row in rows:
        try:
            found.append(_hours(row))
        except _Unread as unread:
            entry.leave_out(f"all its hours, because {unread}", row)
            return ()
    return tuple(found)


def _hours(row: Placed) -> Hours:
    freq, interval = text(row, "freq").upper() or "WEEKLY", text(row, "interval") or "1"
    if freq not in ("WEEKLY", "DAILY") or interval not in ("1", "1.0"):
        raise _Unread("they are not the same each week")
    if any(text(row, key) for key in ("valid_to", "until", "count", "byweekno", "bymonthday", "byyearday")):
        raise _Unread("they are not the same each week")
    written = text(row, "byday").upper() or ",".join(DAYS if freq == "DAILY" else ())
    days = [day.strip() for day in written.split(",") if day.strip()]
    if not days or any(day not in DAYS for day in days):
        raise _Unread(f"its days are {written[:40]!r}")
    return Hours(tuple(sorted({DAYS.index(day) for day in days})), _minute(row, "opens_at"), _minute(row, "closes_at"))


def _minute(row: Placed, key: str) -> int:
    """Local minutes; a time with an offset, summer or winter, is taken for what the clock there shows."""
    found = _TIME.fullmatch(text(row, key))
    if found is None or (found[1] == "24" and found[2] != "00"):
        raise _Unread(f"`{key}` is {text(row, key)[:40]!r}, which is no time")
    return int(found[1]) % 24 * 60 + int(found[2])


def closed_on(entry: Entry) -> frozenset[date]:
    """Single days, from `holiday_schedules` as older HSDS has them."""
    return frozenset(day for row in rows_of(entry.table.get("holiday_schedules")) for day in _shut(entry, row))


def _shut(entry: Entry, row: Placed) -> Iterator[date]:
    closed = row.get("closed")
    if closed is not True and text(row, "closed").lower() not in ("true", "yes"):
        entry.leave_out("its other hours on a holiday", row)
        return
    start, end = entry.day(row, "start_date"), entry.day(row, "end_date")
    if start is None:
        return
    for ahead in range(min((max(end or start, start) - start).days + 1, MOST_DAYS_SHUT)):
        yield start + timedelta(days=ahead)


def known_zone(entry: Entry, zone: str, table: Placed) -> str:
    """The zone, when the tz database has it."""
    try:
        return ZoneInfo(zone).key if zone else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        entry.refuse(f"there is no time zone {zone[:40]!r}", "Write one like Europe/London", table)
        return ""
