"""One entry of a directory on its way: its values read carefully, what is refused of it, what is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from flows.authoring.findings import Finding
from flows.authoring.fit import did_you_mean
from flows.authoring.nodes import Place, fault
from flows.authoring.placed import Placed

LONGEST_TEXT = 600  # characters of a description that workers see
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


class Entry:
    """A table of the file that is to become a service. `refused` keeps it out, or a part of it; `left_out` does not."""

    def __init__(self, file: str, table: Placed) -> None:
        self.file, self.table = file, table
        self.refused: list[Finding] = []
        self.left_out: list[Finding] = []
        self.sound = True

    @property
    def label(self) -> str:
        """What the report calls it."""
        return text(self.table, "name")[:60] or text(self.table, "id")[:60] or "an entry without a name"

    def refuse(self, problem: str, hint: str, at: Placed | None = None) -> None:
        """Keep the whole entry out."""
        self.sound = False
        self.refuse_part(problem, hint, at)

    def refuse_part(self, problem: str, hint: str, at: Placed | None = None) -> None:
        self.refused.append(self._told(problem, hint, at))

    def leave_out(self, problem: str, at: Placed | None = None) -> None:
        self.left_out.append(self._told(problem, "", at))

    def _told(self, problem: str, hint: str, at: Placed | None) -> Finding:
        line = (self.table if at is None else at).line
        found = fault(self.file, Place(line, 1), f"{self.label}: {problem}", hint or " ")
        return found if hint else Finding(found.file, found.line, found.column, found.problem)

    def one_of(self, table: Placed, key: str, known: Iterable[str], unless: str) -> str:
        """A word of a closed list; `unless` where nothing is written."""
        word, known = plain_word(table.get(key)), tuple(known)
        if not word or word in known:
            return word or unless
        self.refuse(f"`{key}` is {word[:40]!r}, which is not known here", did_you_mean(word, known), table)
        return unless

    def some_of(self, table: Placed, key: str, known: Iterable[str]) -> tuple[str, ...]:
        """Words of a closed list, from a list or from one text with commas or semicolons between."""
        found, known = [], tuple(known)
        for word in words(table.get(key)):
            if word in known:
                found.append(word)
            elif word != "none":
                self.refuse(f"`{key}` has {word[:40]!r}, which is not known here", did_you_mean(word, known), table)
        return tuple(dict.fromkeys(found))

    def day(self, table: Placed, key: str) -> date | None:
        """A date; None where none is written."""
        written = text(table, key)
        if not written or written == "none":
            return None
        try:
            return date.fromisoformat(written[:10])
        except ValueError:
            self.refuse(f"`{key}` is {written[:40]!r}, which is no date", "Write it as 2026-03-31", table)
            return None


def text(table: Placed, key: str) -> str:
    """Words on one line without what cannot be seen; '' for anything that is no text or number."""
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(_UNSEEN.sub(" ", str(value)).split())


def plain_word(value: Any) -> str:
    """A word for comparing: true and false are yes and no, case and dashes do not matter."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str | int):
        return ""
    return re.sub(r"[\W_]+", "_", str(value).strip().lower().replace("+", "")).strip("_")


def words(value: Any) -> Iterator[str]:
    listed = value if isinstance(value, list) else re.split(r"[;,]", value) if isinstance(value, str) else [value]
    yield from (word for each in listed if (word := plain_word(each)))
