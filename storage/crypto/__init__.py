"""The cryptography of Rowan, without a database: others store what these functions give.

    Ring ── KeyWrap ──┬── SystemKeys ── index, chain, Keys.system, Keys.staff
     (epoch keys)     └── DataKey of a person ── Sealer ── sealed values

docs/crypto-inventory.md lists each key, what it protects and what still leaks.
"""

from storage.crypto.address import provider_address, typed_address
from storage.crypto.canary import canary, check_canary
from storage.crypto.errors import BadAddress, CryptoProblem, KeyProblem, NonceRepeated, SealProblem, Tampered
from storage.crypto.index import address_index, address_indexes, code_mac, dedup_mac, word_mac
from storage.crypto.keys import Keys
from storage.crypto.place import Place
from storage.crypto.process import Hardening, harden
from storage.crypto.ring import Ring, new_ring
from storage.crypto.ring_source import RingCommand, RingFile, RingSecret
from storage.crypto.seal import Algorithm, Sealer
from storage.crypto.system import SystemKeys, new_system_keys, open_system_keys, rewrap_system_keys
from storage.crypto.wrap import KeyWrap, kid_of

__all__ = [
    "Algorithm",
    "BadAddress",
    "CryptoProblem",
    "Hardening",
    "KeyProblem",
    "KeyWrap",
    "Keys",
    "NonceRepeated",
    "Place",
    "Ring",
    "RingCommand",
    "RingFile",
    "RingSecret",
    "SealProblem",
    "Sealer",
    "SystemKeys",
    "Tampered",
    "address_index",
    "address_indexes",
    "canary",
    "check_canary",
    "code_mac",
    "dedup_mac",
    "harden",
    "kid_of",
    "new_ring",
    "new_system_keys",
    "open_system_keys",
    "provider_address",
    "rewrap_system_keys",
    "typed_address",
    "word_mac",
]
