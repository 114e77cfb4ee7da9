"""What a cover message may never hold: words that could tell the wrong reader what this service is (SAFETY 6 and 8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from flows.authoring.findings import Finding
from flows.authoring.nodes import read_file
from flows.authoring.wording import Said
from flows.text.canonical import words

FORBIDDEN = Path(__file__).parents[1] / "text" / "forbidden.yaml"
NEUTRAL = frozenset({"engine/holding"})  # sent to a phone in anybody's hand, just as a cover is

LINK = re.compile(r"https?:|www\.|@\w|\b[\w-]+\.(?:app|com|cymru|es|eu|gov|ie|info|io|link|ly|me|net|org|uk|wales)\b")
_LONG_NUMBER = re.compile(r"\d(?: ?\d){5,}")


class _Section(BaseModel):
    """One language in forbidden.yaml."""

    model_config = ConfigDict(extra="forbid")

    stems: list[str] = []
    whole: list[str] = []
    prefixes: list[str] = []


@dataclass(frozen=True, slots=True)
class Forbidden:
    """What betrays, in canonical form: beginnings of words with a space before each, whole words with one around."""

    stems: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()

    def __or__(self, other: Forbidden) -> Forbidden:
        return Forbidden(self.stems | other.stems, self.whole | other.whole)

    def found(self, text: str) -> str | None:
        """The first thing in `text` that may not be there."""
        read = f" {' '.join(words(text))} "
        held = [found[0] for found in (LINK.search(text.casefold()), _LONG_NUMBER.search(read)) if found]
        held += sorted(word for word in self.stems | self.whole if word in read)
        return held[0].strip() if held else None


def forbidden(names: Iterable[str] = (), path: Path = FORBIDDEN) -> dict[str, Forbidden]:
    """By language; under "" what holds for every language, `names` of the programme and of organisations included.

    Raises AuthorError when the file is no YAML, pydantic's ValidationError when it holds anything but these lists.
    """
    sections = TypeAdapter(dict[str, _Section]).validate_python(read_file(path).plain())
    found = {code: _forbidden(section) for code, section in sections.items()}
    return {**found, "": found.pop("everywhere", Forbidden()) | _forbidden(_Section(stems=list(names)))}


def cover_words(said: Said, rules: dict[str, Forbidden]) -> Iterator[Finding]:
    """Finds covers with a forbidden word. English ones are refused in every language: people mix."""
    here = rules.get(said.language, Forbidden()) | rules.get("en", Forbidden()) | rules[""]
    for wording in said.own():
        if not (wording.source.id.startswith("cover.") or wording.source.id in NEUTRAL):
            continue
        for form in wording.forms:
            word = here.found(form)
            if word is not None:
                yield wording.finding(f"a cover may not hold {word!r}.", "Write of something harmless instead.")


def _forbidden(section: _Section) -> Forbidden:
    beginnings = ["", *("".join(words(prefix)) for prefix in section.prefixes)]
    stems = [" ".join(words(stem)) for stem in section.stems]
    return Forbidden(
        frozenset(f" {beginning}{stem}" for stem in stems if stem for beginning in beginnings),
        frozenset(f" {' '.join(words(word))} " for word in section.whole),
    )
