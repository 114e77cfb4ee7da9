"""Hints: what no phrase pages for, weighed piece by piece, for people who say the worst things sideways.

Each word has a weight: how much more often it stands in urgent messages than in others, learned from labelled messages
(`flows.authoring.learning`). A word that nobody had written yet weighs what its pieces do, so that it counts by its
family, up to a bound, and where two words meet, the seam weighs too. The weights of a message are added up: the sum is
the logarithm of the odds that it is urgent, and the words that weigh most are what a worker is shown.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise
from math import log
from typing import NamedTuple

PERCENT = 41  # from these odds of danger on a worker is paged (docs/decisions/0008)
EVEN = 50  # the least where a phrase was denied, or put in the past: those words sound like danger by their nature
LEAST = 4  # words; fewer are an answer to a question, and the phrases and rules read those
STRETCH = 40  # words weighed as one: a long letter must not become urgent by its length
SHOWN = 4  # of the words that weigh most
SIZES = (2, 3, 4, 5)  # letters of a piece, the edges of a word counted as letters
LONGEST = 24  # letters of a word that are weighed
UNKNOWN = 0.3  # what a word that nobody had written yet may weigh at most, either way
BIAS = ""  # the weight that every message has


def edged(word: str) -> str:
    """How a word stands in the table of weights, so that no piece is taken for it."""
    return f" {word[:LONGEST]} "


def pieces_of(word: str) -> list[str]:
    """What of a word weighs where the word itself has no weight."""
    whole = edged(word)
    return [whole[at : at + size] for size in SIZES for at in range(len(whole) - size + 1)]


def seams_of(one: str, other: str) -> tuple[str, str, str]:
    """What weighs of two words in a row: the end of one with the beginning of the other."""
    return f"{one[-2:]} {other[:3]}", f"{one[-3:]} {other[:2]}", f"{one[-4:]} {other[:4]}"


class _Tables(NamedTuple):
    """What words weigh, and what pieces and seams do."""

    words: dict[str, float]
    parts: dict[str, float]

    def packed(self) -> _Packed:
        return _pack({edged(word): weight for word, weight in self.words.items()} | self.parts)


class _Packed(NamedTuple):
    """The same as bytes, a line for each."""

    said: bytes
    much: array[float]

    def opened(self) -> _Tables:
        words: dict[str, float] = {}
        parts: dict[str, float] = {}
        one: dict[float, float] = {}  # the same object for equal weights: a thousand of them where there were many more
        for said, weight in zip(self.said.decode().split("\n"), self.much, strict=False):
            whole = len(said) > 2 and said[0] == said[-1] == " "
            (words if whole else parts)[said[1:-1] if whole else said] = one.setdefault(weight, weight)
        return _Tables(words, parts)


class Hints:
    """Learned weights, natural logarithms of odds, by word, piece, seam and BIAS. They page from `percent` on.

    Kept as bytes until the first message is weighed, or `prepare` makes tables of them; never as both.
    """

    def __init__(self, weights: Mapping[str, float], percent: int = PERCENT) -> None:
        self._held: _Packed | _Tables = _pack(weights)
        self._pages, self._pages_aside = _odds(percent), _odds(max(percent, EVEN))

    def __getstate__(self) -> dict[str, object]:
        held = self._held
        return {**vars(self), "_held": held.packed() if isinstance(held, _Tables) else held}

    def prepare(self) -> None:
        """Make the tables."""
        _ = self._tables

    @property
    def _tables(self) -> _Tables:
        """Two threads that ask for them at once may both make them: they are the same, and one is dropped."""
        held = self._held
        if isinstance(held, _Packed):
            held = self._held = held.opened()
        return held

    def seen(self, words: Sequence[str], *, aside: bool = False) -> str:
        """The words that weigh most, in their order, of the first stretch that sounds urgent; '' where none does.

        `aside`: a phrase of the message was denied or put in the past, so even odds are asked at least.
        """
        if len(words) < LEAST or not any(self._tables):
            return ""
        pages = (self._pages_aside if aside else self._pages) - self._tables.parts.get(BIAS, 0.0)
        for start in range(0, len(words), STRETCH):
            stretch = words[start : start + STRETCH]
            if self._reaches(stretch, pages):
                weighed = self.weighed(stretch)
                most = sorted(weighed, key=weighed.__getitem__)[-SHOWN:]
                return " … ".join(said for said in weighed if said in most and weighed[said] > 0) or most[-1]
        return ""

    def weighed(self, words: Sequence[str]) -> dict[str, float]:
        """The weight of each word, and of each two in a row, once."""
        known = self._tables.words
        found = {word: known[word[:LONGEST]] if word[:LONGEST] in known else self._unknown(word) for word in words}
        return found | {f"{one} {other}": self._parts(seams_of(one, other)) for one, other in pairwise(words)}

    def _reaches(self, words: Sequence[str], pages: float) -> bool:
        """Whether all weights together are so much. Pieces are last: mostly it is clear without them."""
        known = self._tables.words.get
        once = dict.fromkeys(words)
        weights = [known(word[:LONGEST]) for word in once]
        seams = chain.from_iterable([seams_of(one, other) for one, other in dict.fromkeys(pairwise(words))])
        total = sum([weight for weight in weights if weight is not None]) + self._parts(seams)
        strange = weights.count(None)
        if total + UNKNOWN * strange < pages:
            return False
        unknown = [word for word, weight in zip(once, weights, strict=True) if weight is None]
        return total + sum(map(self._unknown, unknown)) >= pages

    def _unknown(self, word: str) -> float:
        return max(-UNKNOWN, min(UNKNOWN, self._parts(pieces_of(word))))

    def _parts(self, parts: Iterable[str]) -> float:
        return sum(filter(None, map(self._tables.parts.get, parts)))


def _pack(weights: Mapping[str, float]) -> _Packed:
    return _Packed("\n".join(weights).encode(), array("d", weights.values()))


def _odds(percent: int) -> float:
    return log(percent / (100 - percent))
