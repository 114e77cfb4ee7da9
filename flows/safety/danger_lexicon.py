"""The data that the reader of danger words is compiled from: what is dangerous, and how a language says it."""

from __future__ import annotations

from dataclasses import dataclass

from flows.engine.model import Tier
from flows.safety.danger_phrase import Phrase

URGENCY: dict[Tier, int] = {"P0": 0, "P1": 1, "P2": 2, "P3": 3}


@dataclass(frozen=True, slots=True)
class Entry:
    """One danger, the same in every language. `lowered` is its tier where it is clearly past or only imagined."""

    id: str
    tier: Tier
    meaning: str
    says: str
    lowered: Tier


@dataclass(frozen=True, slots=True)
class Negation:
    """How a language denies. All words are single and canonical.

    A `cue` denies the word after it, and goes on through words of `through`; pronouns and words of `subjects` begin a
    new thought; after a word of `unsure` a cue denies nothing for certain ("if he does not kill me first").
    """

    cues: frozenset[str] = frozenset()
    through: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """How one language says the entries, and how it denies, remembers, imagines and jokes."""

    language: str
    phrases: tuple[tuple[str, Phrase], ...]  # (entry id, phrase)
    unless: tuple[tuple[str, Phrase], ...] = ()  # (entry id, phrase whose words are no part of that danger)
    idioms: tuple[Phrase, ...] = ()
    past: tuple[Phrase, ...] = ()
    imagined: tuple[Phrase, ...] = ()
    present: frozenset[str] = frozenset()
    negation: Negation = Negation()
    pronouns: frozenset[str] = frozenset()  # begin a new thought for a denial; weigh nothing beside an idiom
    fillers: frozenset[str] = frozenset()  # words that may stand anywhere inside a phrase: "fucking", "just"
    ordinary: str = ""  # right spellings that are one letter from a danger word, with a space between: "shouting"
    prefixes: tuple[str, ...] = ()  # written on to the next word: the Arabic "and"
    suffixes: tuple[str, ...] = ()  # written on to the word before: the Welsh article
    alike: tuple[tuple[str, str], ...] = ()  # (written, read) in Latin letters; makes their vowels free
