"""Whether an entry gives away where somebody may be hiding. Such an entry is refused whole, never repaired."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flows.authoring.directory_entry import Entry
from flows.authoring.placed import Placed

_KEYS = frozenset(
    {
        "address", "addresses", "address_1", "address_2", "physical_addresses", "physical_address", "postal_addresses",
        "postal_address", "postal_code", "postcode", "latitude", "longitude", "external_identifier", "transportation",
        "uprn", "easting", "northing",
    }
)  # fmt: skip
# What an address looks like in running text: a postcode, an Eircode, a state with a ZIP code, a number and a street.
_LOOKS = re.compile(
    r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[AC-FHKNPRTV-Y]\d[\dW] ?[\dAC-FHKNPRTV-Y]{4}\b|\b[A-Z]{2},? \d{5}\b"
    r"|\b\d{1,5}[A-Za-z]?,? (?:[A-Z][\w']+ ){1,3}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Court|Crescent|Gardens|Grove|Place|Square|Terrace|Way)\b"
)


def gives_away(entry: Entry) -> bool:
    """Whether the entry holds anything by which a house could be found; each such thing is refused."""
    found = False
    for what, at in _traces(entry.table, entry.table):
        entry.refuse(f"a service of this kind may not have {what}", "Ask for a feed without it, or take it out", at)
        found = True
    return found


def leave_addresses(entry: Entry) -> None:
    """Of any other service an address is not kept: nothing here needs one."""
    for what, at in _traces(entry.table, entry.table, keys_only=True):
        entry.leave_out(f"its address ({what})", at)
        return


def _traces(value: Any, at: Placed, keys_only: bool = False) -> Iterator[tuple[str, Placed]]:
    if isinstance(value, Placed):
        for key, inner in value.items():
            if key in _KEYS and inner not in (None, "", [], {}, 0):
                yield f"`{key}`", value
            elif isinstance(inner, str) and not keys_only and _LOOKS.search(inner):
                yield f"what looks like an address, in `{key}`", value
            else:
                yield from _traces(inner, value, keys_only)
    elif isinstance(value, list):
        for inner in value:
            yield from _traces(inner, at, keys_only)
