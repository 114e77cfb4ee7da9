"""All phrases of all languages as whole numbers, as they are kept on disk and in memory: two bytes a number.

Words that stand in the same choices and in no run can never be told apart by a phrase: they are kin, and have one number.
A choice is what may stand in one place of a phrase: single words as kin, and runs of words. A phrase is a row of choices
with their gaps. Nothing is made into objects before a message nearly says it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import NamedTuple

from flows.safety.danger_lexicon import URGENCY, Entry, Lexicon
from flows.safety.danger_phrase import MAX_GAP, Part, Phrase, Run

_FROM_START, _TO_END = 1, 2
_GAPS = MAX_GAP + 1
_SHORT = 1 << 16


class Rows:
    """Rows of whole numbers below four billion, one behind the other: row n is `numbers[ends[n]:ends[n + 1]]`.

    What reads them thousands of times a second writes that out itself.
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
    """A phrase, opened to be followed: `parts` are (gap, choice). `from_start` and `to_end` bind it to a sentence.

    `denials` is the choice of its own words that deny: "cannot breathe" is not undone by its "cannot".
    """

    parts: tuple[tuple[int, int], ...]
    from_start: bool
    to_end: bool
    denials: int | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """One language: its phrases by number, dangers first and the most urgent of them before the others; its words.

    `entries` gives for a danger and for what belongs to none of a danger (`unless`) the number of the entry. Each kind of
    phrase is a range of numbers. `present` to `fillers` are choices of single words, see `Lexicon`.
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
        bound, denials, *parts = self.phrases[number]
        opened = tuple([(part % _GAPS, part // _GAPS) for part in parts])
        return Said(opened, bound & _FROM_START > 0, bound & _TO_END > 0, denials - 1 if denials else None)

    def choices(self, number: int) -> list[int]:
        """What may stand in each part of a phrase."""
        return [part // _GAPS for part in self.phrases[number][2:]]

    @property
    def known(self) -> tuple[int, ...]:
        """Words that are no danger, but must not be taken for misspelt ones either."""
        return self.cues, self.through, self.subjects, self.unsure, self.present, self.fillers, self.pronouns


@dataclass(frozen=True, slots=True)
class Book:
    """Everything the reader is compiled from.

    `words` are those of all kin one behind the other, of kin n up to number `ends[n]`; `ordinary` are right spellings of
    all languages that must not be taken for misspelt ones; both in UTF-8 with a space between.

    A choice is a row: where its single words end, where the signs of its runs end; the kin of both; then each run, how many
    words and their kin. The sign of a run is its longest word, as the rarest.
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
        """Kin of which one is in the message wherever the choice is: its single words, and the signs of its runs."""
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
        named = (*dangers, *lexicon.unless)
        others = (lexicon.idioms, lexicon.past, lexicon.imagined)
        ends = list(accumulate(map(len, (dangers, lexicon.unless, *others)), initial=0))
        rows = [
            self._row(phrase, denial.cues if at < len(dangers) else frozenset()) for at, (_, phrase) in enumerate(named)
        ]
        rows += [self._row(phrase, frozenset()) for phrases in others for phrase in phrases]
        return Shelf(
            language=lexicon.language,
            phrases=Rows(rows),
            entries=array("H", [self._entry[entry] for entry, _ in named]),
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
        signs = sorted({kin[max(run, key=len)] for run in runs}.difference(own))
        row = [2 + len(own), 2 + len(own) + len(signs), *own, *signs]
        for run in sorted(runs):
            row += [len(run), *map(kin.__getitem__, run)]
        return row

    def _row(self, phrase: Phrase, cues: frozenset[str]) -> list[int]:
        bound = _FROM_START * phrase.from_start | _TO_END * phrase.to_end
        words = cues.intersection(word for part in phrase.parts for words in part.sets for word in words)
        runs = frozenset(run for part in phrase.parts for run in part.runs if not cues.isdisjoint(run))
        denials = self._choice(words, runs) + 1 if words or runs else 0
        return [bound, denials, *(self._part(part) * _GAPS + part.gap for part in phrase.parts)]

    def _part(self, part: Part) -> int:
        return self._choice(frozenset(chain.from_iterable(part.sets)), frozenset(part.runs))

    def _choice(self, singles: frozenset[str], runs: frozenset[Run] = frozenset()) -> int:
        return self._choices.setdefault((singles, runs), len(self._choices))
