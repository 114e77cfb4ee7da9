"""The words of each language by stable message id, and what is said when a language lacks them.

Ids: `flow/step`, `flow/step.choice`, `plan/item`, `cover.name/reply.03`, `words/skip` (an answer word: its alternatives
with | between), `engine/holding`. English stands in the flow itself, so each look-up brings it along.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flows.text.languages import SOURCE, Direction, Language, PluralRule

VERSION_LENGTH = 12  # hex digits: 48 bits, plenty to tell the catalogues of one programme apart


@dataclass(frozen=True, slots=True)
class Plural:
    """A text that depends on a number: its forms in the order of `rule`."""

    forms: tuple[str, ...]
    rule: PluralRule

    def of(self, n: int) -> str:
        return self.forms[self.rule.index(n)]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What one language says: only texts that may be sent; those that are missing, empty or in doubt are not here."""

    language: str
    direction: Direction
    messages: Mapping[str, str]
    plurals: Mapping[str, Plural] = field(default_factory=dict)
    version: str = ""

    @classmethod
    def of(
        cls, language: Language, messages: Mapping[str, str], plurals: Mapping[str, Plural], beneath: Iterable[str] = ()
    ) -> Catalogue:
        """A catalogue whose `version` is a short hash of all that it says, to be kept beside each message sent.

        `beneath`: what is said where this catalogue is silent (the English texts, the versions of fallbacks).
        """
        forms = sorted((message_id, plural.forms, str(plural.rule)) for message_id, plural in plurals.items())
        said = json.dumps([language.code, sorted(messages.items()), forms, list(beneath)])
        version = hashlib.sha256(said.encode()).hexdigest()[:VERSION_LENGTH]
        return cls(language.code, language.direction, messages, plurals, version)


@dataclass(frozen=True, slots=True)
class Catalogues:
    """All languages, each with the texts of its fallbacks filled in, so that a look-up never walks a chain."""

    languages: Mapping[str, Language] = field(default_factory=dict)
    filled: Mapping[str, Catalogue] = field(default_factory=dict)

    @classmethod
    def of(cls, languages: Iterable[Language], catalogues: Iterable[Catalogue]) -> Catalogues:
        """A language without a catalogue says what its fallbacks say, and at the end English."""
        known = {each.code: each for each in languages}
        own = {each.language: each for each in catalogues}
        return cls(known, {code: _filled(language, own) for code, language in known.items()})

    def released(self) -> Catalogues:
        """Without the languages that no person has released: production serves no drafts (SAFETY 12)."""
        served = {code: each for code, each in self.languages.items() if each.status == "released" or code == SOURCE}
        return Catalogues(served, {code: each for code, each in self.filled.items() if code in served})

    def text(self, language: str, message_id: str, english: str) -> str:
        """The text in `language`, else in a fallback, else `english`; so too for a language that nobody knows."""
        catalogue = self.filled.get(language)
        return english if catalogue is None else catalogue.messages.get(message_id, english)

    def plural(self, language: str, message_id: str, n: int, one: str, other: str) -> str:
        """The text for `n` things; `one` and `other` are the English. `{n}` is left for `render`."""
        catalogue = self.filled.get(language)
        found = None if catalogue is None else catalogue.plurals.get(message_id)
        return found.of(n) if found is not None else one if abs(n) == 1 else other

    def version(self, language: str) -> str:
        """The hash of what `language` says, fallbacks included; empty for a language that nobody knows."""
        catalogue = self.filled.get(language)
        return "" if catalogue is None else catalogue.version

    def direction(self, language: str) -> Direction:
        catalogue = self.filled.get(language)
        return "ltr" if catalogue is None else catalogue.direction

    def nearest(self, tag: str) -> str:
        """The language to use for a phone that says `tag` ("es-MX", "pt_BR"): itself, its parents, English."""
        parts = tag.replace("_", "-").lower().split("-")
        known = {code.lower(): code for code in self.languages}
        tags = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((known[each] for each in tags if each in known), SOURCE)


def _filled(language: Language, own: Mapping[str, Catalogue]) -> Catalogue:
    chain = [own[code] for code in (*reversed(language.fallback), language.code) if code in own]
    messages: dict[str, str] = {}
    plurals: dict[str, Plural] = {}
    for catalogue in chain:
        messages |= catalogue.messages
        plurals |= catalogue.plurals
    return Catalogue.of(language, messages, plurals, [catalogue.version for catalogue in chain])
