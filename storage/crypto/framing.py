"""Joining parts so that no two lists of parts give the same bytes.

Joined by a separator, ("ab", "c") and ("a", "bc") can be made to meet when a part contains it; with its length in front
of each part they cannot. Everything that is authenticated here (except the fixed form in place.py) is framed like this.
"""

from __future__ import annotations

import struct

_LENGTH = struct.Struct(">I").pack


def framed(*parts: bytes | str) -> bytes:
    """Each part behind its length in bytes (4 bytes, big-endian); text as UTF-8."""
    pieces: list[bytes] = []
    for part in parts:
        encoded = part.encode() if isinstance(part, str) else part
        pieces += (_LENGTH(len(encoded)), encoded)
    return b"".join(pieces)
