"""A phone opened or shut its door at the provider: blocked the bot, or texted the carrier's stop word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flows.engine.effects import Raise
from storage import off_cover, phones
from storage.audit import record
from storage.ids import new_id
from storage.raising import Raised, raise_alerts
from storage.schema import addresses, stamp, timers
from storage.vault import Vault

STOPPED = "stopped"  # a timer of hers: the provider says that her carrier blocks us, though no stop word was seen
CARRIERS_STOP = "21610"  # Twilio's code of it
HERS = "She blocked the chat on her phone: nothing reaches her there now. Use another agreed way."


@dataclass(frozen=True, slots=True)
class Door:
    """One phone, and whether the provider takes messages for it."""

    channel: str
    address: str
    reachable: bool


def stopped(conn: Connection, person: str, phone: str, now: datetime) -> None:
    """The provider will not send to this phone for a stop word. Where it is hers now, a turn of hers does the rest."""
    mine = (addresses.c.id == phone, addresses.c.owner_id == person)
    state = conn.execute(sa.select(addresses.c.state).where(*mine)).scalar()
    if state == "active":
        row = {"id": new_id(stamp(now)), "due_at": stamp(now), "kind": STOPPED, "owner_id": person, "key": ""}
        conn.execute(sa.delete(timers).where(timers.c.kind == STOPPED, timers.c.owner_id == person))
        conn.execute(sa.insert(timers), row)
    elif state == "cover":
        phones.set_state(conn, phone, "shut")


class Reached(Protocol):
    @property
    def channel(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def reachable(self) -> bool: ...


def changed(conn: Connection, vault: Vault, reach: Reached, now: datetime) -> None:
    """A recipient's phone that shut is a worker's task; a worker's is no longer paged, which is recorded, and
    told where it was the last (`storage.off_cover`)."""
    macs = vault.addresses(reach.channel, reach.address)
    row = conn.execute(sa.select(addresses).where(addresses.c.mac.in_(macs))).first()
    if row is None:
        return
    if row.owner_kind == "staff":
        if row.state == "new":  # what is not proven opens by its code
            return
        if (row.state == "active") != reach.reachable:
            phones.set_state(conn, row.id, "active" if reach.reachable else "shut")
            record(conn, vault, row.owner_id, "phone.open" if reach.reachable else "phone.shut", row.id, now)
        if reach.reachable:
            off_cover.opened(conn, vault, row.owner_id, row.owner_id, now)
        else:
            off_cover.shut(conn, vault, row.owner_id, now)
    elif row.state != "active":  # a phone that she has left: nothing is to reach her there
        phones.set_state(conn, row.id, "cover" if reach.reachable else "shut")
    elif not reach.reachable:
        effect = Raise("P2", "task", "task.unreachable", ("task.unreachable",), (HERS,))
        raise_alerts(conn, vault, [Raised(row.owner_id, None, effect, now)])
