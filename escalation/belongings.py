"""What a member of staff has that opens doors or rings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from escalation.methods import Method


@dataclass(frozen=True, slots=True)
class Phone:
    """Where a worker is paged. `ends` are the last characters of its address; `open`: it takes our messages; `proven`:
    by a code."""

    id: str
    channel: Method
    ends: str
    open: bool
    proven: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token of the API that works. The token itself is not kept."""

    id: str
    label: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Belongings:
    """What somebody has that opens doors or rings. `browsers`: how many are signed in."""

    phones: tuple[Phone, ...]
    tokens: tuple[Token, ...]
    browsers: int
