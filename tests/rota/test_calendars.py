"""iCal as calendars really write it: what becomes a shift, and what is said where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from escalation.console.strings import Strings
from escalation.rota.calendar import read_calendar
from escalation.rota.reading import BadCalendar, Turn
from flows.authoring.catalogues import CONSOLE
from flows.authoring.locales import read
from tests.rota.calendars import NAMES, at, calendar

LOCALES = Path(__file__).parents[2] / "locales"
START, END = at("2026-10-20 00:00"), at("2026-11-10 00:00")
LONDON, NEW_YORK = "TZID=Europe/London", "TZID=America/New_York"
ONE = "SUMMARY:ana|DTSTART:20261021T200000Z|DTEND:20261022T060000Z"
SHIFTS = {
    "one shift": (calendar(ONE), ["s1 2026-10-21 20:00 to 2026-10-22 06:00"]),
    "by the whole name": (calendar(ONE.replace("ana", "Ana  REYES")), ["s1 2026-10-21 20:00 to 2026-10-22 06:00"]),
    "after a colon": (calendar(ONE.replace("ana", "Night: Ben Okoro")), ["s2 2026-10-21 20:00 to 2026-10-22 06:00"]),
    "two at once": (
        calendar(ONE.replace("ana", "ana and Ben Okoro")),
        ["s1 2026-10-21 20:00 to 2026-10-22 06:00", "s2 2026-10-21 20:00 to 2026-10-22 06:00"],
    ),
    "an attendee's address": (
        calendar(ONE.replace("ana", "Night|ATTENDEE;CN=B:mailto:Ben@example.org")),
        ["s2 2026-10-21 20:00 to 2026-10-22 06:00"],
    ),
    "who declined is not meant": (calendar(ONE + "|ATTENDEE;PARTSTAT=DECLINED:mailto:ben@example.org"),
        ["s1 2026-10-21 20:00 to 2026-10-22 06:00"]),
    "cancelled": (calendar(ONE + "|STATUS:CANCELLED"), []),
    "of no length": (calendar("SUMMARY:ana|DTSTART:20261021T200000Z"), []),
    "outside": (calendar(ONE.replace("202610", "202603")), []),
    "begun before": (
        calendar("SUMMARY:ana|DTSTART:20261019T200000Z|DTEND:20261020T060000Z"),
        ["s1 2026-10-19 20:00 to 2026-10-20 06:00"],
    ),
    "a whole day": (
        calendar("SUMMARY:ana|DTSTART;VALUE=DATE:20261102"), ["s1 2026-11-02 00:00 to 2026-11-03 00:00"]
    ),
    "whole days over the night in which clocks go back": (
        calendar("SUMMARY:ana|DTSTART;VALUE=DATE:20261024|DTEND;VALUE=DATE:20261026"),
        ["s1 2026-10-23 23:00 to 2026-10-26 00:00"],
    ),
    "floating times are the programme's": (
        calendar("SUMMARY:ana|DTSTART:20261024T220000|DTEND:20261025T080000"),
        ["s1 2026-10-24 21:00 to 2026-10-25 08:00"],
    ),
    "each Saturday night, clocks back": (
        calendar(f"SUMMARY:ana|DTSTART;{LONDON}:20261017T220000|DTEND;{LONDON}:20261018T080000|RRULE:FREQ=WEEKLY"),
        [
            "s1 2026-10-24 21:00 to 2026-10-25 08:00",
            "s1 2026-10-31 22:00 to 2026-11-01 08:00",
            "s1 2026-11-07 22:00 to 2026-11-08 08:00",
        ],
    ),
    "in New York clocks go back a week later": (
        calendar(f"SUMMARY:ana|DTSTART;{NEW_YORK}:20261024T220000|DTEND;{NEW_YORK}:20261025T060000|RRULE:FREQ=WEEKLY"),
        [
            "s1 2026-10-25 02:00 to 2026-10-25 10:00",
            "s1 2026-11-01 02:00 to 2026-11-01 11:00",
            "s1 2026-11-08 03:00 to 2026-11-08 11:00",
        ],
    ),
    "one night taken out": (
        calendar(
            f"SUMMARY:ana|DTSTART;{LONDON}:20261024T220000|DURATION:PT8H|RRULE:FREQ=WEEKLY;COUNT=3"
            f"|EXDATE;{LONDON}:20261031T220000"
        ),
        ["s1 2026-10-24 21:00 to 2026-10-25 06:00", "s1 2026-11-07 22:00 to 2026-11-08 06:00"],
    ),
    "one night moved and given away": (
        calendar(
            "UID:a|SUMMARY:ana|DTSTART:20261021T200000Z|DTEND:20261022T060000Z|RRULE:FREQ=DAILY;COUNT=3",
            "UID:a|RECURRENCE-ID:20261022T200000Z|SUMMARY:ben|DTSTART:20261022T210000Z|DTEND:20261023T060000Z",
        ),
        [
            "s1 2026-10-21 20:00 to 2026-10-22 06:00",
            "s2 2026-10-22 21:00 to 2026-10-23 06:00",
            "s1 2026-10-23 20:00 to 2026-10-24 06:00",
        ],
    ),
    "days beside": (
        calendar(ONE + "|RDATE:20261025T200000Z"),
        ["s1 2026-10-21 20:00 to 2026-10-22 06:00", "s1 2026-10-25 20:00 to 2026-10-26 06:00"],
    ),
    "every second week until": (
        calendar(ONE + "|RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20261105T000000Z"),
        ["s1 2026-10-21 20:00 to 2026-10-22 06:00", "s1 2026-11-04 20:00 to 2026-11-05 06:00"],
    ),
    "the first Monday, for ever": (
        calendar("SUMMARY:ana|DTSTART;VALUE=DATE:20260105|RRULE:FREQ=MONTHLY;BYDAY=1MO"),
        ["s1 2026-11-02 00:00 to 2026-11-03 00:00"],
    ),
    "the calendar's own zone": (
        calendar("SUMMARY:ana|DTSTART:20261021T200000|DURATION:PT10H", head="X-WR-TIMEZONE:America/New_York\r\n"),
        ["s1 2026-10-22 00:00 to 2026-10-22 10:00"],
    ),
    "a zone as Windows calls it": (
        calendar("SUMMARY:ana|DTSTART;TZID=GMT Standard Time:20261101T220000|DURATION:PT1H"),
        ["s1 2026-11-01 22:00 to 2026-11-01 23:00"],
    ),
    "twice the same": (calendar(ONE, ONE), ["s1 2026-10-21 20:00 to 2026-10-22 06:00"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SHIFTS)
def test_what_becomes_a_shift(name: str) -> None:
    text, expected = SHIFTS[name]
    reading = read_calendar(text, "Europe/London", NAMES, START, END)
    assert [shown(turn) for turn in reading.turns] == expected
    assert reading.findings == ()


def shown(turn: Turn) -> str:
    return f"{turn.staff} {turn.start:%Y-%m-%d %H:%M} to {turn.end:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [("Europe/London", "03-28 22:00", "03-29 07:00"), ("America/New_York", "03-29 02:00", "03-29 12:00")],
)
def test_a_night_in_which_clocks_go_forward_is_an_hour_shorter(zone: str, before: str, after: str) -> None:
    event = f"SUMMARY:ana|DTSTART;TZID={zone}:20260301T220000|DTEND;TZID={zone}:20260302T080000|RRULE:FREQ=DAILY"
    found = read_calendar(calendar(event), "UTC", NAMES, at("2026-03-29 03:00"), at("2026-03-29 04:00"))
    assert [shown(turn) for turn in found.turns] == [f"s1 2026-{before} to 2026-{after}"]


def test_a_name_that_is_nobodys_is_said_once_however_often_it_is_on() -> None:
    event = ONE.replace("ana", "Zoe Adler") + "|RRULE:FREQ=DAILY"
    found = read_calendar(calendar(event), "UTC", NAMES, at("2026-10-20 00:00"), at("2026-11-20 00:00"))
    assert found.findings == ("Nobody on the team is called 'Zoe Adler' (first on 2026-10-21).",)
    assert found.unknown == ("Zoe Adler",)


OF_KIT = "Nobody on the team is called 'kit' (first on 2026-10-21)."
OFTEN = "The event 'ana' is repeated several times a day. Write one event for each time of day."
FINDINGS = {
    "nobody": (ONE.replace("ana", "Zoe Adler"), "Nobody on the team is called 'Zoe Adler' (first on 2026-10-21)."),
    "an editor takes no pages": (ONE.replace("ana", "kit"), OF_KIT),
    "one of two": (ONE.replace("ana", "ana, Team B"), "Nobody on the team is called 'Team B' (first on 2026-10-21)."),
    "no name": (ONE.replace("ana", "Night:"), "An event on 2026-10-21 names nobody."),
    "no time": ("SUMMARY:ana|DTSTART:soon", "The event 'ana' has a time that cannot be read."),
    "no rule": (ONE + "|RRULE:often", "The event 'ana' has a time that cannot be read."),
    "a day that ends at an hour": (
        "SUMMARY:ana|DTSTART;VALUE=DATE:20261101|DTEND:20261102T000000Z",
        "The event 'ana' has a time that cannot be read.",
    ),
    "backwards": (
        "SUMMARY:ana|DTSTART:20261022T200000Z|DTEND:20261021T200000Z", "The event 'ana' ends before it begins."
    ),
    "each second": (ONE + "|RRULE:FREQ=SECONDLY", OFTEN),
    "never on": (ONE + "|RRULE:FREQ=DAILY;INTERVAL=0", "The event 'ana' is repeated by a rule that does not go on."),
    "30 February": (ONE + "|RRULE:FREQ=DAILY;COUNT=3;BYMONTH=2;BYMONTHDAY=30",
        "The event 'ana' is repeated by COUNT with days of months. Say UNTIL instead."),
    "since for ever": (ONE.replace("2026", "1970") + "|RRULE:FREQ=DAILY",
        "The event 'ana' is repeated since 1970. Let it begin later."),
    "for a year each": ("SUMMARY:ana|DTSTART:20260101T200000Z|DURATION:P365D|RRULE:FREQ=YEARLY",
        "The event 'ana' is repeated and lasts longer than 31 days."),
    "a zone of its own": ("SUMMARY:ana|DTSTART;TZID=Mars/One:20261024T220000|DURATION:PT1H",
        "The zone 'Mars/One' is not known. Its times were read as times in Europe/London."),
}  # fmt: skip


@pytest.mark.parametrize("name", FINDINGS)
def test_what_cannot_be_taken_is_said_and_the_rest_is_taken(name: str) -> None:
    event, says = FINDINGS[name]
    reading = read_calendar(
        calendar(event, "SUMMARY:ben|DTSTART;VALUE=DATE:20261102"), "Europe/London", NAMES, START, END
    )
    assert reading.findings == (says,)
    assert "s2 2026-11-02 00:00 to 2026-11-03 00:00" in [shown(turn) for turn in reading.turns]


@pytest.mark.parametrize("language", ["es", "cy"])
def test_what_is_found_is_told_in_the_workers_language(language: str) -> None:
    words = Strings(read(LOCALES, CONSOLE), language)
    for _, says in FINDINGS.values():
        assert words.told(says) != says
    assert "Mars/One" in words.told(FINDINGS["a zone of its own"][1])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no iCal calendar"),
        ("<html>", "no iCal calendar"),
        ("BEGIN:VCALENDAR\r\n", "no iCal calendar"),
        ("BEGIN:VEVENT\r\nEND:VEVENT\r\n", "no iCal calendar"),
        ("x" * 1_000_001, "more than 1000 kB"),
        (calendar(*["SUMMARY:ana|DTSTART;VALUE=DATE:20261102|RRULE:FREQ=DAILY"] * 201), "More than 200 events"),
    ],
)
def test_what_is_no_calendar_is_refused_whole(text: str, says: str) -> None:
    with pytest.raises(BadCalendar, match=says):
        read_calendar(text, "Europe/London", NAMES, START, END)


def test_series_that_ended_long_ago_do_not_count() -> None:
    ended = ["SUMMARY:zed|DTSTART;VALUE=DATE:20250102|RRULE:FREQ=DAILY;UNTIL=20250601"] * 300
    reading = read_calendar(calendar(*ended, ONE), "Europe/London", NAMES, START, END)
    assert [shown(turn) for turn in reading.turns] == ["s1 2026-10-21 20:00 to 2026-10-22 06:00"]
    assert reading.findings == ()
