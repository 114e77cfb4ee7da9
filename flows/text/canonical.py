"""The form in which what she wrote is compared: with signal, duress and exit words, and with a question's answers.

Two texts that a person would call the same word have the same form, whatever keyboard, script or mood put around it.
Every function here is pure, takes any text at all and looks at its first MAX_READ characters only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

MAX_READ = 2_000  # more than any provider delivers in one SMS (1,600); an answer word is never further in
MAX_REMEMBERED = 4_096  # folded letters kept; hostile text cannot make the memory grow without end
MAX_DIGITS = 15  # longer is a telephone or card number, no quantity; floats are exact up to here
NEAR_FROM = 4  # letters: in shorter words one edit is another word ("no", "now")

# What Unicode does not decompose but people type either way: each letter, and those taken for it.
_TAKEN_FOR = {
    "i": "ı",
    "l": "ł",
    "o": "ø",
    "d": "đ",
    "h": "ħ",
    "oe": "œ",
    "ae": "æ",
    "10": "🔟",
    "ا": "ٱ",
    "ي": "ىیې",
    "ك": "کڪ",
    "ه": "ةۃہھە",
    "": "ءـ",  # the last: hamza alone, and tatweel, only a stroke
}
_LETTERS = {variant: letter for letter, variants in _TAKEN_FOR.items() for variant in variants}
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800\ufffc\u034f")  # seen as nothing, yet no white space
_APOSTROPHES = frozenset("'’‘ʼ`")  # left out in haste: don't, dont
_UNSEEN = frozenset({"Cf", "Cs", "Sk"})  # zero-width and bidi signs, lone surrogates, skin tones and spacing accents
_NUMERALS = {"🔟": "10", "٫": ".", "٬": ",", "−": "-", "－": "-"}
# "<3" is a heart. Three figures after a mark are thousands, anything else decimals.
_NUMBER = re.compile(r"((?<![\w-])-|)(?<![<0-9])([1-9][0-9]{0,2}(?:[.,][0-9]{3})+(?![0-9])|[0-9]+)(?:[.,]([0-9]+))?")


class _Folding(dict[int, str]):
    """A table for `str.translate` that works a letter out when it is first met; text in ASCII takes a shorter way."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        super().__init__((code, fold(chr(code))) for code in range(128))
        self._fold = fold
        self._ascii = bytes(ord(self.get(code) or "\0") for code in range(256))
        self._gone = bytes(code for code in range(128) if not self[code])

    def __missing__(self, code: int) -> str:
        folded = self._fold(chr(code))
        if len(self) < MAX_REMEMBERED:
            self[code] = folded
        return folded

    def __call__(self, text: str) -> str:
        text = text[:MAX_READ]
        if text.isascii():
            return text.encode().translate(self._ascii, self._gone).decode()
        return text.translate(self)


def canonical(text: str) -> str:
    """`text` in its comparison form: no case, accents, punctuation, white space or invisible signs; digits in ASCII.

    Emoji and other symbols stay, so that "❌" is a word. Vowel signs of Indic scripts stay too: they are letters in
    all but name. Idempotent, always fit for UTF-8, at most MAX_READ long; empty when there is nothing to compare.
    """
    return _joined(text)[:MAX_READ]


def words(text: str) -> tuple[str, ...]:
    """The canonical form, parted at white space and punctuation but not at apostrophes; an emoji is a word."""
    return tuple(_parted(text).split())


def numbers(text: str) -> tuple[int | float, ...]:
    """The numbers in `text`, in order, in digits of any script: "8", "٨", "8️⃣", "7,5", "1,000", "-3".

    A float only when decimals are written. A number of more than MAX_DIGITS digits is no quantity and left out.
    """
    return tuple(_value(*found.groups()) for found in _NUMBER.finditer(_numeric(text)) if _is_quantity(found[0]))


def _is_quantity(written: str) -> bool:
    return sum(map(str.isdecimal, written)) <= MAX_DIGITS


def _value(sign: str, whole: str, decimals: str | None) -> int | float:
    whole = sign + re.sub("[.,]", "", whole)
    return float(f"{whole}.{decimals}") if decimals else int(whole)


def near(a: str, b: str) -> bool:
    """Whether two canonical words of NEAR_FROM letters or more are one edit apart; equal ones are not.

    An edit is a letter more, less or other, or two neighbours that changed places. Only words of letters count: a digit
    or a symbol that differs means another answer.
    """
    if len(a) > len(b):
        a, b = b, a
    if len(a) < NEAR_FROM or len(b) - len(a) > 1 or a == b or not (a.isalpha() and b.isalpha()):
        return False
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(a) < len(b):
        return a[at:] == b[at + 1 :]
    return a[at + 1 :] == b[at + 1 :] or (a[at : at + 2] == b[at : at + 2][::-1] and a[at + 2 :] == b[at + 2 :])


def _fold(letter: str, gap: str = "") -> str:
    """One letter's share of the canonical form; it depends on no neighbour. `gap` stands where words part."""
    open_form = unicodedata.normalize("NFKD", letter)
    return "".join(_kept(each, gap) for each in unicodedata.normalize("NFKD", open_form.casefold()))


def _kept(letter: str, gap: str) -> str:
    if letter in _LETTERS:
        return _LETTERS[letter]
    if letter in _BLANK or letter in _APOSTROPHES:
        return ""
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    if category[0] in "PZ" or category == "Cc" or letter in "|~":
        return gap
    if category == "So":
        return f"{gap}{letter}{gap}"
    return "" if category in _UNSEEN or _is_mark(letter, category) else letter


def _is_mark(letter: str, category: str) -> bool:
    """An accent or enclosing sign, variation selectors included, but no vowel of an Indic script."""
    if category == "Mn" and "VARIATION SELECTOR" in unicodedata.name(letter, ""):
        return True
    return category == "Me" or unicodedata.combining(letter) != 0


def _numeral(letter: str) -> str:
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    if letter in _NUMERALS:
        return _NUMERALS[letter]
    return "" if unicodedata.category(letter) in ("Cf", "Mn", "Me") else letter


_joined = _Folding(_fold)
_parted = _Folding(lambda letter: _fold(letter, " "))
_numeric = _Folding(_numeral)
