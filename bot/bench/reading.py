"""How many short messages are read for danger in a second, in all languages at once, on one core.

The messages are the service's own texts to her, cut to what people write in a text: eight languages, their own letters,
everyday words and words that sound like danger.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from flows.engine.programme import Programme

WORDS = (4, 12)  # of a message: fewer are an answer, more no short message
MANY = 20_000
LONGEST = 2_000  # characters of the worst
HOSTILE = ("he will kill me ", "a", "ké ", "\u0627", "he he he not never no ", "x1 ")


def messages(programme: Programme) -> list[tuple[str, str]]:
    """(language, text), the languages in turn."""
    said = programme.catalogues.languages
    cut: dict[str, list[str]] = {
        code: [" ".join(text.split()[: WORDS[1]]) for text in _texts(programme, code) if len(text.split()) >= WORDS[0]]
        for code in said
    }
    return [(code, texts[place % len(texts)]) for place in range(MANY // len(cut)) for code, texts in cut.items()]


def _texts(programme: Programme, code: str) -> Sequence[str]:
    return [programme.catalogues.text(code, name, english) for name, english in programme.own.items()]


def per_second(programme: Programme) -> float:
    said = messages(programme)
    read = programme.reader.read
    for code, text in said[:500]:
        read(text, code)
    began = time.perf_counter()
    for code, text in said:
        read(text, code)
    return len(said) / (time.perf_counter() - began)


def slowest(programme: Programme) -> float:
    """Milliseconds of the worst of some hostile messages, each the best of five: the bound is on the work."""
    read = programme.reader.read
    return max(min(_took(read, (text * LONGEST)[:LONGEST]) for _ in range(5)) for text in HOSTILE)


def _took(read: Callable[[str], object], text: str) -> float:
    began = time.perf_counter()
    read(text)
    return (time.perf_counter() - began) * 1000
