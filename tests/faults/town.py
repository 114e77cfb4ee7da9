"""A database with people in it: enrolled recipients on both channels, workers with phones, the key ring in its file.

Beside the service's own tables it has a ledger: which claim and which turn of hers was written in which transaction.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from escalation.console.sessions import token_hash
from flows.engine.conversation import Contact, Memory
from flows.safety.hours import PRESETS
from storage import accounts
from storage.crypto.ring import Ring, new_ring
from storage.database import Database
from storage.enrolment import enrol
from storage.migrating import upgrade
from storage.vault import Vault, open_vault
from tests.faults.evidence import Phone

SIGNAL, DURESS, EXIT = "sunflower", "marigold", "x"
# By triggers, so in the transaction itself, whoever writes; a row of nothing is the end of one (`serve`, `campaign`).
LEDGER = (
    """CREATE TABLE ledger (
        seq INTEGER PRIMARY KEY, person TEXT, alert TEXT, holder TEXT, until INTEGER, turn INTEGER)""",
    """CREATE TRIGGER ledger_of_claims AFTER UPDATE OF state, holder, claim_until ON alerts BEGIN
        INSERT INTO ledger (person, alert, holder, until) VALUES (
            NEW.person_id, NEW.id, CASE NEW.state WHEN 'claimed' THEN NEW.holder END, NEW.claim_until); END""",
    """CREATE TRIGGER ledger_of_turns AFTER INSERT ON events WHEN NEW.kind = 'talk' BEGIN
        INSERT INTO ledger (person, turn) VALUES (NEW.person_id, NEW.seq); END""",
)
END_OF_TRANSACTION = "INSERT INTO ledger DEFAULT VALUES"
WORDS = {"signal": SIGNAL, "duress": DURESS, "exit": EXIT}


@dataclass(frozen=True, slots=True)
class Desk:
    """A worker's browser, signed in: who, and what its cookie and its forms hold."""

    staff: str
    token: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Town:
    """Where the data lies, and whose phones there are. Numbers are of Ofcom's range for drama."""

    folder: Path
    recipients: tuple[Phone, ...]
    strangers: tuple[Phone, ...]
    workers: tuple[Phone, ...]
    desks: tuple[Desk, ...]

    @property
    def database(self) -> Path:
        return self.folder / "rowan.db"

    @property
    def ring(self) -> Path:
        return self.folder / "keyring.json"


def found(folder: Path, recipients: int = 24, strangers: int = 4) -> Town:
    """Make the files and write everybody in. Half of the phones are on Telegram."""
    workers = (("sms", "+447700900201"), ("telegram", "900201"), ("sms", "+447700900202"))
    people = tuple(map(_phone, range(recipients))), tuple(map(_phone, range(500, 500 + strangers)))
    town = Town(folder, *people, workers, ())
    new_ring(datetime.now(UTC)).write(town.ring)
    database = Database(f"sqlite:///{town.database}")
    try:
        upgrade(database.engine)
        vault = database.write_now(open_vault, Ring.read(_Text(town.ring)))
        desks = database.write_now(_people, vault, town, datetime.now(UTC))
    finally:
        database.close()
    return replace(town, desks=desks)


def _phone(number: int) -> Phone:
    return ("sms", f"+44770090{number:04d}") if number % 2 else ("telegram", str(910_000 + number))


@dataclass(frozen=True, slots=True)
class _Text:
    path: Path

    def text(self) -> str:
        return self.path.read_text()


def open_town(town: Town) -> tuple[Database, Vault]:
    """For the judge, once no service runs. The caller closes the database."""
    database = Database(f"sqlite:///{town.database}")
    return database, database.write_now(open_vault, Ring.read(_Text(town.ring)))


def _people(conn: sa.Connection, vault: Vault, town: Town, now: datetime) -> tuple[Desk, ...]:
    for statement in LEDGER:
        conn.exec_driver_sql(statement)
    for channel, address in town.recipients:
        contact = Contact(channel=channel, windows=PRESETS["always"], consent="worker", confirmed_at=now)
        enrol(conn, vault, address, contact, "worker", now, WORDS, Memory(joined_at=now - timedelta(days=20)))
    ana = accounts.add(conn, vault, "ana", "Ana", "worker", "", None, now)
    ben = accounts.add(conn, vault, "ben", "Ben", "worker", "", None, now)
    for staff, phones in ((ana, town.workers[:2]), (ben, town.workers[2:])):
        accounts.duty(conn, vault, staff.id, "on_call", now)
        for channel, address in phones:
            accounts.add_phone(conn, vault, staff.id, channel, address, now)
    return tuple(_desk(conn, staff.id, now) for staff in (ana, ben))


def _desk(conn: sa.Connection, staff: str, now: datetime) -> Desk:
    desk = Desk(staff, secrets.token_urlsafe(16), secrets.token_urlsafe(16))
    accounts.begin(conn, staff, token_hash(desk.token), desk.csrf, now)
    return desk
