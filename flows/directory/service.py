"""One service of the directory as the engine knows it: no address, no person, no page that could be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from flows.directory.place import Place

Kind = Literal["freephone", "phone", "text", "relay"]
Known = Literal["yes", "no", "unknown"]
OnHolidays = Literal["open", "closed", "unknown"]

FRESH = timedelta(days=365)  # a number that nobody looked at for longer is not sent (issue 3, Signposting)
AHEAD = timedelta(days=1)  # a date written east of UTC may be tomorrow's; any later one is a slip of the pen


@dataclass(frozen=True, slots=True)
class Number:
    """`printed` as the service prints it, spaces too. `country` as in ISO 3166-1: where it can be dialled so."""

    printed: str
    kind: Kind
    country: str


@dataclass(frozen=True, slots=True)
class Hours:
    """Open on `days` (0 is Monday) from `opens` to `closes`, minutes after local midnight.

    `closes` <= `opens` is on the next day, so that the same minute twice is a whole day.
    """

    days: tuple[int, ...]
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Service:
    """What may be said of a service, and what workers want to know of it.

    `name` fits into a text. `languages` empty: not known. `hours` empty: not known; they are on the clock of `zone`
    (tz database). `closed_on`: single days on which it is shut. `for_whom` empty: everybody. `verified_on`: when a
    person last tried the numbers; None is never. `turned_away`, `source` (a URL) and `description` are never sent.
    """

    id: str
    name: str
    organization: str
    categories: tuple[str, ...]
    numbers: tuple[Number, ...]
    places: tuple[Place, ...]
    languages: tuple[str, ...] = ()
    hours: tuple[Hours, ...] = ()
    zone: str = ""
    holidays: OnHolidays = "unknown"
    closed_on: frozenset[date] = frozenset()
    silent: tuple[str, ...] = ()
    bill: Known = "unknown"
    for_whom: frozenset[str] = frozenset()
    free: Known = "unknown"
    verified_on: date | None = None
    turned_away: str = ""
    source: str = ""
    description: str = ""

    def checked(self, today: date) -> bool:
        """Whether a person has looked at it within the last 12 months."""
        return self.verified_on is not None and -AHEAD <= today - self.verified_on <= FRESH
