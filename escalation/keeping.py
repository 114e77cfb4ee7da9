"""The state of the key ring and of the database as an administrator sees it: ids and times, never a key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

EpochState = Literal["active", "decrypt", "destroyed"]


@dataclass(frozen=True, slots=True)
class EpochSeen:
    """One epoch: `kid` its id, `retired` when it stopped wrapping, None before that."""

    kid: str
    state: EpochState
    created: datetime
    retired: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """`epochs` newest first; `due`: a new epoch is. The times of `rowan db verify`, `backup` and `rotate-keys`, None
    where none is on record."""

    epochs: tuple[EpochSeen, ...]
    due: bool
    verified_at: datetime | None
    saved_at: datetime | None
    rotated_at: datetime | None


class Keeping(Protocol):
    async def state(self, now: datetime) -> Kept: ...
