"""Hints: what no phrase pages for, weighed piece by piece, for people who say the worst things sideways.

Each word has a weight: how much more often it stands in urgent messages than in others, learned from labelled messages
(`flows.authoring.learning`). A word that nobody had written yet weighs what its pieces do, so that it counts by its
family, and where two words meet, the seam weighs too. The weights of a message are added up: the sum is the logarithm
of the odds that it is urgent, and the words that weigh most are what a worker is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log

PERCENT = 41  # from these odds of danger on a worker is paged (docs/decisions/0008)
EVEN = 50  # the least where a phrase was denied, or put in the past: those words sound like danger by their nature
LEAST = 4  # words; fewer are an answer to a question, and the phrases and rules read those
STRETCH = 40  # words weighed as one: a long letter must not become urgent by its length
SHOWN = 4  # of the words that weigh most
SIZES = (2, 3, 4, 5)  # letters of a piece, the edges of a word counted as letters
LONGEST = 24  # letters of a word that are weighed
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


class Hints:
    """Learned weights, natural logarithms of odds, by word, piece, seam and BIAS. They page from `percent` on."""

    def __init__(self, weights: Mapping[str, float], percent: int = PERCENT) -> None:
        self._weights = dict(weights)
        self._pages, self._pages_aside = _odds(percent), _odds(max(percent, EVEN))

    def seen(self, words: Sequence[str], *, aside: bool = False) -> str:
        """The words that weigh most, in their order, of the first stretch that sounds urgent; '' where none does.

        `aside`: a phrase of the message was denied or put in the past, so even odds are asked at least.
        """
        if len(words) < LEAST or not self._weights:
            return ""
        pages = (self._pages_aside if aside else self._pages) - self._weights.get(BIAS, 0.0)
        for start in range(0, len(words), STRETCH):
            weighed = self.weighed(words[start : start + STRETCH])
            if sum(weighed.values()) >= pages:
                most = sorted(weighed, key=weighed.__getitem__)[-SHOWN:]
                return " … ".join(said for said in weighed if said in most and weighed[said] > 0) or most[-1]
        return ""

    def weighed(self, words: Sequence[str]) -> dict[str, float]:
        """The weight of each word, and of each two in a row, once."""
        weight = self._weights.get
        found: dict[str, float] = {}
        for word in dict.fromkeys(words):
            known = weight(edged(word))
            found[word] = sum([weight(piece, 0.0) for piece in pieces_of(word)]) if known is None else known
        for one, other in dict.fromkeys(pairwise(words)):
            found[f"{one} {other}"] = sum([weight(seam, 0.0) for seam in seams_of(one, other)])
        return found


def _odds(percent: int) -> float:
    return log(percent / (100 - percent))
