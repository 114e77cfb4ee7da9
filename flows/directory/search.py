"""Which services fit: never one outside what was asked, never a number that nobody has checked in production."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from flows.directory.opening import Holidays, State, state
from flows.directory.place import Place, covers
from flows.directory.service import Number, Service

_LATER: Mapping[State, int] = {"always": 0, "open": 0, "unknown": 1, "closed": 2}
_TO_CALL = ("freephone", "phone", "relay", "text")
_TO_WRITE = ("text", "relay", "freephone", "phone")


@dataclass(frozen=True, slots=True)
class Directory:
    """All services. `drafts`: those that nobody has checked are shown too, and said to be so: never in production."""

    services: tuple[Service, ...] = ()
    holidays: Holidays = field(default_factory=dict)
    drafts: bool = True

    def released(self) -> Directory:
        """As production serves it: only what a person has checked within 12 months."""
        return replace(self, drafts=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for. `place` None: nobody knows where they are, so nothing can be right.

    `categories` in order of fit. `people`: what is known of the person, as in PEOPLE; empty is nothing known.
    `silent`: only what can be reached without a voice. `open_now`: leave out what is known to be closed.
    """

    categories: tuple[str, ...]
    place: Place | None
    language: str = "en"
    people: frozenset[str] = frozenset()
    silent: bool = False
    open_now: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A service, the one of the wanted categories it is shown for, the number to give, and whether it is open."""

    service: Service
    category: str
    number: Number
    opening: State
    checked: bool


def search(directory: Directory, wanted: Wanted, at: datetime) -> tuple[Found, ...]:
    """Best first; the same for the same moment. `at` is aware."""
    here = wanted.place
    if here is None:
        return ()
    found = [
        Found(
            service, category, number_of(service, here, wanted.silent), state(service, at, directory.holidays), checked
        )
        for service in directory.services
        if (category := _category(service, wanted)) and (checked := service.checked(at.date())) | directory.drafts
        if _fits(service, wanted, here)
    ]
    if wanted.open_now:
        found = [each for each in found if each.opening != "closed"]
    return tuple(sorted(found, key=lambda each: _rank(each, wanted, here)))


def number_of(service: Service, here: Place, silent: bool) -> Number:
    """The number to give: of her country if there is one, then the one that serves best."""
    kinds = _TO_WRITE if silent else _TO_CALL
    return min(service.numbers, key=lambda number: (number.country != here.country, kinds.index(number.kind)))


def _category(service: Service, wanted: Wanted) -> str:
    return next((category for category in wanted.categories if category in service.categories), "")


def _fits(service: Service, wanted: Wanted, here: Place) -> bool:
    return (
        bool(service.numbers)
        and any(covers(area, here) for area in service.places)
        and (not service.for_whom or not wanted.people or bool(service.for_whom & wanted.people))
        and (bool(service.silent) or not wanted.silent)
    )


def _rank(each: Found, wanted: Wanted, here: Place) -> tuple[int | bool | str, ...]:
    service = each.service
    return (
        bool(service.languages) and wanted.language not in service.languages,
        wanted.categories.index(each.category),
        _LATER[each.opening],
        not each.checked,
        bool(service.for_whom) and not wanted.people,  # what is for everybody comes before what may turn her away
        -max(area.depth for area in service.places if covers(area, here)),
        service.name,
        service.id,
    )
