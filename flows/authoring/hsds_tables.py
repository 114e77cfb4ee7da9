"""The shapes in which HSDS comes, to one: a list of services, each with all that belongs to it inside.

HSDS 3 has services with their parts inside (one, a list, or a page with `contents`; `content` in the UK's API),
organizations with services inside, and tables beside each other that are joined by ids.
Source: https://docs.openreferral.org (HSDS 3.0 to 3.2); the Open Referral UK profile of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flows.authoring.placed import Placed

_PAGES = ("contents", "content", "services")
# A table beside the services, and what it is called inside one.
_TABLES = {
    "phones": "phones",
    "schedules": "schedules",
    "service_areas": "service_areas",
    "languages": "languages",
    "contacts": "contacts",
    "cost_options": "cost_options",
    "service_at_locations": "service_at_locations",
    "attributes": "attributes",
}


def services(read: Any) -> list[Placed] | None:
    """None when nothing in the file is a list of services. What is no table in the list is left for the reader."""
    if isinstance(read, list):
        return [one for each in read for one in _flat(each)]
    if not isinstance(read, Placed):
        return None
    if "name" in read and isinstance(read.get("services"), list):
        return list(_flat(read))  # one organization with its services
    page = next((read[key] for key in _PAGES if isinstance(read.get(key), list)), None)
    if page is not None:
        tables = _Tables(read)
        return [tables.join(one) for each in page for one in _flat(each)]
    if isinstance(read.get("organizations"), list):
        return [one for each in read["organizations"] for one in _flat(each)]
    return list(_flat(read)) if "name" in read else None


def _flat(each: Any) -> Iterator[Placed]:
    """A service as it is, or the services inside an organization, each with it."""
    if isinstance(each, Placed) and isinstance(each.get("services"), list):
        around = Placed({key: value for key, value in each.items() if key != "services"})
        for service in each["services"]:
            if isinstance(service, Placed):
                service.setdefault("organization", around)
                yield service
    elif isinstance(each, Placed):
        yield each
    else:
        yield Placed()  # which the reader refuses for having no id and no name


class _Tables:
    """The tables of a file by whom each row belongs to, so that joining takes one look at each row."""

    def __init__(self, read: Placed) -> None:
        self.inside = {inside: _by(read.get(table), _owner) for table, inside in _TABLES.items()}
        self.organizations = _one_by_id(read.get("organizations"))
        self.locations = _one_by_id(read.get("locations"))
        self.terms = _one_by_id(read.get("taxonomy_terms"))
        self.addresses = _by(read.get("addresses"), lambda row: row.get("location_id"))

    def join(self, service: Placed) -> Placed:
        """With what stands beside it. Nothing that is inside already is replaced."""
        for inside, rows in self.inside.items():
            if mine := rows.get(str(service.get("id"))):
                service.setdefault(inside, mine)
        if organization := self.organizations.get(str(service.get("organization_id"))):
            service.setdefault("organization", organization)
        for row in rows_of(service.get("service_at_locations")):
            self._locate(row)
        for row in rows_of(service.get("attributes")):
            if term := self.terms.get(str(row.get("taxonomy_term_id"))):
                row.setdefault("taxonomy_term", term)
        return service

    def _locate(self, row: Placed) -> None:
        """Where it is given, with its addresses: needed to see what must not be here."""
        location = self.locations.get(str(row.get("location_id")))
        if location is not None:
            row.setdefault("location", location)
            location.setdefault("addresses", self.addresses.get(str(location.get("id")), []))


def _by(rows: Any, owner: Callable[[Placed], Any]) -> dict[str, list[Placed]]:
    found: dict[str, list[Placed]] = {}
    for row in rows_of(rows):
        if owner(row):
            found.setdefault(str(owner(row)), []).append(row)
    return found


def _one_by_id(rows: Any) -> dict[str, Placed]:
    return {str(row["id"]): row for row in rows_of(rows) if row.get("id")}


def _owner(row: Placed) -> Any:
    """The service that a row belongs to; attributes of HSDS 3 say so by `link_id`."""
    return row.get("service_id") or (row.get("link_id") if row.get("link_entity", "service") == "service" else None)


def rows_of(value: Any) -> list[Placed]:
    """The tables in a list; nothing where there is no list."""
    return [each for each in value if isinstance(each, Placed)] if isinstance(value, list) else []
