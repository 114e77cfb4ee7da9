"""Calls to workers' telephones: a token in the call's address finds the page that is spoken, and takes one answer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.crypto.place import Place
from storage.schema import calls, outbox, stamp
from storage.vault import Vault, decode

TOKEN_BYTES = 24  # of chance: the address of a call cannot be guessed


@dataclass(frozen=True, slots=True)
class Call:
    """A page that is spoken: `page` is the id of its outbox row, `said` what stands in it. `used`: it was answered."""

    page: str
    worker: str
    phone: str
    alert: str
    said: dict[str, Any]
    used: bool


def expected(conn: Connection, vault: Vault, page: str, until: datetime) -> str:
    """A token for the call that this page will be. It stands in clear in the sealed page alone."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    conn.execute(sa.insert(calls), {"mac": vault.call(token), "page_id": page, "until": stamp(until), "used": False})
    return token


def of_token(conn: Connection, vault: Vault, token: str, now: datetime) -> Call | None:
    """None for a token that is not known, or whose page is gone or too old."""
    query = sa.select(calls.c.used, outbox).join(outbox, outbox.c.id == calls.c.page_id)
    row = conn.execute(query.where(calls.c.mac == vault.call(token), calls.c.until > stamp(now))).first()
    if row is None:
        return None
    said = decode(vault.keys.staff.open(bytes(row.sealed), Place("outbox", "sealed", row.id, row.owner_id, 0)))
    return Call(row.id, row.owner_id, row.address_id, row.alert_id or "", said, bool(row.used))


def use(conn: Connection, vault: Vault, token: str) -> bool:
    """The one answer of a call is taken. False when it was taken before."""
    mine = sa.update(calls).where(calls.c.mac == vault.call(token), calls.c.used.is_(False))
    return conn.execute(mine.values(used=True)).rowcount == 1


def ask_again(conn: Connection, vault: Vault, token: str) -> None:
    """The answer did nothing: this call may be answered once more."""
    conn.execute(sa.update(calls).where(calls.c.mac == vault.call(token)).values(used=False))


def forget_old(conn: Connection, now: datetime) -> None:
    conn.execute(sa.delete(calls).where(calls.c.until <= stamp(now)))
