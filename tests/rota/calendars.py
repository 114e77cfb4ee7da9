"""Calendars as other programs write them, in one line each."""

from __future__ import annotations

from datetime import UTC, datetime

from escalation.ports import Staff
from escalation.rota.reading import names_of

TEAM = (
    Staff("s1", "ana", "Ana Reyes", "worker"),
    Staff("s2", "ben", "Ben Okoro", "worker"),
    Staff("s3", "kit", "Kit Lowe", "editor"),
    Staff("s4", "zoe", "Zoe Adler", "worker", active=False),
)
NAMES = names_of(TEAM, {"ben@example.org": "ben", "Team B": "nobody"})


def calendar(*events: str, head: str = "") -> str:
    """Each event is its lines, separated by |. One that begins with UID keeps its own."""
    written = []
    for number, event in enumerate(events):
        lines = event.split("|")
        if not lines[0].startswith("UID"):
            lines.insert(0, f"UID:{number}")
        written.append("\r\n".join(["BEGIN:VEVENT", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT", ""]))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{head}{''.join(written)}END:VCALENDAR\r\n"


def at(text: str) -> datetime:
    """'2026-10-24 21:00', in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
