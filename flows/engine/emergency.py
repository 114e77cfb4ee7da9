"""Which emergency number is said: the programme's own, else that of where it works, else those that we know."""

from __future__ import annotations

from flows.directory.place import read_place
from flows.engine.programme import Rules

# 112 reaches the emergency services in the whole European Union (Directive (EU) 2018/1972, article 109) and in Iceland,
# Liechtenstein, Norway and Switzerland; 911 in the United States and Canada.
_112 = frozenset(
    "AT BE BG CH CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)
_911 = frozenset({"US", "CA"})

Sentence = tuple[str, dict[str, str]]  # a message id and its parameters


def emergency(rules: Rules) -> Sentence:
    """The sentence that says whom to call. In Britain it also says what to do when she cannot speak."""
    place = read_place(rules.place)
    country = place.country if place else ""
    if rules.emergency:
        return "emergency/one", {"number": rules.emergency}
    if country == "GB":
        return "emergency/gb", {}
    if country in _112 or country in _911:
        return "emergency/one", {"number": "112" if country in _112 else "911"}
    return "emergency/all", {}
