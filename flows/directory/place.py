"""Where a service works and where she is: a country, perhaps a part of it, perhaps a town or district."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?(?:/([a-z0-9]+(?:-[a-z0-9]+)*))?")
_CHOSEN = re.compile(r"[a-z]{2}(_[a-z]{2,3})?")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """`country` as in ISO 3166-1, `part` as in ISO 3166-2 ('' for all of it), `local` a name in small letters.

    Written `GB`, `GB-WLS`, `US-CT`, `GB-ENG/portsmouth`, `IE/cork`.
    """

    country: str
    part: str = ""
    local: str = ""

    def __str__(self) -> str:
        part = f"-{self.part}" if self.part else ""
        return f"{self.country}{part}{f'/{self.local}' if self.local else ''}"

    @property
    def depth(self) -> int:
        """How narrow it is: 0 for a country."""
        return bool(self.part) + 2 * bool(self.local)


def read_place(written: str) -> Place | None:
    """None when it is not written as a place."""
    found = _WRITTEN.fullmatch(written)
    return Place(found[1], found[2] or "", found[3] or "") if found else None


def chosen_place(choice: str) -> Place | None:
    """The place that a choice in a flow is named for: `gb_wls` is Wales, `ie` is Ireland, `elsewhere` is none."""
    return read_place(choice.upper().replace("_", "-")) if _CHOSEN.fullmatch(choice) else None


def covers(area: Place, here: Place) -> bool:
    """Whether what works in `area` works for somebody of whom it is known that they are in `here`."""
    if area.country != here.country:
        return False
    if area.part and (area.part != here.part and not (area.local and not here.part)):
        return False
    return not area.local or area.local == here.local
