"""What a worker's own words may not leave on her phone unasked: links, addresses on the net, numbers (SAFETY 8, 25).

Names, places and dates in words cannot be told from other words; those stay with the worker. Errs towards asking.
"""

from __future__ import annotations

import re
import unicodedata

ENDINGS = "app|com|cymru|de|es|eu|fr|gov|help|ie|info|io|link|ly|me|net|ngo|org|pl|pt|support|to|uk|wales"
_LINK = re.compile(rf"\w+://|\bwww\.|@\w|\b[\w-]+\.(?:{ENDINGS})\b|\b[\w-]+\.[a-z]{{2,}}/", re.IGNORECASE)
# Figures that belong together: up to two signs between them, as in 0808 2000-247, (020) 79 or 20.11.2026.
_FIGURES = re.compile(r"\d(?:[ .\-/()]{0,2}\d)*")
_PARTS = re.compile(r"\d+")
SHORTEST = 3  # figures in one piece: 999, 112, 116123; a time, an age or a count has two
TOGETHER = 6  # figures in several pieces: 79 46 09; "5-10 minutes" and "18.30" have fewer


def leaves_traces(text: str) -> bool:
    """Whether the text holds a link, an e-mail address, a handle or a number that can be called or recognised."""
    plain = "".join(_plain(sign) for sign in unicodedata.normalize("NFKC", text))
    return bool(_LINK.search(plain)) or any(_is_number(found[0]) for found in _FIGURES.finditer(plain))


def _plain(sign: str) -> str:
    """Figures of any script as 0 to 9, dashes and spaces of any kind as one, nothing for what is not seen."""
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    return {"Cf": "", "Zs": " ", "Pd": "-"}.get(kind, sign)


def _is_number(figures: str) -> bool:
    parts = _PARTS.findall(figures)
    spelt = len(parts) >= SHORTEST and all(len(part) == 1 for part in parts)  # 9 9 9
    return spelt or max(map(len, parts)) >= SHORTEST or sum(map(len, parts)) >= TOGETHER
