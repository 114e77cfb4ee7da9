"""Every sentence of the console by id, with its English: the files of FILES are the catalogue that translators get.

An entry `queue.title` is the message `console/queue.title`. An entry with `one` and `other` is a plural; a translation
may add the forms its language has (`zero`, `two`, `few`, `many`) under the same id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Protocol

import yaml
from babel import Locale

FILES = ("messages.yaml", "messages_instruments.yaml")


class Translate(Protocol):
    """Text of a message id in the console's language; the English comes along for the fallback."""

    def __call__(self, message: str, english: str) -> str: ...


def in_english(message: str, english: str) -> str:
    """The `Translate` of a console that is read in English."""
    return english


@cache
def english() -> Mapping[str, str]:
    """All of FILES, flat: `queue.title` to its English. BaseLoader: `yes` stays a word."""
    flat: dict[str, str] = {}
    for name in FILES:
        text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
        _flatten("", yaml.load(text, Loader=yaml.BaseLoader), flat)  # noqa: S506 - BaseLoader makes strings only
    return flat


def _flatten(prefix: str, node: object, into: dict[str, str]) -> None:
    if not isinstance(node, dict):
        into[prefix] = str(node).strip()
        return
    for key, value in node.items():
        _flatten(f"{prefix}.{key}" if prefix else str(key), value, into)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


@dataclass(frozen=True, slots=True)
class Strings:
    """`say` and `count` are the console's only sources of words. An id that does not exist raises KeyError."""

    translate: Translate = in_english
    language: str = "en"

    def say(self, message: str, /, **params: object) -> str:
        return self._text(message, english()[message], params)

    def count(self, message: str, n: int, /, **params: object) -> str:
        """The plural form for `n`, which fills {n}."""
        form = str(self.locale.plural_form(n))
        written = english().get(f"{message}.{form}") or english()[f"{message}.other"]
        return self._text(f"{message}.{form}", written, {"n": n, **params})

    def has(self, message: str) -> bool:
        return message in english()

    def _text(self, message: str, written: str, params: Mapping[str, object]) -> str:
        text = self.translate(f"console/{message}", written)
        return text.format_map(params) if params else text

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    @property
    def direction(self) -> str:
        return self.locale.text_direction
