"""Which of a cover's messages comes next. Pure, so a replayed turn says the same; yet no two phones go alike."""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from zlib import crc32

Text = tuple[str, str]  # message id, English


def pick(texts: tuple[Text, ...], person: str, turn: int) -> Text:
    """The `turn`th of `texts` for this person: each comes once before any comes again, in an order of their own.

    Whoever prods two phones sees no common order, and nothing but the count of messages decides it.
    """
    seed = crc32(person.encode())
    strides = _strides(len(texts))
    start, stride = divmod(seed, len(strides))
    return texts[(start + strides[stride] * turn) % len(texts)]


@lru_cache(maxsize=64)
def _strides(size: int) -> tuple[int, ...]:
    """Steps that come by every place of a round of `size` before they come back to the first."""
    return tuple(each for each in range(1, size + 1) if gcd(each, size) == 1)
