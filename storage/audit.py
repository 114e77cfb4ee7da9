"""The audit log: a chain in which a row cannot be changed, moved or taken out without it being seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import Reading
from storage.crypto import chain
from storage.schema import audit, moment, stamp
from storage.vault import Vault


def record(
    conn: Connection, vault: Vault, actor: str, action: str, subject: str, now: datetime, detail: str = ""
) -> None:
    """One row, in the transaction of what it tells. `detail` is a person's own words and is sealed."""
    if conn.dialect.name == "postgresql":
        conn.execute(sa.text("LOCK TABLE audit IN EXCLUSIVE MODE"))
    last = conn.execute(sa.select(audit.c.seq, audit.c.mac).order_by(audit.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, bytes(last.mac)) if last else (1, chain.GENESIS)
    sealed = vault.seal_system(detail, "audit", str(seq)) if detail else None
    row = {"seq": seq, "at": stamp(now), "actor": actor, "action": action, "subject": subject, "detail": _hex(sealed)}
    mac = chain.next_mac(vault.system.audit, previous, row)
    conn.execute(sa.insert(audit), row | {"detail": sealed, "mac": mac})


def lately(conn: Connection, vault: Vault, actor: str, subject: str, since: datetime) -> set[tuple[str, str]]:
    """What somebody did to something since then: (action, detail), '' without one."""
    which = (audit.c.actor == actor, audit.c.at >= stamp(since), audit.c.subject == subject)
    query = sa.select(audit.c.seq, audit.c.action, audit.c.detail).where(*which)
    return {(row.action, _detail(vault, row)) for row in conn.execute(query)}


def with_reason(conn: Connection, vault: Vault, actions: tuple[str, ...], most: int) -> list[Reading]:
    """The latest rows of these kinds, with the reason that was given."""
    query = sa.select(audit).where(audit.c.action.in_(actions)).order_by(audit.c.seq.desc()).limit(most)
    return [
        Reading(moment(row.at), row.actor, row.subject, _detail(vault, row))
        for row in conn.execute(query)
        if row.detail is not None
    ]


def details(conn: Connection, vault: Vault, prefix: str) -> Iterator[tuple[str, str]]:
    """(subject, detail) of each row whose action begins so, oldest first."""
    query = sa.select(audit).where(audit.c.action.startswith(prefix, autoescape=True), audit.c.detail.is_not(None))
    return ((row.subject, _detail(vault, row)) for row in conn.execute(query.order_by(audit.c.seq)))


def _detail(vault: Vault, row: Any) -> str:
    return "" if row.detail is None else vault.open_system(bytes(row.detail), "audit", str(row.seq))


def verify(conn: Connection, vault: Vault) -> int | None:
    """The first row that does not follow from the one before, or None when the whole chain holds."""
    query = sa.select(audit).order_by(audit.c.seq)
    rows = (
        (
            {
                "seq": r.seq,
                "at": r.at,
                "actor": r.actor,
                "action": r.action,
                "subject": r.subject,
                "detail": _hex(r.detail),
            },
            bytes(r.mac),
        )
        for r in conn.execute(query)
    )
    broken = chain.verify(vault.system.audit, rows)
    return None if broken is None else broken + 1


def _hex(sealed: bytes | None) -> str | None:
    return None if sealed is None else bytes(sealed).hex()
