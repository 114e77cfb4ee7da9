"""Keyed hashes: what must be found by equality without standing in clear.

Each is HMAC-SHA256 over framed parts that begin with the version and the use, so hashes of different uses never meet.
Without the key they say nothing; with it, phone numbers and words are few enough to be tried (SECURITY 2.2), which is
why the keys live under the ring and not in a setting.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from storage.crypto.address import is_canonical
from storage.crypto.errors import BadAddress
from storage.crypto.framing import framed
from storage.crypto.system import SystemKeys

WORD_BYTES = 16  # two of her words, or the words of many people, do not meet by chance in 128 bits

CodeKind = Literal["join", "token", "call", "proof"]


def address_index(key: bytes, channel: str, address: str) -> bytes:
    """32 bytes under K_idx, the same for every message of one phone. Raises `BadAddress` unless it is canonical."""
    if not is_canonical(channel, address):
        raise BadAddress("This address is not in its canonical form.", "the calling code makes it so before.")
    return _mac(key, "address", channel, address)


def address_indexes(keys: SystemKeys, channel: str, address: str) -> tuple[bytes, ...]:
    """What an address may be indexed under: one value, or two (newest first) while the index key is being changed."""
    known = [keys.index] if keys.previous_index is None else [keys.index, keys.previous_index]
    return tuple(address_index(key, channel, address) for key in known)


def case_indexes(keys: SystemKeys, number: str) -> tuple[bytes, ...]:
    """What a programme's case number may be indexed under, newest first: 32 bytes, the same for all of one case.

    Only the whole number is found: case and white space do not count, everything else does.
    """
    known = [keys.index] if keys.previous_index is None else [keys.index, keys.previous_index]
    written = " ".join(number.casefold().split())
    return tuple(_mac(key, "case", written) for key in known)


def dedup_mac(key: bytes, provider: str, message_id: str) -> bytes:
    """32 bytes under K_dedup by which a message that comes twice is known, without keeping the provider's id."""
    return _mac(key, "message", provider, message_id)


def word_mac(key: bytes, person_id: str, canonical_text: str) -> str:
    """22 characters (16 bytes, base64url) under K_words, for a signal or duress word in its canonical form.

    The person is part of it: two people with the same word do not look alike, and a stolen list serves for one person.
    """
    mac = _mac(key, "word", person_id, canonical_text)
    return urlsafe_b64encode(mac[:WORD_BYTES]).rstrip(b"=").decode()


def code_mac(key: bytes, kind: CodeKind, code: str) -> bytes:
    """32 bytes under K_words by which a joining code, an API token or a call is found. Long random codes only.

    `proof`: a short code of a worker's phone, with the phone's id, good for minutes and few tries."""
    return _mac(key, "code", kind, code)


def _mac(key: bytes, *parts: str) -> bytes:
    begun = _begun(key).copy()
    begun.update(framed("v1", *parts))
    return begun.finalize()


@lru_cache(maxsize=8)
def _begun(key: bytes) -> HMAC:
    """With the key read in already: three are asked for in every turn, and to go on from a copy takes a third."""
    return HMAC(key, SHA256())
