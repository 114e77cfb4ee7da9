"""The formats, written out by hand from SECURITY 2.1 with the bare primitives: data at rest must be readable for years.

Nothing of storage.crypto is used to compute what is expected. Where a test here fails, either the change must be undone
or there must be a new format number and a reader for the old one.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from base64 import b64encode
from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from storage.crypto.chain import GENESIS, head, next_mac
from storage.crypto.data_key import DataKey
from storage.crypto.epoch import Epoch
from storage.crypto.index import address_index, code_mac, dedup_mac, word_mac
from storage.crypto.place import Place, associated
from storage.crypto.ring import Ring
from storage.crypto.seal import Algorithm, Sealer
from storage.crypto.wrap import PERSON, SYSTEM, KeyWrap

KEY = bytes(range(32))
EPOCH_KEY = bytes(range(100, 132))
NONCE = bytes(range(200, 212))
PLACE = Place("event", "body", "01JEVENT", "01JPERSON", 7)

# v1 | lengths of table and column | table | column | lengths of row and person, version | row | person
PLACE_BYTES = (
    b"v1" + b"\x00\x05" + b"\x00\x04" + b"event" + b"body"
    + b"\x00\x08" + b"\x00\x09" + b"\x00\x00\x00\x00\x00\x00\x00\x07" + b"01JEVENT" + b"01JPERSON"
)  # fmt: skip


def nonce(length: int) -> bytes:
    assert length == 12
    return NONCE


def parts(*texts: bytes) -> bytes:
    """Each part behind its length in four bytes."""
    return b"".join(struct.pack(">I", len(text)) + text for text in texts)


def hkdf(key: bytes, info: bytes) -> bytes:
    """RFC 5869 in its two steps, with the default salt of zeros."""
    return HKDFExpand(SHA256(), 32, info).derive(hmac.digest(bytes(32), key, "sha256"))


def test_the_derivation_written_out_is_rfc_5869() -> None:
    assert hkdf(KEY, b"v1|field") == HKDF(SHA256(), 32, None, b"v1|field").derive(KEY)


def test_a_place_is_these_bytes() -> None:
    assert associated(PLACE) == PLACE_BYTES


@pytest.mark.parametrize(
    ("algorithm", "cipher", "info"),
    [(Algorithm.GCM, AESGCM, b"v1|field"), (Algorithm.GCM_SIV, AESGCMSIV, b"v1|field|gcm-siv")],
)
def test_a_sealed_value_is_these_bytes(
    algorithm: Algorithm, cipher: type[AESGCM] | type[AESGCMSIV], info: bytes
) -> None:
    padded = b"afraid 9" + b"\x80" + bytes(55)
    head_bytes = bytes([1, int(algorithm), 0, 3])
    expected = head_bytes + NONCE + cipher(hkdf(KEY, info)).encrypt(NONCE, padded, PLACE_BYTES)

    sealer = Sealer(DataKey(((3, KEY),)), "01JPERSON", algorithm=algorithm, nonces=nonce)

    assert sealer.seal(b"afraid 9", PLACE) == expected
    assert sealer.open(expected, PLACE) == b"afraid 9"


def test_a_value_sealed_by_the_first_release_opens() -> None:
    sealed = bytes.fromhex(
        "01010003c8c9cacbcccdcecfd0d1d2d31737a175511de31a2eb29dacad34da96981178c2083ad9ffb24d274c7276f7e7"
        "92e21c85bb9e447e4ecb26bdd5a6699b99d7db59046282b29f4efcb4092badd7ea5234a10ac6013a0a169aa3701ec80a"
    )
    assert Sealer(DataKey(((3, KEY),)), "01JPERSON").open(sealed, PLACE) == b"afraid 9"


def test_a_wrapped_key_is_these_bytes() -> None:
    ring = Ring((Epoch("20261101-aaaaaa", datetime(2026, 11, 1, tzinfo=UTC), "active", EPOCH_KEY),))
    kid = b"20261101-aaaaaa"
    for purpose, owner, secret in ((PERSON, "01JPERSON", b"\x00\x01" + KEY), (SYSTEM, "K_idx", KEY)):
        context = parts(b"v1", purpose.encode(), owner.encode(), kid)
        expected = b"\x01\x0f" + kid + NONCE + AESGCM(EPOCH_KEY).encrypt(NONCE, secret, context)

        assert KeyWrap(ring, nonce).wrap(purpose, owner, secret) == expected
        assert KeyWrap(ring).unwrap(purpose, owner, expected) == secret


def test_the_purposes_in_clear_are_these() -> None:
    assert (PERSON, SYSTEM) == ("dek", "system")


def test_a_data_key_packs_to_its_generations_newest_first() -> None:
    key = DataKey(((2, EPOCH_KEY), (1, KEY)))
    assert key.packed() == b"\x00\x02" + EPOCH_KEY + b"\x00\x01" + KEY
    assert DataKey.unpacked(key.packed()) == key


def test_the_keyed_hashes_are_these() -> None:
    def mac(*texts: bytes) -> bytes:
        return hmac.new(KEY, parts(b"v1", *texts), hashlib.sha256).digest()

    assert address_index(KEY, "sms", "+447700900123") == mac(b"address", b"sms", b"+447700900123")
    assert dedup_mac(KEY, "twilio", "SM1") == mac(b"message", b"twilio", b"SM1")
    assert code_mac(KEY, "join", "7Q4K") == mac(b"code", b"join", b"7Q4K")
    word = mac(b"word", b"01JPERSON", b"sunflower")[:16]
    assert b64encode(word, b"-_") == b"QHX8diNEwqBzMcTpLZE4jw=="
    assert word_mac(KEY, "01JPERSON", "sunflower") == "QHX8diNEwqBzMcTpLZE4jw"


def test_the_audit_chain_is_these_bytes() -> None:
    row: dict[str, str | int | None] = {"what": "read", "id": 7, "reason": None}
    chained = parts(b"v1", b"audit", bytes(32), b"id", b"i7", b"reason", b"n", b"what", b"sread")
    mac = hmac.new(KEY, chained, hashlib.sha256).digest()

    assert next_mac(KEY, GENESIS, row) == mac
    signed = parts(b"v1", b"audit-head", b"2026-11-20", b"1", mac)
    assert head(KEY, date(2026, 11, 20), 1, mac).signature == hmac.new(KEY, signed, hashlib.sha256).digest()
