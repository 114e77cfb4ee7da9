"""The rota as an iCal calendar, with covers and layers worked in: for a worker's own calendar, or another system."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from escalation.ports import Duty
from escalation.rota.duty import HEAVIEST, Rota, Shift, spans

SAID: Mapping[Duty, str] = {"on_call": "On call", "backup": "Backup", "supervisor": "Supervisor"}


def served(rota: Rota, start: datetime, end: datetime) -> list[Shift]:
    """What everybody really has to do between the two moments: one shift for each unbroken time, earliest first."""
    found: list[Shift] = []
    running: dict[tuple[str, Duty], tuple[datetime, datetime]] = {}
    for from_, to, has in [*spans(rota, start, end), (end, end, {})]:
        now_on = set(has.items())
        found += [Shift(*key, 0, *running.pop(key)) for key in sorted(running.keys() - now_on)]
        for key in now_on:
            running[key] = (running[key][0] if key in running else from_, to)
    return sorted(found, key=lambda s: (s.start, HEAVIEST.index(s.duty), s.staff))


def export(
    rota: Rota,
    names: Mapping[str, str],
    start: datetime,
    end: datetime,
    now: datetime,
    *,
    of: Collection[str] = (),
    duties: Collection[Duty] = HEAVIEST,
) -> str:
    """iCal text, times in UTC. `names` by staff id; `of` whom, everybody unless said. `now` stamps it."""
    import icalendar  # heavy, and most of what imports this file never exports

    calendar = icalendar.Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//rota//EN")
    for shift in served(rota, start, end):
        if shift.duty in duties and (not of or shift.staff in of):
            event = icalendar.Event()
            event.add("UID", f"{shift.start:%Y%m%dT%H%M%SZ}-{shift.duty}-{shift.staff}")
            event.add("DTSTAMP", now)
            event.add("DTSTART", shift.start)
            event.add("DTEND", shift.end)
            event.add("SUMMARY", f"{SAID[shift.duty]}: {names.get(shift.staff, shift.staff)}")
            calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text.decode()
