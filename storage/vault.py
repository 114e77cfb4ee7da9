"""The keys at work: what is sealed for whom, and how a phone or a code is found without standing in clear."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ladder import Ladder
from escalation.ladder.file import shipped
from flows.engine import conversation as codec
from flows.engine.conversation import Conversation
from flows.text.canonical import canonical
from storage.crypto.canary import canary, check_canary
from storage.crypto.index import address_index, address_indexes, case_indexes, code_mac, dedup_mac, word_mac
from storage.crypto.keys import Keys
from storage.crypto.place import Place
from storage.crypto.ring import Ring
from storage.crypto.seal import Sealer
from storage.crypto.system import SystemKeys, new_system_keys, open_system_keys
from storage.schema import meta

CANARY = "canary"
encode = msgspec.json.encode
decode = msgspec.json.decode


class Vault:
    """Everything the storage needs of cryptography. One per process, shared by its threads.

    `ladder` goes along, because each unit of work has the vault: whatever raises or claims must keep to the same one.
    """

    def __init__(
        self, ring: Ring, system: SystemKeys, ladder: Ladder, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self.ring, self.system, self.keys, self.ladder = ring, system, Keys(ring, system), ladder
        self._seconds = seconds
        self.senders: dict[bytes, str] = {}  # what sealed `addresses.sender` say, of the people met lately

    def sealer(self, person: str, wdek: bytes) -> Sealer:
        return self.keys.person(person, wdek, self._seconds())

    # her state

    def open_state(self, person: str, wdek: bytes, state: bytes, ver: int) -> Conversation:
        """Raises `Tampered` when the row is not what was written for this person at this turn."""
        return codec.read(self.sealer(person, wdek).open(state, Place("persons", "state", person, person, ver)))

    def seal_state(self, sealer: Sealer, after: Conversation) -> bytes:
        place = Place("persons", "state", after.person, after.person, after.turns)
        return sealer.seal(codec.write(after), place)

    # rows of staff, and rows of nobody

    def seal_staff(self, value: Any, table: str, row_id: str, owner: str, version: int = 0) -> bytes:
        return self.keys.staff.seal(encode(value), Place(table, "sealed", row_id, owner, version))

    def open_staff(self, sealed: bytes, table: str, row_id: str, owner: str, version: int = 0) -> Any:
        return decode(self.keys.staff.open(sealed, Place(table, "sealed", row_id, owner, version)))

    def seal_system(self, value: Any, table: str, row_id: str) -> bytes:
        return self.keys.system.seal(encode(value), Place(table, "sealed", row_id, "", 0))

    def open_system(self, sealed: bytes, table: str, row_id: str) -> Any:
        return decode(self.keys.system.open(sealed, Place(table, "sealed", row_id, "", 0)))

    # finding without reading

    def address(self, channel: str, address: str) -> bytes:
        return address_index(self.system.index, channel, address)

    def addresses(self, channel: str, address: str) -> tuple[bytes, ...]:
        return address_indexes(self.system, channel, address)

    def case_numbers(self, number: str) -> tuple[bytes, ...]:
        return case_indexes(self.system, number)

    def message(self, provider: str, message_id: str) -> bytes:
        return dedup_mac(self.system.dedup, provider, message_id)

    def word(self, person: str, text: str) -> str:
        """The keyed hash of one of her words; '' for a text that has no letters."""
        word = canonical(text)
        return word_mac(self.system.words, person, word) if word else ""

    def code(self, text: str) -> bytes:
        return code_mac(self.system.words, "join", canonical(text))

    def token(self, text: str) -> bytes:
        return code_mac(self.system.words, "token", text)

    def call(self, token: str) -> bytes:
        return code_mac(self.system.words, "call", token)

    def proof(self, address_id: str, code: str) -> bytes:
        return code_mac(self.system.words, "proof", f"{address_id}:{code}")


def refuse_wrong_ring(conn: Connection, ring: Ring) -> None:
    """Before anything is changed, a migration too: a database that has keys must open with this ring.

    Raises the `KeyProblem`s of `storage.crypto`.
    """
    if sa.inspect(conn).has_table(meta.name) and conn.execute(sa.select(meta.c.name).limit(1)).first() is not None:
        open_vault(conn, ring)


def open_vault(conn: Connection, ring: Ring, ladder: Ladder | None = None) -> Vault:
    """The vault of this database. An empty database gets its keys; a wrong ring is refused before anything is read.

    Without a `ladder` that which ships: enough for commands that page nobody. Raises the `KeyProblem`s of
    `storage.crypto`.
    """
    ladder = ladder or shipped()
    rows = {row.name: bytes(row.value) for row in conn.execute(sa.select(meta.c.name, meta.c.value))}
    kept = {name: value for name, value in rows.items() if name.startswith("K_")}
    if not kept:
        kept = new_system_keys(ring)
        system = open_system_keys(ring, kept)
        values = kept | {CANARY: canary(ring, system)}
        conn.execute(sa.insert(meta), [{"name": name, "value": value} for name, value in values.items()])
        return Vault(ring, system, ladder)
    system = open_system_keys(ring, kept)
    check_canary(ring, system, rows[CANARY])
    return Vault(ring, system, ladder)
