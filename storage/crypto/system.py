"""The keys of the service itself: each has one use, and each stands in the database wrapped under the ring."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from storage.crypto.epoch import KEY_BYTES, Entropy
from storage.crypto.errors import DamagedKey, MissingSystemKey, WrongKey
from storage.crypto.ring import Ring
from storage.crypto.secrecy import Secret
from storage.crypto.wrap import SYSTEM, KeyWrap, kid_of

NAMES: Mapping[str, str] = {
    "index": "K_idx",
    "dedup": "K_dedup",
    "audit": "K_audit",
    "staff": "K_staff",
    "system": "K_sys",
    "words": "K_words",
}
"""Field of `SystemKeys` to the name its row has in the database."""

PREVIOUS_INDEX = "K_idx.previous"
"""Row of the index key that is being replaced; there only while addresses are indexed again."""


@dataclass(frozen=True, slots=True, repr=False)
class SystemKeys(Secret):
    """32 bytes each. `previous_index` only while a change of the index key is under way."""

    index: bytes  # blind index of addresses
    dedup: bytes  # provider message ids already seen
    audit: bytes  # the audit chain
    staff: bytes  # values of staff rows, such as TOTP seeds
    system: bytes  # values of rows that belong to nobody
    words: bytes  # signal and duress words, joining codes, API tokens
    previous_index: bytes | None = None


def new_system_keys(ring: Ring, entropy: Entropy = os.urandom) -> dict[str, bytes]:
    """Fresh keys, wrapped, by their rows' names. Only for an empty database: all that stands there is orphaned."""
    wrap = KeyWrap(ring)
    return {name: wrap.wrap(SYSTEM, name, entropy(KEY_BYTES)) for name in NAMES.values()}


def open_system_keys(ring: Ring, rows: Mapping[str, bytes]) -> SystemKeys:
    """The keys that `rows` (name to wrapped bytes) hold.

    Raises `MissingSystemKey`, `WrongKey` where the ring is another database's, `MissingEpoch`, `DestroyedEpoch`.
    """
    wrap = KeyWrap(ring)
    opened = {field: _opened(wrap, name, rows) for field, name in NAMES.items()}
    previous = _opened(wrap, PREVIOUS_INDEX, rows) if PREVIOUS_INDEX in rows else None
    return SystemKeys(**opened, previous_index=previous)


def rewrap_system_keys(ring: Ring, rows: Mapping[str, bytes]) -> dict[str, bytes]:
    """The rows that must change so that all stand under the active epoch."""
    wrap = KeyWrap(ring)
    anew = {name: wrap.rewrap(SYSTEM, name, wrapped) for name, wrapped in rows.items()}
    return {name: wrapped for name, wrapped in anew.items() if wrapped is not None}


def renew_index_key(ring: Ring, rows: Mapping[str, bytes], entropy: Entropy = os.urandom) -> dict[str, bytes]:
    """Rows of a fresh index key and of the one it replaces, to be written together.

    Until every address is indexed again, look up both (`address_indexes`); then delete the row `PREVIOUS_INDEX`. Raises
    `WrongKey` as above, and ValueError while an earlier change is under way: a third key would lose the first.
    """
    if PREVIOUS_INDEX in rows:
        raise ValueError("the index key is being changed already; finish that first")
    wrap = KeyWrap(ring)
    replaced = wrap.wrap(SYSTEM, PREVIOUS_INDEX, _opened(wrap, NAMES["index"], rows))
    return {PREVIOUS_INDEX: replaced, NAMES["index"]: wrap.wrap(SYSTEM, NAMES["index"], entropy(KEY_BYTES))}


def key_values(keys: SystemKeys) -> tuple[tuple[str, bytes], ...]:
    """Field names and keys that are there, in the order of the fields."""
    present = ((field.name, getattr(keys, field.name)) for field in fields(keys))
    return tuple((name, key) for name, key in present if key is not None)


def _opened(wrap: KeyWrap, name: str, rows: Mapping[str, bytes]) -> bytes:
    wrapped = rows.get(name)
    if wrapped is None:
        raise MissingSystemKey(
            f"The database lacks its own key {name}.",
            "restore the database from a backup; a new key would not open what stands there.",
        )
    kid = kid_of(wrapped)
    try:
        return wrap.unwrap(SYSTEM, name, wrapped)
    except DamagedKey:
        pass
    raise WrongKey(
        f"The key ring is not this database's: {name} stands under an epoch {kid} whose key is another one.",
        "start with the ring that belongs to this database. Nothing was changed.",
    )
