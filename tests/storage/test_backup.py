"""A backup is taken while the service runs; what comes back has the erased erased and nothing sent twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from bot.cli import database as commands
from storage import erasing, queue
from storage.backup import Tombstone, backup, restore, settle, tombstones_of
from storage.crypto.errors import DestroyedEpoch, KeyProblem
from storage.crypto.ring import BACKUP_HORIZON, Ring, new_ring
from storage.crypto.ring_source import RingFile
from storage.database import Database, DatabaseProblem
from storage.rotating import kids, rotate, wrap_batch, wrap_system
from storage.schema import addresses, alerts, events, metadata, notes, outbox, persons, staff_sessions
from storage.vault import open_vault
from storage.verifying import verify
from tests.storage.store import HER, NOON, OTHER, RING, Store
from tests.storage.test_at_rest import whole_conversation

only_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def path_of(store: Store) -> Path:
    return Path(store.url.removeprefix("sqlite:///"))


def faults(store: Store) -> list[str]:
    return list(store.read(lambda conn: list(verify(conn, store.vault))))


# verify


def test_a_database_after_a_whole_conversation_holds(store: Store) -> None:
    whole_conversation(store)
    store.deliver()
    assert faults(store) == []


SPOILT = [
    (persons, "state"),
    (addresses, "sealed"),
    (events, "sealed"),
    (outbox, "sealed"),
    (alerts, "sealed"),
    (notes, "sealed"),
    (metadata.tables["reasons"], "sealed"),
    (metadata.tables["phone_messages"], "sealed"),
    (metadata.tables["inbox"], "sealed"),
    (metadata.tables["audit"], "detail"),
]


@pytest.mark.parametrize(("table", "column"), SPOILT, ids=[table.name for table, _ in SPOILT])
def test_verify_finds_one_flipped_bit_wherever_it_is(store: Store, table: sa.Table, column: str) -> None:
    whole_conversation(store)
    cell = table.c[column]
    key = list(table.primary_key)
    row = store.rows(sa.select(*key, cell).where(cell.is_not(None)).limit(1))[0]
    spoilt = bytearray(bytes(row[-1]))
    spoilt[20] ^= 1
    where = [column == value for column, value in zip(key, row, strict=False)]
    store.run(sa.update(table).where(*where).values({column: bytes(spoilt)}))
    assert any(table.name in line for line in faults(store))


def test_verify_finds_a_row_of_nobody(store: Store) -> None:
    store.recipient()
    store.hears("hello")
    store.run(sa.delete(persons))
    assert any("not there" in line for line in faults(store))


# backup


@only_sqlite
def test_a_backup_of_a_running_database_is_whole_private_and_opens(store: Store, tmp_path: Path) -> None:
    ref = whole_conversation(store)
    copy = tmp_path / "copies" / "monday.db"
    backup(path_of(store), copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    other = Store(f"sqlite:///{copy}")
    assert faults(other) == []
    assert other.rows(sa.select(persons.c.ref))[0].ref == ref
    other.close()
    assert [p.name for p in copy.parent.iterdir() if p.suffix == ".part"] == []


@only_sqlite
def test_a_backup_replaces_nothing_and_says_where_no_database_is(store: Store, tmp_path: Path) -> None:
    taken = tmp_path / "taken.db"
    taken.write_text("mine")
    with pytest.raises(DatabaseProblem, match="stands already"):
        backup(path_of(store), taken)
    assert taken.read_text() == "mine"
    with pytest.raises(DatabaseProblem, match="no database"):
        backup(tmp_path / "nowhere.db", tmp_path / "new.db")


# restore


@only_sqlite
def test_who_was_erased_after_the_backup_stays_erased(store: Store, tmp_path: Path) -> None:
    her, other = store.ref(store.recipient()), store.ref(store.recipient(OTHER))
    store.hears("hello", "risk P1")
    copy = tmp_path / "monday.db"
    backup(path_of(store), copy)
    store.write(erasing.erase, store.vault, her, "ana", "in_person", "She asked.", store.now)
    store.close()

    settled = restore(copy, path_of(store), RING, NOON + timedelta(days=1))

    assert (settled.erased, settled.people) == (1, 0)
    back = Store(store.url)
    assert [row.ref for row in back.rows(sa.select(persons.c.ref))] == [other]
    assert back.rows(sa.select(events)) == []
    assert back.hears("hello")[0].outcome == "stranger"
    assert len(back.read(tombstones_of)) == 1
    assert faults(back) == []
    back.close()


@only_sqlite
def test_with_the_database_lost_the_kept_list_erases_them(store: Store, tmp_path: Path) -> None:
    her = store.ref(store.recipient())
    copy, target = tmp_path / "monday.db", tmp_path / "new" / "rowan.db"
    backup(path_of(store), copy)
    store.write(erasing.erase, store.vault, her, "ana", "in_person", "She asked.", store.now)
    lines = [str(stone) for stone in store.read(tombstones_of)]
    store.close()
    settled = restore(copy, target, RING, NOON, [Tombstone.read(line) for line in lines])
    assert settled.erased == 1


def test_what_waited_is_set_aside_and_a_worker_asks_her(store: Store) -> None:
    person = store.recipient()
    store.recipient(OTHER)
    store.take(store.text("hello"), store.text("one"))
    store.claim()
    browser = {"token_hash": bytes(32), "staff_id": "ana", "staff_ver": 0, "csrf": "", "created_at": 0, "seen_at": 0}
    store.run(sa.insert(staff_sessions).values(browser))
    settled = store.write(settle, store.vault, store.now)
    assert (settled.unknown, settled.people) == (2, 1)
    assert store.statuses(person) == ["unknown", "unknown"]
    assert store.claim() == []
    (alert,) = store.read(queue.queue, store.vault, store.now)
    assert (alert.person, alert.kind) == (store.ref(person), "task")
    assert "2 messages" in alert.title
    assert store.rows(sa.select(staff_sessions)) == [], "everybody signs in again"
    assert store.write(settle, store.vault, store.now).unknown == 0, "safe to run twice"
    assert faults(store) == []


@only_sqlite
def test_a_running_service_is_not_restored_under_its_feet(store: Store, tmp_path: Path) -> None:
    copy = tmp_path / "monday.db"
    backup(path_of(store), copy)
    with pytest.raises(DatabaseProblem, match="Stop it first"):
        restore(copy, path_of(store), RING, NOON)


@only_sqlite
@pytest.mark.parametrize("fault", ["text", "half", "ring"])
def test_a_restore_that_cannot_succeed_changes_nothing(store: Store, tmp_path: Path, fault: str) -> None:
    store.recipient()
    copy = tmp_path / "monday.db"
    backup(path_of(store), copy)
    store.close()
    before = path_of(store).read_bytes()
    ring = RING
    if fault == "text":
        copy.write_text("not a database at all")
    elif fault == "half":
        os.truncate(copy, copy.stat().st_size // 2)
    else:
        ring = new_ring(NOON)
    with pytest.raises((DatabaseProblem, KeyProblem)):
        restore(copy, path_of(store), ring, NOON)
    assert path_of(store).read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["monday.db", "rowan.db", "rowan.db.lock"]


@only_sqlite
def test_a_damaged_database_that_cannot_tell_who_was_erased_is_not_passed_over(store: Store, tmp_path: Path) -> None:
    copy = tmp_path / "monday.db"
    backup(path_of(store), copy)
    store.close()
    path_of(store).write_bytes(b"\0" * 8192)
    with pytest.raises(DatabaseProblem, match="--erased"):
        restore(copy, path_of(store), RING, NOON)


# keys


@pytest.fixture
def ring_file(tmp_path: Path) -> Path:
    path = tmp_path / "keyring.json"
    RING.write(path)
    return path


def turn(store: Store, path: Path, now: object, **more: bool) -> object:
    return rotate(store.database, path, Ring.read(RingFile(path)), now, **more)  # type: ignore[arg-type]


def test_rotation_wraps_every_key_again_and_all_opens_with_the_new_ring(store: Store, ring_file: Path) -> None:
    whole_conversation(store)
    store.recipient(HER)
    rotated = turn(store, ring_file, NOON + timedelta(days=31))
    ring = Ring.read(RingFile(ring_file))
    assert (rotated.made, rotated.wrapped) == (ring.active.kid, 2)
    assert store.read(kids) == {ring.active.kid}
    store.vault = store.write(open_vault, ring)
    assert faults(store) == []
    assert store.hears("hello")[0].outcome == "done"


def test_a_young_epoch_is_left_alone_unless_asked(store: Store, ring_file: Path) -> None:
    store.recipient()
    assert turn(store, ring_file, NOON + timedelta(days=3)).made == ""
    assert turn(store, ring_file, NOON + timedelta(days=3), at_once=True).made != ""


def test_a_rotation_cut_short_leaves_everything_readable_and_is_finished_by_the_next(
    store: Store, ring_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = [store.recipient(f"+4477009004{n:02d}") for n in range(6)]
    monkeypatch.setattr("storage.rotating.BATCH", 2)
    ring = RING.add_epoch(NOON + timedelta(days=31))
    ring.write(ring_file)
    store.write(wrap_system, ring)
    store.write(wrap_batch, ring, "")  # and here the power went
    assert len(store.read(kids)) == 2
    store.vault = store.write(open_vault, ring)
    assert faults(store) == []
    rotated = turn(store, ring_file, NOON + timedelta(days=70))
    assert (rotated.made, rotated.wrapped) == ("", 4), "finished before another epoch is begun"
    assert store.read(kids) == {ring.active.kid}
    assert len(everybody) == 6


def test_an_epoch_is_destroyed_after_the_horizon_and_its_backups_with_it(
    store: Store, ring_file: Path, tmp_path: Path
) -> None:
    store.recipient()
    if store.database.sqlite:
        backup(path_of(store), tmp_path / "old.db")
    begun = NOON + timedelta(days=31)
    turn(store, ring_file, begun)
    assert turn(store, ring_file, begun + BACKUP_HORIZON - timedelta(seconds=1)).destroyed == ()
    rotated = turn(store, ring_file, begun + BACKUP_HORIZON)
    assert rotated.destroyed == (RING.active.kid,)
    ring = Ring.read(RingFile(ring_file))
    store.vault = store.write(open_vault, ring)
    assert faults(store) == []
    if store.database.sqlite:
        database = Database(f"sqlite:///{tmp_path / 'old.db'}")
        with pytest.raises(DestroyedEpoch):
            database.write_now(open_vault, ring)
        database.close()


# the commands


@only_sqlite
def test_the_commands_work_from_end_to_end(
    store: Store, ring_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    her = store.ref(store.recipient())
    ring_file.chmod(0o600)
    monkeypatch.setenv("ROWAN_DATABASE_URL", store.url)
    monkeypatch.setenv("ROWAN_KEY_RING_FILE", str(ring_file))
    monkeypatch.chdir(tmp_path)
    run: Callable[..., object] = CliRunner().invoke
    copy = str(tmp_path / "copy.db")
    assert "whole copy" in run(commands.app, ["backup", copy]).output  # type: ignore[attr-defined]
    store.write(erasing.erase, store.vault, her, "ana", "in_person", "She asked.", store.now)
    store.close()
    expected = {
        "upgrade": "up to date",
        "verify": "every value opens",
        "erased": store_receipt(store.url),
        "rotate-keys --now": "is new in",
        f"restore {copy}": "Erased again: 1",
    }
    for command, says in expected.items():
        result = run(commands.app, command.split())
        assert result.exit_code == 0, result.output  # type: ignore[attr-defined]
        assert says in result.output  # type: ignore[attr-defined]


def store_receipt(url: str) -> str:
    store = Store(url)
    (stone,) = store.read(tombstones_of)
    store.close()
    return str(stone)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("command", "names"), [("backup x.db", "pg_dump"), ("restore", "pg_restore")])
def test_on_postgresql_the_commands_name_its_own_tools(
    url: str, command: str, names: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ROWAN_DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(commands.app, command.split())
    assert isinstance(result.exception, DatabaseProblem)
    assert names in str(result.exception)
