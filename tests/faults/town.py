"""A database with people in it: enrolled recipients on both channels, workers with phones, the key ring in its file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

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
WORDS = {"signal": SIGNAL, "duress": DURESS, "exit": EXIT}


@dataclass(frozen=True, slots=True)
class Town:
    """Where the data lies, and whose phones there are. Numbers are of Ofcom's range for drama."""

    folder: Path
    recipients: tuple[Phone, ...]
    strangers: tuple[Phone, ...]
    workers: tuple[Phone, ...]

    @property
    def database(self) -> Path:
        return self.folder / "rowan.db"

    @property
    def ring(self) -> Path:
        return self.folder / "keyring.json"


def found(folder: Path, recipients: int = 24, strangers: int = 4) -> Town:
    """Make the files and write everybody in. Half of the phones are on Telegram."""
    workers = (("sms", "+447700900201"), ("telegram", "900201"), ("sms", "+447700900202"))
    town = Town(folder, tuple(map(_phone, range(recipients))), tuple(map(_phone, range(500, 500 + strangers))), workers)
    new_ring(datetime.now(UTC)).write(town.ring)
    database = Database(f"sqlite:///{town.database}")
    try:
        upgrade(database.engine)
        vault = database.write_now(open_vault, Ring.read(_Text(town.ring)))
        database.write_now(_people, vault, town, datetime.now(UTC))
    finally:
        database.close()
    return town


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


def _people(conn: sa.Connection, vault: Vault, town: Town, now: datetime) -> None:
    for channel, address in town.recipients:
        contact = Contact(channel=channel, windows=PRESETS["always"], consent="worker", confirmed_at=now)
        enrol(conn, vault, address, contact, "worker", now, WORDS, Memory(joined_at=now - timedelta(days=20)))
    ana = accounts.add(conn, vault, "ana", "Ana", "worker", "", None, now)
    ben = accounts.add(conn, vault, "ben", "Ben", "worker", "", None, now)
    for staff, phones in ((ana, town.workers[:2]), (ben, town.workers[2:])):
        accounts.duty(conn, vault, staff.id, "on_call", now)
        for channel, address in phones:
            accounts.add_phone(conn, vault, staff.id, channel, address, now)
