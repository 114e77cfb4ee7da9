"""Times as staff read them: relative where it matters, exact on request, and always with the zone that is meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from escalation.console.strings import Strings

MINUTE, HOUR, DAY = 60, 3600, 86400
THIS_YEAR = timedelta(days=300)  # further away a day and a month may be taken for those of another year
ANY_HOUR = timedelta(hours=23, minutes=58)  # `flows.safety.hours.safe_until` looks a day ahead, to the minute


def span(seconds: float, strings: Strings) -> str:
    """A length of time: '4:18' under an hour, '3 h 05 min' under a day, '2 d 4 h' from there. The sign is dropped."""
    whole = int(abs(seconds))
    if whole < HOUR:
        return f"{whole // MINUTE}:{whole % MINUTE:02d}"
    if whole < DAY:
        return strings.say("time.hours", hours=whole // HOUR, minutes=f"{whole % HOUR // MINUTE:02d}")
    return strings.say("time.days", days=whole // DAY, hours=whole % DAY // HOUR)


def about(seconds: float, strings: Strings) -> str:
    """A length of time to the minute, for sentences: '19 min', so that nobody takes it for a time of day."""
    if abs(seconds) < HOUR:
        return strings.say("time.minutes", minutes=int(abs(seconds)) // MINUTE)
    return span(seconds, strings)


def day_of(text: str) -> date | None:
    """As a form's date field has it: days that have a day after them, and a moment in every zone. None otherwise."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 < found.year < 9999 else None


def midnight(day: date, zone: str) -> datetime:
    """The moment at which the day begins there, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Renders aware times in the staff's zone, or in hers when it is given."""

    now: datetime
    zone: str
    strings: Strings

    def at(self, when: datetime, zone: str = "") -> str:
        """'21:30' today, 'tomorrow 09:00', else 'Thu 20 Nov, 18:02'."""
        info = ZoneInfo(zone or self.zone)
        local, here = when.astimezone(info), self.now.astimezone(info)
        clock = format_datetime(local, "HH:mm", tzinfo=info, locale=self.strings.locale)
        days = (local.date() - here.date()).days
        if days == 0:
            return clock
        if days == 1:
            return self.strings.say("time.tomorrow", clock=clock)
        return self.full(when, zone)

    def full(self, when: datetime, zone: str = "") -> str:
        return self._form(when, f"EEE d MMM{self._year(when)}, HH:mm", zone)

    def exact(self, when: datetime, zone: str = "") -> str:
        """To the second, with the zone's name, the same in every language: what a hovered or read-out time says."""
        return f"{when.astimezone(ZoneInfo(zone or self.zone)):%Y-%m-%d %H:%M:%S} {zone or self.zone}"

    def day(self, when: datetime, zone: str = "") -> str:
        return self._form(when, f"EEE d MMM{self._year(when)}", zone)

    def under(self, when: datetime) -> str:
        """The day under an axis, where there is no room for the year: what stands above says it."""
        return self._form(when, "EEE d MMM", "")

    def clock(self, when: datetime, zone: str = "") -> str:
        return self._form(when, "HH:mm", zone)

    def date(self, when: datetime) -> date:
        """The day it falls on, for addresses and date fields."""
        return when.astimezone(ZoneInfo(self.zone)).date()

    def until(self, when: datetime) -> str:
        return span((when - self.now).total_seconds(), self.strings)

    def about(self, when: datetime) -> str:
        return about((when - self.now).total_seconds(), self.strings)

    def length(self, seconds: float) -> str:
        return span(seconds, self.strings)

    def late(self, when: datetime) -> bool:
        return when <= self.now

    def any_hour(self, until: datetime) -> bool:
        return until - self.now >= ANY_HOUR

    def _year(self, when: datetime) -> str:
        return " y" if abs(when - self.now) > THIS_YEAR else ""

    def _form(self, when: datetime, pattern: str, zone: str) -> str:
        return format_datetime(when, pattern, tzinfo=ZoneInfo(zone or self.zone), locale=self.strings.locale)
