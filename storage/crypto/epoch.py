"""One epoch of the key ring: a 256-bit key under which data keys are wrapped for about a month."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, get_args

from storage.crypto.errors import BadRing
from storage.crypto.secrecy import Secret

KEY_BYTES = 32  # AES-256
KID_SHAPE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")  # stands in clear in every wrapped key: short and plain
FEWEST_VALUES = 8  # 32 random bytes with fewer distinct values do not occur; a placeholder such as all zeros has them

RESTORE = "restore the ring from its custodians. The database was not touched."

State = Literal["active", "decrypt", "destroyed"]
STATES: tuple[State, ...] = get_args(State)
Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, repr=False)
class Epoch(Secret):
    """`active` wraps and unwraps, `decrypt` only unwraps, `destroyed` is remembered without its key.

    `retired` is when it stopped being active (None before that): the backup horizon is counted from there.
    Raises `BadRing` when made of parts that cannot be right.
    """

    kid: str
    created: datetime
    state: State
    key: bytes | None
    retired: datetime | None = None

    def __post_init__(self) -> None:
        fault = _fault(self)
        if fault:
            raise BadRing(f"Epoch {self.kid[:32]!r} {fault}", RESTORE)

    def __repr__(self) -> str:
        return f"Epoch({self.kid!r}, {self.state})"

    @classmethod
    def new(cls, now: datetime, state: State, entropy: Entropy = os.urandom) -> Epoch:
        """A fresh random key, named by its day and three random bytes."""
        kid = f"{now.astimezone(UTC):%Y%m%d}-{entropy(3).hex()}"
        return cls(kid, now, state, entropy(KEY_BYTES))

    def retire(self, now: datetime) -> Epoch:
        """The same epoch, kept for reading only."""
        return replace(self, state="decrypt", retired=self.retired or now)

    def destroy(self) -> Epoch:
        """The record of the epoch without its key."""
        return replace(self, state="destroyed", key=None)


def _fault(epoch: Epoch) -> str | None:
    if not KID_SHAPE.fullmatch(epoch.kid):
        return "has an id that is not 1 to 32 small letters, digits and hyphens."
    if epoch.state not in STATES:
        return f"has a state that is none of {', '.join(STATES)}."
    if epoch.created.tzinfo is None or (epoch.retired and epoch.retired.tzinfo is None):
        return "has a date without a time zone."
    return _key_fault(epoch)


def _key_fault(epoch: Epoch) -> str | None:
    if epoch.state == "destroyed":
        return "is marked destroyed while its key is still there." if epoch.key is not None else None
    if epoch.key is None:
        return "has lost its key without being marked destroyed."
    if len(epoch.key) != KEY_BYTES:
        return f"has a key of {len(epoch.key)} bytes instead of {KEY_BYTES}."
    if len(set(epoch.key)) < FEWEST_VALUES:
        return "has a key that is not random."
    return None
