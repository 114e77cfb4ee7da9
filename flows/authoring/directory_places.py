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


def _place(entry: Entry, area: Placed, country: str) -> Place | None:
    name = text(area, "name") or text(area, "service_area")
    if (place := read_place(text(area, "extent")) or read_place(name)) is not None:
        return place
    if (known := _NAMES.get(name.lower())) is not None:
        return read_place(known)
    local = "-".join(re.findall(r"[a-z0-9]+", name.lower()))
    statistical = _ONS.search(f"{text(area, 'uri')} {text(area, 'extent')}")
    if statistical:
        part = _PARTS.get(statistical[1], "")
        return Place("GB", part, "" if statistical[2] in _WHOLE else local)
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
