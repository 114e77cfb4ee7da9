"""A new person: her key, her first state, her address, and the consent without which nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy.engine import Connection

from flows.engine.conversation import Contact, Conversation, Memory
from flows.text.canonical import canonical
from storage import phones
from storage.ids import new_id, new_ref
from storage.phones import Phone
from storage.schema import consents, day, persons, stamp
from storage.vault import Vault

REF_LENGTH = 6


def enrol(
    conn: Connection,
    vault: Vault,
    address: str,
    contact: Contact,
    basis: str,
    now: datetime,
    words: Mapping[str, str] | None = None,
    memory: Memory | None = None,
    phone: str = "",
) -> tuple[bytes, Conversation]:
    """Write her rows. `basis` is of a consent given before; '' where she is still to be asked (`storage.recording`
    writes down what she answers). `words` are signal, duress and exit word in clear, kept as the gate wants them.

    Returns her wrapped key and her first state. `phone`: the id that her address gets. Raises `BadAddress`,
    IntegrityError for an address that is known.
    """
    ms = stamp(now)
    person = new_id(ms)
    wdek = vault.keys.new_person_key(person)
    sealer = vault.sealer(person, wdek)
    chosen = {name: word if name == "exit" else vault.word(person, word) for name, word in (words or {}).items()}
    chosen = {name: canonical(word) if name == "exit" else word for name, word in chosen.items()}
    before = Conversation(person, replace(contact, **chosen), memory=memory or Memory())
    row = {"id": person, "ref": new_ref(REF_LENGTH), "ver": 0, "wdek": wdek, "since_day": day(ms)}
    conn.execute(sa.insert(persons), row | {"state": vault.seal_state(sealer, before)})
    if basis:
        conn.execute(sa.insert(consents), {"id": new_id(ms), "person_id": person, "basis": basis, "day": day(ms)})
    phones.add(conn, vault, sealer, Phone(phone or new_id(ms), person, contact.channel), address)
    return wdek, before
