"""Whether all that stands in the database can be read: the file, each sealed value at its place, the audit chain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import audit
from storage import decisions as decided
from storage.crypto.errors import CryptoProblem
from storage.crypto.place import Place
from storage.crypto.seal import Sealer
from storage.schema import (
    addresses,
    alerts,
    calendars,
    case_links,
    casefile,
    codes,
    conflicts,
    copies,
    decisions,
    events,
    farewells,
    inbox,
    notes,
    outbox,
    persons,
    phone_messages,
    reasons,
    samples,
    staff,
    tasks,
)
from storage.schema import audit as audit_log
from storage.vault import Vault

BATCH = 500  # rows held in memory at once


def verify(conn: Connection, vault: Vault) -> Iterator[str]:
    """One sentence for each fault; nothing when all is well. Reads every row, and tells no content of any."""
    yield from _file(conn)
    sealers: dict[str, Sealer | None] = {}
    yield from _people(conn, vault, sealers)
    for found in (_hers(conn, sealers), _of_nobody(conn, vault), _of_staff(conn, vault)):
        yield from found
    broken = audit.verify(conn, vault)
    if broken is not None:
        yield f"The audit log is broken at row {broken}: it was changed, or rows before it were taken out."
    yield from decided.faults(conn, vault)


def _file(conn: Connection) -> Iterator[str]:
    if conn.dialect.name == "sqlite":
        for (line,) in conn.exec_driver_sql("PRAGMA quick_check"):
            if line != "ok":
                yield f"The file is damaged: {line}"


def _people(conn: Connection, vault: Vault, sealers: dict[str, Sealer | None]) -> Iterator[str]:
    for row in _rows(conn, sa.select(persons)):
        try:
            vault.open_state(row.id, bytes(row.wdek), bytes(row.state), row.ver)
            sealers[row.id] = vault.sealer(row.id, bytes(row.wdek))
        except (CryptoProblem, ValueError) as problem:
            sealers[row.id] = None
            yield f"persons {row.id}: {problem}"


def _hers(conn: Connection, sealers: dict[str, Sealer | None]) -> Iterator[str]:
    """Rows under a person's own key."""
    yield from _under(conn, sealers, sa.select(addresses).where(addresses.c.owner_kind == "person"), "addresses")
    yield from _under(conn, sealers, sa.select(outbox).where(outbox.c.owner_kind != "staff"), "outbox")
    yield from _under(conn, sealers, sa.select(reasons).where(reasons.c.own), "reasons")
    hers = (events, phone_messages, notes, case_links, conflicts, decisions, samples, casefile)
    for table in hers:
        yield from _under(conn, sealers, sa.select(table), table.name)
    yield from _under(conn, sealers, sa.select(tasks).where(tasks.c.person_id.is_not(None)), "tasks")


def _under(conn: Connection, sealers: dict[str, Sealer | None], query: Any, table: str) -> Iterator[str]:
    for row in _rows(conn, query):
        owner = row.owner_id if table in ("addresses", "outbox") else row.person_id
        if owner not in sealers:
            yield f"{table}: a row of {owner}, who is not there"
            continue
        sealer = sealers[owner]
        if sealer is not None:
            yield from _opens(sealer, row.sealed, _place(table, row, owner))
            if table == "addresses" and row.sender is not None:
                yield from _opens(sealer, row.sender, Place("addresses", "sender", row.id, owner, 0))


def _place(table: str, row: Any, owner: str) -> Place:
    if table == "events":
        return Place("events", row.kind, str(row.seq), owner, 0)
    if table == "decisions":
        return decided.place_of(row)
    return Place(table, "sealed", row.id, owner, row.ver if table == "samples" else 0)


def _of_nobody(conn: Connection, vault: Vault) -> Iterator[str]:
    """Rows under the service's own key."""
    system = vault.keys.system
    for row in _rows(conn, sa.select(codes)):
        yield from _opens(system, row.sealed, Place("codes", "sealed", bytes(row.mac).hex()[:32], "", 0))
    for row in _rows(conn, sa.select(inbox).where(inbox.c.sealed.is_not(None))):
        yield from _opens(system, row.sealed, Place("inbox", "sealed", bytes(row.mac).hex()[:32], "", 0))
    for row in _rows(conn, sa.select(copies)):
        yield from _opens(system, row.sealed, Place("copies", "sealed", row.id, "", 0))
    for row in _rows(conn, sa.select(farewells)):
        yield from _opens(system, row.sealed, Place("farewells", "sealed", row.id, "", 0))
    for row in _rows(conn, sa.select(alerts)):
        yield from _opens(system, row.sealed, Place("alerts", "sealed", row.id, "", 0))
    for row in _rows(conn, sa.select(tasks).where(tasks.c.person_id.is_(None))):
        yield from _opens(system, row.sealed, Place("tasks", "sealed", row.id, "", 0))
    for row in _rows(conn, sa.select(reasons).where(~reasons.c.own)):
        yield from _opens(system, row.sealed, Place("reasons", "sealed", row.id, "", 0))
    for row in _rows(conn, sa.select(audit_log).where(audit_log.c.detail.is_not(None))):
        yield from _opens(system, row.detail, Place("audit", "sealed", str(row.seq), "", 0))


def _of_staff(conn: Connection, vault: Vault) -> Iterator[str]:
    key = vault.keys.staff
    for row in _rows(conn, sa.select(staff).where(staff.c.totp.is_not(None))):
        yield from _opens(key, row.totp, Place("staff", "sealed", row.id, row.id, 0))
    for row in _rows(conn, sa.select(addresses).where(addresses.c.owner_kind == "staff")):
        yield from _opens(key, row.sealed, Place("addresses", "sealed", row.id, row.owner_id, 0))
    for row in _rows(conn, sa.select(outbox).where(outbox.c.owner_kind == "staff")):
        yield from _opens(key, row.sealed, Place("outbox", "sealed", row.id, row.owner_id, 0))
    for row in _rows(conn, sa.select(calendars)):
        yield from _opens(key, row.sealed, Place("calendars", "sealed", row.id, row.id, row.ver))


def _opens(sealer: Sealer, sealed: Any, place: Place) -> Iterator[str]:
    try:
        sealer.open(bytes(sealed), place)
    except CryptoProblem as problem:
        yield str(problem)


def _rows(conn: Connection, query: Any) -> Iterator[Any]:
    return iter(conn.execute(query.execution_options(yield_per=BATCH)))
