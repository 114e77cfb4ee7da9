"""All phrases of all languages as whole numbers, as they are kept on disk and in memory: two bytes a number.

Words that stand in the same choices, and in no run, are told apart by no phrase: they are kin, and share a number. A
choice is what may stand in one place of a phrase: single words, by their kin, and runs of words. A phrase is a row of
choices with their gaps. It becomes an object only while it is followed.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import NamedTuple

from flows.safety.danger_lexicon import URGENCY, Entry, Lexicon
from flows.safety.danger_phrase import Part, Phrase, Run

FROM_START, TO_END = 1, 2
_SHORT = 1 << 16


class Rows:
    """Rows of whole numbers below four billion, one behind the other: row n is `numbers[ends[n]:ends[n + 1]]`.

    Where a call for each row would be felt, that is written out.
    """

    def __init__(self, rows: Iterable[Sequence[int]]) -> None:
        ends = [0]
        numbers = array("I")
        for row in rows:
            numbers.extend(row)
            ends.append(len(numbers))
        self.numbers = array("H", numbers) if max(numbers, default=0) < _SHORT else numbers
        self.ends = array("I", ends)

    def __len__(self) -> int:
        return len(self.ends) - 1

    def __getitem__(self, row: int) -> array[int]:
        """Raises IndexError beyond the last."""
        return self.numbers[self.ends[row] : self.ends[row + 1]]


class Said(NamedTuple):
    """A phrase, opened to be followed: `parts` are (gap, choice), `bound` is FROM_START, TO_END, both or 0.

    `denials` is the choice of its own words that deny, -1 for none: "cannot breathe" is not undone by its "cannot".
    """

    parts: tuple[tuple[int, int], ...]
    bound: int
    denials: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """One language: its phrases by number, dangers first and the most urgent of them before the others; its words.

    A phrase is a row: where it is bound, the choice of its denials plus one, then gap and choice for each part. Each
    kind of phrase is a range of numbers; `entries` has the number of the entry for `dangers` and `unless`. `present`
    to `fillers` are choices of single words, see `Lexicon`.
    """

    language: str
    phrases: Rows
    entries: array[int]
    dangers: range
    unless: range
    idioms: range
    past: range
    imagined: range
    present: int
    cues: int
    through: int
    subjects: int
    unsure: int
    pronouns: int
    fillers: int
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
    alike: tuple[tuple[str, str], ...]

    def said(self, number: int) -> Said:
        row = self.phrases[number]
        return Said(tuple(zip(row[2::2], row[3::2], strict=True)), row[0], row[1] - 1)

    def choices(self, number: int) -> array[int]:
        """What may stand in each part of a phrase, part by part."""
        return self.phrases[number][3::2]


@dataclass(frozen=True, slots=True)
class Book:
    """Everything the reader is compiled from.

    `words` are those of all kin one behind the other, of kin n up to number `ends[n]`; `ordinary` are right spellings
    of all languages that must not be taken for misspelt ones; both in UTF-8 with a space between.

    A choice is a row: where its single words end and where the signs of its runs end; the kin of both, each in order;
    then for each run how many words it has, and their kin. The sign of a run is its longest word, as the rarest.
    """

    entries: tuple[Entry, ...]
    words: bytes
    ends: array[int]
    ordinary: bytes
    choices: Rows
    shelves: tuple[Shelf, ...]

    def singles(self, choice: int) -> array[int]:
        row = self.choices[choice]
        return row[2 : row[0]]

    def heads(self, choice: int) -> array[int]:
        """Kin of which one is in the message wherever the choice is: its single words, then the signs of its runs."""
        row = self.choices[choice]
        return row[2 : row[1]]

    def words_of(self, choice: int) -> set[int]:
        """The kin of all its words, in runs too."""
        row = self.choices[choice]
        found, at = set(row[2 : row[0]]), row[1]
        while at < len(row):
            run, at = at + 1, at + row[at] + 1
            found.update(row[run:at])
        return found

    def marked(self, choices: Iterable[int]) -> bytearray:
        """A byte for each kin: 1 where its words stand in any of these choices, in runs too."""
        marks = bytearray(len(self.ends))
        for choice in set(choices):
            for kin in self.words_of(choice):
                marks[kin] = 1
        return marks


def bind(entries: Iterable[Entry], lexicons: Iterable[Lexicon]) -> Book:
    """Raises KeyError for a phrase of an entry that is not among `entries`."""
    binding = _Binding(entries)
    lexicons = tuple(lexicons)
    shelves = tuple(map(binding.shelf, lexicons))
    lines = binding.kin()
    return Book(
        binding.entries,
        " ".join(chain.from_iterable(lines)).encode(),
        array("I", accumulate(map(len, lines))),
        " ".join(lexicon.ordinary for lexicon in lexicons).encode(),
        binding.rows(lines),
        shelves,
    )


class _Binding:
    """Numbers what it meets, in the order in which it meets it; the same choice in two languages has one number."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._entry = {entry.id: number for number, entry in enumerate(self.entries)}
        self._choices: dict[tuple[frozenset[str], frozenset[Run]], int] = {}

    def shelf(self, lexicon: Lexicon) -> Shelf:
        denial = lexicon.negation
        dangers = sorted(lexicon.phrases, key=lambda named: URGENCY[self.entries[self._entry[named[0]]].tier])
        others = (lexicon.idioms, lexicon.past, lexicon.imagined)
        ends = list(accumulate(map(len, (dangers, lexicon.unless, *others)), initial=0))
        rows = [self._row(phrase, denial.cues) for _, phrase in dangers]
        rows += [self._row(phrase) for _, phrase in lexicon.unless]
        rows += [self._row(phrase) for phrases in others for phrase in phrases]
        return Shelf(
            language=lexicon.language,
            phrases=Rows(rows),
            entries=array("H", [self._entry[entry] for entry, _ in (*dangers, *lexicon.unless)]),
            dangers=range(ends[0], ends[1]),
            unless=range(ends[1], ends[2]),
            idioms=range(ends[2], ends[3]),
            past=range(ends[3], ends[4]),
            imagined=range(ends[4], ends[5]),
            present=self._choice(lexicon.present),
            cues=self._choice(denial.cues),
            through=self._choice(denial.through),
            subjects=self._choice(denial.subjects),
            unsure=self._choice(denial.unsure),
            pronouns=self._choice(lexicon.pronouns),
            fillers=self._choice(lexicon.fillers),
            prefixes=lexicon.prefixes,
            suffixes=lexicon.suffixes,
            alike=lexicon.alike,
        )

    def kin(self) -> list[list[str]]:
        """The words, kin by kin."""
        stands: dict[str, list[int | str]] = {}
        for (singles, runs), number in self._choices.items():
            for word in singles:
                stands.setdefault(word, []).append(number)
            for word in frozenset(chain.from_iterable(runs)):
                stands.setdefault(word, []).append(word)  # a run says which word: this one has no kin but itself
        lines: dict[tuple[int | str, ...], list[str]] = {}
        for word in sorted(stands):
            lines.setdefault(tuple(stands[word]), []).append(word)
        return list(lines.values())

    def rows(self, lines: Iterable[Iterable[str]]) -> Rows:
        """The choices, given the words kin by kin."""
        kin = {word: number for number, line in enumerate(lines) for word in line}
        return Rows(self._numbered(kin, *choice) for choice in self._choices)

    def _numbered(self, kin: Mapping[str, int], singles: frozenset[str], runs: frozenset[Run]) -> list[int]:
        own = sorted({kin[word] for word in singles})
        signs = sorted({kin[max(run, key=len)] for run in runs})
        row = [2 + len(own), 2 + len(own) + len(signs), *own, *signs]
        for run in sorted(runs):
            row += [len(run), *map(kin.__getitem__, run)]
        return row

    def _row(self, phrase: Phrase, cues: frozenset[str] = frozenset()) -> list[int]:
        bound = FROM_START * phrase.from_start | TO_END * phrase.to_end
        words = cues.intersection(word for part in phrase.parts for words in part.sets for word in words)
        runs = frozenset(run for part in phrase.parts for run in part.runs if not cues.isdisjoint(run))
        denials = self._choice(words, runs) + 1 if words or runs else 0
        return [bound, denials, *chain.from_iterable((part.gap, self._part(part)) for part in phrase.parts)]

    def _part(self, part: Part) -> int:
        return self._choice(frozenset(chain.from_iterable(part.sets)), frozenset(part.runs))

    def _choice(self, singles: frozenset[str], runs: frozenset[Run] = frozenset()) -> int:
        return self._choices.setdefault((singles, runs), len(self._choices))
