"""Her answer, read generously: digits of any script, the label's words, case, accents, spaces, one letter wrong."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from flows.engine.conversation import Value
from flows.engine.model import Ask, Choice, OfferPlan
from flows.engine.programme import Programme
from flows.text.canonical import canonical, digits, near

LONGEST_ANSWER = 1000  # characters of free text kept; a provider's message is 1,600 at most
SKIPS = frozenset({"-", "--", ".", "…"})  # neutral tokens (SAFETY 11); canonical() would make them empty
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*([ap])?\.?m?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """`value` goes into the record (None: skipped); `name` picks the route ('' for a number or text)."""

    value: Value
    name: str = ""


SKIPPED = Answer(None, "skip")


def match(step: Ask | OfferPlan, flow: str, text: str, programme: Programme, language: str) -> Answer | None:
    """What she answered to this step of `flow`, or None when it cannot be read."""
    for offered in step.choices:
        if text == offered.token:  # most answers are just that
            return Answer(offered.name, offered.name)
    word = canonical(text)
    if text.strip() in SKIPS or (not word.isdigit() and word in words(programme, language, "words/skip")):
        return SKIPPED
    if step.choices:
        choice = _choice(step.choices, _labels(step, flow, programme, language), word, programme, language)
        if choice is not None:
            return Answer(choice.name, choice.name)
    zero_is_an_answer = isinstance(step, Ask) and step.kind in ("number", "text", "time")
    if word == "0" and not zero_is_an_answer:
        return SKIPPED
    return _open_answer(step, text) if isinstance(step, Ask) else None


def exact(step: Ask | OfferPlan, flow: str, text: str, programme: Programme, language: str) -> bool:
    """Whether the text is a choice's token or label, letter for letter in its canonical form."""
    word = canonical(text)
    return any(word == c.token for c in step.choices) or word in _labels(step, flow, programme, language)


def words(programme: Programme, language: str, message: str) -> frozenset[str]:
    """The canonical forms of an answer word in her language and in English."""
    return _words(programme.catalogues.text(language, message, programme.own[message]), programme.own[message])


@lru_cache(maxsize=256)
def _words(*lists: str) -> frozenset[str]:
    return frozenset(canonical(word) for listed in lists for word in listed.split("|")) - {""}


def _labels(step: Ask | OfferPlan, flow: str, programme: Programme, language: str) -> tuple[str, ...]:
    text = programme.catalogues.text
    return _folded(tuple(text(language, f"{flow}/{step.name}.{c.name}", c.english) for c in step.choices))


@lru_cache(maxsize=4096)  # the labels of every question in every language: a few hundred
def _folded(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(canonical(label) for label in labels)


def _choice(
    choices: tuple[Choice, ...], labels: tuple[str, ...], word: str, programme: Programme, language: str
) -> Choice | None:
    if not word:
        return None
    for choice, label in zip(choices, labels, strict=True):
        if word in (choice.token, label, choice.name):
            return choice
    for choice in choices:
        if choice.name in ("yes", "no") and word in words(programme, language, f"words/{choice.name}"):
            return choice
    close = [c for c, label in zip(choices, labels, strict=True) if near(word, label)]
    return close[0] if len(close) == 1 else None


def _open_answer(step: Ask, text: str) -> Answer | None:
    if step.kind == "number":
        number = digits(text)
        fits = number is not None and number == int(number) and step.low <= number <= step.high
        return Answer(int(number)) if fits and number is not None else None
    if step.kind == "time":
        return _time(text)
    if step.kind == "text" and text.strip():
        return Answer(text.strip()[:LONGEST_ANSWER])
    return None


def _time(text: str) -> Answer | None:
    """A time of day as minutes after midnight: '21:30', '9pm', '9.30', Arabic digits too."""
    found = _CLOCK.search("".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text[:40]))
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    hour = hour % 12 + (12 if half == "p" else 0) if half and hour <= 12 else hour
    return Answer(hour * 60 + minute) if hour < 24 and minute < 60 else None
