"""Which phrases of all languages a message could hold: found by a few intersections of sets of bits.

Each language has a sieve, and each of its phrases a bit. The parts of a phrase are asked for from the rarest on, whose
words stand in the fewest phrases: each kin of words (`danger_book`) has, sieve by sieve, the set of phrases of which it
can be the rarest part, the set of those of which it can be the next, and so on. A message's sets are joined by `|`, and
a phrase is possible where each of its parts is in the joined sets: nearly always the first set of a sieve is empty, or
what it shares with the next. A sieve for each language keeps the sets short: they grow with its phrases, not with all.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, groupby

from flows.safety.danger_book import Book, Rows, Shelf
from flows.safety.danger_lexicon import URGENCY, Entry
from flows.safety.danger_message import bits
from flows.safety.danger_phrase import MAX_PARTS

FEW = 4  # up to so many phrases of a kin in a sieve are named one by one: it saves a third of the sets
_SET_BITS = 20  # of the number of a set; above it stands to which sieve it belongs and for which part
_SET = (1 << _SET_BITS) - 1


class Sieve:
    """One language's phrases as sets: each kind of them, and those that have no second part, no third and so on."""

    def __init__(self, shelf: Shelf, entries: Sequence[Entry]) -> None:
        self.shelf = shelf
        self.dangers, self.idioms, self.past, self.imagined = map(
            _range, (shelf.dangers, shelf.idioms, shelf.past, shelf.imagined)
        )
        self.unless: dict[int, int] = {}
        for number in shelf.unless:
            entry = shelf.entries[number]
            self.unless[entry] = self.unless.get(entry, 0) | 1 << number
        self.urgency = bytes(URGENCY[entries[shelf.entries[number]].tier] for number in shelf.dangers)
        self._without = [
            bits([number for number in range(len(shelf.phrases)) if len(shelf.choices(number)) <= part])
            for part in range(1, MAX_PARTS)
        ]

    def complete(self, joined: Sequence[int]) -> int:
        """The phrases of which each part is in the joined sets of a message's words, those of the rarest part first."""
        whole = joined[0]
        for without, here in zip(self._without, joined[1:], strict=True):
            if not whole:
                break
            whole &= here | without
        return whole


Possible = list[tuple[Sieve, int]]  # the sieves in which something could be said, each with the set of what


class Sieves:
    """Those of all languages, and for each kin the sets of phrases that it can be a part of."""

    def __init__(self, book: Book) -> None:
        self._all = [(Sieve(shelf, book.entries), MAX_PARTS * at) for at, shelf in enumerate(book.shelves)]
        most = max((len(shelf.phrases) for shelf in book.shelves), default=0)
        sets = {1 << number: number for number in range(most)}  # by number: those of one phrase, then what kin share
        self._rows = Rows(_row(phrases, sets) for phrases in _stands(book))
        self._sets = tuple(sets)

    def possible(self, known: Iterable[int]) -> Possible:
        """What could be said in a message of these kin."""
        sets, numbers, ends = self._sets, self._rows.numbers, self._rows.ends
        joined = [0] * (MAX_PARTS * len(self._all))
        for kin in known:
            for number in numbers[ends[kin] : ends[kin + 1]]:
                joined[number >> _SET_BITS] |= sets[number & _SET]
        return [
            (sieve, here)
            for sieve, at in self._all
            if joined[at] and (here := sieve.complete(joined[at : at + MAX_PARTS]))
        ]


def members(numbers: int) -> list[int]:
    """The numbers of the phrases in a set, smallest first: the most urgent first."""
    found = []
    while numbers:
        lowest = numbers & -numbers
        found.append(lowest.bit_length() - 1)
        numbers ^= lowest
    return found


def _row(phrases: Sequence[int], sets: dict[int, int]) -> list[int]:
    """The sets of one kin, by their numbers; what is new joins `sets`."""
    row: list[int] = []
    for place, group in groupby(sorted(phrases), lambda phrase: phrase >> _SET_BITS):
        here = [phrase & _SET for phrase in group]
        found = here if len(here) <= FEW else [sets.setdefault(bits(here), len(sets))]
        row += [place << _SET_BITS | number for number in found]
    return row


def _stands(book: Book) -> Iterator[array[int]]:
    """For each kin the phrases that it can be a part of: in the upper bits which sieve and part, below which."""
    met = Counter(chain.from_iterable(shelf.choices(n) for shelf in book.shelves for n in range(len(shelf.phrases))))
    common = array("I", [0]) * len(book.ends)  # in how many places each kin stands
    for choice, often in met.items():
        for kin in book.heads(choice):
            common[kin] += often
    rarity = {choice: max((common[kin] for kin in book.heads(choice)), default=0) for choice in met}
    stands: dict[int, array[int]] = {}
    for number, shelf in enumerate(book.shelves):
        for phrase in range(len(shelf.phrases)):
            rare = sorted(shelf.choices(phrase), key=rarity.__getitem__)
            for part, choice in enumerate(rare, MAX_PARTS * number):
                stands.setdefault(choice, array("I")).append(part << _SET_BITS | phrase)
    # Counted first and then filled: lists of so many numbers leave holes in memory, as large as all that is kept.
    sizes = array("I", [0]) * len(book.ends)
    for choice, phrases in stands.items():
        for kin in book.heads(choice):
            sizes[kin] += len(phrases)
    ends = array("I", accumulate(sizes, initial=0))
    found = array("I", [0]) * ends[-1]
    for choice, phrases in stands.items():
        for kin in book.heads(choice):
            found[ends[kin] : ends[kin] + len(phrases)] = phrases
            ends[kin] += len(phrases)
    return (found[end - size : end] for end, size in zip(ends, sizes, strict=False))


def _range(numbers: range) -> int:
    return (1 << numbers.stop) - (1 << numbers.start)
