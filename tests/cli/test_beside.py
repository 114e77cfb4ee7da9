"""While the service runs on SQLite: what may be done beside it, and what says plainly that it may not."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import accounts, audit
from storage.crypto.ring import Ring
from storage.crypto.ring_source import RingFile
from storage.database import Database
from storage.migrating import upgrade
from storage.vault import Vault, open_vault
from tests.warm import Rowan

PASSWORD = "a long enough password\n"


@pytest.fixture
def settings(rowan: Rowan, tmp_path: Path) -> dict[str, str]:
    assert rowan("init", "var").returncode == 0
    url = f"sqlite:///{tmp_path}/var/rowan.db"
    return {"ROWAN_KEY_RING_FILE": str(tmp_path / "var" / "keyring.json"), "ROWAN_DATABASE_URL": url}


@pytest.fixture
def running(settings: dict[str, str], tmp_path: Path) -> Iterator[tuple[Database, Vault]]:
    """The database as the service has it: open, with the lock held."""
    database = Database(settings["ROWAN_DATABASE_URL"])
    try:
        upgrade(database.engine)
        ring = Ring.read(RingFile(tmp_path / "var" / "keyring.json"))
        yield database, database.write_now(open_vault, ring)
    finally:
        database.close()


def test_staff_are_added_called_and_given_a_token_while_it_runs(
    rowan: Rowan, settings: dict[str, str], running: tuple[Database, Vault]
) -> None:
    database, vault = running
    for words, says in [
        (("staff", "add", "ana", "--name", "Ana"), PASSWORD),
        (("staff", "phone", "ana", "sms", "+447700900201"), ""),
        (("staff", "duty", "ana", "on_call"), ""),
    ]:
        done = rowan(*words, says=says, **settings)
        assert done.returncode == 0, done.stderr
    token = rowan("staff", "token", "ana", "--label", "rota", **settings).stdout.strip()

    (ana,) = database.read_now(accounts.everybody)
    assert (ana.username, ana.duty) == ("ana", "on_call")
    known = database.read_now(accounts.token, vault, token)
    assert known is not None
    assert known.id == ana.id
    assert database.read_now(audit.verify, vault) is None
    assert "ana" in rowan("staff", "list", **settings).stdout


@pytest.mark.parametrize(
    "words", [("staff", "list"), ("audit", "verify"), ("db", "erased"), ("db", "backup", "copy.db")]
)
def test_what_only_looks_looks_while_it_runs(
    rowan: Rowan, settings: dict[str, str], running: tuple[Database, Vault], words: tuple[str, ...]
) -> None:
    done = rowan(*words, **settings)
    assert done.returncode == 0, done.stderr


def test_the_doctor_sees_the_database_while_it_runs(
    rowan: Rowan, settings: dict[str, str], running: tuple[Database, Vault]
) -> None:
    found = {one["what"]: one["grade"] for one in json.loads(rowan("doctor", "--json", **settings).stdout)}
    assert (found["database"], found["audit log"]) == ("good", "good")


@pytest.mark.parametrize("words", [("db", "upgrade"), ("db", "rotate-keys"), ("db", "verify")])
def test_what_needs_the_database_alone_says_so(
    rowan: Rowan, settings: dict[str, str], running: tuple[Database, Vault], words: tuple[str, ...]
) -> None:
    done = rowan(*words, **settings)
    assert done.returncode == 1
    assert "Another Rowan process" in done.stderr
    assert "Beside a running service" in done.stderr


def test_a_command_waits_for_the_service_and_the_service_for_it(
    rowan: Rowan, settings: dict[str, str], running: tuple[Database, Vault]
) -> None:
    database, vault = running
    assert rowan("staff", "add", "ana", "--name", "Ana", says=PASSWORD, **settings).returncode == 0
    stop = threading.Event()

    def busy(conn: Connection) -> None:
        conn.execute(sa.text("UPDATE staff SET ver = ver"))
        time.sleep(0.02)

    def serve() -> None:
        while not stop.is_set():
            database.write_now(busy)
            time.sleep(0.01)

    service = threading.Thread(target=serve)
    service.start()
    try:
        done = rowan("staff", "duty", "ana", "backup", **settings)
    finally:
        stop.set()
        service.join()
    assert done.returncode == 0, done.stderr
    assert [one.duty for one in database.read_now(accounts.everybody)] == ["backup"]
    assert database.read_now(audit.verify, vault) is None


def test_a_command_does_not_keep_the_service_from_starting(
    rowan: Rowan, settings: dict[str, str], running: tuple[Database, Vault]
) -> None:
    running[0].close()
    done = rowan("staff", "list", **settings)
    assert done.returncode == 0
    Database(settings["ROWAN_DATABASE_URL"]).close()
