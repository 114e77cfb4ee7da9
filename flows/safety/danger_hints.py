"""Hints: what no phrase pages for, weighed word by word, for people who say the worst things sideways.

Each word, and each two words in a row, has a weight: how much more often it stands in urgent messages than in others,
learned together from labelled messages (`flows.authoring.learning`). The weights of a message's words are added up: the
sum is the logarithm of the odds that it is urgent, and the words that weigh most are what a worker is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import log

PERCENT = 50  # of such messages were urgent, from here on a worker is paged: likelier than not (docs/decisions/0008)
LEAST = 4  # words; fewer are an answer to a question, and the phrases and rules read those
STRETCH = 40  # words weighed as one: a long letter must not become urgent by its length
SHOWN = 4  # of the words that weigh most
BIAS = ""  # the weight that every message has


def said_of(words: Sequence[str]) -> Iterator[str]:
    """What can weigh: each word and each two in a row, once."""
    yield from dict.fromkeys(words)
    yield from dict.fromkeys(f"{one} {next_}" for one, next_ in pairwise(words))


class Hints:
    """Learned weights, natural logarithms of odds, by word, by two words in a row, and by BIAS.

    They page from `percent` on: so many of a hundred such messages were urgent where the weights were learned.
    """

    def __init__(self, weights: Mapping[str, float], percent: int = PERCENT) -> None:
        self._weights, self._pages = dict(weights), log(percent / (100 - percent))

    def seen(self, words: Sequence[str]) -> str:
        """The words that weigh most, in their order, of the first stretch that sounds urgent; '' where none does."""
        if len(words) < LEAST or not self._weights:
            return ""
        for start in range(0, len(words), STRETCH):
            weighed = self.weighed(words[start : start + STRETCH])
            if self._weights.get(BIAS, 0.0) + sum(weighed.values()) >= self._pages:
                most = set(sorted(weighed, key=weighed.__getitem__)[-SHOWN:])
                return " … ".join(said for said in weighed if said in most)
        return ""

    def weighed(self, words: Sequence[str]) -> dict[str, float]:
        """The weight of what is known among the words."""
        weights = self._weights
        return {said: weights[said] for said in said_of(words) if said in weights}
