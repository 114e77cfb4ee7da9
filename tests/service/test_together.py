"""Small writes committed together: each hears of its own, and one that fails harms no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.together import Together
from storage.database import Database


class Notebook:
    """A table of numbers. A negative one does not fit."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.groups: list[int] = []
        database.write_now(lambda conn: conn.exec_driver_sql("CREATE TABLE notes (n INTEGER CHECK (n >= 0))"))

    def write(self, conn: Connection, numbers: Sequence[int]) -> list[int]:
        self.groups.append(len(numbers))
        for number in numbers:
            conn.execute(sa.text("INSERT INTO notes VALUES (:n)"), {"n": number})
        return [number * 2 for number in numbers]

    @property
    def kept(self) -> list[int]:
        return self.database.read_now(
            lambda conn: list(conn.exec_driver_sql("SELECT n FROM notes ORDER BY n").scalars())
        )


@pytest_asyncio.fixture
async def notebook(tmp_path: Path) -> AsyncIterator[Notebook]:
    database = Database(f"sqlite:///{tmp_path / 'notes.db'}")
    yield Notebook(database)
    database.close()


async def test_what_waits_is_one_transaction_and_each_gets_its_own_answer(notebook: Notebook) -> None:
    together = Together(notebook.database, notebook.write)
    assert await asyncio.gather(*(together.write(n) for n in range(20))) == [n * 2 for n in range(20)]
    assert notebook.kept == list(range(20))
    assert notebook.groups == [20]


async def test_one_that_fails_is_the_only_one_that_fails(notebook: Notebook) -> None:
    together = Together(notebook.database, notebook.write)
    done = await asyncio.gather(*(together.write(n) for n in (1, 2, -1, 3)), return_exceptions=True)
    assert [one for one in done if not isinstance(one, Exception)] == [2, 4, 6]
    assert isinstance(done[2], sa.exc.IntegrityError)
    assert notebook.kept == [1, 2, 3]


async def test_one_whose_caller_went_away_is_written_all_the_same(notebook: Notebook) -> None:
    together = Together(notebook.database, notebook.write)
    gone = asyncio.create_task(together.write(1))
    await asyncio.sleep(0)
    gone.cancel()
    assert await together.write(2) == 4
    assert notebook.kept == [1, 2]
