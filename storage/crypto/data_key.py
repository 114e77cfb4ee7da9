"""A data key: what one person's values (or the service's own rows) are sealed under.

It may have several generations. Only the newest seals; older ones open until every value has been sealed again, so a
change of key that is killed half way leaves everything readable.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from storage.crypto.epoch import KEY_BYTES, Entropy
from storage.crypto.errors import DamagedKey
from storage.crypto.secrecy import Secret

LAST_GENERATION = 0xFFFF  # two bytes in every sealed value
_NUMBER = 2  # bytes of a generation's number in the packed form
_EACH = _NUMBER + KEY_BYTES


@dataclass(frozen=True, slots=True, repr=False)
class DataKey(Secret):
    """Generation numbers and 32-byte keys, newest first; at least one."""

    generations: tuple[tuple[int, bytes], ...]

    @classmethod
    def new(cls, entropy: Entropy = os.urandom) -> DataKey:
        """A fresh key of generation 1."""
        return cls(((1, entropy(KEY_BYTES)),))

    @classmethod
    def of(cls, key: bytes) -> DataKey:
        """A key that has one generation, such as one of the service's own."""
        return cls(((1, key),))

    def renewed(self, entropy: Entropy = os.urandom) -> DataKey:
        """With a fresh generation in front; the older ones still open. Raises OverflowError after 65,535 of them."""
        number = self.generations[0][0] + 1
        if number > LAST_GENERATION:
            raise OverflowError("a data key has 65,535 generations at most")
        return DataKey(((number, entropy(KEY_BYTES)), *self.generations))

    def newest_only(self) -> DataKey:
        """Without the older generations: what is still sealed under them is gone."""
        return DataKey(self.generations[:1])

    def packed(self) -> bytes:
        """2 B number and 32 B key of each generation, newest first."""
        return b"".join(number.to_bytes(_NUMBER, "big") + key for number, key in self.generations)

    @classmethod
    def unpacked(cls, packed: bytes) -> DataKey:
        """The key that `packed` gave. Raises `DamagedKey`."""
        if not packed or len(packed) % _EACH:
            length, packed = len(packed), b""  # no key in the frame that the error carries
            raise DamagedKey(f"A data key of {length} bytes cannot be.", "restore this row from a backup.")
        pieces = (packed[start : start + _EACH] for start in range(0, len(packed), _EACH))
        return cls(tuple((int.from_bytes(piece[:_NUMBER], "big"), piece[_NUMBER:]) for piece in pieces))
