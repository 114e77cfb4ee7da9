"""Staff, their signed-in browsers and their tokens: units of work."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.ports import Account, Duty, Refused, Role, Session, Staff, Unknown
from storage import off_cover, phones
from storage.audit import record
from storage.ids import new_id
from storage.phones import Phone
from storage.schema import addresses, moment, staff, staff_sessions, stamp, tokens
from storage.team import duty_now
from storage.telling import ALARM_CONTACT
from storage.vault import Vault

IDLE = timedelta(minutes=15)  # SECURITY 5: a browser left open at 3 a.m.
LONGEST = timedelta(hours=12)  # one night shift
TOUCH = timedelta(seconds=30)  # `seen_at` is written no more often than this


def account(conn: Connection, vault: Vault, username: str) -> Account | None:
    row = conn.execute(sa.select(staff).where(staff.c.username == username.strip().lower())).first()
    if row is None:
        return None
    totp = bytes.fromhex(vault.open_staff(bytes(row.totp), "staff", row.id, row.id)) if row.totp is not None else None
    return Account(to_staff(row), row.password, totp, row.last_step)


def to_staff(row: Any) -> Staff:
    coded, cues = row.totp is not None, tuple(row.cues.split())
    return Staff(row.id, row.username, row.name, row.role, row.duty, row.active, row.ver, coded, row.language, cues)


def everybody(conn: Connection) -> list[Staff]:
    return [to_staff(row) for row in conn.execute(sa.select(staff).order_by(staff.c.name))]


def add(
    conn: Connection,
    vault: Vault,
    username: str,
    name: str,
    role: Role,
    password: str,
    totp: bytes | None,
    now: datetime,
    by: str = "",
) -> Staff:
    """`password` is an Argon2id string, `totp` a seed. Raises Refused when the username is taken."""
    taken = sa.select(staff.c.id).where(staff.c.username == username.strip().lower())
    if conn.execute(taken).first() is not None:
        raise Refused("That username is taken.")
    staff_id = new_id(stamp(now))
    sealed = vault.seal_staff(totp.hex(), "staff", staff_id, staff_id) if totp else None
    values = {
        "id": staff_id,
        "username": username.strip().lower(),
        "name": name,
        "role": role,
        "duty": "off",
        "active": True,
        "ver": 0,
        "password": password,
        "totp": sealed,
        "last_step": 0,
    }
    conn.execute(sa.insert(staff), values)
    record(conn, vault, by or staff_id, "staff.add", staff_id, now)
    return to_staff(conn.execute(sa.select(staff).where(staff.c.id == staff_id)).one())


def add_phone(
    conn: Connection, vault: Vault, worker: str, channel: str, address: str, now: datetime, proven: bool = True
) -> str:
    """Where a worker is paged, from now on or once it is `proven`. The address must be canonical
    (`storage.crypto.address`). Returns its id.

    Raises Refused where it is somebody's already: one phone is one person's.
    """
    owner = holder(conn, vault, channel, address)
    if owner:
        raise Refused(f"That phone is known here already ({owner}). Give another one.")
    phone = Phone(new_id(stamp(now)), worker, channel, "active" if proven else "new")
    phones.add(conn, vault, vault.keys.staff, phone, address, "staff")
    if proven:
        off_cover.opened(conn, vault, worker, worker, now)
    return phone.id


def holder(conn: Connection, vault: Vault, channel: str, address: str) -> str:
    """Whose phone this is: a username, 'not of staff', or '' for nobody's."""
    macs = vault.addresses(channel, address)
    query = sa.select(addresses.c.owner_kind, staff.c.username).join_from(
        addresses, staff, staff.c.id == addresses.c.owner_id, isouter=True
    )
    row = conn.execute(query.where(addresses.c.mac.in_(macs))).first()
    return "" if row is None else row.username or "not of staff"


def keep_alarm_contact(
    conn: Connection, vault: Vault, password: str, channel: str, address: str, now: datetime
) -> None:
    """The last rung: somebody who is always on the top step, whatever the rota says. One phone, this one.

    Raises Refused where the phone is somebody else's. A phone that stays keeps the pages that wait for it.
    """
    owner = holder(conn, vault, channel, address)
    if owner not in ("", ALARM_CONTACT):
        raise Refused(
            f"ROWAN_ALARM_CONTACT is a phone that is known here already ({owner}). Name one that nobody else has; or"
            " take the setting out and put somebody on the last rung with `rowan staff duty NAME supervisor`."
        )
    row = conn.execute(sa.select(staff.c.id).where(staff.c.username == ALARM_CONTACT)).first()
    worker = row.id if row else add(conn, vault, ALARM_CONTACT, "Alarm contact", "supervisor", password, None, now).id
    conn.execute(sa.update(staff).where(staff.c.id == worker).values(duty="supervisor"))
    hers = addresses.c.owner_id == worker
    if owner:
        this = addresses.c.mac.in_(vault.addresses(channel, address))
        conn.execute(sa.delete(addresses).where(hers, ~this))
        conn.execute(sa.update(addresses).where(hers).values(state="active"))
        off_cover.opened(conn, vault, worker, worker, now)
    else:
        conn.execute(sa.delete(addresses).where(hers))
        add_phone(conn, vault, worker, channel, address, now)


def stand_down_alarm_contact(conn: Connection, vault: Vault, now: datetime) -> None:
    """The setting is gone: nobody is paged by it any more."""
    row = conn.execute(sa.select(staff).where(staff.c.username == ALARM_CONTACT)).first()
    if row is None:
        return
    conn.execute(sa.delete(addresses).where(addresses.c.owner_id == row.id))
    if row.duty != "off":
        duty(conn, vault, row.id, "off", now)


def totp_used(conn: Connection, worker: str, step: int) -> bool:
    """False when this step, or a later one, was used before."""
    query = sa.update(staff).where(staff.c.id == worker, staff.c.last_step < step).values(last_step=step)
    return conn.execute(query).rowcount == 1


def duty(conn: Connection, vault: Vault, worker: str, what: Duty, now: datetime) -> None:
    if conn.execute(sa.update(staff).where(staff.c.id == worker).values(duty=what)).rowcount == 0:
        raise Unknown("There is no such member of staff.")
    record(conn, vault, worker, f"duty.{what}", worker, now)


def reads(conn: Connection, worker: str, language: str) -> None:
    _choose(conn, worker, language=language)


def cued(conn: Connection, worker: str, cues: Sequence[str]) -> None:
    _choose(conn, worker, cues=" ".join(cues))


def _choose(conn: Connection, worker: str, **values: str) -> None:
    if conn.execute(sa.update(staff).where(staff.c.id == worker).values(**values)).rowcount == 0:
        raise Unknown("There is no such member of staff.")


# sessions


def begin(conn: Connection, worker: str, token_hash: bytes, csrf: str, now: datetime) -> None:
    version = conn.execute(sa.select(staff.c.ver).where(staff.c.id == worker)).scalar_one()
    values = {"token_hash": token_hash, "staff_id": worker, "staff_ver": version, "csrf": csrf}
    conn.execute(sa.insert(staff_sessions), values | {"created_at": stamp(now), "seen_at": stamp(now)})


def session(conn: Connection, token_hash: bytes, now: datetime) -> Session | None:
    query = sa.select(staff_sessions, staff).join(staff, staff.c.id == staff_sessions.c.staff_id)
    row = conn.execute(query.where(staff_sessions.c.token_hash == token_hash)).first()
    if row is None or not row.active or row.ver != row.staff_ver:
        return None
    created, seen = moment(row.created_at), moment(row.seen_at)
    if now - seen > IDLE or now - created > LONGEST:
        return None
    return Session(duty_now(conn, to_staff(row), now), row.csrf, created, seen)


def touch(conn: Connection, token_hash: bytes, now: datetime) -> None:
    which = staff_sessions.c.token_hash == token_hash
    conn.execute(sa.update(staff_sessions).where(which).values(seen_at=stamp(now)))


def end(conn: Connection, token_hash: bytes) -> None:
    conn.execute(sa.delete(staff_sessions).where(staff_sessions.c.token_hash == token_hash))


# tokens of the API


def new_token(conn: Connection, vault: Vault, worker: str, label: str, now: datetime) -> str:
    """Shown once; only its keyed hash stays."""
    token = f"rw_{secrets.token_urlsafe(32)}"
    values = {"mac": vault.token(token), "staff_id": worker, "label": label[:80], "created_at": stamp(now)}
    conn.execute(sa.insert(tokens), values)
    record(conn, vault, worker, "token.new", worker, now)
    return token


def token(conn: Connection, vault: Vault, text: str) -> Staff | None:
    query = sa.select(staff).join(tokens, tokens.c.staff_id == staff.c.id)
    query = query.where(tokens.c.mac == vault.token(text), tokens.c.revoked_at.is_(None), staff.c.active)
    row = conn.execute(query).first()
    return None if row is None else to_staff(row)
