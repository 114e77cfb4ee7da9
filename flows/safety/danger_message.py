"""One message laid out so that phrases are followed at all its places at once: a set of places is the bits of a number.

Bit 0 is the first word. Shifting a set by one moves every place of it to the next word, so the work of following a
phrase depends on the phrase, not on how often the message nearly says it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from flows.safety.danger_book import FROM_START, TO_END, Book, Said, Shelf
from flows.text.canonical import MAX_READ, words

NEGATION_REACH = 5  # words from a denial to what it denies: "does not (have) (got) (any) (of) (his) knives"
UNSURE_REACH = 4  # words from "if", "says", "sure" to the denial that they make uncertain
TIME_REACH = 10  # words either side of "last year"; further apart they belong to two thoughts
_FEW = 8  # up to here single shifts are faster
_SEARCHED = 5  # times as many words in a choice as in the message: then the message's are searched in it
FILLER_RUN = 2  # "so fucking really": more than two in a row are left to the gaps
_CLAUSE, _SENTENCE = "☇", "☈"  # stand for punctuation: canonical keeps signs like these as words of their own
_PUNCTUATION = str.maketrans(dict.fromkeys(",;:،؛—–()", _CLAUSE) | dict.fromkeys(".!?\n\r…؟。", _SENTENCE))


def spoken(text: str) -> tuple[str, ...]:
    """The canonical words of `text`, however long: `canonical.words` looks at its first MAX_READ characters only."""
    if len(text) <= MAX_READ:
        return words(text)
    found: list[str] = []
    while text:
        cut = text.rfind(" ", 1, MAX_READ) if len(text) > MAX_READ else len(text)
        cut = cut if cut > 0 else MAX_READ
        found += words(text[:cut])
        text = text[cut:]
    return tuple(found)


def bits(places: Sequence[int]) -> int:
    """The set of these places. Made of bytes: thousands of shifts of long numbers take a while."""
    if len(places) < _FEW:
        found = 0
        for place in places:
            found |= 1 << place
        return found
    held = bytearray(max(places) // 8 + 1)
    for place in places:
        held[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(held, "little")


Found = tuple[int, tuple[tuple[int, int], ...]]


class Message:
    """Where each danger word stands in one message, and which places are denied or far from now."""

    def __init__(self, book: Book, text: str, said: Sequence[str], at: Mapping[int, int]) -> None:
        """`said` are the words of `text`, `at` the places of each kin that they stand for."""
        self._rows, self._text, self._said, self._at = book.choices, text, said, at
        self.everywhere = (1 << len(said)) - 1
        self.steps = 0  # parts followed so far, the measure of work
        self._choices: dict[int, Found] = {}
        self._breaks: tuple[int, int] | None = None

    def places(self, choice: int) -> int:
        """Where any single word of a choice stands."""
        return self.choice(choice)[0]

    def choice(self, choice: int) -> Found:
        """Where single words of it stand; for each length of its runs, that length and where runs of it start."""
        return self._choices.get(choice) or self._find(choice)

    def _find(self, choice: int) -> Found:
        at, numbers, row = self._at, self._rows.numbers, self._rows.ends[choice]
        first, singles, signs = row + 2, row + numbers[row], row + numbers[row + 1]
        places = 0
        if singles - first < _SEARCHED * len(at):
            for kin in numbers[first:singles]:
                if kin in at:
                    places |= at[kin]
        else:
            for kin in at:
                if numbers[bisect_left(numbers, kin, first, singles - 1)] == kin:
                    places |= at[kin]
        runs: tuple[tuple[int, int], ...] = ()
        if singles != signs and not at.keys().isdisjoint(numbers[singles:signs]):
            runs = self._find_runs(numbers[signs : self._rows.ends[choice + 1]])
        found = self._choices[choice] = (places, runs)
        return found

    def _find_runs(self, runs: Sequence[int]) -> tuple[tuple[int, int], ...]:
        starts: dict[int, int] = {}
        end = 0
        while end < len(runs):
            length, first, end = runs[end], end + 1, end + runs[end] + 1
            if runs[first] in self._at and runs[end - 1] in self._at:
                starts[length] = starts.get(length, 0) | self._starts_of(runs[first:end])
        return tuple((length, start) for length, start in starts.items() if start)

    def _starts_of(self, run: Iterable[int]) -> int:
        starts = self.everywhere
        for offset, kin in enumerate(run):
            starts &= self._at.get(kin, 0) >> offset
        return starts

    def words(self, start: int, end: int) -> str:
        return " ".join(self._said[start : end + 1])

    # where clauses and sentences begin

    @property
    def clause_starts(self) -> int:
        return self._punctuation()[0]

    @property
    def sentence_starts(self) -> int:
        return self._punctuation()[1]

    @property
    def sentence_ends(self) -> int:
        return (self.sentence_starts >> 1) | 1 << (len(self._said) - 1)

    def _punctuation(self) -> tuple[int, int]:
        """Found only when asked for, which is seldom. Where the count is off, every word begins a clause."""
        if self._breaks is None:
            clauses, sentences, place = 1, 1, 0
            for word in spoken(self._text.translate(_PUNCTUATION)):
                if word == _CLAUSE:
                    clauses |= 1 << place
                elif word == _SENTENCE:
                    sentences |= 1 << place
                else:
                    place += 1
            if place != len(self._said):
                clauses, sentences = self.everywhere, 1
            self._breaks = ((clauses | sentences) & self.everywhere, sentences & self.everywhere)
        return self._breaks

    # which places do not count in full

    def denied(self, shelf: Shelf, spare: int = 0) -> int:
        """The places that a denial in this language clearly reaches, except denials at the places `spare`."""
        cues = self.places(shelf.cues) & ~spare
        if not cues:
            return 0
        unsure = self.places(shelf.unsure)
        for _ in range(UNSURE_REACH if unsure else 0):
            unsure |= unsure << 1
        step, reached, same_clause = cues & ~unsure, 0, ~self.clause_starts
        through = self.places(shelf.through) | cues
        for _ in range(NEGATION_REACH):
            step = (step << 1) & same_clause
            reached |= step
            step &= through
        return reached & self.everywhere & ~self.places(shelf.subjects) & ~self.places(shelf.pronouns)

    def around(self, cues: int, present: int = 0) -> int:
        """The places within TIME_REACH of a cue, in sentences with a cue and without a word of the present."""
        reach = cues
        for _ in range(TIME_REACH):
            reach |= reach << 1 | reach >> 1
        found, starts = 0, self.sentence_starts
        while starts:
            first = starts & -starts
            starts ^= first
            sentence = ((starts & -starts) or self.everywhere + 1) - first
            if sentence & cues and not sentence & present:
                found |= sentence & reach
        return found

    # following a phrase

    def follow(self, phrase: Said, denied: int = 0, fillers: int = 0, idle: int = 0) -> list[int]:
        """The places where each part of `phrase` can end, part by part; the last is 0 where the phrase is not said.

        No part begins at a `denied` place. Of the last part only those ends are kept that some wording reaches which is
        not wholly at `idle` places.
        """
        ends: list[int] = []
        known, starts = self._choices, self._first(phrase)
        for gap, choice in phrase.parts:
            self.steps += 1
            if ends:
                starts = _after(ends[-1], gap, fillers) if gap or fillers else ends[-1] << 1
            singles, runs = known.get(choice) or self._find(choice)
            starts &= ~denied
            reached = starts & singles
            for length, run_starts in runs:
                reached |= (starts & run_starts) << (length - 1)
            if not reached:
                return [0]
            ends.append(reached)
        if idle:
            ends[-1] = self._awake(phrase, ends, denied, fillers, idle)
        if phrase.bound & TO_END:
            ends[-1] &= self.sentence_ends
        return ends

    def _first(self, phrase: Said) -> int:
        return self.sentence_starts if phrase.bound & FROM_START else self.everywhere

    def _awake(self, phrase: Said, ends: Sequence[int], denied: int, fillers: int, idle: int) -> int:
        """Of the ends of the last part those that some wording reaches which is not wholly at `idle` places."""
        counted = fresh = 0
        starts = self._first(phrase)
        for before, (gap, choice) in zip((0, *ends), phrase.parts, strict=False):
            if before:
                starts = _after(before, gap, fillers)
                fresh = _after(counted, gap, fillers) & ~denied if counted else 0
            starts &= ~denied
            singles, runs = self.choice(choice)
            counted = (fresh | (starts & ~idle)) & singles
            for length, run_starts in runs:
                resting = idle
                for offset in range(1, length):
                    resting &= idle >> offset
                counted |= (starts & run_starts & (fresh | ~resting)) << (length - 1)
        return counted

    def span(self, phrase: Said, ends: Sequence[int]) -> tuple[int, int]:
        """The first and last place of the phrase's first occurrence, given what `follow` returned."""
        start = last = (ends[-1] & -ends[-1]).bit_length() - 1
        for (_, choice), end in zip(reversed(phrase.parts), (None, *reversed(ends[:-1])), strict=True):
            start = start if end is None else (end & ((1 << start) - 1)).bit_length() - 1
            start = self._starts(choice, 1 << start).bit_length() - 1
        return start, last

    def anywhere(self, choice: int) -> int:
        """Every place of every occurrence of a choice."""
        return self._inside(choice, self.everywhere)

    def covered(self, phrase: Said, fillers: int) -> int:
        """Every place that belongs to some occurrence of the phrase; words in its gaps do not."""
        ends = self.follow(phrase, fillers=fillers)
        alive, found, gap = ends[-1], 0, 0
        for index in range(len(ends) - 1, -1, -1):
            before, choice = phrase.parts[index]
            if index < len(ends) - 1:
                alive = ends[index] & _before(alive, gap, fillers)
            found |= self._inside(choice, alive)
            alive, gap = self._starts(choice, alive), before
        return found

    def _starts(self, choice: int, ends: int) -> int:
        """Where the occurrences of a choice that end at `ends` start."""
        singles, runs = self.choice(choice)
        found = ends & singles
        for length, run_starts in runs:
            found |= (ends >> (length - 1)) & run_starts
        return found

    def _inside(self, choice: int, ends: int) -> int:
        """Every place of the occurrences of a choice that end at `ends`."""
        singles, runs = self.choice(choice)
        found = ends & singles
        for length, run_starts in runs:
            starts = (ends >> (length - 1)) & run_starts
            for offset in range(length):
                found |= starts << offset
        return found


def _after(ends: int, gap: int, fillers: int) -> int:
    """Where the next part may start: after at most `gap` other words, fillers not counted."""
    starts = step = ends << 1
    for _ in range(gap):
        step <<= 1
        starts |= step
    for _ in range(FILLER_RUN if fillers else 0):
        starts |= (starts & fillers) << 1
    return starts


def _before(starts: int, gap: int, fillers: int) -> int:
    """Where the part before may end: `_after`, read backwards."""
    ends = step = starts >> 1
    for _ in range(gap):
        step >>= 1
        ends |= step
    for _ in range(FILLER_RUN if fillers else 0):
        ends |= (ends & fillers) >> 1
    return ends
