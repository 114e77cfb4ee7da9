"""All phrases of all languages as sets of bits, so that the ones a message could hold are found by a few intersections.

Each phrase has a number. A set of phrases is a whole number with those bits; `table` gives for a word one such set for
each part of a phrase that it can stand in, one behind the other (the set for part k is shifted by k times the number of
phrases). A message's words are joined by `|`; a phrase is possible where all of its parts are in the joined sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from flows.engine.model import Tier
from flows.safety.danger_lexicon import Entry, Lexicon
from flows.safety.danger_message import bits
from flows.safety.danger_phrase import MAX_PARTS, Part, Phrase
from flows.safety.danger_spelling import Spelling

NO_DANGER = Entry("", "P3", "", "", "P3")  # what idioms and signs of time name
URGENCY: dict[Tier, int] = {"P0": 0, "P1": 1, "P2": 2, "P3": 3}


@dataclass(frozen=True, slots=True)
class Said:
    """A phrase in its language, and what it does there: name a danger, or take weight from one."""

    phrase: Phrase
    lexicon: Lexicon
    role: Literal["danger", "unless", "idiom", "past", "imagined"]
    entry: Entry = NO_DANGER
    denials: Part | None = (
        None  # the words and runs of its own that deny: "cannot breathe" is not undone by its "cannot"
    )


class Index:
    """Every table that reading a message needs, built once. Raises KeyError for a phrase of an unknown entry."""

    def __init__(self, entries: Iterable[Entry], lexicons: Iterable[Lexicon]) -> None:
        self.lexicons = tuple(lexicons)
        self.said = _in_order({entry.id: entry for entry in entries}, self.lexicons)
        self._one_part = (1 << len(self.said)) - 1
        self.dangers, self.idioms, self.past, self.imagined = (
            self._set(said.role == role for said in self.said) for role in ("danger", "idiom", "past", "imagined")
        )
        self.languages = {
            lexicon.language: self._set(said.lexicon is lexicon for said in self.said) for lexicon in self.lexicons
        }
        self.unless = {
            entry: self._set(said.role == "unless" and said.entry.id == entry for said in self.said)
            for entry in {said.entry.id for said in self.said if said.role == "unless"}
        }
        self.absent = bits(
            [
                part * len(self.said) + number
                for number, said in enumerate(self.said)
                for part in range(len(said.phrase.parts), MAX_PARTS)
            ]
        )
        table = self._table()
        dangers, by_ear, denials = _vocabularies(self.said, self.lexicons)
        alike = dict.fromkeys(pair for lexicon in self.lexicons for pair in lexicon.alike)
        self.spelling = Spelling(dangers | denials, by_ear, alike)
        self.joined = _joined(self.lexicons)
        self.same = _same(table, self.spelling.alike, self.joined)
        self.table = table | {word: _union(table, same) for word, same in self.same.items()}
        self.ordinary = frozenset[str]().union(*(lexicon.ordinary for lexicon in self.lexicons)) - self.table.keys()

    def complete(self, places: int) -> int:
        """The phrases of which each part is in the joined sets of a message's words and `absent`."""
        whole = places
        for part in range(1, MAX_PARTS):
            whole &= places >> part * len(self.said)
        return whole & self._one_part

    def alone(self, most: int) -> frozenset[str]:
        """The words of at most `most` letters that are a danger by themselves."""
        lone = (
            said.phrase.parts[0].words for said in self.said if said.role == "danger" and len(said.phrase.parts) == 1
        )
        return frozenset(word for words in lone for word in words if len(word) <= most)

    def _set(self, members: Iterable[bool]) -> int:
        return bits([number for number, member in enumerate(members) if member])

    def _table(self) -> dict[str, int]:
        places: dict[str, list[int]] = {word: [] for lexicon in self.lexicons for word in _known(lexicon)}
        for number, said in enumerate(self.said):
            for part, each in enumerate(said.phrase.parts):
                for word in each.vocabulary:
                    places.setdefault(word, [])
                for word in _signs(each):
                    places[word].append(part * len(self.said) + number)
        one: dict[int, int] = {}  # the forms of a word stand in the same phrases: their sets are one number
        return {word: one.setdefault(found := bits(numbers), found) for word, numbers in places.items()}


def _known(lexicon: Lexicon) -> frozenset[str]:
    """Words that are no danger, but must not be taken for misspelt ones either."""
    denial = lexicon.negation
    return frozenset[str]().union(
        denial.cues, denial.through, denial.subjects, denial.unsure, lexicon.present, lexicon.fillers, lexicon.pronouns
    )


def _vocabularies(
    said: Iterable[Said], lexicons: Iterable[Lexicon]
) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The words of dangers, the words that are written by ear, and the words that deny."""
    dangers, by_ear = set[str](), set[str]()
    for each in said:
        words = each.phrase.vocabulary
        if each.role == "danger":
            dangers |= words
        if each.lexicon.alike:
            by_ear |= words
    denials = frozenset[str]().union(*(lexicon.negation.cues for lexicon in lexicons))
    return frozenset(dangers), frozenset(by_ear), denials


def _union(table: Mapping[str, int], words: Iterable[str]) -> int:
    places = 0
    for word in words:
        places |= table[word]
    return places


def members(numbers: int) -> Iterator[int]:
    """The numbers of the phrases in a set, smallest first: the most urgent first."""
    while numbers:
        yield (numbers & -numbers).bit_length() - 1
        numbers &= numbers - 1


def _signs(part: Part) -> Iterator[str]:
    """Words of which one is there wherever the part is; of a run its longest word, as the rarest."""
    yield from part.words
    for run in part.runs:
        yield max(run, key=len)


def _in_order(entries: Mapping[str, Entry], lexicons: Iterable[Lexicon]) -> tuple[Said, ...]:
    """Dangers by urgency, then what takes weight from them."""
    dangers: list[Said] = []
    others: list[Said] = []
    for lexicon in lexicons:
        dangers += (
            Said(phrase, lexicon, "danger", entries[entry], _denials(phrase, lexicon.negation.cues))
            for entry, phrase in lexicon.phrases
        )
        others += (Said(phrase, lexicon, "unless", entries[entry]) for entry, phrase in lexicon.unless)
        others += (Said(phrase, lexicon, "idiom") for phrase in lexicon.idioms)
        others += (Said(phrase, lexicon, "past") for phrase in lexicon.past)
        others += (Said(phrase, lexicon, "imagined") for phrase in lexicon.imagined)
    return (*sorted(dangers, key=lambda said: URGENCY[said.entry.tier]), *others)


def _denials(phrase: Phrase, cues: frozenset[str]) -> Part | None:
    words = cues.intersection(word for part in phrase.parts for word in part.words)
    runs = tuple(run for part in phrase.parts for run in part.runs if not cues.isdisjoint(run))
    return Part(words, runs) if words or runs else None


def _joined(lexicons: Iterable[Lexicon]) -> dict[str, tuple[str, ...]]:
    """Danger words with what their language writes on to them, as Arabic writes "and", to the word itself."""
    found: dict[str, tuple[str, ...]] = {}
    for lexicon in lexicons:
        if lexicon.prefixes or lexicon.suffixes:
            for word in sorted(lexicon.negation.cues.union(*(phrase.vocabulary for _, phrase in lexicon.phrases))):
                found.update((prefix + word, (word,)) for prefix in lexicon.prefixes)
                found.update((word + suffix, (word,)) for suffix in lexicon.suffixes)
    return found


def _same(
    table: Mapping[str, int], alike: Mapping[str, tuple[str, ...]], joined: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Danger words that stand for others too: those that sound the same, those that are another with a prefix.

    Only in scripts of their own: in Latin letters "in" must not become the Welsh "i" with an article.
    """
    same = {word: (word, *base) for word, base in joined.items() if word in table and not word.isascii()}
    return {word: (*same.get(word, ()), *alike.get(word, ())) for word in {*same, *alike}}
