"""The words of all languages, and what a word that is none of them may stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, pairwise

from flows.safety.danger_book import Book, Shelf
from flows.safety.danger_sieve import Sieves
from flows.safety.danger_spelling import Hashed, Spelling


class Index:
    """Every table that reading a message needs, built once.

    `table` gives the number of a word's kin, `same` for some words of the table all kin that they may stand for.
    """

    def __init__(self, book: Book) -> None:
        words = book.words.decode().split()
        self.book, self.sieves = book, Sieves(book)
        self.table: Mapping[str, int] = {
            word: kin for kin, (start, end) in enumerate(pairwise((0, *book.ends))) for word in words[start:end]
        }
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
