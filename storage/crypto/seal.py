"""One value, sealed: padded, encrypted and bound to its place.

Form: 1 B format | 1 B algorithm | 2 B generation of the data key | 12 B nonce | ciphertext | 16 B tag.
Key: HKDF-SHA256 of the data key, without salt (the data key is random already), info "v1|field".
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from enum import IntEnum
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.crypto.data_key import DataKey
from storage.crypto.epoch import KEY_BYTES
from storage.crypto.errors import BadPlace, Tampered
from storage.crypto.nonces import NONCE_BYTES, Nonces
from storage.crypto.padding import pad, unpad
from storage.crypto.place import Place, associated
from storage.crypto.secrecy import Secret

FORMAT = 1
TAG_BYTES = 16
_HEAD = struct.Struct(">BBH")
_BODY = _HEAD.size + NONCE_BYTES
OVERHEAD = _BODY + TAG_BYTES  # bytes that a sealed value is longer than its padded text


class Algorithm(IntEnum):
    """GCM_SIV costs twice as much and survives a repeated nonce: for machines that are cloned or resumed."""

    GCM = 1
    GCM_SIV = 2


_Aead = AESGCM | AESGCMSIV
_Decrypt = Callable[[bytes, bytes, bytes], bytes]
_FIELD_KEYS: dict[int, tuple[type[AESGCM] | type[AESGCMSIV], bytes]] = {
    Algorithm.GCM: (AESGCM, b"v1|field"),
    Algorithm.GCM_SIV: (AESGCMSIV, b"v1|field|gcm-siv"),  # the two never share a key
}


class Sealer(Secret):
    """Seals and opens the values of one person (`owner`, her id, or empty for nobody's), or of any (`owner` None)."""

    __slots__ = ("_aeads", "_decrypt", "_encrypt", "_head", "_key", "_nonces", "_owner")

    def __init__(
        self,
        key: DataKey,
        owner: str | None,
        *,
        algorithm: Algorithm = Algorithm.GCM,
        nonces: Nonces = os.urandom,
    ) -> None:
        self._key, self._owner, self._nonces = key, owner, nonces
        self._head = _HEAD.pack(FORMAT, algorithm, key.generations[0][0])
        newest = _aead(algorithm, key.generations[0][1])
        self._aeads: dict[bytes, _Aead] = {self._head: newest}
        self._encrypt, self._decrypt = newest.encrypt, newest.decrypt

    def seal(self, plain: bytes, place: Place) -> bytes:
        """Sealed bytes that open only at `place`. Raises `BadPlace`, `NonceRepeated`."""
        if place.person != self._owner and self._owner is not None:
            _refuse_other_owner(place)
        nonce = self._nonces(NONCE_BYTES)
        return self._head + nonce + self._encrypt(nonce, pad(plain), associated(place))

    def open(self, sealed: bytes, place: Place) -> bytes:
        """The value again. Raises `Tampered` unless just these bytes were sealed for just this place; `BadPlace`."""
        if place.person != self._owner and self._owner is not None:
            _refuse_other_owner(place)
        decrypt = self._decrypt if sealed[:4] == self._head else self._decrypt_older(sealed)
        if decrypt is not None:
            try:
                return unpad(decrypt(sealed[4:_BODY], sealed[_BODY:], associated(place)))
            except (InvalidTag, ValueError):
                pass
        raise Tampered(place.table, place.column, place.row_id)

    def stale(self, sealed: bytes) -> bool:
        """Whether the value stands under an older generation or another algorithm than this sealer seals with."""
        return sealed[:4] != self._head

    def _decrypt_older(self, sealed: bytes) -> _Decrypt | None:
        """For a value of another generation or algorithm; None where the head names what this key never had."""
        head = bytes(sealed[: _HEAD.size])
        if head not in self._aeads:
            aead = self._aead_of(head)
            if aead is None:
                return None
            self._aeads[head] = aead
        return self._aeads[head].decrypt

    def _aead_of(self, head: bytes) -> _Aead | None:
        if len(head) < _HEAD.size:
            return None
        format_, algorithm, generation = _HEAD.unpack(head)
        key = dict(self._key.generations).get(generation)
        if format_ != FORMAT or algorithm not in _FIELD_KEYS or key is None:
            return None
        return _aead(algorithm, key)


def _refuse_other_owner(place: Place) -> NoReturn:
    raise BadPlace(
        f"{place.table}.{place.column} of row {place.row_id} names another person than this key's.",
        "take the sealer of the row's person, or erasing that person would not erase this value.",
    )


def _aead(algorithm: int, data_key: bytes) -> _Aead:
    kind, info = _FIELD_KEYS[algorithm]
    return kind(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(data_key))
