"""ISO 7816-4 padding to a few sizes, so that a ciphertext's length tells little about its text.

The sizes are those of SECURITY 2.1: 64 to 4096 bytes by doubling, then multiples of 4096.
"""

from __future__ import annotations

SMALLEST = 64  # holds an answer, a score, a number
STEP = 4096  # one page; above it, doubling would waste more than it hides
MARK = b"\x80"


def bucket(length: int) -> int:
    """Size in bytes of a padded text of `length` bytes: the smallest bucket that also holds the mark."""
    needed = length + 1
    if needed <= SMALLEST:
        return SMALLEST
    if needed <= STEP:
        return int(1 << (needed - 1).bit_length())
    return -(-needed // STEP) * STEP


def pad(plain: bytes) -> bytes:
    """The text, one 0x80, then zeros up to its bucket."""
    return (plain + MARK).ljust(bucket(len(plain)), b"\0")


def unpad(padded: bytes) -> bytes:
    """The text again. Raises ValueError unless the bytes end in one 0x80 and zeros only."""
    end = padded.rindex(MARK)
    if padded.count(0, end) != len(padded) - end - 1:
        raise ValueError("not padded")
    return padded[:end]
