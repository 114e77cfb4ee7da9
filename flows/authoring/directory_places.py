"""Where a service of a directory works: HSDS service areas to places, by code, by the ONS's page, by name."""

from __future__ import annotations

import re
from typing import Any

from flows.authoring.directory_entry import Entry, text
from flows.authoring.hsds_tables import rows_of
from flows.authoring.placed import Placed
from flows.directory.place import Place, read_place

MOST_WORDS = 4  # in the name of a town or district; what is longer is a sentence about one
_ONS = re.compile(r"\b([EWSNK])(\d{2})\d{6}\b")
_PARTS = {"E": "ENG", "W": "WLS", "S": "SCT", "N": "NIR"}
_WHOLE = {"92", "02", "03"}  # codes of a whole nation, of the United Kingdom, of Great Britain
_NAMES = {
    "united kingdom": "GB",
    "uk": "GB",
    "great britain": "GB",
    "england": "GB-ENG",
    "scotland": "GB-SCT",
    "wales": "GB-WLS",
    "cymru": "GB-WLS",
    "northern ireland": "GB-NIR",
    "ireland": "IE",
    "republic of ireland": "IE",
    "united states": "US",
    "united states of america": "US",
    "usa": "US",
    "connecticut": "US-CT",
}
ZONES = {"GB": "Europe/London", "IE": "Europe/Dublin", "US-CT": "America/New_York"}


def places(entry: Entry, country: str) -> tuple[Place, ...]:
    """`country`: where a town is that does not say so itself; '' when nobody knows."""
    areas = rows_of(entry.table.get("service_areas"))
    found = [place for area in areas if (place := _place(entry, area, country)) is not None]
    if not found:
        hint = "Give it service_areas with an extent such as GB, GB-WLS, US-CT or GB-ENG/portsmouth"
        entry.refuse("it does not say where it works", hint)
    return tuple(dict.fromkeys(found))


def country_of(table: Placed) -> str:
    """The country of all its areas, as far as they say it; '' when they say none, or several."""
    coded = [place for area in rows_of(table.get("service_areas")) if (place := _coded(area)) is not None]
    countries = {place.country for place in coded}
    return countries.pop() if len(countries) == 1 else ""


def _coded(area: Placed) -> Place | None:
    """By a code, a known name or the ONS's page."""
    name = _name(area)
    if (place := read_place(text(area, "extent")) or read_place(name)) is not None:
        return place
    if (known := _NAMES.get(name.lower())) is not None:
        return read_place(known)
    statistical = _ONS.search(f"{text(area, 'uri')} {text(area, 'extent')}")
    if statistical is None:
        return None
    return Place("GB", _PARTS.get(statistical[1], ""), "" if statistical[2] in _WHOLE else _local(name))


def _name(area: Placed) -> str:
    return text(area, "name") or text(area, "service_area")


def _local(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))


def _place(entry: Entry, area: Placed, country: str) -> Place | None:
    if (coded := _coded(area)) is not None:
        return coded
    name = _name(area)
    local = _local(name)
    if local and len(name.split()) <= MOST_WORDS and country:
        return Place(country, "", local)
    entry.refuse_part(f"the area {name[:60]!r} is no place that is known here", _HINT, area)
    return None


_HINT = "Write its code as `extent`: GB-ENG/portsmouth"


def zone_of(places: tuple[Place, ...], written: Any) -> str:
    """The time zone that is written, or that all of the places have; '' when there is none."""
    if isinstance(written, str) and written:
        return written
    zones = {ZONES.get(f"{place.country}-{place.part}", ZONES.get(place.country, "")) for place in places}
    return zones.pop() if len(zones) == 1 else ""
