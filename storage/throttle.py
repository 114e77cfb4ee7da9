"""How often something may be tried: leaky buckets that survive restarts and hold no name, only keyed hashes."""

from __future__ import annotations

from collections.abc import Iterable
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
    mac = _mac(vault, what, key)
    row = conn.execute(sa.select(buckets).where(buckets.c.mac == mac).with_for_update()).first()
    leaked = max(0, stamp(now) - row.at) / 1000 * most / per_seconds if row else 0.0
    level = max(0.0, row.level - leaked) if row else 0.0
    allowed = level + 1 <= most
    bulk.upsert(conn, buckets, [{"mac": mac, "level": level + allowed, "at": stamp(now)}], ("mac",))
    return allowed


def hold(conn: Connection, vault: Vault, addresses: Iterable[bytes], now: datetime) -> None:
    """Lock what these addresses are counted in before anything is counted, in one order everywhere: two replicas that
    take the same strangers in one moment wait for each other instead of dying together.
    """
    macs = {_mac(vault, what, address.hex()) for address in addresses for what, *_ in OF_STRANGERS}
    fresh = [(mac, 0.0, stamp(now)) for mac in sorted(macs)]  # a row that is not there yet cannot be locked
    bulk.execute(conn, _HOLD, fresh)


def stranger(conn: Connection, vault: Vault, address: bytes, now: datetime) -> bool:
    """Whether a word from this address, a keyed hash, is looked at. Where it is not, nothing tells the difference."""
    return all(_allow(conn, vault, address, now, *window) for window in OF_STRANGERS)


def _allow(conn: Connection, vault: Vault, address: bytes, now: datetime, what: str, most: int, per: timedelta) -> bool:
    return allow(conn, vault, what, address.hex(), now, most, per.total_seconds())


def _mac(vault: Vault, what: str, key: str) -> bytes:
    return vault.message(f"bucket:{what}", key)


_HOLD = """
    INSERT INTO buckets (mac, level, at) VALUES (?, ?, ?)
        ON CONFLICT (mac) DO UPDATE SET level = buckets.level"""
