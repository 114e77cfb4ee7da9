"""Where nonces come from, and a watch that notices when they repeat.

Random bytes are read from the kernel for each nonce. Reading many at once would be faster, and would hand the same ones
to both sides of a fork or to two copies of a resumed snapshot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from storage.crypto.errors import NonceRepeated

NONCE_BYTES = 12  # the only length for which AES-GCM uses the nonce as it is
WATCHED = 100_000  # about 10 MB; a stuck or cloned source shows itself within a few draws, not after millions

Nonces = Callable[[int], bytes]


class NonceWatch:
    """A source of nonces that raises `NonceRepeated` instead of giving the same one twice.

    For tests and for machines whose randomness is in doubt; it remembers the last `watched` nonces.
    """

    def __init__(self, source: Nonces, watched: int = WATCHED) -> None:
        self._source = source
        self._order: deque[bytes] = deque()
        self._seen: set[bytes] = set()
        self._watched = watched

    def __call__(self, length: int) -> bytes:
        nonce = self._source(length)
        if nonce in self._seen:
            raise NonceRepeated
        self._remember(nonce)
        return nonce

    def _remember(self, nonce: bytes) -> None:
        self._seen.add(nonce)
        self._order.append(nonce)
        if len(self._order) > self._watched:
            self._seen.discard(self._order.popleft())
