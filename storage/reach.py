"""A phone opened or shut its door at the provider: blocked the bot, or texted the carrier's stop word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flows.engine.effects import Raise
from storage import phones
from storage.audit import record
from storage.raising import Raised, raise_alerts
from storage.schema import addresses
from storage.vault import Vault

HERS = "She blocked the chat on her phone: nothing reaches her there now. Use another agreed way."


@dataclass(frozen=True, slots=True)
class Door:
    """One phone, and whether the provider takes messages for it."""

    channel: str
    address: str
    reachable: bool


class Reached(Protocol):
    @property
    def channel(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def reachable(self) -> bool: ...


def changed(conn: Connection, vault: Vault, reach: Reached, now: datetime) -> None:
    """A recipient's phone that shut is a worker's task; a worker's is no longer paged, and that is recorded."""
    macs = vault.addresses(reach.channel, reach.address)
    row = conn.execute(sa.select(addresses).where(addresses.c.mac.in_(macs))).first()
    if row is None:
        return
    if row.owner_kind == "staff":
        if (row.state == "active") == reach.reachable:
            return
        phones.set_state(conn, row.id, "active" if reach.reachable else "shut")
        record(conn, vault, row.owner_id, "phone.open" if reach.reachable else "phone.shut", row.id, now)
    elif row.state != "active":  # a phone that she has left: nothing is to reach her there
        phones.set_state(conn, row.id, "cover" if reach.reachable else "shut")
    elif not reach.reachable:
        effect = Raise("P2", "task", "task.unreachable", ("task.unreachable",), (HERS,))
        raise_alerts(conn, vault, [Raised(row.owner_id, None, effect, now)])
