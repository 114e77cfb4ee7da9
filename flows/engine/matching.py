"""Her answer, read generously: digits of any script, the label's words, case, accents, spaces, one letter wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

from flows.engine.conversation import Value
from flows.engine.model import Ask, Choice, Question
from flows.engine.programme import Programme
from flows.text.canonical import canonical, near, numbers
from flows.text.canonical import words as spoken
from flows.text.languages import ENGLISH, Language

SHORT = 6  # words of an answer whose only number is a word
BETWEEN = 2  # words that may stand between a number and its scale: "out of"
LONGEST_ANSWER = 1000  # characters of free text kept; a provider's message is 1,600 at most
SKIPS = frozenset({"-", "--", ".", "…"})  # neutral tokens (SAFETY 11); canonical() would make them empty
_WORD = re.compile(r"[^\W\d_]+")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2})|(h))?\s*(?:([ap])\.?\s?(?:m\.?)?)?", re.IGNORECASE)
HALF_DAY = 12 * 60


@dataclass(frozen=True, slots=True)
class Answer:
    """`value` goes into the record (None: skipped); `name` picks the route ('' for a number or text)."""

    value: Value
    name: str = ""


SKIPPED = Answer(None, "skip")


def match(step: Question, flow: str, text: str, programme: Programme, language: str) -> Answer | None:
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
    if isinstance(step, Ask) and step.kind == "number":
        return _number(step, text, programme, language)
    if isinstance(step, Ask) and step.into == "contact.language":
        return _named_language(word, programme)
    return _open_answer(step, text) if isinstance(step, Ask) else None


def exact(step: Question, flow: str, text: str, programme: Programme, language: str) -> bool:
    """Whether the text is a choice's token or label, letter for letter in its canonical form."""
    word = canonical(text)
    return any(word == c.token for c in step.choices) or word in _labels(step, flow, programme, language)


def words(programme: Programme, language: str, message: str) -> frozenset[str]:
    """The canonical forms of an answer word in her language and in English."""
    return _words(programme.catalogues.text(language, message, programme.own[message]), programme.own[message])


@lru_cache(maxsize=256)
def _words(*lists: str) -> frozenset[str]:
    return frozenset(canonical(word) for listed in lists for word in listed.split("|")) - {""}


def _labels(step: Question, flow: str, programme: Programme, language: str) -> tuple[str, ...]:
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
        if word in (choice.token, label):
            return choice
    if word in _language(programme, language).unclear:
        return None
    for choice in choices:
        if word == choice.name:
            return choice
    for choice in choices:
        if choice.name in ("yes", "no") and word in words(programme, language, f"words/{choice.name}"):
            return choice
    close = [c for c, label in zip(choices, labels, strict=True) if near(word, label)]
    return close[0] if len(close) == 1 else None


def _named_language(word: str, programme: Programme) -> Answer | None:
    """A language by its own name, its English one or its code, though the question had no room for it."""
    called = {code: _folded((code, each.own_name, each.name)) for code, each in programme.catalogues.languages.items()}
    found = [code for code, names in called.items() if word in names]
    found = found or [code for code, names in called.items() if any(near(word, name) for name in names)]
    return Answer(found[0], found[0]) if len(found) == 1 else None


def _open_answer(step: Ask, text: str) -> Answer | None:
    if step.kind == "time":
        times = clock(text)
        return Answer(times[0]) if times else None
    if step.kind == "text" and text.strip():
        return Answer(text.strip()[:LONGEST_ANSWER])
    return None


def _language(programme: Programme, code: str) -> Language:
    return programme.catalogues.languages.get(code, ENGLISH)


def _in_digits(said: str, programme: Programme, language: str) -> str:
    """With the words for numbers as digits. "One" and its like are also somebody, and count as the whole answer only;
    so do the language's words of two meanings, but also beside another number."""
    text, english, here = programme.catalogues.text, programme.own["words/numbers"], _language(programme, language)
    values = _values(*(text(each, "words/numbers", english) for each in (language, "en")))
    if canonical(said) in values:
        return _WORD.sub(lambda found: _digits(values, found[0], 0, here.unclear), said)
    plain = _WORD.sub(lambda found: _digits(values, found[0], 2, (*here.unclear, *here.beside)), said)
    return _WORD.sub(lambda found: _digits(values, found[0], 2, here.unclear), plain) if numbers(plain) else plain


def _digits(values: Mapping[str, int], said: str, least: int, but: Collection[str]) -> str:
    word = canonical(said)
    value = values.get(word, -1)
    return str(value) if value >= least and word not in but else said


@lru_cache(maxsize=64)
def _values(*lists: str) -> dict[str, int]:
    """From zero on; a list counts in one language, and several words for a number stand with a / between."""
    return {
        canonical(word): value
        for listed in reversed(lists)
        for value, row in enumerate(listed.split("|"))
        for word in row.split("/")
    }


def _is_out_of(in_digits: str, programme: Programme, language: str) -> bool:
    """Whether the last two numbers are of one scale: "9/10", "nine out of ten"; not "from 2 to 10"."""
    if "/" in in_digits:
        return True
    said = spoken(in_digits)
    *_, before, last = (0, 0, *(place for place, word in enumerate(said) if numbers(word)))
    between = said[before + 1 : last]
    if not 0 < len(between) <= BETWEEN or (before and said[before - 1] in _language(programme, language).rising):
        return False
    return not words(programme, language, "words/out_of").isdisjoint((*between, "".join(between)))


def _number(step: Ask, said: str, programme: Programme, language: str) -> Answer | None:
    """On a scale that knows what would be fine, the answer farthest from it: "2 last week, now 9" is 9 (SAFETY 27).

    In a longer sentence a word alone is no number: "one of them", "the two of us".
    """
    in_digits = _in_digits(said, programme, language)
    found = numbers(in_digits) if len(spoken(said)) <= SHORT or numbers(said) else ()
    if len(found) > 1 and _is_out_of(in_digits, programme, language):
        if found[-1] == step.high:
            found = found[:-1]  # 9 out of 10
        elif found[0] == step.high and _language(programme, language).scale_first:
            found = found[1:]
    inside = [number for number in found if step.low <= number <= step.high]
    if step.fine.isdigit() and inside:
        fine = int(step.fine)
        far = max(inside, key=lambda number: abs(number - fine))
        return Answer(ceil(far) if far > fine else floor(far))
    only = set(inside)
    return Answer(int(inside[0])) if len(only) == 1 and inside[0] == int(inside[0]) else None


def clock(text: str) -> tuple[int, ...]:
    """The times of day that a text names, in minutes after midnight: '21:30', '9pm', '21h', digits of any script.

    Two for '9' and '9:30', which may be of the morning or of the evening. None for anything more, as "in 2 hours" is,
    and for '2h', which is a time to some and a span to others.
    """
    found = _CLOCK.fullmatch("".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text.strip()[:40]))
    if not found:
        return ()
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[4] or "").lower()
    open_half = not half and 1 <= hour <= 12 and not found[1].startswith("0")
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12) or (found[3] and open_half):
        return ()
    since = (hour * 60 + minute) % HALF_DAY
    if open_half:
        return tuple(sorted((since, since + HALF_DAY), key=lambda time: time != hour * 60 + minute))
    return (since + HALF_DAY if half == "p" else since,) if half else (hour * 60 + minute,)
