"""How many messages are read for danger in a second, on one core, in all languages at once.

The messages are the labelled ones that the reader is tested with, half of them alarming: people who write to this line
are read slower than people who write of tea. The seconds are the processor's, so that a busy machine does not decide.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from flows.authoring.learning import EVERYDAY
from flows.authoring.signals import Labelled, read_messages
from flows.engine.programme import Programme

SHORT = 8  # words of a short message: what fits in a line on a small phone
MANY = 10_000  # of them are read, in any order
LONGEST = 2_000  # characters of the worst
HOSTILE = ("he will kill me ", "a", "ké ", "\u0627", "he he he not never no ", "x1 ")


def messages(folder: Path) -> list[Labelled]:
    """All of `messages.*.csv` there, mixed, the same each time. Raises AuthorError as `read_messages` does."""
    rows = [row for path in sorted(folder.glob("messages.*.csv")) for row in read_messages(path)]
    random.Random(len(rows)).shuffle(rows)  # noqa: S311 - an order, no secret
    return rows


def kinds(rows: Sequence[Labelled]) -> dict[str, Sequence[Labelled]]:
    """What is measured apart: short ones, those of any length, those of a harmless day."""
    return {
        f"messages of at most {SHORT} words": [row for row in rows if len(row.text.split()) <= SHORT][:MANY],
        "messages of any length": rows[:MANY],
        "messages of an everyday kind": [row for row in rows if row.note == EVERYDAY][:MANY],
    }


def per_second(programme: Programme, said: Sequence[Labelled]) -> float:
    read = programme.reader.read
    for row in said[:500]:
        read(row.text, row.language)
    began = time.process_time()
    for row in said:
        read(row.text, row.language)
    return len(said) / (time.process_time() - began)


def slowest(programme: Programme) -> float:
    """Milliseconds of the worst of some hostile messages, each the best of five: the bound is on the work."""
    read = programme.reader.read
    return max(min(_took(read, (text * LONGEST)[:LONGEST]) for _ in range(5)) for text in HOSTILE)


def _took(read: Callable[[str], object], text: str) -> float:
    began = time.perf_counter()
    read(text)
    return (time.perf_counter() - began) * 1000
