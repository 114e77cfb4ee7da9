"""The demo's rota: two calendars, one over the other, as an office would export them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.demo.stage import Stage
from storage import accounts, calendars
from storage.calendars import Given

ZONE = "Europe/London"
DAY = timedelta(days=1)
EVERY_OTHER = "FREQ=WEEKLY;INTERVAL=2"


async def plan(stage: Stage, now: datetime) -> None:
    """Below, Ana and Ben take turns week by week, Ana's from yesterday on; above, Ruth has one day of Ana's week."""
    first = now.astimezone(ZoneInfo(ZONE)).date() - DAY
    weeks = [_event("Ana Reyes", first, 7, EVERY_OTHER), _event("ben", first + 7 * DAY, 7, EVERY_OTHER)]
    service = stage.service
    for name, layer, events in (("Weeks", 0, weeks), ("Days off", 1, [_event("Ruth Hale", first + 6 * DAY, 1)])):
        given = Given(name, "on_call", layer, ZONE, text=_calendar(events))
        reading = calendars.read(given, await service.database.read(accounts.everybody), now)
        await service.database.write(calendars.put, service.vault, given, reading, "", now)


def _event(who: str, day: date, days: int, rule: str = "") -> str:
    """Whole days. `rule`: how it is repeated, '' for once."""
    lines = (
        "BEGIN:VEVENT",
        f"UID:{day}-{days}",
        "DTSTAMP:20260101T000000Z",
        f"SUMMARY:On call: {who}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + days * DAY:%Y%m%d}",
        *((f"RRULE:{rule}",) if rule else ()),
        "END:VEVENT",
    )
    return "\r\n".join(lines)


def _calendar(events: Sequence[str]) -> str:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//office//EN", *events, "END:VCALENDAR", ""))
