"""One message laid out so that phrases are followed at all its places at once: a set of places is the bits of a number.

Bit 0 is the first word. Shifting a set by one moves every place of it to the next word, so the work of following a
phrase depends on the phrase, not on how often the message nearly says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flows.safety.danger_lexicon import Lexicon
from flows.safety.danger_phrase import Part, Phrase, Words
from flows.text.canonical import MAX_READ, words

NEGATION_REACH = 5  # words from a denial to what it denies: "does not (have) (got) (any) (of) (his) knives"
UNSURE_REACH = 4  # words from "if", "says", "sure" to the denial that they make uncertain
TIME_REACH = 10  # words either side of "last year"; further apart they belong to two thoughts
_FEW = 8  # up to here single shifts are faster
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


class Message:
    """Where each danger word stands in one message, and which places are denied or far from now."""

    def __init__(
        self, text: str, said: Sequence[str], meant: Mapping[str, tuple[str, ...]], same: Mapping[str, tuple[str, ...]]
    ) -> None:
        """`said` are the words of `text`. They stand for what `meant` gives, else `same`, else for themselves."""
        self._text, self._said = text, said
        self.everywhere = (1 << len(said)) - 1
        self.steps = 0  # parts followed so far, the measure of work
        at: dict[str, list[int]] = {}
        for place, word in enumerate(said):
            names = meant.get(word)
            for each in same.get(word, (word,)) if names is None else names:
                at.setdefault(each, []).append(place)
        self._at = {word: bits(places) for word, places in at.items()}
        self._places: dict[int, int] = {}
        self._runs: dict[int, tuple[tuple[int, int], ...]] = {}
        self._breaks: tuple[int, int] | None = None

    def places(self, words: Words) -> int:
        """Where any of these words stands. They outlive the message, so that their id tells them apart."""
        found = self._places.get(id(words))
        if found is None:
            found, at = 0, self._at
            few, many = (at, words) if len(at) < len(words) else (words, at)
            for word in few:
                if word in many:
                    found |= at[word]
            self._places[id(words)] = found
        return found

    def placed(self, part: Part) -> int:
        """Where a single word of `part` stands."""
        found = 0
        for one_of in part.sets:
            found |= self.places(one_of)
        return found

    def runs(self, part: Part) -> tuple[tuple[int, int], ...]:
        """For each length of the runs of `part`, that length and where runs of it start."""
        found = self._runs.get(id(part.runs))  # parts of one group share their runs, and outlive the message
        if found is None:
            starts: dict[int, int] = {}
            for run in part.runs:
                if run[0] in self._at and run[-1] in self._at:
                    starts[len(run)] = starts.get(len(run), 0) | self._starts_of(run)
            found = self._runs[id(part.runs)] = tuple((length, at) for length, at in starts.items() if at)
        return found

    def _starts_of(self, run: tuple[str, ...]) -> int:
        starts = self.everywhere
        for offset, word in enumerate(run):
            starts &= self._at.get(word, 0) >> offset
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

    def denied(self, lexicon: Lexicon, spare: int = 0) -> int:
        """The places that a denial in this language clearly reaches, except denials at the places `spare`."""
        negation = lexicon.negation
        cues = self.places(negation.cues) & ~spare
        if not cues:
            return 0
        unsure = self.places(negation.unsure)
        for _ in range(UNSURE_REACH if unsure else 0):
            unsure |= unsure << 1
        step, reached, same_clause = cues & ~unsure, 0, ~self.clause_starts
        through = self.places(negation.through) | cues
        for _ in range(NEGATION_REACH):
            step = (step << 1) & same_clause
            reached |= step
            step &= through
        return reached & self.everywhere & ~self.places(negation.subjects) & ~self.places(lexicon.pronouns)

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

    def follow(self, phrase: Phrase, denied: int = 0, fillers: int = 0, idle: int = 0) -> list[int]:
        """The places where each part of `phrase` can end, part by part; the last is 0 where the phrase is not said.

        No part begins at a `denied` place. Of the last part only those ends are kept that some wording reaches which is
        not wholly at `idle` places.
        """
        ends: list[int] = []
        starts, fresh = self.sentence_starts if phrase.from_start else self.everywhere, 0
        reached = counted = 0
        for part in phrase.parts:
            self.steps += 1
            if ends:
                starts = _after(reached, part.gap, fillers)
                fresh = _after(counted, part.gap, fillers) if counted else 0
            reached, counted = self._land(part, starts & ~denied, fresh & ~denied, idle)
            if not reached:
                return [0]
            ends.append(reached)
        ends[-1] = counted & self.sentence_ends if phrase.to_end else counted
        return ends

    def _land(self, part: Part, starts: int, fresh: int, idle: int) -> tuple[int, int]:
        """From where `part` may start to where it ends; the second set holds the ways with a word that is not idle."""
        here = self.placed(part)
        reached, counted = starts & here, (fresh | (starts & ~idle)) & here
        for length, run_starts in self.runs(part) if part.runs else ():
            way, resting = starts & run_starts, idle
            for offset in range(1, length):
                resting &= idle >> offset
            reached |= way << (length - 1)
            counted |= (way & (fresh | ~resting)) << (length - 1)
        return reached, counted

    def span(self, phrase: Phrase, ends: Sequence[int]) -> tuple[int, int]:
        """The first and last place of the phrase's first occurrence, given what `follow` returned."""
        start = last = (ends[-1] & -ends[-1]).bit_length() - 1
        for part, end in zip(reversed(phrase.parts), (None, *reversed(ends[:-1])), strict=True):
            start = start if end is None else (end & ((1 << start) - 1)).bit_length() - 1
            start = (self._starts(part, 1 << start)).bit_length() - 1
        return start, last

    def anywhere(self, part: Part) -> int:
        """Every place of every occurrence of `part`."""
        return self._inside(part, self.everywhere)

    def covered(self, phrase: Phrase, fillers: int) -> int:
        """Every place that belongs to some occurrence of the phrase; words in its gaps do not."""
        ends = self.follow(phrase, fillers=fillers)
        alive, found, gap = ends[-1], 0, 0
        for index in range(len(ends) - 1, -1, -1):
            part = phrase.parts[index]
            if index < len(ends) - 1:
                alive = ends[index] & _before(alive, gap, fillers)
            found |= self._inside(part, alive)
            alive, gap = self._starts(part, alive), part.gap
        return found

    def _starts(self, part: Part, ends: int) -> int:
        """Where the occurrences of `part` that end at `ends` start."""
        found = ends & self.placed(part)
        for length, run_starts in self.runs(part):
            found |= (ends >> (length - 1)) & run_starts
        return found

    def _inside(self, part: Part, ends: int) -> int:
        """Every place of the occurrences of `part` that end at `ends`."""
        found = ends & self.placed(part)
        for length, run_starts in self.runs(part):
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
