"""All phrases of all languages as sets of bits, so that the ones a message could hold are found by a few intersections.

Each language has a shelf, and each phrase a number on it. A set of phrases is a whole number with those bits; `table`
gives for a word, shelf by shelf, one such set for each part of a phrase that it can stand in, one behind the other (the
set for part k is shifted by k times the number of phrases). A message's words are joined by `|`; a phrase is possible
where all of its parts are in the joined sets. Shelves keep the numbers short: they grow with a language's phrases, not
with those of all.

Four words of five stand in a few places only. Such a set is kept as its numbers, a fifth the size: see `_packed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from flows.engine.model import Tier
from flows.safety.danger_lexicon import Entry, Lexicon
from flows.safety.danger_message import bits
from flows.safety.danger_phrase import MAX_PARTS, Part, Phrase, Run, Words
from flows.safety.danger_spelling import Hashed, Spelling

Places = tuple[int, ...]  # number of a shelf, set of phrases there, and so on for each shelf that has any

PACKED = 8  # up to so many places are kept as their numbers
NUMBER_BITS = 16  # of such a number: 13,000 phrases a language

NO_DANGER = Entry("", "P3", "", "", "P3")  # what idioms and signs of time name
URGENCY: dict[Tier, int] = {"P0": 0, "P1": 1, "P2": 2, "P3": 3}


@dataclass(frozen=True, slots=True)
class Said:
    """A phrase, and what it does in its language: name a danger, or take weight from one."""

    phrase: Phrase
    role: Literal["danger", "unless", "idiom", "past", "imagined"]
    entry: Entry = NO_DANGER
    denials: Part | None = (
        None  # the words and runs of its own that deny: "cannot breathe" is not undone by its "cannot"
    )


class Shelf:
    """One language's phrases, dangers first, the most urgent of them before the others; and sets of their numbers."""

    def __init__(self, lexicon: Lexicon, entries: Mapping[str, Entry]) -> None:
        """Raises KeyError for a phrase of an unknown entry."""
        self.lexicon = lexicon
        self.said = _in_order(lexicon, entries)
        self._one_part = (1 << len(self.said)) - 1
        self._shifts = [part * len(self.said) for part in range(1, MAX_PARTS)]
        self.dangers, self.idioms, self.past, self.imagined = (
            self._set(said.role == role for said in self.said) for role in ("danger", "idiom", "past", "imagined")
        )
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

    def complete(self, places: int) -> int:
        """The phrases of which each part is in the joined sets of a message's words and `absent`."""
        whole = places & self._one_part
        if whole:
            places |= self.absent
            for shift in self._shifts:
                whole &= places >> shift
        return whole

    def _set(self, members: Iterable[bool]) -> int:
        return bits([number for number, member in enumerate(members) if member])

    def table(self) -> dict[str, int]:
        """For each word of the language the set of what it can be part of.

        Very many phrases share a part's words: each set of words is gone through once, with all places where it stands.
        """
        shared: dict[Words, list[int]] = {}
        found = dict.fromkeys(_known(self.lexicon), 0)
        for number, said in enumerate(self.said):
            for part, each in enumerate(said.phrase.parts):
                for words in each.sets:
                    shared.setdefault(words, []).append(part * len(self.said) + number)
                for run in each.runs:
                    shared.setdefault((_sign(run),), []).append(part * len(self.said) + number)
                    for word in run:
                        found.setdefault(word, 0)
        for words, numbers in shared.items():
            places = bits(numbers)
            for word in words:
                found[word] = found.get(word, 0) | places
        return found


class Index:
    """Every table that reading a message needs, built once. Raises KeyError for a phrase of an unknown entry."""

    def __init__(self, entries: Iterable[Entry], lexicons: Iterable[Lexicon]) -> None:
        described = {entry.id: entry for entry in entries}
        self.shelves = tuple(Shelf(lexicon, described) for lexicon in lexicons)
        lexicons = [shelf.lexicon for shelf in self.shelves]
        table = _table(self.shelves)
        dangers, by_ear, denials = _vocabularies(self.shelves)
        alike = dict.fromkeys(pair for lexicon in lexicons for pair in lexicon.alike)
        self.spelling = Spelling(dangers | denials, by_ear, alike, table)
        self.joined = Joined(lexicons)
        self.same = _same(table, self.spelling.alike, self.joined)
        joined = {word: _union(table, same) for word, same in self.same.items()}
        table.update(joined)
        self.table: Mapping[str, Places] = table
        self.ordinary = Hashed(word for lexicon in lexicons for word in lexicon.ordinary.split())

    def possible(self, known: Iterable[Places]) -> tuple[int, ...]:
        """Shelf by shelf the phrases of which each part is in the sets of a message's words."""
        places = [0] * len(self.shelves)
        for word in known:
            for at in range(0, len(word), 2):
                found = word[at + 1]
                places[word[at]] |= found if found >= 0 else _unpacked(found)
        return tuple(shelf.complete(found) if found else 0 for shelf, found in zip(self.shelves, places, strict=True))

    def alone(self, most: int) -> frozenset[str]:
        """The words of at most `most` letters that are a danger by themselves."""
        lone = (
            said.phrase.parts[0].sets
            for shelf in self.shelves
            for said in shelf.said
            if said.role == "danger" and len(said.phrase.parts) == 1
        )
        return frozenset(word for sets in lone for words in sets for word in words if len(word) <= most)


def _table(shelves: Sequence[Shelf]) -> dict[str, Places]:
    """The forms of a word stand in the same phrases: their sets are one tuple. Small sets are packed."""
    found: dict[str, Places] = {}
    for number, shelf in enumerate(shelves):
        one: dict[int, int] = {}
        for word, places in shelf.table().items():
            if places not in one:
                one[places] = _packed(places)
            found[word] = (*found.get(word, ()), number, one[places])
    kept: dict[Places, Places] = {}
    return {word: kept.setdefault(places, places) for word, places in found.items()}


def _known(lexicon: Lexicon) -> frozenset[str]:
    """Words that are no danger, but must not be taken for misspelt ones either."""
    denial = lexicon.negation
    return frozenset[str]().union(
        denial.cues, denial.through, denial.subjects, denial.unsure, lexicon.present, lexicon.fillers, lexicon.pronouns
    )


def _vocabularies(shelves: Iterable[Shelf]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The words of dangers, the words that are written by ear, and the words that deny."""
    dangers, by_ear, denials = set[str](), set[str](), set[str]()
    for shelf in shelves:
        denials |= shelf.lexicon.negation.cues
        for each in shelf.said:
            if each.role == "danger":
                dangers |= each.phrase.vocabulary
            if shelf.lexicon.alike:
                by_ear |= each.phrase.vocabulary
    return frozenset(dangers), frozenset(by_ear), frozenset(denials)


def _union(table: Mapping[str, Places], words: Iterable[str]) -> Places:
    places: dict[int, int] = {}
    for word in words:
        each = table[word]
        for shelf, found in zip(each[::2], each[1::2], strict=True):
            places[shelf] = places.get(shelf, 0) | (found if found >= 0 else _unpacked(found))
    return tuple(each for shelf, found in places.items() for each in (shelf, _packed(found)))


def _packed(places: int) -> int:
    """A set of few places as their numbers one behind the other, below zero so as not to be taken for a set."""
    if places.bit_count() > PACKED:
        return places
    packed = 0
    for place in members(places):
        packed = packed << NUMBER_BITS | place + 1
    return -packed


def _unpacked(packed: int) -> int:
    packed, places = -packed, 0
    while packed:
        places |= 1 << (packed & ((1 << NUMBER_BITS) - 1)) - 1
        packed >>= NUMBER_BITS
    return places


def members(numbers: int) -> Iterator[int]:
    """The numbers of the phrases in a set, smallest first: the most urgent first."""
    while numbers:
        yield (numbers & -numbers).bit_length() - 1
        numbers &= numbers - 1


def _sign(run: Run) -> str:
    """A word that is there wherever the run is: its longest, as the rarest."""
    return max(run, key=len)


def _in_order(lexicon: Lexicon, entries: Mapping[str, Entry]) -> tuple[Said, ...]:
    """Dangers by urgency, then what takes weight from them."""
    cues = lexicon.negation.cues
    dangers = [Said(phrase, "danger", entries[entry], _denials(phrase, cues)) for entry, phrase in lexicon.phrases]
    return (
        *sorted(dangers, key=lambda said: URGENCY[said.entry.tier]),
        *(Said(phrase, "unless", entries[entry]) for entry, phrase in lexicon.unless),
        *(Said(phrase, "idiom") for phrase in lexicon.idioms),
        *(Said(phrase, "past") for phrase in lexicon.past),
        *(Said(phrase, "imagined") for phrase in lexicon.imagined),
    )


def _denials(phrase: Phrase, cues: frozenset[str]) -> Part | None:
    words = cues.intersection(word for part in phrase.parts for words in part.sets for word in words)
    runs = tuple(run for part in phrase.parts for run in part.runs if not cues.isdisjoint(run))
    return Part((words,), runs) if words or runs else None


class Joined:
    """What languages write on to a word: the Arabic "and", the French "l'". `apart` finds the danger word in it."""

    def __init__(self, lexicons: Iterable[Lexicon]) -> None:
        self._languages = [
            (_danger_words(lexicon), lexicon.prefixes, lexicon.suffixes)
            for lexicon in lexicons
            if lexicon.prefixes or lexicon.suffixes
        ]

    def apart(self, word: str) -> tuple[str, ...]:
        """The danger words that `word` is, with something written on to it; mostly none."""
        found: dict[str, None] = {}
        for words, prefixes, suffixes in self._languages:
            if word.startswith(prefixes):
                rest = (word.removeprefix(prefix) for prefix in prefixes if word.startswith(prefix))
                found.update(dict.fromkeys(one for one in rest if one in words))
            if suffixes and word.endswith(suffixes):
                rest = (word.removesuffix(suffix) for suffix in suffixes if word.endswith(suffix))
                found.update(dict.fromkeys(one for one in rest if one in words))
        return tuple(found)


def _danger_words(lexicon: Lexicon) -> frozenset[str]:
    return lexicon.negation.cues.union(*(phrase.vocabulary for _, phrase in lexicon.phrases))


def _same(
    table: Mapping[str, Places], alike: Mapping[str, tuple[str, ...]], joined: Joined
) -> dict[str, tuple[str, ...]]:
    """Danger words that stand for others too: those that sound the same, those that are another with a prefix.

    Only in scripts of their own: in Latin letters "in" must not become the Welsh "i" with an article.
    """
    same = {word: (word, *base) for word in table if not word.isascii() and (base := joined.apart(word))}
    return {word: (*same.get(word, ()), *alike.get(word, ())) for word in {*same, *alike}}
