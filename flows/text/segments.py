"""How an SMS is cut and what it costs: encoding, units and segments, as carriers and Twilio count them.

Sources: 3GPP TS 23.038, section 6.2.1 (the GSM 7-bit alphabet and its extension table) and TS 23.040 (long messages).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

GSM_ALONE, GSM_PART = 160, 153  # septets in 140 octets; a part of several gives 6 octets to its header
UCS_ALONE, UCS_PART = 70, 67  # UTF-16 units, for the same reason
MOST = 1600  # characters that the provider takes in one message

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = "\f^{}\\[~]|€"  # each is an escape and a letter: two septets that may not be parted
_GSM = re.compile(f"[{re.escape(_BASIC + _EXTENDED)}]*")
_LETTERS = frozenset(_BASIC + _EXTENDED)

_JOINER = "\u200d"
_JOINING = frozenset("\u200c\u200d" + "".join(map(chr, (*range(0x1F3FB, 0x1F400), *range(0xE0020, 0xE0080)))))
_FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))  # regional indicators: two make one flag


@dataclass(frozen=True, slots=True)
class Segments:
    """`units` are septets (GSM-7) or UTF-16 units (UCS-2); `costly` the letters that forced UCS-2, each once."""

    encoding: Encoding
    segments: int
    units: int
    costly: tuple[str, ...] = ()


def count(text: str) -> Segments:
    """The segments that `text` needs when neither an escaped letter nor a grapheme is split between two of them.

    Empty text has none. A carrier that splits graphemes needs no more segments than this.
    """
    if _GSM.fullmatch(text):
        units = _septets(text)
        return Segments("GSM-7", 1 if 0 < units <= GSM_ALONE else len(parts(text)), units)
    units = _utf16(text)
    costly = tuple(dict.fromkeys(letter for letter in text if letter not in _LETTERS))
    return Segments("UCS-2", 1 if units <= UCS_ALONE else len(parts(text)), units, costly)


def parts(text: str) -> tuple[str, ...]:
    """`text` as it is cut into segments: joined again they are `text`, and none exceeds its room."""
    gsm = _GSM.fullmatch(text) is not None
    units, alone, room = (_septets, GSM_ALONE, GSM_PART) if gsm else (_utf16, UCS_ALONE, UCS_PART)
    if units(text) <= alone:
        return (text,) if text else ()
    cuts = [0]
    while cuts[-1] < len(text):
        cuts.append(_cut(text, cuts[-1], units, room))
    return tuple(text[start:end] for start, end in pairwise(cuts))


def _cut(text: str, start: int, units: Callable[[str], int], room: int) -> int:
    """Where the segment that begins at `start` ends. A grapheme longer than a whole segment must be cut after all."""
    full = min(start + room, len(text))
    while (excess := units(text[start:full]) - room) > 0:
        full -= (excess + 1) // 2  # a letter has two units at most
    end = full
    while start < end < len(text) and _inside(text, end):
        end -= 1
    return end if end > start else full


def _inside(text: str, at: int) -> bool:
    """Whether a cut at `at` would part a grapheme: marks, joined emoji, flags, CR LF (UAX 29, near enough)."""
    last, letter = text[at - 1], text[at]
    if letter in _JOINING or unicodedata.category(letter) in ("Mn", "Mc", "Me"):
        return last not in "\r\n"
    if letter in _FLAGS:
        return (len(text[:at]) - len(text[:at].rstrip(_FLAGS))) % 2 == 1
    return last == _JOINER or last + letter == "\r\n"


def _septets(letters: str) -> int:
    return len(letters) + sum(map(letters.count, _EXTENDED))


def _utf16(letters: str) -> int:
    return len(letters.encode("utf-16-le", "surrogatepass")) // 2
