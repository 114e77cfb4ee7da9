"""A new epoch for the key ring: every key that the database holds is wrapped again, in batches that can be cut short.

The service must be stopped: a process that read the older ring cannot open what stands under the new epoch. Sealed
values stay as they are, because the keys under which they stand do not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.crypto.canary import canary
from storage.crypto.keys import Keys
from storage.crypto.ring import Ring
from storage.crypto.system import open_system_keys, rewrap_system_keys
from storage.crypto.wrap import kid_of
from storage.database import Database, DatabaseProblem
from storage.schema import meta, persons
from storage.vault import CANARY, open_vault

BATCH = 500  # keys wrapped in one transaction: a few milliseconds


@dataclass(frozen=True, slots=True)
class Rotated:
    """`made`: the new epoch's id, '' when none was due. `wrapped`: people's keys. `destroyed`: ids of epochs."""

    made: str
    wrapped: int
    destroyed: tuple[str, ...]


def rotate(database: Database, path: Path, ring: Ring, now: datetime, *, at_once: bool = False) -> Rotated:
    """Finish an interrupted run, make an epoch when one is due (or `at_once`), destroy those past their time.

    The ring is written before anything stands under its new epoch. Raises DatabaseProblem, `KeyProblem`.
    """
    database.write_now(open_vault, ring)
    made = ""
    if not database.read_now(kids, but=ring.active.kid) and (at_once or ring.rotation_due(now)):
        ring = ring.add_epoch(now)
        ring.write(path)
        made = ring.active.kid
    database.write_now(wrap_system, ring)
    wrapped = wrap_people(database, ring)
    return Rotated(made, wrapped, _destroy(database, path, ring, now))


def wrap_system(conn: Connection, ring: Ring) -> None:
    """The service's own keys and the canary, together."""
    rows = {row.name: bytes(row.value) for row in conn.execute(sa.select(meta))}
    kept = {name: value for name, value in rows.items() if name.startswith("K_")}
    changed = rewrap_system_keys(ring, kept)
    if changed or kid_of(rows[CANARY]) != ring.active.kid:
        changed[CANARY] = canary(ring, open_system_keys(ring, kept))
    for name, value in changed.items():
        conn.execute(sa.update(meta).where(meta.c.name == name).values(value=value))


def wrap_people(database: Database, ring: Ring) -> int:
    """How many keys were wrapped again; each batch is durable by itself."""
    last, wrapped = "", 0
    while True:
        last, some = database.write_now(wrap_batch, ring, last)
        wrapped += some
        if not last:
            return wrapped


def wrap_batch(conn: Connection, ring: Ring, after: str) -> tuple[str, int]:
    """(id of the last person looked at, '' behind the last one; how many were wrapped again)."""
    query = sa.select(persons.c.id, persons.c.wdek).where(persons.c.id > after).order_by(persons.c.id).limit(BATCH)
    rows = conn.execute(query.with_for_update()).all()
    keys = Keys(ring, open_system_keys(ring, _system_rows(conn)))
    anew = [(row.id, keys.rewrap_person(row.id, bytes(row.wdek))) for row in rows]
    changed = [{"b_id": person, "wdek": wdek} for person, wdek in anew if wdek is not None]
    if changed:
        conn.execute(sa.update(persons).where(persons.c.id == sa.bindparam("b_id")), changed)
    return (rows[-1].id if rows else ""), len(changed)


def _system_rows(conn: Connection) -> dict[str, bytes]:
    query = sa.select(meta).where(meta.c.name.startswith("K_", autoescape=True))
    return {row.name: bytes(row.value) for row in conn.execute(query)}


def kids(conn: Connection, but: str = "") -> set[str]:
    """Ids of all epochs that something stands under, without `but`."""
    found = {kid_of(bytes(wdek)) for wdek in conn.execute(sa.select(persons.c.wdek)).scalars()}
    found |= {kid_of(bytes(value)) for value in conn.execute(sa.select(meta.c.value)).scalars()}
    return found - {but}


def _destroy(database: Database, path: Path, ring: Ring, now: datetime) -> tuple[str, ...]:
    due = ring.due_for_destruction(now)
    held = database.read_now(kids) & set(due)
    if held:
        raise DatabaseProblem(f"Keys still stand under {', '.join(sorted(held))}, so none was destroyed. Run it again.")
    for kid in due:
        ring = ring.destroy(kid)
    if due:
        ring.write(path)
    return due
