"""Which phone: a person's addresses, which of them is theirs now, and the number of ours that each of them knows.

One phone of a recipient is `active`: what nobody asked for goes there alone. A `cover` phone is one that she has left,
or that somebody wished to be hers while she may have been watched: the cover answers there and nothing else. A `shut`
one takes nothing of ours. A phone of staff is `new` until a code has proven it, then `active` or `shut`;
there may be many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.crypto.address import NUMBERS
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.schema import addresses
from storage.vault import Vault

State = Literal["active", "cover", "shut", "new"]


@dataclass(frozen=True, slots=True)
class Phone:
    """A row of `addresses`, the address itself left sealed. `sender`: sealed, the number of ours that it wrote to."""

    id: str
    owner: str
    channel: str
    state: State = "active"
    sender: bytes | None = None


def add(
    conn: Connection,
    vault: Vault,
    sealer: Sealer,
    phone: Phone,
    address: str,
    kind: Literal["person", "staff"] = "person",
) -> None:
    """Raises `BadAddress`, IntegrityError for an address that is known."""
    conn.execute(
        sa.insert(addresses),
        {
            "mac": vault.address(phone.channel, address),
            "id": phone.id,
            "channel": phone.channel,
            "owner_kind": kind,
            "owner_id": phone.owner,
            "state": phone.state,
            "sealed": sealer.seal(address.encode(), Place("addresses", "sealed", phone.id, phone.owner, 0)),
        },
    )


def known(conn: Connection, vault: Vault, channel: str, address: str) -> Sequence[Any]:
    """Rows of `addresses` that are this one; a number is one however it is reached, and whoever has left it."""
    channels = NUMBERS if channel in NUMBERS else (channel,)
    macs = [mac for each in channels for mac in vault.addresses(each, address)]
    return conn.execute(sa.select(addresses).where(addresses.c.mac.in_(macs))).all()


def is_recipients(conn: Connection, vault: Vault, channel: str, address: str) -> bool:
    """Whether it is, or was, a phone of any recipient."""
    return any(row.owner_kind == "person" for row in known(conn, vault, channel, address))


def set_state(conn: Connection, phone: str, state: State) -> None:
    conn.execute(sa.update(addresses).where(addresses.c.id == phone).values(state=state))


def sender_of(sealer: Sealer, phone: str, owner: str, sealed: bytes | None) -> str:
    """The number of ours that this phone wrote to last; '' where it never wrote to one."""
    return "" if sealed is None else sealer.open(bytes(sealed), _sender(phone, owner)).decode()


def seal_sender(sealer: Sealer, phone: str, owner: str, number: str) -> bytes:
    return sealer.seal(number.encode(), _sender(phone, owner))


def _sender(phone: str, owner: str) -> Place:
    return Place("addresses", "sender", phone, owner, 0)
