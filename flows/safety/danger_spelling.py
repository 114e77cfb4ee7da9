"""Which danger words were meant by a word that is none: one letter wrong, letters held down, Arabic by ear."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Collection, Container, Iterable, Sequence

from flows.text.canonical import near

MISSPELT_FROM = 5  # letters of the right word; shorter ones are one letter from far too many others
LONGEST_WORD = 24  # no danger word is longer, so neither is a misspelt one
SKELETON_FROM = 4  # consonants left when vowels are free; with a figure as letter ("yi2tilni") one less is enough
_HELD_DOWN = re.compile(r"(.)\1\1+")
_REPEATED = re.compile(r"(.)\1+")
NUMBER = 20  # bits: a million words
WORD, HASH, LAST = 2**NUMBER - 1, 2**43 - 1, 2**64 - 1  # LAST is no key: where a search ends
MARK = 2**21 - 1  # of a hash: a quarter of a megabyte of bits, one of five set: four of five searches are not begun
_VOWELS = str.maketrans("", "", "aeiou")


class Spelling:
    """An index over all danger words: `guess` looks up at most one key for each letter of a word, whatever it is.

    `alike` gives for danger words that are written by ear all that sound the same, themselves included.
    """

    def __init__(
        self,
        vocabulary: Collection[str],
        by_ear: Iterable[str] = (),
        alike: Iterable[tuple[str, str]] = (),
        known: Container[str] | None = None,
    ) -> None:
        """`by_ear` are words of languages written in Latin letters as they sound, `alike` what sounds alike there.

        `known` holds the vocabulary and may hold more: words that are no danger, but right.
        """
        self._alike = tuple(alike)
        self._known = frozenset(vocabulary) if known is None else known
        self._held = _grouped((short, word) for word in vocabulary if (short := _REPEATED.sub(r"\1", word)) != word)
        self._long = [word for word in sorted(vocabulary) if len(word) >= MISSPELT_FROM and word.isalpha()]
        self._keys = _sorted(self._long)
        self._marks = _marked(self._keys)
        self._skeletons = _grouped((self._skeleton(word), word) for word in sorted(set(by_ear)))
        self._skeletons.pop("", None)
        self.alike = {word: same for same in self._skeletons.values() if len(same) > 1 for word in same}

    def guess(self, word: str) -> tuple[str, ...]:
        """The danger words that `word` (canonical, itself none) may stand for; mostly none."""
        if _HELD_DOWN.search(word):
            word = _REPEATED.sub(r"\1", word)
            if right := (*self._held.get(word, ()), *((word,) if word in self._known else ())):
                return right
        if len(word) > LONGEST_WORD:
            return ()
        return self._one_letter_wrong(word) or self._skeletons.get(self._skeleton(word), ())

    def _one_letter_wrong(self, word: str) -> tuple[str, ...]:
        """Two words one edit apart share what is left of them without one letter; chance hits are weeded out."""
        keys, long, marks = self._keys, self._long, self._marks
        found: dict[str, None] = {}
        shorts = (word, *_short_of_one(word)) if len(word) >= MISSPELT_FROM else (word,)
        for hashed in [each for each in map(hash, shorts) if marks[(each & MARK) >> 3] >> (each & 7) & 1]:
            key = (hashed & HASH) << NUMBER
            at = bisect_left(keys, key)
            while keys[at] >> NUMBER == key >> NUMBER:
                found[long[keys[at] & WORD]] = None
                at += 1
        return tuple(right for right in found if near(word, right)) if found else ()

    def _skeleton(self, word: str) -> str:
        """The consonants of a word in Latin letters, those alike made one; '' where they say too little."""
        if not self._alike or not word.isascii() or word.isdecimal():
            return ""
        enough = SKELETON_FROM - (not word.isalpha())
        for written, read in self._alike:
            word = word.replace(written, read)
        bones = _REPEATED.sub(r"\1", word.translate(_VOWELS))
        return bones if len(bones) >= enough else ""


class Hashed:
    """Words that are only asked whether they are there: eight bytes each, and one strange word in 10^15 is taken in."""

    def __init__(self, words: Iterable[str]) -> None:
        self._hashes = array("q", sorted({hash(word) for word in words}))

    def __contains__(self, word: str) -> bool:
        at = bisect_left(self._hashes, hash(word))
        return at < len(self._hashes) and self._hashes[at] == hash(word)


def _short_of_one(word: str) -> list[str]:
    """The word without one of its letters, each in turn."""
    return [word[:index] + word[index + 1 :] for index in range(len(word))]


def _sorted(long: Sequence[str]) -> array[int]:
    """A hash of each word, and of each without one of its letters, with the number of the word behind it, in order.

    Eight bytes each: a dictionary of so many strings would be the largest thing in the process.
    """
    keys = [_key(short) | at for at, word in enumerate(long) for short in {word, *_short_of_one(word)}]
    keys.sort()
    keys.append(LAST)
    return array("Q", keys)


def _marked(keys: Sequence[int]) -> bytearray:
    """A bit for the end of each hash among the keys."""
    marks = bytearray((MARK + 1) // 8)
    for key in keys[:-1]:
        end = (key >> NUMBER) & MARK
        marks[end >> 3] |= 1 << (end & 7)
    return marks


def _key(short: str) -> int:
    """43 bits of hash, and room for the number of a word."""
    return (hash(short) & HASH) << NUMBER


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """For each key its words."""
    groups: dict[str, list[str]] = {}
    for key, word in pairs:
        groups.setdefault(key, []).append(word)
    return {key: tuple(words) for key, words in groups.items()}
