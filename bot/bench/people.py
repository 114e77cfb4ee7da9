"""Synthetic people for the benchmarks, and the signed requests that they send."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy.engine import Connection

from flows.engine.conversation import Contact, Memory
from flows.safety.hours import PRESETS
from storage.crypto.ring import new_ring
from storage.database import Database
from storage.enrolment import enrol
from storage.migrating import upgrade
from storage.vault import Vault, open_vault

ACCOUNT, TOKEN = "AC" + "0" * 32, "0123456789abcdef0123456789abcdef"
DIALOGUE = ("sunflower", "1", "2", "2", "2", "x")
PATH = "/channels/twilio/inbound"


def number(person: int) -> str:
    """A number of the range for drama is too small for many people: +999 belongs to no country."""
    return f"+99900{person:07d}"


def seed(conn: Connection, vault: Vault, people: int, now: datetime) -> None:
    words = {"signal": "sunflower", "duress": "marigold", "exit": "x"}
    memory = Memory(joined_at=now - timedelta(days=9))
    contact = Contact(windows=PRESETS["always"], consent="worker")
    for person in range(people):
        enrol(conn, vault, number(person), contact, "worker", now, words, memory)


Seed = Callable[[Connection, Vault, datetime], None]


def town(folder: Path, people: int, also: Seed | None = None) -> None:
    """A database and a key ring as an operator has them, with so many enrolled; `also` writes what else there is."""
    now = datetime.now(UTC)
    ring = new_ring(now)
    ring.write(folder / "keyring.json")
    database = Database(f"sqlite:///{folder / 'bench.db'}")
    try:
        upgrade(database.engine)
        vault = database.write_now(open_vault, ring)
        database.write_now(seed, vault, people, now)
        if also is not None:
            database.write_now(also, vault, now)
    finally:
        database.close()


def requests(origin: str, people: int, rounds: int, first: int = 0) -> list[bytes]:
    """Everybody goes through the dialogue `rounds` times, side by side, as signed webhooks."""
    made: list[bytes] = []
    serial = first
    for _ in range(rounds):
        for text in DIALOGUE:
            for person in range(people):
                serial += 1
                made.append(message(origin, number(person), text, serial))
    return made


def message(origin: str, sender: str, text: str, serial: int) -> bytes:
    """One text as Twilio posts it; `serial` makes it one."""
    sid, host = f"SM{serial:032x}", origin.partition("//")[2]
    form = {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "Body": text,
        "From": sender,
        "FromCountry": "GB",
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": "+447700900001",
        "ToCountry": "GB",
    }
    signed = f"{origin}{PATH}" + "".join(name + form[name] for name in sorted(form))
    signature = b64encode(hmac.digest(TOKEN.encode(), signed.encode(), "sha1")).decode()
    body = urlencode(form).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
