"""What `rowan db verify` finds of somebody who was erased: any row that names them, any page, any word."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import erasing, leftovers
from storage.ids import new_id
from storage.recording import line_of
from storage.schema import consents, metadata, outbox, stamp, timers
from tests.storage.store import Store

# Every column that can hold an id; a new one is looked at without being named in the code.
TEXT = [
    (table, column)
    for table in metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, sa.String) and table.name != "tombstones"
]


def found(store: Store) -> list[str]:
    return store.read(lambda conn: list(leftovers.rows_of_the_erased(conn)))  # type: ignore[no-any-return]


def erased(store: Store) -> str:
    """Somebody who wrote, and is gone. Returns her id."""
    person = store.recipient()
    store.hears("hello", "risk P1 heronsbill", "later 60")
    store.deliver()
    store.write(erasing.erase, store.vault, store.ref(person), "ana", "in_person", "She asked.", store.now)
    return person


def test_of_who_was_erased_nothing_is_left(store: Store) -> None:
    other = store.recipient("+447700900124")
    erased(store)
    assert found(store) == []
    assert store.statuses(other) == []


def test_a_row_that_a_later_release_forgets_is_found_by_its_column(store: Store) -> None:
    person = erased(store)
    store.run(sa.insert(consents).values(id=new_id(stamp(store.now)), person_id=person, basis="self", day=1))
    timer = {"id": "t", "due_at": 1, "kind": "x", "owner_id": person, "key": ""}
    store.run(sa.insert(timers).values(timer))
    assert found(store) == [
        "consents.person_id: rows that name somebody who was erased: 1",
        "timers.owner_id: rows that name somebody who was erased: 1",
    ]


@pytest.mark.parametrize("kind", ["wipe", "exit"])
def test_a_line_of_the_outbox_names_her_too(store: Store, kind: str) -> None:
    person = store.recipient()
    store.hears("hello")
    store.run(sa.update(outbox).values(owner_id="somebody", line=line_of(kind, person)))
    assert found(store) == []
    store.write(erasing.erase, store.vault, store.ref(person), "ana", "rule", "Closed.", store.now)
    assert found(store) == ["outbox.line: rows that name somebody who was erased: 1"]


def test_every_column_that_can_hold_an_id_is_asked(store: Store) -> None:
    asked: list[str] = []
    erased(store)

    def unit(conn: sa.Connection) -> None:
        sa.event.listen(conn, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
        list(leftovers.rows_of_the_erased(conn))

    store.read(unit)
    said = " ".join(asked).replace('"', "")
    assert [f"{t.name}.{c.name}" for t, c in TEXT if f"{t.name}.{c.name} IN" not in said] == []
    assert len(asked) == len(TEXT) + 1


def filled(path: Path, secure: bool) -> None:
    """A database that held a word on many pages and deleted it."""
    with sqlite3.connect(path) as conn:
        conn.execute(f"PRAGMA secure_delete = {'ON' if secure else 'OFF'}")
        conn.execute("CREATE TABLE words (word TEXT)")
        conn.executemany("INSERT INTO words VALUES (?)", [("heronsbill " * 300,)] * 50)
        conn.commit()
        conn.execute("DELETE FROM words")
    conn.close()


def test_freed_pages_that_are_not_wiped_are_told(tmp_path: Path) -> None:
    wiped, left = tmp_path / "wiped.db", tmp_path / "left.db"
    filled(wiped, secure=True)
    filled(left, secure=False)
    assert list(leftovers.free_pages(wiped)) == []
    assert list(leftovers.in_files(wiped, ["heronsbill"])) == []
    (said,) = leftovers.free_pages(left)
    assert said.startswith("left.db: free pages that are not wiped")
    assert list(leftovers.in_files(left, ["", "wren", "Heronsbill"])) == ["left.db: line 3"]


def test_a_log_that_still_holds_something_is_told(tmp_path: Path) -> None:
    filled(tmp_path / "a.db", secure=True)
    (tmp_path / "a.db-wal").write_bytes(b"heronsbill")
    assert list(leftovers.free_pages(tmp_path / "a.db")) == ["a.db-wal is not empty: what was deleted may stand in it."]
    assert list(leftovers.in_files(tmp_path / "a.db", ["heronsbill"])) == ["a.db-wal: line 1"]


def test_a_word_across_two_chunks_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "CHUNK", 8)
    (tmp_path / "a.db").write_bytes(b"....heronsbill....")
    assert list(leftovers.in_files(tmp_path / "a.db", ["heronsbill", "wren"])) == ["a.db: line 1"]


def test_a_word_in_any_column_is_found_and_not_told(store: Store) -> None:
    store.recipient()
    store.hears("hello", "risk P1 heronsbill")
    words = ["wren", "heronsbill"]
    assert store.read(lambda conn: list(leftovers.in_columns(conn, words))) == []
    store.run(sa.update(outbox).values(code="heronsbill"))
    assert store.read(lambda conn: list(leftovers.in_columns(conn, words))) == ["outbox.code: line 2"]
