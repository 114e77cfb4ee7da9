"""Keys under keys: what is stored of a data key is its wrapped form, and the key ring opens it.

Form: 1 B format | 1 B length of kid | kid | 12 B nonce | AES-256-GCM of the key | 16 B tag. The kid stands in clear so
that rows left behind by a rotation can be found. Authenticated with it: framed("v1", purpose, owner, kid), so a wrapped
key moved to another person, or to another use, does not open.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.crypto.errors import DamagedKey
from storage.crypto.framing import framed
from storage.crypto.nonces import NONCE_BYTES, Nonces
from storage.crypto.ring import Ring
from storage.crypto.secrecy import Secret

FORMAT = 1
PERSON = "dek"  # purpose of a person's data key; the owner is the person's id
SYSTEM = "system"  # purpose of a key of the service itself; the owner is its name
CANARY = "canary"  # purpose of the value that shows at start whether the ring is the right one


class KeyWrap(Secret):
    """Wraps under the active epoch of one ring, unwraps under any that it still holds."""

    __slots__ = ("_epochs", "_nonces", "_ring")

    def __init__(self, ring: Ring, nonces: Nonces = os.urandom) -> None:
        self._ring = ring
        self._nonces = nonces
        self._epochs = {epoch.kid: AESGCM(epoch.key) for epoch in ring.epochs if epoch.key}

    def wrap(self, purpose: str, owner: str, secret: bytes) -> bytes:
        """The secret, readable only with this ring and as this owner's."""
        kid = self._ring.active.kid
        nonce = self._nonces(NONCE_BYTES)
        sealed = self._epochs[kid].encrypt(nonce, secret, _associated(purpose, owner, kid))
        return bytes((FORMAT, len(kid))) + kid.encode() + nonce + sealed

    def unwrap(self, purpose: str, owner: str, wrapped: bytes) -> bytes:
        """The secret again. Raises `MissingEpoch`, `DestroyedEpoch`, or `DamagedKey` where it was changed or moved."""
        kid = kid_of(wrapped)
        epoch = self._epochs.get(kid) or AESGCM(self._ring.key(kid))
        start = 2 + len(kid)
        nonce, sealed = wrapped[start : start + NONCE_BYTES], wrapped[start + NONCE_BYTES :]
        try:
            return epoch.decrypt(nonce, sealed, _associated(purpose, owner, kid))
        except (InvalidTag, ValueError):
            pass
        raise DamagedKey(
            f"The wrapped key ({purpose}) of {owner} does not open under epoch {kid}: changed, cut or moved here.",
            "treat it as an intrusion until shown otherwise, and restore this row from a backup.",
        )

    def rewrap(self, purpose: str, owner: str, wrapped: bytes) -> bytes | None:
        """The same secret under the active epoch, or None where it stands under it already."""
        if kid_of(wrapped) == self._ring.active.kid:
            return None
        return self.wrap(purpose, owner, self.unwrap(purpose, owner, wrapped))


def kid_of(wrapped: bytes) -> str:
    """Id of the epoch that a wrapped key stands under, without opening it. Raises `DamagedKey` where there is none."""
    if len(wrapped) > 2 and wrapped[0] == FORMAT:
        kid = wrapped[2 : 2 + wrapped[1]]
        if kid.isascii() and len(kid) == wrapped[1]:
            return kid.decode()
    raise DamagedKey("A wrapped key has no readable epoch id.", "restore this row from a backup.")


def _associated(purpose: str, owner: str, kid: str) -> bytes:
    return framed("v1", purpose, owner, kid)
