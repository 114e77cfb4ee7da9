"""Every sentence of the console by id, with its English: the files of MESSAGES are what `rowan locales extract` reads.

An entry `queue.title` is the message `console/queue.title` of the catalogues (locales/<code>/LC_MESSAGES/console.po).
An entry with `one` and `other` is a plural; a translation has its own language's forms. What is missing is English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import yaml
from babel import Locale
from babel.numbers import format_decimal

from escalation.console.sayings import Sayings
from flows.text.catalogue import Catalogues
from flows.text.languages import SOURCE
from flows.text.render import render

MESSAGES = (
    "messages.yaml",
    "messages_audit.yaml",
    "messages_calendar.yaml",
    "messages_claims.yaml",
    "messages_decisions.yaml",
    "messages_drawing.yaml",
    "messages_erasing.yaml",
    "messages_file.yaml",
    "messages_giving.yaml",
    "messages_instruments.yaml",
    "messages_keeping.yaml",
    "messages_ladder.yaml",
    "messages_meeting.yaml",
    "messages_methods.yaml",
    "messages_queue.yaml",
    "messages_reasons.yaml",
    "messages_roles.yaml",
    "messages_rota.yaml",
    "messages_tasks.yaml",
    "messages_shift.yaml",
    "messages_supervision.yaml",
)
REFUSAL = "refusal."  # sentences of the ports, which know no language
REASON = "told."  # why an alert stands, as the engine and the storage write it


@cache
def english() -> Mapping[str, str]:
    """All of MESSAGES, flat: `queue.title` to its English. BaseLoader: `yes` stays a word."""
    flat: dict[str, str] = {}
    for name in MESSAGES:
        text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
        _flatten("", yaml.load(text, Loader=yaml.BaseLoader), flat)  # noqa: S506 - BaseLoader makes strings only
    return flat


def message_id(entry: str) -> str:
    """The id under which translators find an entry."""
    return f"console/{entry}"


def plurals() -> frozenset[str]:
    """Entries that depend on a number."""
    known = english()
    ones = (entry.removesuffix(".one") for entry in known if entry.endswith(".one"))
    return frozenset(entry for entry in ones if f"{entry}.other" in known)


def _flatten(prefix: str, node: object, into: dict[str, str]) -> None:
    if not isinstance(node, dict):
        into[prefix] = str(node).strip()
        return
    for key, value in node.items():
        _flatten(f"{prefix}.{key}" if prefix else str(key), value, into)


@cache
def _own_reasons() -> Sayings:
    return Sayings(reasons())


def reasons() -> Iterator[tuple[str, str]]:
    """(message id, English) of the engine's and the storage's own reasons."""
    return ((message_id(entry), said) for entry, said in english().items() if entry.startswith(REASON))


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


@cache
def _refusals() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each sentence of a refusal as a pattern: what stands for a {name} is found again."""
    known = ((entry, said) for entry, said in english().items() if entry.startswith(REFUSAL))
    return tuple((entry, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(said)))) for entry, said in known)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence and the language it is in: the reader's, or English."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Strings:
    """`say` and `count` are the console's only sources of words. An id that does not exist raises KeyError.

    `sayings` are the sentences of rules and danger words, of which `reason` is told.
    """

    words: Catalogues = field(default_factory=Catalogues)
    language: str = SOURCE
    sayings: Sayings = field(default_factory=Sayings)

    def say(self, message: str, /, **params: object) -> str:
        return self._filled(self.words.text(self.language, message_id(message), english()[message]), params)

    def count(self, message: str, n: int, /, **params: object) -> str:
        """The plural form for `n`, which fills {n}."""
        one, other = english()[f"{message}.one"], english()[f"{message}.other"]
        text = self.words.plural(self.language, message_id(message), n, one, other)
        return self._filled(text, {"n": n, **params})

    def has(self, message: str) -> bool:
        return message in english()

    def told(self, why: str) -> str:
        """The English sentence of a refusal, or of what was found, in this language; else as it is."""
        for entry, pattern in _refusals():
            found = pattern.fullmatch(why)
            if found:
                return self.say(entry, **found.groupdict())
        return why

    def reason(self, sentence: str) -> Told:
        """Why an alert stands, or its title, in this language; as it was written where it has no translation."""
        found = self.sayings.find(sentence) or _own_reasons().find(sentence)
        text = self.words.text(self.language, found.message, "") if found else ""
        return Told(found.filled(text), self.language) if found and text else Told(sentence, SOURCE)

    def _filled(self, text: str, params: Mapping[str, object]) -> str:
        """Whole numbers as the language writes them: 4,000 or 4000."""
        if not params:
            return text
        said = {name: self._number(value) if type(value) is int else value for name, value in params.items()}
        return render(text, said)

    def _number(self, value: int) -> str:
        return str(format_decimal(value, locale=self.locale))

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    @property
    def direction(self) -> str:
        return self.locale.text_direction
