"""A value that shows at start, before the first person is served, whether ring, keys and database belong together."""

from __future__ import annotations

import hashlib
import hmac

from storage.crypto.errors import DamagedKey, WrongKey
from storage.crypto.framing import framed
from storage.crypto.ring import Ring
from storage.crypto.system import SystemKeys, key_values
from storage.crypto.wrap import CANARY, KeyWrap, kid_of

_OWNER = "database"
_CHANGING = "previous_index"  # comes and goes with a change of the index key


def canary(ring: Ring, keys: SystemKeys) -> bytes:
    """A fingerprint of the service's own keys, wrapped under the active epoch; stored at `init`.

    Store a new one in the same transaction as every change of the system keys or of their wrapping.
    """
    return KeyWrap(ring).wrap(CANARY, _OWNER, _fingerprint(keys))


def check_canary(ring: Ring, keys: SystemKeys, stored: bytes) -> None:
    """Raises `WrongKey` unless `stored` was made with this ring and these keys; `MissingEpoch`, `DestroyedEpoch`."""
    try:
        found = KeyWrap(ring).unwrap(CANARY, _OWNER, stored)
    except DamagedKey:
        found = b""
    if not hmac.compare_digest(found, _fingerprint(keys)):
        raise WrongKey(
            f"The key ring (epoch {kid_of(stored)}) is not this database's, or the database's own keys were replaced.",
            "start with the ring and the database that belong together. Nothing was changed.",
        )


def _fingerprint(keys: SystemKeys) -> bytes:
    named = ((name, hmac.digest(key, b"v1|canary", "sha256")) for name, key in key_values(keys) if name != _CHANGING)
    return hashlib.sha256(framed(*(part for pair in named for part in pair))).digest()
