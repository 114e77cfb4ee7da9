"""Phrases that a worker sends by one press: what each says in her language, and whether somebody has read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from flows.text.catalogue import Catalogues
from flows.text.languages import SOURCE

# In her language: the English itself, read through by a speaker, not yet read through, not there (English is sent).
State = Literal["own", "reviewed", "draft", "missing"]
PREFIX = "phrase/"  # of the shipped ones' message ids


@dataclass(frozen=True, slots=True)
class Phrase:
    """`words` by language and which of them are `reviewed`: of a programme's own; the shipped are in the catalogues."""

    english: str
    words: Mapping[str, str] = field(default_factory=dict)
    reviewed: frozenset[str] = frozenset()
    shipped: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A phrase as it is picked: `hers` is sent; `ours` says the same in the worker's language."""

    name: str
    hers: str
    ours: str
    state: State


@dataclass(frozen=True, slots=True)
class Phrases:
    """All phrases of a programme, with the catalogues that translate the shipped ones."""

    known: Mapping[str, Phrase] = field(default_factory=dict)
    catalogues: Catalogues = field(default_factory=Catalogues)

    def said(self, name: str, language: str) -> str:
        """What is sent to a phone that reads `language`; English where there is nothing in it. '' for no phrase."""
        phrase = self.known.get(name)
        if phrase is None or language == SOURCE:
            return phrase.english if phrase else ""
        return phrase.words.get(language) or self._shipped(name, phrase, language) or phrase.english

    def offered(self, language: str, reader: str) -> tuple[Choice, ...]:
        """In the order of the file, a programme's own behind those that ship."""
        return tuple(
            Choice(name, self.said(name, language), self.said(name, reader), self.state(name, language))
            for name in self.known
        )

    def state(self, name: str, language: str) -> State:
        """Raises KeyError for no phrase."""
        phrase = self.known[name]
        if language == SOURCE:
            return "own"
        if language in phrase.words:
            return "reviewed" if language in phrase.reviewed else "draft"
        if not self._shipped(name, phrase, language):
            return "missing"
        return "reviewed" if self.catalogues.languages[language].status == "released" else "draft"

    def _shipped(self, name: str, phrase: Phrase, language: str) -> str:
        return self.catalogues.text(language, PREFIX + name, "") if phrase.shipped else ""
