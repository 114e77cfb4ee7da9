"""A language and its plural rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from gettext import c2py
from typing import Literal

Direction = Literal["ltr", "rtl"]
Status = Literal["draft", "reviewed", "released"]

SOURCE = "en"  # the language in which flows are written; it needs no translation
PLURAL_SAMPLE = range(201)  # every rule of CLDR shows all its forms for integers below 200

_compiled: Callable[[str], Callable[[int], int]] = lru_cache(maxsize=64)(c2py)


@dataclass(frozen=True, slots=True)
class PluralRule:
    """How many plural forms a language has, and a C expression in n that chooses one (gettext's own notation)."""

    forms: int
    expression: str

    @classmethod
    def parse(cls, header: str) -> PluralRule:
        """From `nplurals=2; plural=(n != 1);`. Raises ValueError when it is no such rule or chooses a form too many."""
        found = re.fullmatch(r"\s*nplurals\s*=\s*([1-9])\s*;\s*plural\s*=\s*(.+?)\s*;?\s*", header)
        if found is None:
            raise ValueError(f"{header!r} is no plural rule like 'nplurals=2; plural=(n != 1);'")
        rule = cls(int(found[1]), found[2])
        try:
            beyond = [n for n in PLURAL_SAMPLE if not 0 <= rule.index(n) < rule.forms]
        except ArithmeticError as error:
            raise ValueError(f"{header!r} cannot be computed for every number: {error}") from error
        if beyond:
            raise ValueError(f"{header!r} chooses a form that does not exist for n = {beyond[0]}")
        return rule

    def index(self, n: int) -> int:
        """The form for `n` things; a negative `n` counts as its size."""
        return _compiled(self.expression)(abs(n))

    def agrees(self, other: PluralRule) -> bool:
        """Whether both choose the same form for every number, however they are written."""
        return self.forms == other.forms and all(self.index(n) == other.index(n) for n in PLURAL_SAMPLE)

    def __str__(self) -> str:
        return f"nplurals={self.forms}; plural={self.expression};"


ENGLISH_RULE = PluralRule(2, "(n != 1)")


@dataclass(frozen=True, slots=True)
class Language:
    """One entry of languages.toml. `code` is a BCP 47 tag, `fallback` the languages tried when a text is missing.

    `unclear` are canonical words that would be taken for an answer and may mean another in this language: they are
    asked for again. `beside` are words for numbers that mean something else in a sentence ("رہنے دو"), unless they
    stand beside another number. `rising` are words before a number that make what follows no scale; `scale_first`:
    "10 میں سے 8" is 8 of 10.
    """

    code: str
    name: str
    own_name: str
    direction: Direction = "ltr"
    fallback: tuple[str, ...] = (SOURCE,)
    plural: PluralRule = ENGLISH_RULE
    status: Status = "draft"
    reviewers: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    rising: tuple[str, ...] = ()
    scale_first: bool = False


ENGLISH = Language(SOURCE, "English", "English", fallback=(), status="released")
