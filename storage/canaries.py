"""A synthetic message through each channel to a phone of the operator's: whether what is sent arrives is seen.

The phones belong to an account that nobody signs in with and no ladder pages. What was sent and how far it came stands
in the outbox, as of any other page, so that nothing else is kept and any replica can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import Refused
from storage import accounts, throttle
from storage.schema import addresses, outbox, staff, stamp
from storage.telling import tell
from storage.vault import Vault

USERNAME = "canary"
EVERY = timedelta(minutes=5)
ARRIVES = timedelta(minutes=2)  # time that a message has; ten seconds are usual
WAITING = ("due", "sending", "checking")
# Telegram says nothing of what a phone took, so its own acceptance is the most there is.
ARRIVED: Mapping[str, tuple[str, ...]] = {"telegram": ("sent", "delivered")}
DELIVERED = ("delivered",)


def keep(conn: Connection, vault: Vault, password: str, phones: Mapping[str, str], now: datetime) -> None:
    """The phones as the setting has them now, an address by channel; none switches synthetic messages off.

    Raises Refused where one is the phone of somebody known here.
    """
    worker = conn.execute(sa.select(staff.c.id).where(staff.c.username == USERNAME)).scalar()
    if worker is None and not phones:
        return
    if worker is None:
        worker = accounts.add(conn, vault, USERNAME, "Synthetic messages", "auditor", password, None, now).id
    macs = {channel: vault.addresses(channel, address) for channel, address in phones.items()}
    kept = [mac for each in macs.values() for mac in each]
    conn.execute(sa.delete(addresses).where(addresses.c.owner_id == worker, addresses.c.mac.not_in(kept)))
    for channel, address in phones.items():
        owner = accounts.holder(conn, vault, channel, address)
        if owner not in ("", USERNAME):
            raise Refused(f"ROWAN_CANARIES names a phone that is known here already ({owner}). Name one of nobody's.")
        if not owner:
            accounts.add_phone(conn, vault, worker, channel, address, now)
    conn.execute(sa.update(addresses).where(addresses.c.owner_id == worker).values(state="active"))


def send(conn: Connection, vault: Vault, now: datetime) -> int:
    """One to each phone, once in EVERY whichever replica asks; none while the last one still waits. How many."""
    worker = conn.execute(sa.select(staff.c.id).where(staff.c.username == USERNAME)).scalar()
    phones = _phones(conn)
    if worker is None or not phones:
        return 0
    waits = sa.select(outbox.c.id).where(outbox.c.line.in_(list(phones)), outbox.c.status.in_(WAITING))
    if conn.execute(waits).first() is not None:
        return 0
    if not throttle.allow(conn, vault, "canary", "", now, 1, EVERY.total_seconds()):
        return 0
    return tell(conn, vault, worker, "page/canary", {}, now)


def lost(conn: Connection, now: datetime) -> list[str]:
    """The channels whose last message that has had its time did not arrive."""
    return sorted(channel for phone, channel in _phones(conn).items() if not _arrived(conn, phone, channel, now))


def _arrived(conn: Connection, phone: str, channel: str, now: datetime) -> bool:
    had_its_time = outbox.c.seq <= stamp(now - ARRIVES)
    last = sa.select(outbox.c.status).where(outbox.c.line == phone, had_its_time).order_by(outbox.c.seq.desc()).limit(1)
    status = conn.execute(last).scalar()
    return status is None or status in ARRIVED.get(channel, DELIVERED)


def _phones(conn: Connection) -> dict[str, str]:
    """Channels by the ids of the canary's phones, those that have shut too: nothing arrives there."""
    query = sa.select(addresses.c.id, addresses.c.channel).join(staff, staff.c.id == addresses.c.owner_id)
    return {row.id: row.channel for row in conn.execute(query.where(staff.c.username == USERNAME))}
