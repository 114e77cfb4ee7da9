"""Ids made by the application before any insert, and the short refs that people read out to each other."""

from __future__ import annotations

import os
import secrets
from threading import Lock

REF_LETTERS = "23456789ACDEFGHJKLMNPQRTUVWXY"  # none that look or sound alike when read out at 3 a.m.
CODE_LENGTH = 8  # drawn in pairs; 29**8 is about 5e11: not to be guessed through a phone in the days a code lives
_PAIRS = [a + b for a in REF_LETTERS for b in REF_LETTERS]

DRAWN = 2048  # bytes at once, for 256 ids


class _Ahead:
    """The system's random bytes, drawn for many ids at once: each draw lets another thread go first. Not for keys."""

    def __init__(self) -> None:
        self._lock, self._digits, self._at = Lock(), "", 0

    def digits(self) -> str:
        """16 hex digits."""
        with self._lock:
            if self._at == len(self._digits):
                self._digits, self._at = os.urandom(DRAWN).hex(), 0
            at = self._at
            self._at = at + 16
            return self._digits[at : at + 16]

    def forget(self) -> None:
        """In a child process, which must not give out what its parent has: and the lock may be held there for ever."""
        self._lock, self._digits, self._at = Lock(), "", 0


_ahead = _Ahead()
os.register_at_fork(after_in_child=_ahead.forget)


def new_id(ms: int) -> str:
    """28 hex digits, time first, so that rows written together lie together."""
    return f"{ms:012x}{_ahead.digits()}"


def made_at(row_id: str) -> int:
    """The milliseconds since 1970 that an id begins with."""
    return int(row_id[:12], 16)


def new_ref(length: int) -> str:
    return "".join(secrets.choice(REF_LETTERS) for _ in range(length))


def new_code() -> str:
    """A one-time code as it is read out and typed, "2A4C-7HJK". Drawn in one go: every turn of a session has one."""
    drawn, a = divmod(int.from_bytes(os.urandom(8)), len(_PAIRS))
    drawn, b = divmod(drawn, len(_PAIRS))
    drawn, c = divmod(drawn, len(_PAIRS))
    return f"{_PAIRS[a]}{_PAIRS[b]}-{_PAIRS[c]}{_PAIRS[drawn % len(_PAIRS)]}"
