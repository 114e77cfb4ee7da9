"""What comes of reading a calendar, and what people may be called in one. Light: iCal itself is `calendar`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from escalation.ports import Staff


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
    """`findings`: sentences about what was not taken; each once, the first twenty."""

    turns: tuple[Turn, ...]
    findings: tuple[str, ...] = ()


def names_of(staff: Iterable[Staff], called: Mapping[str, str]) -> dict[str, str]:
    """What a calendar may call each: folded name to staff id. `called`: other names, such as e-mails, to usernames.

    Only who works on cases and is there. A name that two have means neither.
    """
    found: dict[str, set[str]] = {}
    for one in staff:
        if one.active and one.role in ("worker", "supervisor"):
            others = [name for name, username in called.items() if username.casefold() == one.username]
            for name in (one.username, one.name, *others):
                found.setdefault(folded(name), set()).add(one.id)
    return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}


def folded(name: str) -> str:
    return " ".join(name.casefold().split()).removeprefix("mailto:")
