"""All phrases of all languages as sets of bits, so that the ones a message could hold are found by a few intersections.

Each language has a sieve, and each of its phrases a bit. Each kin of words (`danger_book`) has, sieve by sieve, one
such set for each part of a phrase that it can stand in, one behind the other: the set for part k is shifted by k times
the number of phrases. A message's words are joined by `|`; a phrase is possible where all of its parts are in the
joined sets. A sieve for each language keeps the sets short: they grow with its phrases, not with those of all.

Nine kin of ten stand in a few places only. Those are kept as their numbers, a tenth of the size.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, groupby, pairwise

from flows.safety.danger_book import Book, Rows, Shelf
from flows.safety.danger_message import bits
from flows.safety.danger_phrase import MAX_PARTS
from flows.safety.danger_spelling import Hashed, Spelling

FEW = 16  # up to so many places in a language are kept as their numbers
_PLACE_BITS = 16  # of such a number: 13,000 phrases a language
_PLACE = (1 << _PLACE_BITS) - 1


class Sieve:
    """One language's phrases, and which of them could be in a message."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._one_part = _range(range(len(shelf.phrases)))
        self._shifts = [part * len(shelf.phrases) for part in range(1, MAX_PARTS)]
        self.dangers, self.idioms, self.past, self.imagined = map(
            _range, (shelf.dangers, shelf.idioms, shelf.past, shelf.imagined)
        )
        self.unless: dict[int, int] = {}
        for number in shelf.unless:
            entry = shelf.entries[number]
            self.unless[entry] = self.unless.get(entry, 0) | 1 << number
        self._absent = bits(
            [
                part * len(shelf.phrases) + number
                for number in range(len(shelf.phrases))
                for part in range(len(shelf.choices(number)), MAX_PARTS)
            ]
        )

    def complete(self, places: int) -> int:
        """The phrases of which each part is in the joined sets of a message's words and `_absent`."""
        whole = places & self._one_part
        if whole:
            places |= self._absent
        for shift in self._shifts:
            if not whole:
                break
            whole &= places >> shift
        return whole


class Index:
    """Every table that reading a message needs, built once.

    `table` gives the number of a word's kin, `same` for some words of the table all kin that they may stand for.
    """

    def __init__(self, book: Book) -> None:
        words = book.words.decode().split()
        self.book, self.sieves = book, tuple(map(Sieve, book.shelves))
        self.table: Mapping[str, int] = {
            word: kin for kin, (start, end) in enumerate(pairwise((0, *book.ends))) for word in words[start:end]
        }
        self._many: dict[int, list[tuple[int, int]]] = {}  # by kin: number of a sieve, places there as bits
        self._few = Rows(map(self._packed, range(len(book.ends)), _places(book)))
        self._joined = Joined(book, self.table)
        self.spelling = _spelling(book, self.table)
        self.same = self._same()
        self._ordinary = Hashed(book.ordinary.decode().split())

    def ordinary(self, word: str) -> bool:
        """Whether a word that is none of ours is a right one all the same."""
        return word in self._ordinary

    def guess(self, word: str) -> tuple[int, ...]:
        """The kin that a word which is none of ours may stand for; mostly none."""
        return tuple(self.table[each] for each in self._joined.apart(word) or self.spelling.guess(word))

    def possible(self, known: Iterable[int]) -> tuple[int, ...]:
        """Sieve by sieve the phrases of which each part is in the sets of a message's kin."""
        places = [0] * len(self.sieves)
        few, ends = self._few.numbers, self._few.ends
        for kin in known:
            for place in few[ends[kin] : ends[kin + 1]]:
                places[place >> _PLACE_BITS] |= 1 << (place & _PLACE)
            for number, held in self._many.get(kin, ()):
                places[number] |= held
        return tuple(sieve.complete(found) if found else 0 for sieve, found in zip(self.sieves, places, strict=True))

    def _packed(self, kin: int, places: Sequence[int]) -> list[int]:
        """Of all places of a kin those in sieves where it has few; the others go to `_many`."""
        few: list[int] = []
        for number, group in groupby(places, lambda place: place >> _PLACE_BITS):
            here = [place & _PLACE for place in group]
            if len(here) > FEW:
                self._many.setdefault(kin, []).append((number, bits(here)))
            else:
                few += [number << _PLACE_BITS | place for place in here]
        return few

    def alone(self, most: int) -> frozenset[str]:
        """The words of at most `most` letters that are a danger by themselves."""
        lone = set[int]()
        for shelf in self.book.shelves:
            for choice, *more in map(shelf.choices, shelf.dangers):
                if not more:
                    lone.update(self.book.singles(choice))
        return frozenset(word for word, kin in self.table.items() if len(word) <= most and kin in lone)

    def _same(self) -> dict[str, tuple[int, ...]]:
        """Words that stand for others too: those that sound the same, those that are another with a prefix.

        Only in scripts of their own: in Latin letters "in" must not become the Welsh "i" with an article.
        """
        table = self.table
        same = {word: (word, *base) for word in table if not word.isascii() and (base := self._joined.apart(word))}
        for word, alike in self.spelling.alike.items():
            same[word] = (*same.get(word, ()), *alike)
        return {word: tuple(dict.fromkeys(map(table.__getitem__, words))) for word, words in same.items()}


class Joined:
    """What languages write on to a word: the Arabic "and", the French "l'". `apart` finds the danger word in it."""

    def __init__(self, book: Book, table: Mapping[str, int]) -> None:
        self._table = table
        self._languages = [
            (book.marked(_dangers(shelf)), shelf.prefixes, shelf.suffixes)
            for shelf in book.shelves
            if shelf.prefixes or shelf.suffixes
        ]

    def apart(self, word: str) -> tuple[str, ...]:
        """The danger words that `word` is, with something written on to it; mostly none."""
        found: dict[str, None] = {}
        for danger, prefixes, suffixes in self._languages:
            rest: list[str] = []
            if word.startswith(prefixes):
                rest += [word.removeprefix(prefix) for prefix in prefixes if word.startswith(prefix)]
            if word.endswith(suffixes):
                rest += [word.removesuffix(suffix) for suffix in suffixes if word.endswith(suffix)]
            found.update(dict.fromkeys(one for one in rest if one in self._table and danger[self._table[one]]))
        return tuple(found)


def _places(book: Book) -> Iterator[array[int]]:
    """For each kin what it can be part of, sieve by sieve: the number of the sieve and below it that of a place."""
    stands: list[tuple[int, array[int]]] = []  # very many phrases share a choice
    for number, shelf in enumerate(book.shelves):
        within: dict[int, array[int]] = {}
        for phrase in range(len(shelf.phrases)):
            for part, choice in enumerate(shelf.choices(phrase)):
                place = part * len(shelf.phrases) + phrase
                within.setdefault(choice, array("I")).append(number << _PLACE_BITS | place)
        stands += within.items()
    # Counted first and then filled: lists of so many numbers leave holes in memory, as large as all that is kept.
    sizes = array("I", [0]) * len(book.ends)
    for choice, places in stands:
        for kin in book.heads(choice):
            sizes[kin] += len(places)
    ends = array("I", accumulate(sizes, initial=0))
    found = array("I", [0]) * ends[-1]
    for choice, places in stands:
        for kin in book.heads(choice):
            found[ends[kin] : ends[kin] + len(places)] = places
            ends[kin] += len(places)
    return (found[end - size : end] for end, size in zip(ends, sizes, strict=False))


def _spelling(book: Book, table: Mapping[str, int]) -> Spelling:
    """Over the words of dangers and those that deny, and the words that are written by ear."""
    meant = book.marked(chain.from_iterable(map(_dangers, book.shelves)))
    by_ear = book.marked(chain.from_iterable(_all(shelf) for shelf in book.shelves if shelf.alike))
    alike = dict.fromkeys(pair for shelf in book.shelves for pair in shelf.alike)
    vocabulary, heard = ([word for word, kin in table.items() if marks[kin]] for marks in (meant, by_ear))
    return Spelling(vocabulary, heard, alike, table)


def _all(shelf: Shelf) -> Iterator[int]:
    """The choices of all its phrases."""
    return chain.from_iterable(map(shelf.choices, range(len(shelf.phrases))))


def _dangers(shelf: Shelf) -> Iterator[int]:
    """The choices of its dangers, and what denies them: their words may be misspelt, or written on to others."""
    return chain([shelf.cues], *map(shelf.choices, shelf.dangers))


def members(numbers: int) -> Iterator[int]:
    """The numbers of the phrases in a set, smallest first: the most urgent first."""
    while numbers:
        yield (numbers & -numbers).bit_length() - 1
        numbers &= numbers - 1


def _range(numbers: range) -> int:
    return (1 << numbers.stop) - (1 << numbers.start)
