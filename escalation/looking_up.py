"""A reference as somebody types it: off a phone's screen, or as it was read out to them. Pure."""

from __future__ import annotations

import unicodedata

LONGEST = 64  # characters that are looked at

# Cyrillic and Greek letters that look like ours, and what stands in no reference of ours (`storage.ids.REF_LETTERS`)
# because it looks like one that does.
_LIKE = str.maketrans("АВЕКМНРСТХУΑΒΕΗΚΜΝΡΤΧΥBSZI1", "ABEKMHPCTXYABEHKMNPTXY852LL")  # noqa: RUF001 - they are the point
_LIKE_AGAIN = str.maketrans("B", "8")


def as_typed(text: str) -> frozenset[str]:
    """What it may stand for: without case and spaces, and with look-alikes folded besides. Nothing: no reference."""
    plain = "".join(unicodedata.normalize("NFKC", text[:LONGEST]).upper().split())
    folded = plain.translate(_LIKE).translate(_LIKE_AGAIN).replace("-", "")
    return frozenset(each for each in (plain, folded) if each)
