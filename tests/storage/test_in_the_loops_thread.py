"""A unit of work that runs in the loop's own thread: one transaction all the same, and nothing that waits for ever."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.schema import watermarks
from tests.storage.store import Store


def _note(conn: Connection, name: str) -> str:
    conn.execute(sa.insert(watermarks), {"name": name, "value": 1})
    return threading.current_thread().name


def _noted(store: Store) -> set[str]:
    return set(store.read(lambda conn: conn.execute(sa.select(watermarks.c.name)).scalars().all()))


async def test_it_is_committed_when_it_returns(store: Store) -> None:
    await store.database.write_here(_note, "kept")
    assert _noted(store) == {"kept"}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_on_sqlite_it_runs_in_the_loops_thread(store: Store) -> None:
    assert await store.database.write_here(_note, "here") == threading.current_thread().name
    assert await store.database.write(_note, "there") != threading.current_thread().name


async def test_what_it_raises_is_raised_here_and_nothing_is_kept(store: Store) -> None:
    def unit(conn: Connection) -> None:
        _note(conn, "lost")
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        await store.database.write_here(unit)
    assert _noted(store) == set()


async def test_others_wait_for_it_and_none_stands_within_another(store: Store) -> None:
    names = [f"{place}{number}" for number in range(8) for place in ("here", "there")]
    writes = {"here": store.database.write_here, "there": store.database.write}
    await asyncio.gather(*(writes[name[:-1]](_note, name) for name in names))
    assert _noted(store) == set(names)


async def test_who_goes_away_takes_nothing_back(store: Store) -> None:
    writing = asyncio.create_task(store.database.write_here(_note, "kept"))
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.sleep(0.2)
    assert _noted(store) == {"kept"}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_loop_that_ends_first_keeps_nothing_and_holds_nobody(store: Store) -> None:
    """The writer is busy until the loop has gone: it must not wait there for an answer."""
    gone = threading.Event()

    async def leave() -> None:
        store.database._writers.submit(gone.wait)
        asyncio.get_running_loop().create_task(store.database.write_here(_note, "lost"))
        await asyncio.sleep(0)

    asyncio.run(leave())
    gone.set()
    store.write(_note, "next")
    assert _noted(store) == {"next"}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_closing_in_the_loops_own_thread_does_not_wait_for_itself(store: Store) -> None:
    writing = asyncio.create_task(store.database.write_here(_note, "lost"))
    await asyncio.sleep(0)
    store.database.close()
    with pytest.raises((CancelledError, asyncio.CancelledError)):
        await writing
