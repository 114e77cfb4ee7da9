"""The only things a log line may carry, and the shape of each. A phone number, a name or a sentence fits none of them.

To log something new, add its key here with the narrowest shape that holds it. Words people wrote, numbers, chat ids and
names never get a key (SAFETY 30).
"""

from __future__ import annotations

import re
from collections.abc import Callable

Shape = Callable[[object], bool]

LARGEST_COUNT = 999_999
"""A phone number or a chat id has seven digits or more; no count, duration in ms or code of ours that matters does."""


def _pattern(pattern: str) -> Shape:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _one_of(*values: str) -> Shape:
    return lambda value: value in values


def _count(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LARGEST_COUNT


def _each(shape: Shape) -> Shape:
    return lambda value: isinstance(value, list | tuple) and len(value) <= 24 and all(map(shape, value))


_word = _pattern(r"(?!.*\d{4})[a-z][a-z0-9_./-]{0,63}")
_class = _pattern(r"(?!.*\d{4})[A-Za-z_][\w.]{0,79}")
_place = _pattern(r"(?!.*\d{7})[\w./<>-]{1,160}:\d{1,6}")
_ref = _pattern(r"(?!\d{7,}$)(?:[0-9A-Z]{2,26}|[0-9a-f-]{8,36})")


_named = _pattern(r"[0-9]{1,6}|(?!.*\d{6})[A-Za-z][A-Za-z0-9_]{0,39}")


def _code(value: object) -> bool:
    """A provider's number, as Twilio's 21610, or a word; seven digits may be a phone."""
    return _count(value) or _named(value)


EVENT: Shape = _pattern(r"(?!.*\d{4})[a-z][a-z0-9_.]{2,47}")
"""An event's name: a constant in snake_case. A sentence has spaces and so is none."""

FIELDS: dict[str, Shape] = {
    # which thing, by its opaque name
    "turn": _ref,
    "alert_ref": _ref,
    "page_ref": _ref,
    "calendar": _ref,
    "key_id": _pattern(r"[\w-]{1,40}(?<!\d{7})"),
    # what kind of thing
    "tier": _one_of("P0", "P1", "P2", "P3"),
    "channel": _one_of("sms", "telegram", "simulated", "console", "voice", "email", "push"),
    "provider": _one_of("twilio", "telegram", "simulated"),
    "language": _pattern(r"[a-z]{2,3}(-[A-Za-z]{2,8})*"),
    "kind": _word,
    "flow": _word,
    "step": _word,
    "rule": _word,
    "loop": _word,
    "status": _word,
    "state": _word,
    "outcome": _word,
    "policy": _word,
    "reason": _one_of("malformed", "kind", "service", "live location", "not private", "bot"),  # an update ignored
    "table": _word,
    "column": _word,
    "database": _one_of("sqlite", "postgresql", "memory"),
    "setting": _pattern(r"ROWAN_[A-Z_]{2,40}"),
    "version": _pattern(r"(?!.*\d{7})[\w.+-]{1,40}"),
    "signal": _pattern(r"SIG[A-Z0-9]{2,8}"),
    "code": _code,
    # how much
    "count": _count,
    "size": _count,
    "depth": _count,
    "attempt": _count,
    "rung": _count,
    "millis": _count,
    "seconds": _count,
    "port": _count,
    # what went wrong, and where
    "logger": _class,
    "at": _place,
    "error_class": _class,
    "error_at": _each(_place),
    "caused_by": _each(_class),
}
