"""iCal text to shifts: recurrences, exceptions, moved occurrences, all-day events, zones (RFC 5545).

Who is meant stands in an event's title, or among its attendees: a username, a whole name, an e-mail address that the
operator has given a username. A title may name several ("Ana, Ben"), and something before a colon ("On call: Ana").
Nothing is guessed: what nobody here is called is a finding, and its time stays uncovered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from escalation.rota.reading import LONGEST_CALLED, NO_CALENDAR, TOO_LARGE, BadCalendar, Reading, Turn, folded

LARGEST = 1_000_000  # characters, as TOO_LARGE says: five years of four shifts a day, each written out, are half of it
MOST_EVENTS = 5_000
MOST_SHIFTS = 5_000  # of one reading: two months of an event each twenty minutes
MOST_RULES = 200  # repeated events; with the two below a reading takes a few seconds at worst
OLDEST = 2015  # a repetition is walked through from its beginning
LONGEST = timedelta(days=31)  # of a repeated event: as far back its repetitions are looked for
AHEAD = timedelta(days=100)  # a rule without an end ends here: more than is ever asked for
TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
RARE = {"BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS", "BYEASTER"}  # may never come: 30 February
PARTS_OF_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
TIMES = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
BETWEEN = re.compile(r"\s*(?:[,;/&+]|\band\b)\s*")
MOST_FINDINGS = 20
LONGEST_TITLE = 80


def read_calendar(text: str, zone: str, names: Mapping[str, str], start: datetime, end: datetime) -> Reading:
    """The turns that touch `start` to `end`, earliest first. `zone` (IANA) is that of times without one.

    Raises BadCalendar.
    """
    calendar, findings, unknown = _parsed(text), list[str](), list[str]()
    events = [event for event in calendar.walk("VEVENT") if not _is_over(event, start)]
    kept = [event for event in events if _taken(event, zone, start, findings)]
    if sum("RRULE" in event for event in kept) > MOST_RULES:
        raise BadCalendar(f"More than {MOST_RULES} events are repeated in it. Leave out what is long past.")
    calendar.subcomponents = [c for c in calendar.subcomponents if c.name != "VEVENT"] + kept
    turns: set[Turn] = set()
    for event in _occurrences(calendar, start, end):
        when = _when(event, ZoneInfo(zone))
        if when is None or when[1] <= start or when[0] >= end:
            continue
        turns |= {Turn(staff, *when) for staff in _who(event, names, when[0], findings, unknown)}
        if len(turns) > MOST_SHIFTS:
            raise BadCalendar(f"More than {MOST_SHIFTS} shifts in two months: is this a rota?")
    ordered = tuple(sorted(turns, key=lambda t: (t.start, t.end, t.staff)))
    return Reading(ordered, _each_once(findings), _each_once(unknown))


def _each_once(said: Sequence[str]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for one in said:
        first.setdefault(folded(one), one)
    return tuple(first.values())[:MOST_FINDINGS]


def _parsed(text: str) -> Any:
    if len(text) > LARGEST:
        raise BadCalendar(TOO_LARGE)
    try:
        calendar: Any = icalendar.Calendar.from_ical(text)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise BadCalendar(NO_CALENDAR) from None
    if calendar.name != "VCALENDAR":
        raise BadCalendar(NO_CALENDAR)
    if len(calendar.walk("VEVENT")) > MOST_EVENTS:
        raise BadCalendar(f"It has more than {MOST_EVENTS} events. Leave out what is long past.")
    return calendar


def _taken(event: Any, zone: str, start: datetime, findings: list[str]) -> bool:
    """Whether it can be asked when it takes place. One that cannot is a finding, and the others are read."""
    why = _unfit(event, start)
    if why is not None:
        findings.append(f"The event '{_title(event) or 'without a title'}' {why}")
        return False
    unknown = event["DTSTART"].params.get("TZID", "")
    if unknown and _is_floating(event["DTSTART"].dt):
        findings.append(f"The zone '{unknown}' is not known. Its times were read as times in {zone}.")
    return True


def _unfit(event: Any, start: datetime) -> str | None:
    if "DTSTART" not in event or isinstance(event["DTSTART"], list) or _is_broken(event):
        return "has a time that cannot be read."
    try:
        lasts = _end(event) - event["DTSTART"].dt
    except (TypeError, ValueError):
        return "has a time that cannot be read."
    if lasts < timedelta():
        return "ends before it begins."
    rules = _list(event, "RRULE")
    if rules and lasts > LONGEST:
        return f"is repeated and lasts longer than {LONGEST.days} days."
    if rules and event["DTSTART"].dt.year < OLDEST:
        return f"is repeated since {event['DTSTART'].dt.year}. Let it begin later."
    return next((why for rule in rules if (why := _unfit_rule(rule, event["DTSTART"].dt, start)) is not None), None)


def _unfit_rule(rule: Any, begin: date, start: datetime) -> str | None:
    """Rules that would be walked through for ever are refused; the others end with what is looked at."""
    if _one(rule, "FREQ") is None:
        return "has a time that cannot be read."
    if _one(rule, "FREQ") in TOO_OFTEN or any(len(rule.get(part, ())) > 1 for part in PARTS_OF_A_DAY):
        return "is repeated several times a day. Write one event for each time of day."
    if _one(rule, "INTERVAL") is not None and _one(rule, "INTERVAL") < 1:
        return "is repeated by a rule that does not go on."
    if "COUNT" in rule:
        return "is repeated by COUNT with days of months. Say UNTIL instead." if set(rule) & RARE else None
    last = start + AHEAD
    until = _one(rule, "UNTIL")
    if until is None or (until.year, until.month, until.day) > (last.year, last.month, last.day):
        rule["UNTIL"] = [_like(begin, last)]
    return None


def _like(begin: date, last: datetime) -> date:
    """The same kind of time as `begin`: a day, a time without a zone, or one in UTC."""
    if not isinstance(begin, datetime):
        return last.date()
    return last.replace(tzinfo=None) if begin.tzinfo is None else last.astimezone(UTC)


def _is_over(event: Any, start: datetime) -> bool:
    """It was repeated, and that ended long ago: a calendar keeps hundreds of these."""
    rules = () if _is_broken(event) else _list(event, "RRULE")
    long_ago = start - LONGEST - timedelta(days=2)
    ends = [_one(rule, "UNTIL") for rule in rules]
    return bool(ends) and all(end is not None and _day(end) < long_ago.date() for end in ends) and "RDATE" not in event


def _is_broken(event: Any) -> bool:
    return any(str(name).upper() in TIMES for name, _ in event.errors)


def _day(when: date) -> date:
    return when.date() if isinstance(when, datetime) else when


def _one(rule: Any, part: str) -> Any:
    return next(iter(rule.get(part, ())), None)


def _list(event: Any, name: str) -> list[Any]:
    given = event.get(name, [])
    return given if isinstance(given, list) else [given]


def _title(event: Any) -> str:
    return " ".join(str(event.get("SUMMARY", "")).split())[:LONGEST_TITLE]


def _is_floating(when: date) -> bool:
    return isinstance(when, datetime) and when.tzinfo is None


def _occurrences(calendar: Any, start: datetime, end: datetime) -> Iterator[Any]:
    """A day more on both sides: times without a zone and whole days are placed only afterwards."""
    day = timedelta(days=1)
    try:
        yield from recurring_ical_events.of(calendar).between(start - day, end + day)
    except Exception as error:  # noqa: BLE001 - the library raises what its parts raise; whatever it is, nothing is half taken
        raise BadCalendar(f"Its repetitions cannot be worked out ({type(error).__name__}).") from None


def _when(event: Any, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """None for what is cancelled or takes no time. Whole days last from midnight to midnight of the zone."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    start, end = _moment(event["DTSTART"].dt, zone), _moment(_end(event), zone)
    return (start, end) if start < end else None


def _end(event: Any) -> Any:
    if "DTEND" in event:
        return event["DTEND"].dt
    begin = event["DTSTART"].dt
    if "DURATION" in event:
        return begin + event["DURATION"].dt
    return begin if isinstance(begin, datetime) else begin + timedelta(days=1)


def _moment(when: date, zone: ZoneInfo) -> datetime:
    """In UTC, so that a length is a length over a night in which the clocks change."""
    local = when if isinstance(when, datetime) else datetime.combine(when, time())
    return (local if local.tzinfo is not None else local.replace(tzinfo=zone)).astimezone(UTC)


def _who(event: Any, names: Mapping[str, str], at: datetime, findings: list[str], unknown: list[str]) -> set[str]:
    title, people = _title(event), _attendees(event)
    found = {names[folded(name)] for person in people for name in person if folded(name) in names}
    if folded(title) in names:
        return found | {names[folded(title)]}
    parts = [part for part in BETWEEN.split(title.rpartition(":")[2].strip()) if part]
    known = {part: names[folded(part)] for part in parts if folded(part) in names}
    said = {folded(name) for name in unknown}
    strange = [part for part in parts if part not in known and not found and folded(part) not in said]
    findings += [f"Nobody on the team is called '{part}' (first on {at:%Y-%m-%d})." for part in strange]
    unknown += strange
    if not known and not found:
        unknown += [person[0] for person in people]
        if not parts:
            findings.append(f"An event on {at:%Y-%m-%d} names nobody.")
    return found | set(known.values())


def _attendees(event: Any) -> list[tuple[str, ...]]:
    """Of each who has not declined, what they are called: the address first, where there is one."""
    people = _list(event, "ATTENDEE")
    here = [p for p in people if str(p.params.get("PARTSTAT", "")).upper() != "DECLINED"]
    named = [[str(p.params.get("CN", "")).strip(), folded(str(p))] for p in here]
    fit = [[name for name in names if 0 < len(name) <= LONGEST_CALLED] for names in named]
    return [tuple(sorted(names, key=lambda name: "@" not in name)) for names in fit if names]
