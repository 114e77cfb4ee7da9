"""Her safe hours in words: 'Mon to Fri 09:30-14:30'. Her own wall clock; the zone is named beside it."""

from __future__ import annotations

from collections.abc import Sequence

from babel.dates import get_day_names

from escalation.console.strings import Strings
from flows.engine.conversation import Window

DAY = 24 * 60
WEEK = 7


def in_words(windows: Sequence[Window], strings: Strings) -> str:
    if not windows:
        return strings.say("hours.none")
    return "; ".join(_window(window, strings) for window in windows)


def _window(window: Window, strings: Strings) -> str:
    days = _days(sorted(set(window.days)), strings)
    if (window.end - window.start) % DAY == 0:
        return strings.say("hours.all_day", days=days)
    return strings.say("hours.between", days=days, start=_clock(window.start), end=_clock(window.end))


def _days(days: list[int], strings: Strings) -> str:
    if len(days) == WEEK:
        return strings.say("hours.every_day")
    names = get_day_names("abbreviated", locale=strings.locale)
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return strings.say("hours.day_to_day", first=names[days[0]], last=names[days[-1]])
    return ", ".join(names[day] for day in days)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"
