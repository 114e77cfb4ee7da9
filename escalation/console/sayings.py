"""What an alert says, found again: its sentences are kept in English as they were written on that day.

A sentence of a rule, of a danger word or of the engine leads to its message id, and so to its translation; one that
was worded otherwise on that day, or is a programme's own, stays English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from flows.engine.programme import Programme

SAYS = "says"  # says/INSTRUMENT/RULE and says/danger/ENTRY
DANGER = "danger"  # no instrument's name: a flow of that name would be needed
_SLOT = re.compile(r"\{([a-z][a-z0-9_.]*)\}")


@dataclass(frozen=True, slots=True)
class Found:
    """The id of a sentence and its English, with what stands in its places."""

    message: str
    english: str
    places: Mapping[str, str] = field(default_factory=dict)

    def filled(self, text: str) -> str:
        """A translation with the same things in its places; what it names beyond those stays as it stands."""
        return _SLOT.sub(lambda slot: self.places.get(slot[1], slot[0]), text)


class Sayings:
    """Built once from message ids and their English."""

    def __init__(self, english: Iterable[tuple[str, str]] = ()) -> None:
        self._whole: dict[str, str] = {}
        self._parted: list[tuple[re.Pattern[str], tuple[str, ...], str, str]] = []
        for message, said in english:
            names = tuple(_SLOT.findall(said))
            if names:
                pattern = "(.+?)".join(re.escape(part) for part in _SLOT.split(said)[::2])
                self._parted.append((re.compile(pattern, re.DOTALL), names, message, said))
            else:
                self._whole.setdefault(said, message)
        self._parted.sort(
            key=lambda each: -len(each[3])
        )  # the longer says more: "…, up from {fear}" before "Fear {fear}"

    def find(self, sentence: str) -> Found | None:
        if sentence in self._whole:
            return Found(self._whole[sentence], sentence)
        for pattern, names, message, said in self._parted:
            found = pattern.fullmatch(sentence)
            if found:
                return Found(message, said, dict(zip(names, found.groups(), strict=True)))
        return None


def of_programme(programme: Programme) -> Iterator[tuple[str, str]]:
    """(message id, English) of every rule and every danger word."""
    for instrument in programme.instruments.values():
        for rule in instrument.rules:
            yield f"{SAYS}/{instrument.name}/{rule.id}", rule.says
    for entry, says in programme.reader.says.items():
        yield f"{SAYS}/{DANGER}/{entry}", says
