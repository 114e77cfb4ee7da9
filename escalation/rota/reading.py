"""What comes of reading a calendar, and what people may be called in one. Light: iCal itself is `calendar`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from escalation.ports import Staff

LONGEST_CALLED = 254  # characters of a name in a calendar: as long as an e-mail address can be
TOO_LARGE = "It has more than 1000 kB. Leave out what is long past."
NO_CALENDAR = "It is no iCal calendar (RFC 5545): it should begin with BEGIN:VCALENDAR."


class BadCalendar(Exception):
    """It cannot be read at all, and nothing of it is taken. `why` is a sentence for whoever gave it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Turn:
    """One time for one member of staff (an id), both ends aware."""

    staff: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """`findings`: sentences about what was not taken. `unknown`: names and addresses in it that are nobody's, as they
    are written there. Of both each once, the first twenty."""

    turns: tuple[Turn, ...]
    findings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def names_of(staff: Iterable[Staff], *called: Mapping[str, str]) -> dict[str, str]:
    """What a calendar may call each: folded name to staff id. `called`: other names, such as e-mails, to usernames; the
    later one holds where two say the same name.

    Only who works on cases and is there. A name that two have means neither, unless it is said which of them.
    """
    team = [one for one in staff if one.active and one.role in ("worker", "supervisor")]
    found: dict[str, set[str]] = {}
    for one in team:
        for name in (one.username, one.name):
            found.setdefault(folded(name), set()).add(one.id)
    ids = {one.username: one.id for one in team}
    said = {folded(name): username.casefold() for each in called for name, username in each.items()}
    for name, username in said.items():
        if username in ids:
            own = found.get(name, set())
            found[name] = {ids[username]} if not own or ids[username] in own else own | {ids[username]}
    return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}


def folded(name: str) -> str:
    return " ".join(name.casefold().split()).removeprefix("mailto:")
