"""A worker's methods: added, proven by a code that went there, paged from then on, taken away. Units of work."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from escalation.belongings import Phone
from escalation.methods import Method, State, Way
from escalation.ports import Refused, Unknown
from storage import accounts, leaving, off_cover, phones, throttle
from storage.audit import record
from storage.crypto.address import typed_address
from storage.crypto.errors import BadAddress
from storage.database import Database
from storage.schema import addresses, proofs, stamp
from storage.silence import silent
from storage.telling import tell_one
from storage.vault import Vault

DIGITS = 6
GOOD_FOR = timedelta(minutes=30)
TRIES = 5  # at one code: a million to five
CODES_AN_HOUR = 5  # to one phone: it may be a stranger's
MOST = 8  # methods of one worker
NO_SUCH = "There is no such way of paging you."
NOT_THE_CODE = "That is not the code, or it is too old. Have a new one sent."
TOO_OFTEN = "Too many codes went there. Try again in an hour."
PROVEN = "That one is proven already."
IN_USE = "That one cannot be used here. Give another."
NO_ADDRESS = "That is not a whole number or address of this kind."
ENOUGH_TESTS = "Enough test pages. Try again in an hour."
ENOUGH = "That is enough ways. Remove one first."


def of(conn: Connection, vault: Vault, worker: str) -> list[Way]:
    """Raises Unknown."""
    return [way(phone) for phone in leaving.belongings(conn, vault, worker).phones]


def way(phone: Phone) -> Way:
    state: State = "new" if not phone.proven else "open" if phone.open else "shut"
    return Way(phone.id, phone.channel, phone.ends, state)


def add(
    conn: Connection, vault: Vault, worker: str, method: str, written: str, region: str, by: str, now: datetime
) -> str:
    """Nothing but its code goes there until it is proven. Returns its id. Raises Refused: no address, or known."""
    held = sa.select(sa.func.count()).where(addresses.c.owner_id == worker, addresses.c.owner_kind == "staff")
    if conn.execute(held).scalar_one() >= MOST:
        raise Refused(ENOUGH)
    try:
        address = typed_address(method, written, region)
    except BadAddress:
        raise Refused(NO_ADDRESS) from None
    _refuse_known(conn, vault, method, address)
    way = accounts.add_phone(conn, vault, worker, method, address, now, proven=False)
    record(conn, vault, by, "phone.add", worker, now)
    send_code(conn, vault, worker, way, now)
    return way


def _refuse_known(conn: Connection, vault: Vault, method: str, address: str) -> None:
    """No call and no code for a phone of hers (SAFETY 1), whoever asks; and nobody is told whose it is."""
    known = phones.known(conn, vault, method, address)
    if any(row.owner_kind == "person" or row.channel == method for row in known):
        raise Refused(IN_USE)


def send_code(conn: Connection, vault: Vault, worker: str, way: str, now: datetime) -> None:
    """A fresh one, which ends the one before. Raises Unknown, Refused where it is proven or too many went there."""
    phone = _theirs(conn, worker, way)
    if phone.state != "new":
        raise Refused(PROVEN)
    if not throttle.allow(conn, vault, "proof", bytes(phone.mac).hex(), now, CODES_AN_HOUR, 3600):
        raise Refused(TOO_OFTEN)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    conn.execute(sa.delete(proofs).where(proofs.c.address_id == way))
    row = {"address_id": way, "mac": vault.proof(way, code), "until": stamp(now + GOOD_FOR), "tries": 0}
    conn.execute(sa.insert(proofs), row)
    tell_one(conn, vault, phone, "page/prove", {"code": code}, now)


def prove(conn: Connection, vault: Vault, worker: str, way: str, code: str, now: datetime) -> bool:
    """Typed where the worker is signed in. False for a wrong code, which counts: keep what was written all the same.

    Raises Unknown.
    """
    phone = _theirs(conn, worker, way)
    return phone.state != "new" or _proven(conn, vault, phone, code, now)


def replied(conn: Connection, vault: Vault, phone: Any, text: str, now: datetime) -> str:
    """A phone that is not proven wrote. Returns the message that it is answered with."""
    return "page/proven" if _proven(conn, vault, phone, text, now) else "page/not_proven"


def _proven(conn: Connection, vault: Vault, phone: Any, written: str, now: datetime) -> bool:
    """Whether the code is the right one. A wrong one counts, on whatever way it came."""
    code = "".join(sign for sign in written if sign.isascii() and sign.isdigit())
    mine = proofs.c.address_id == phone.id
    row = conn.execute(sa.select(proofs).where(mine).with_for_update()).first()
    if row is None or row.until <= stamp(now) or row.tries >= TRIES:
        return False
    if not hmac.compare_digest(bytes(row.mac), vault.proof(phone.id, code)):
        conn.execute(sa.update(proofs).where(mine).values(tries=row.tries + 1))
        return False
    conn.execute(sa.delete(proofs).where(mine))
    phones.set_state(conn, phone.id, "active")
    off_cover.opened(conn, vault, phone.owner_id, phone.owner_id, now)
    record(conn, vault, phone.owner_id, "phone.proven", phone.id, now)
    return True


def remove(conn: Connection, vault: Vault, worker: str, way: str, now: datetime) -> None:
    leaving.remove_phone(conn, vault, worker, way, worker, now)


def test(conn: Connection, vault: Vault, worker: str, now: datetime) -> list[str]:
    """A page that asks for nothing, to each phone that a page would go to. Returns the ids of their outbox rows.

    Raises Refused when tried too often.
    """
    if not throttle.allow(conn, vault, "test_page", worker, now, CODES_AN_HOUR, 3600):
        raise Refused(ENOUGH_TESTS)
    mine = (addresses.c.owner_id == worker, addresses.c.owner_kind == "staff", addresses.c.state == "active")
    found = conn.execute(sa.select(addresses).where(*mine)).all()
    return [tell_one(conn, vault, phone, "page/test", {}, now) for phone in found]


def _theirs(conn: Connection, worker: str, way: str) -> Any:
    mine = (addresses.c.id == way, addresses.c.owner_id == worker, addresses.c.owner_kind == "staff")
    row = conn.execute(sa.select(addresses).where(*mine)).first()
    if row is None:
        raise Unknown(NO_SUCH)
    return row


class StoredMethods:
    """`escalation.methods.Methods`. `region`: the country of numbers written without one."""

    def __init__(self, database: Database, vault: Vault, offered: Sequence[Method], region: str) -> None:
        self._database, self._vault, self._region = database, vault, region
        self._offered = tuple(offered)

    @property
    def offered(self) -> tuple[Method, ...]:
        return self._offered

    async def of(self, staff: str) -> Sequence[Way]:
        return await self._database.read(of, self._vault, staff)

    async def add(self, staff: str, method: Method, address: str, now: datetime) -> None:
        await self._database.write(add, self._vault, staff, method, address, self._region, staff, now)

    async def send_code(self, staff: str, way: str, now: datetime) -> None:
        await self._database.write(send_code, self._vault, staff, way, now)

    async def prove(self, staff: str, way: str, code: str, now: datetime) -> None:
        if not await self._database.write(prove, self._vault, staff, way, code, now):
            raise Refused(NOT_THE_CODE)

    async def remove(self, staff: str, way: str, now: datetime) -> None:
        await self._database.write(remove, self._vault, staff, way, now)

    async def test(self, staff: str, now: datetime) -> int:
        return len(await self._database.write(test, self._vault, staff, now))

    async def silent(self, now: datetime) -> bool:
        return await self._database.read(silent, now)
