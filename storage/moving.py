"""The chat moves to another phone of hers by a code that is good once, for a day. Only its keyed hash is kept.

She asks for it in an open session, or a worker makes one. Whether it moves anything is the engine's to say when it is
used (`flows.engine.moving`); one that was asked for while somebody else may have been writing never does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flows.text.canonical import canonical
from storage import bulk
from storage.ids import CODE_LENGTH, REF_LETTERS
from storage.inbox import Inbound
from storage.schema import codes, stamp
from storage.vault import Vault

CODE_LIFE = timedelta(hours=24)  # she has the new phone at hand when she asks; a lost note is worth nothing tomorrow
_LETTERS = frozenset(canonical(REF_LETTERS))


@dataclass(frozen=True, slots=True)
class Code:
    """An open code. `good`: not asked for while somebody else may have been writing. `staff`: who made it, or ''."""

    mac: bytes
    person: str
    good: bool
    staff: str


def row(vault: Vault, code: str, person: str, good: bool, staff: str, at: datetime) -> dict[str, Any]:
    """Of `codes`, for a code that was just told to somebody."""
    mac = vault.code(code)
    sealed = vault.seal_system({"good": good}, "codes", mac.hex()[:32])
    until = stamp(at + CODE_LIFE)
    return {"mac": mac, "staff_id": staff, "expires_at": until, "moves": person, "sealed": sealed}


def may_be_code(arrival: Inbound) -> bool:
    """Whether it is worth looking up: few texts have the shape."""
    word = canonical(arrival.text)
    return len(word) == CODE_LENGTH and _LETTERS.issuperset(word)


def whose(conn: Connection, vault: Vault, texts: list[str]) -> set[str]:
    """The people whom codes among these texts would move: they are locked before anything is read of them."""
    return {row[0] for row in bulk.select(conn, _WHOSE, [vault.code(text) for text in texts])}


_WHOSE = "SELECT moves FROM codes WHERE mac IN (?) AND moves IS NOT NULL"


def offered(conn: Connection, vault: Vault, arrival: Inbound) -> Code | None:
    """The code that this text is, while it is open. Asked once its person is locked."""
    if not may_be_code(arrival):
        return None
    mine = (codes.c.mac == vault.code(arrival.text), codes.c.moves.is_not(None), codes.c.person_id.is_(None))
    found = conn.execute(sa.select(codes).where(*mine, codes.c.expires_at >= stamp(arrival.at))).first()
    if found is None:
        return None
    kept = vault.open_system(bytes(found.sealed), "codes", bytes(found.mac).hex()[:32])
    return Code(bytes(found.mac), found.moves, bool(kept["good"]), found.staff_id)


def used(conn: Connection, code: Code, moved: bool) -> None:
    """Once only; with the move every other code of hers is void, so that an old note cannot take the chat away."""
    conn.execute(sa.update(codes).where(codes.c.mac == code.mac).values(person_id=code.person))
    if moved:
        conn.execute(sa.delete(codes).where(codes.c.moves == code.person, codes.c.person_id.is_(None)))
