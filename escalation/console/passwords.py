"""Passwords: Argon2id, at a bounded rate, and the same work for a name that does not exist."""

from __future__ import annotations

import unicodedata

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12  # characters of one that somebody chooses
LONGEST = 512  # characters: a passphrase fits, a megabyte that would only heat the machine does not
AT_ONCE = 2  # hashes in work: each takes 64 MiB and a core for about 50 ms
WAITING = 24  # sign-ins in the queue for a hash before the console says that it is busy

_hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)  # RFC 9106, second recommended option
# The hash of 32 random bytes that were thrown away, with the parameters above: what an unknown name is compared with.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$K4u89hST3J3zajTXXp8kbQ$bjPsFd/nPW5C9nYlvKgNVEShmHEMSzioTa+qPGW6vXY"


def fits(password: str) -> bool:
    """Whether somebody may choose it. NIST SP 800-63B: its length alone is asked for."""
    return SHORTEST <= len(password) <= LONGEST


class Busy(Exception):
    """Too many sign-ins at once. Trying again in a moment helps."""


def hash_password(password: str) -> str:
    """The Argon2id string that `Account.password` holds. Raises ValueError when the password is empty or too long."""
    if not 0 < len(password) <= LONGEST:
        raise ValueError(f"A password has 1 to {LONGEST} characters.")
    return _hasher.hash(_canonical(password))


def is_password(stored: str, password: str) -> bool:
    """Slow on purpose. An overlong password costs the same as a wrong one."""
    try:
        _hasher.verify(stored, _canonical(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return len(password) <= LONGEST


def _canonical(password: str) -> str:
    """The same key presses give the same bytes on every device."""
    return unicodedata.normalize("NFKC", password)


class PasswordCheck:
    """At most AT_ONCE hashes in work and WAITING in the queue, for the whole process."""

    def __init__(self) -> None:
        self._limiter: CapacityLimiter | None = None
        self._waiting = 0

    async def hashed(self, password: str) -> str:
        """As `hash_password`, no more of them at once than there may be."""
        self._limiter = self._limiter or CapacityLimiter(AT_ONCE)
        return await to_thread.run_sync(hash_password, password, limiter=self._limiter)

    async def __call__(self, stored: str | None, password: str) -> bool:
        """Whether it is the password; `stored` None (nobody of that name) is False after the same work. Raises Busy."""
        if self._waiting >= WAITING:
            raise Busy
        self._limiter = self._limiter or CapacityLimiter(AT_ONCE)
        self._waiting += 1
        try:
            right = await to_thread.run_sync(is_password, stored or NOBODY, password, limiter=self._limiter)
        finally:
            self._waiting -= 1
        return right and stored is not None
