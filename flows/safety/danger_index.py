"""All phrases of all languages as sets of bits, so that the ones a message could hold are found by a few intersections.

Each language has a sieve, and each of its phrases a bit. Each kin of words (`danger_book`) has, sieve by sieve, one such
set for each part of a phrase that it can stand in, one behind the other: the set for part k is shifted by k times the
number of phrases. A message's words are joined by `|`; a phrase is possible where all of its parts are in the joined
sets. A sieve for each language keeps the numbers short: they grow with its phrases, not with those of all.

Nine words of ten stand in a few places only. Those are kept as their numbers, a fiftieth of the size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

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
        self.absent = bits(
            [
                part * len(shelf.phrases) + number
                for number in range(len(shelf.phrases))
                for part in range(len(shelf.choices(number)), MAX_PARTS)
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

    def stands(self) -> dict[int, list[int]]:
        """Each choice with the places where it stands: very many phrases share a choice."""
        found: dict[int, list[int]] = {}
        for number in range(len(self.shelf.phrases)):
            for part, choice in enumerate(self.shelf.choices(number)):
                found.setdefault(choice, []).append(part * len(self.shelf.phrases) + number)
        return found


class Index:
    """Every table that reading a message needs, built once.

    `table` gives the number of a word's kin, `same` for some words of the table all kin that they may stand for.
    """

    def __init__(self, book: Book) -> None:
        words = [line.split(" ") for line in book.words.split("\n")] if book.words else []
        self.book, self.sieves = book, tuple(map(Sieve, book.shelves))
        self.table: Mapping[str, int] = {word: kin for kin, line in enumerate(words) for word in line}
        self._few, self._many = _places(self.sieves, book, words)
        self._joined = Joined(book, self.table)
        self.spelling = _spelling(book, words, self.table)
        self.same = self._same()
        self._ordinary = Hashed(word for shelf in book.shelves for word in shelf.ordinary.split())

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
            (
                _marked(book.kin(_danger_choices(shelf)).union(book.singles(shelf.cues)), book),
                shelf.prefixes,
                shelf.suffixes,
            )
            for shelf in book.shelves
            if shelf.prefixes or shelf.suffixes
        ]

    def apart(self, word: str) -> tuple[str, ...]:
        """The danger words that `word` is, with something written on to it; mostly none."""
        found: dict[str, None] = {}
        for danger, prefixes, suffixes in self._languages:
            if word.startswith(prefixes):
                rest = (word.removeprefix(prefix) for prefix in prefixes if word.startswith(prefix))
                found.update(dict.fromkeys(one for one in rest if one in self._table and danger[self._table[one]]))
            if word.endswith(suffixes):
                rest = (word.removesuffix(suffix) for suffix in suffixes if word.endswith(suffix))
                found.update(dict.fromkeys(one for one in rest if one in self._table and danger[self._table[one]]))
        return tuple(found)


def _marked(kin: Iterable[int], book: Book) -> bytes:
    """One byte for each kin: a set of so many numbers takes fifty times the room."""
    marks = bytearray(book.words.count("\n") + 1)
    for each in kin:
        marks[each] = 1
    return bytes(marks)


def _places(
    sieves: Sequence[Sieve], book: Book, words: Sequence[Sequence[str]]
) -> tuple[Rows, dict[int, list[tuple[int, int]]]]:
    """What each kin can be part of: few places as numbers below that of their sieve, many as (sieve, set)."""
    found: list[int] = []  # kin, sieve and place in one number: sorted, they need no table of tables
    for number, sieve in enumerate(sieves):
        for choice, places in sieve.stands().items():
            within = [number << _PLACE_BITS | place for place in places]
            for kin in {*book.singles(choice), *(_sign(run, words) for run in book.runs(choice))}:
                found += [kin << 2 * _PLACE_BITS | place for place in within]
    found.sort()
    few: list[Sequence[int]] = [()] * len(words)
    many: dict[int, list[tuple[int, int]]] = {}
    for key, group in groupby(found, lambda each: each >> _PLACE_BITS):
        kin, number = divmod(key, 1 << _PLACE_BITS)
        places = [each & _PLACE for each in group]
        if len(places) > FEW:
            many.setdefault(kin, []).append((number, bits(places)))
        else:
            few[kin] = (*few[kin], *(number << _PLACE_BITS | place for place in places))
    return Rows(few), many


def _spelling(book: Book, words: Sequence[Sequence[str]], table: Mapping[str, int]) -> Spelling:
    """Over the words of dangers and those that deny, and the words that are written by ear."""
    meant, by_ear = set[int](), set[int]()
    for shelf in book.shelves:
        meant |= book.kin(_danger_choices(shelf)).union(book.singles(shelf.cues))
        if shelf.alike:
            by_ear |= book.kin(choice for number in range(len(shelf.phrases)) for choice in shelf.choices(number))
    alike = dict.fromkeys(pair for shelf in book.shelves for pair in shelf.alike)
    vocabulary, heard = ([word for each in sorted(kin) for word in words[each]] for kin in (meant, by_ear))
    return Spelling(vocabulary, heard, alike, table)


def _danger_choices(shelf: Shelf) -> Iterator[int]:
    return (choice for number in shelf.dangers for choice in shelf.choices(number))


def members(numbers: int) -> Iterator[int]:
    """The numbers of the phrases in a set, smallest first: the most urgent first."""
    while numbers:
        yield (numbers & -numbers).bit_length() - 1
        numbers &= numbers - 1


def _range(numbers: range) -> int:
    return (1 << numbers.stop) - (1 << numbers.start)


def _sign(run: Iterable[int], words: Sequence[Sequence[str]]) -> int:
    """A word that is there wherever the run is: its longest, as the rarest. Words of runs have no kin beside them."""
    return max(run, key=lambda kin: len(words[kin][0]))
