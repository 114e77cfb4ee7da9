"""How often something may be tried: leaky buckets that survive restarts and hold no name, only keyed hashes."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flows.safety import gate
from storage import bulk
from storage.schema import buckets, stamp
from storage.vault import Vault

# A stranger's words are tries at a joining code or the keyword: as many as tries at a word of hers, fast and slow.
OF_STRANGERS = (
    ("stranger.fast", gate.GUESSES, gate.GUESSING),
    ("stranger.slow", gate.SLOW_GUESSES, gate.SLOW_GUESSING),
)


def allow(conn: Connection, vault: Vault, what: str, key: str, now: datetime, most: int, per_seconds: float) -> bool:
    """A leaky bucket of `most` that empties in `per_seconds`. What is not allowed does not fill it further."""
    mac = vault.message(f"bucket:{what}", key)
    row = conn.execute(sa.select(buckets).where(buckets.c.mac == mac).with_for_update()).first()
    leaked = max(0, stamp(now) - row.at) / 1000 * most / per_seconds if row else 0.0
    level = max(0.0, row.level - leaked) if row else 0.0
    allowed = level + 1 <= most
    bulk.upsert(conn, buckets, [{"mac": mac, "level": level + allowed, "at": stamp(now)}], ("mac",))
    return allowed


def stranger(conn: Connection, vault: Vault, address: bytes, now: datetime) -> bool:
    """Whether a word from this address, a keyed hash, is looked at. Where it is not, nothing tells the difference."""
    return all(_allow(conn, vault, address, now, *window) for window in OF_STRANGERS)


def _allow(conn: Connection, vault: Vault, address: bytes, now: datetime, what: str, most: int, per: timedelta) -> bool:
    return allow(conn, vault, what, address.hex(), now, most, per.total_seconds())
