"""What only SQLite does: one process, its own settings, a disk that fills, readers that cannot write."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.app import open_service
from bot.cli.opening import opened
from bot.clock import Clock
from storage.crypto.errors import KeyProblem, MissingRing, WrongKey
from storage.crypto.ring import new_ring
from storage.database import PRAGMAS, Database, DatabaseProblem
from storage.schema import inbox, persons
from storage.vault import open_vault
from tests.storage.little_engine import PROGRAMME
from tests.storage.store import RING, Store

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def test_a_second_process_on_the_same_file_is_refused_with_what_to_do(store: Store) -> None:
    with pytest.raises(DatabaseProblem, match="Another Rowan process has this SQLite database open"):
        Database(store.url)


def test_the_file_is_free_again_after_closing(store: Store) -> None:
    store.close()
    Database(store.url).close()


def test_a_new_database_and_its_log_are_its_owners_alone(url: str, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'new.db'}")
    store.recipient()
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir() if path.name.startswith("new.db")}
    del modes["new.db.lock"]
    assert modes == {"new.db": 0o600, "new.db-wal": 0o600, "new.db-shm": 0o600}
    store.close()


def test_an_in_memory_database_is_refused(url: str) -> None:
    with pytest.raises(DatabaseProblem, match="Give a file"):
        Database("sqlite:///:memory:")


@pytest.mark.parametrize("side", ["write_now", "read_now"])
def test_every_setting_took_on_both_kinds_of_connection(store: Store, side: str) -> None:
    def found(conn: sa.Connection) -> dict[str, str]:
        return {name: str(conn.exec_driver_sql(f"PRAGMA {name}").scalar()).lower() for name in PRAGMAS}

    assert getattr(store.database, side)(found) == PRAGMAS


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(sa.exc.OperationalError, match="readonly"):
        store.read(lambda conn: conn.execute(sa.delete(persons)))


def test_a_ring_of_another_service_is_refused_and_changes_nothing(store: Store) -> None:
    store.recipient()
    before = _digest(store)
    other = new_ring(datetime(2026, 11, 1, tzinfo=UTC))
    with pytest.raises(KeyProblem):
        store.write(open_vault, other)
    assert _digest(store) == before


def test_a_ring_with_the_right_name_and_the_wrong_key_is_refused(store: Store) -> None:
    epoch = RING.active
    forged = new_ring(epoch.created, entropy=lambda n: bytes.fromhex(epoch.kid[-6:]) if n == 3 else bytes(range(n)))
    assert forged.active.kid == epoch.kid
    with pytest.raises(WrongKey):
        store.write(open_vault, forged)


def test_a_wrong_ring_is_refused_before_the_service_changes_anything(store: Store) -> None:
    store.recipient()
    store.run(sa.text("UPDATE alembic_version SET version_num = 'older'"))
    store.close()
    path = Path(store.url.removeprefix("sqlite:///"))
    before = path.read_bytes()
    with pytest.raises(KeyProblem):
        open_service(store.url, new_ring(datetime(2026, 11, 1, tzinfo=UTC)), PROGRAMME, {}, Clock())
    assert path.read_bytes() == before


def test_without_a_ring_a_command_does_not_even_make_a_file(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROWAN_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(MissingRing), opened():
        pytest.fail("nothing may be opened")
    assert not (tmp_path / "new.db").exists()


def _digest(store: Store) -> str:
    path = Path(store.url.removeprefix("sqlite:///"))
    both = [path.read_bytes(), path.with_name(path.name + "-wal").read_bytes()]
    return hashlib.sha256(b"".join(both)).hexdigest()


def test_a_full_disk_takes_nothing_and_all_goes_on_when_there_is_room_again(store: Store) -> None:
    person = store.recipient()
    store.hears("hello")

    def room(conn: sa.Connection, pages: int) -> None:
        conn.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    full = int(store.read(lambda conn: conn.exec_driver_sql("PRAGMA page_count").scalar()))
    store.write(room, full)
    message = store.text("plan " + "a long list " * 3000)
    with pytest.raises(sa.exc.OperationalError, match="full"):
        store.take(message)
    assert store.state(person).turns == 1, "reading goes on"
    assert len(store.rows(sa.select(inbox))) == 1, "nothing of it was kept, so nothing may be acknowledged"
    store.write(room, 1_000_000)
    assert store.take(message)[0].outcome == "done"
    assert store.state(person).turns == 2


@pytest.mark.parametrize("where", ["a page", "the first bytes"])
def test_a_damaged_file_is_not_served_and_says_what_to_do(store: Store, where: str) -> None:
    for number in range(40):
        store.recipient(f"+4477009{number:05d}")
    store.close()
    path = Path(store.url.removeprefix("sqlite:///"))
    whole = path.read_bytes()
    at = 0 if where == "the first bytes" else 4096 * (len(whole) // 4096 // 2)
    path.write_bytes(whole[:at] + bytes(range(256)) * 16 + whole[at + 4096 :])
    before = path.read_bytes()

    with pytest.raises(DatabaseProblem, match=r"damaged .* rowan db restore"):
        open_service(store.url, RING, PROGRAMME, {}, Clock())
    assert path.read_bytes() == before
    path.write_bytes(whole)
    Store(store.url).close()
