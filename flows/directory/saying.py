"""What is said of a found service beside its name and number: short sentences by message id, most needed first."""

from __future__ import annotations

from flows.directory.categories import PEOPLE, SILENT
from flows.directory.search import Found

Sentence = tuple[str, dict[str, str]]  # a message id and its parameters

_OPENING = {"always": "directory/always", "open": "directory/open", "closed": "directory/closed"}


def sentences(found: Found) -> tuple[Sentence, ...]:
    """Whether it costs or shows on the bill; how to reach it silently, for whom, when, and that nobody checked it.

    A second number comes last, so that in a script from right to left it can have the last line for itself.
    """
    service = found.service
    said: list[Sentence] = [("directory/free", {})] if service.free == "yes" else []
    said.append((f"directory/bill_{service.bill}", {}))
    quiet = _quiet(found)
    said += [quiet] if quiet and not quiet[1] else []
    said += [(f"directory/for_{people}", {}) for people in PEOPLE if people in service.for_whom]
    said += [(_OPENING[found.opening], {})] if found.opening in _OPENING else []
    said += [] if found.checked else [("directory/unchecked", {})]
    said += [quiet] if quiet and quiet[1] else []
    return tuple(said)


def _quiet(found: Found) -> Sentence | None:
    """The most discreet way, when it is another than the number already given."""
    way = next((way for way in SILENT if way in found.service.silent), None)
    if way != "text":
        return (f"directory/by_{way}", {}) if way else None
    texts = [number.printed for number in found.service.numbers if number.kind == "text"]
    if not texts or found.number.printed in texts:
        return ("directory/by_this_text", {})
    return ("directory/by_text", {"number": texts[0]})
