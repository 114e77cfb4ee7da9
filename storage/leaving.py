"""What a member of staff has that opens doors or rings, and taking it from them: phones, tokens, browsers, all of it.

`by` is the staff id of who does it, '' for the operator at the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.access import TAKES_CASES
from escalation.accounts import CHANGED_MEANWHILE, LAST_OF, OWN_ROLE, OWN_SIGN_IN
from escalation.belongings import Belongings, Phone, Token
from escalation.ports import Refused, Role, Unknown
from escalation.rota import Shift
from escalation.rota.export import served
from escalation.rota.gaps import DAYS
from storage import assignments, claims, debriefs
from storage import off_cover as off
from storage.audit import record
from storage.crypto.place import Place
from storage.schema import (
    addresses,
    alerts,
    moment,
    off_cover,
    proofs,
    rota_links,
    staff,
    staff_sessions,
    stamp,
    tasks,
    tokens,
)
from storage.team import CASEWORK, rota_between
from storage.telling import ALARM_CONTACT, all_staff, tell
from storage.vault import Vault

NOBODY = "There is no such member of staff."
TOKEN_ID = 16  # hex digits of a token's keyed hash: enough to tell it by, of no use for anything else
LAST = 3  # characters of an address that tell one phone from another, and no more


def belongings(conn: Connection, vault: Vault, worker: str) -> Belongings:
    """Raises Unknown."""
    _known(conn, worker)
    phones = conn.execute(sa.select(addresses).where(addresses.c.owner_id == worker).order_by(addresses.c.id))
    alive = sa.select(tokens).where(tokens.c.staff_id == worker, tokens.c.revoked_at.is_(None))
    browsers = sa.select(sa.func.count()).where(staff_sessions.c.staff_id == worker)
    return Belongings(
        tuple(_phone(vault, row) for row in phones),
        tuple(
            Token(bytes(row.mac).hex()[:TOKEN_ID], row.label, moment(row.created_at))
            for row in conn.execute(alive.order_by(tokens.c.created_at))
        ),
        conn.execute(browsers).scalar_one(),
    )


def _phone(vault: Vault, row: Any) -> Phone:
    return Phone(row.id, row.channel, ends(vault, row), row.state == "active", row.state != "new")


def ends(vault: Vault, row: Any) -> str:
    """The last characters of the address in this row of `addresses`, of one of the staff."""
    place = Place("addresses", "sealed", row.id, row.owner_id, 0)
    return vault.keys.staff.open(bytes(row.sealed), place).decode()[-LAST:]


def _known(conn: Connection, worker: str) -> Any:
    query = sa.select(staff).where(staff.c.id == worker)
    row = conn.execute(query.with_for_update() if conn.dialect.name == "postgresql" else query).first()
    if row is None:
        raise Unknown(NOBODY)
    return row


def remove_phone(conn: Connection, vault: Vault, worker: str, phone: str, by: str, now: datetime) -> None:
    """`phone` is the id of the address. Pages that wait for it are lost, so that the ladder goes on at once."""
    conn.execute(sa.delete(proofs).where(proofs.c.address_id == phone))
    mine = (addresses.c.id == phone, addresses.c.owner_id == worker, addresses.c.owner_kind == "staff")
    if conn.execute(sa.delete(addresses).where(*mine)).rowcount == 0:
        raise Unknown("There is no such phone.")
    record(conn, vault, by, "phone.remove", worker, now)
    off.shut(conn, vault, worker, now)


def revoke(conn: Connection, vault: Vault, worker: str, token: str, by: str, now: datetime) -> None:
    """`token` is its id, or what it was labelled with: then all of that label. Raises Unknown."""
    alive = sa.select(tokens.c.mac, tokens.c.label).where(tokens.c.staff_id == worker, tokens.c.revoked_at.is_(None))
    found = [row.mac for row in conn.execute(alive) if token in (row.label, bytes(row.mac).hex()[:TOKEN_ID])]
    if not found:
        raise Unknown("There is no such token.")
    conn.execute(sa.update(tokens).where(tokens.c.mac.in_(found)).values(revoked_at=stamp(now)))
    record(conn, vault, by, "token.revoke", worker, now)


def end_sessions(conn: Connection, vault: Vault, worker: str, by: str, now: datetime) -> int:
    """Every browser is signed out. Returns how many were signed in."""
    _known(conn, worker)
    ended = conn.execute(sa.delete(staff_sessions).where(staff_sessions.c.staff_id == worker)).rowcount
    record(conn, vault, by, "session.end_all", worker, now)
    return ended


def deactivate(conn: Connection, vault: Vault, worker: str, by: str, now: datetime) -> None:
    """They can do nothing any more, and nothing waits for them: what they hold is open again and paged at once.

    The account stays, for what was done under its name. Raises Refused for one's own, Unknown.
    """
    row = _known(conn, worker)
    if worker == by:
        raise Refused("Nobody can take themselves off. Ask a colleague, or the operator.")
    if row.username == ALARM_CONTACT:
        raise Refused("The alarm contact is a setting. The operator takes ROWAN_ALARM_CONTACT out.")
    if not row.active:
        raise Refused(f"{row.name} is off already.")
    _not_the_last(conn, row, by)
    planned = _planned(conn, now)
    _set(conn, worker, {"active": False, "duty": "off", "ver": row.ver + 1})
    conn.execute(sa.delete(staff_sessions).where(staff_sessions.c.staff_id == worker))
    theirs = (addresses.c.owner_id == worker, addresses.c.owner_kind == "staff")
    conn.execute(sa.delete(proofs).where(proofs.c.address_id.in_(sa.select(addresses.c.id).where(*theirs))))
    conn.execute(sa.delete(addresses).where(*theirs))
    conn.execute(sa.delete(rota_links).where(rota_links.c.staff_id == worker))
    conn.execute(sa.delete(off_cover).where(off_cover.c.staff_id == worker))
    alive = (tokens.c.staff_id == worker, tokens.c.revoked_at.is_(None))
    conn.execute(sa.update(tokens).where(*alive).values(revoked_at=stamp(now)))
    _waits_again(conn, vault, worker, by, now)
    _no_case_is_theirs(conn, worker, now)
    debriefs.leaves(conn, worker, by, now)
    record(conn, vault, by, "staff.deactivate", worker, now)
    _tell_who_stands_in(conn, vault, planned, worker, by, now)


def change_role(conn: Connection, vault: Vault, worker: str, role: Role, by: str, now: datetime) -> None:
    """What they hold is open again and paged at once, for the new role may not have it; every browser is signed out.

    Raises Refused for one's own, the last of a role, the alarm contact; Unknown.
    """
    row = _known(conn, worker)
    if worker == by:
        raise Refused(OWN_ROLE)
    if row.username == ALARM_CONTACT or not row.active:
        raise Unknown(NOBODY)
    if row.role == role:
        return
    _not_the_last(conn, row, by)
    planned = _planned(conn, now)
    duty = row.duty if role in CASEWORK else "off"
    _set(conn, worker, {"role": role, "duty": duty, "ver": row.ver + 1})
    conn.execute(sa.delete(staff_sessions).where(staff_sessions.c.staff_id == worker))
    _waits_again(conn, vault, worker, by, now)
    if role not in TAKES_CASES:
        _no_case_is_theirs(conn, worker, now)
    record(conn, vault, by, f"staff.role.{role}", worker, now)
    _tell_who_stands_in(conn, vault, planned, worker, by, now)


def new_sign_in(
    conn: Connection, vault: Vault, worker: str, password: str, totp: bytes, by: str, now: datetime
) -> None:
    """Another password (an Argon2id string) and another seed; the old ones are no good, every browser is signed out.

    Raises Refused for one's own: a browser left open is not enough to keep an account for good. Raises Unknown.
    """
    row = _known(conn, worker)
    if worker == by:
        raise Refused(OWN_SIGN_IN)
    if row.username == ALARM_CONTACT or not row.active:
        raise Unknown(NOBODY)
    sealed = vault.seal_staff(totp.hex(), "staff", worker, worker)
    _set(conn, worker, {"password": password, "totp": sealed, "last_step": 0, "ver": row.ver + 1})
    conn.execute(sa.delete(staff_sessions).where(staff_sessions.c.staff_id == worker))
    record(conn, vault, by, "staff.sign_in.new", worker, now)


def new_password(conn: Connection, vault: Vault, worker: str, version: int, password: str, now: datetime) -> None:
    """As `Accounts.new_password`: who knew the old one changes nothing that was made anew since it was looked at."""
    same = (staff.c.id == worker, staff.c.ver == version, staff.c.active)
    if conn.execute(sa.update(staff).where(*same).values(password=password, ver=version + 1)).rowcount == 0:
        raise Refused(CHANGED_MEANWHILE)
    conn.execute(sa.delete(staff_sessions).where(staff_sessions.c.staff_id == worker))
    record(conn, vault, worker, "staff.password", worker, now)


def _not_the_last(conn: Connection, row: Any, by: str) -> None:
    """Raises Refused where nobody else could look over the others or keep the accounts. The operator may."""
    why = LAST_OF.get(row.role, "") if by else ""
    others = (staff.c.role == row.role, staff.c.active, staff.c.id != row.id, staff.c.username != ALARM_CONTACT)
    if why and conn.execute(sa.select(staff.c.id).where(*others)).first() is None:
        raise Refused(why)


def _waits_again(conn: Connection, vault: Vault, worker: str, by: str, now: datetime) -> None:
    """All that they hold is open and paged at once; nothing is offered to them."""
    for held in conn.execute(sa.select(alerts).where(alerts.c.holder == worker, alerts.c.state == "claimed")).all():
        claims.let_go(conn, held, now)
        record(conn, vault, by, "alert.release", held.ref, now)
    conn.execute(sa.update(alerts).where(alerts.c.offered_to == worker).values(offered_to=None))


def _no_case_is_theirs(conn: Connection, worker: str, now: datetime) -> None:
    """What they were to do on a case stays to be done, by whoever opens it."""
    assignments.end_all(conn, worker, now)
    open_ones = (tasks.c.staff_id == worker, tasks.c.person_id.is_not(None), tasks.c.done_at.is_(None))
    conn.execute(sa.update(tasks).where(*open_ones).values(staff_id=None))


def _planned(conn: Connection, now: datetime) -> set[Shift]:
    """What everybody really has to do in the coming days."""
    end = now + timedelta(days=DAYS)
    return set(served(rota_between(conn, all_staff(conn), now, end), now, end))


def _tell_who_stands_in(
    conn: Connection, vault: Vault, planned: set[Shift], worker: str, by: str, now: datetime
) -> None:
    """Whose days are others than were `planned`, now that this worker's are not theirs any more."""
    for other in sorted({shift.staff for shift in planned ^ _planned(conn, now)} - {worker, by}):
        tell(conn, vault, other, "page/rota", {}, now)


def activate(conn: Connection, vault: Vault, worker: str, by: str, now: datetime) -> None:
    """Back, off duty. Phones and tokens are given anew. Raises Refused where they were never off, Unknown."""
    row = _known(conn, worker)
    if row.active:
        raise Refused(f"{row.name} is there already.")
    _set(conn, worker, {"active": True, "ver": row.ver + 1})
    record(conn, vault, by, "staff.activate", worker, now)


def _set(conn: Connection, worker: str, values: Mapping[str, object]) -> None:
    conn.execute(sa.update(staff).where(staff.c.id == worker).values(**values))
