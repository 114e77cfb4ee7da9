"""What the storage keeps is tried on SQLite and PostgreSQL, what the service keeps in the house of the journeys."""

from __future__ import annotations

from tests.journeys.conftest import house, log
from tests.storage.conftest import (
    emptied_postgres,
    migrated_sqlite,
    opening,
    pytest_generate_tests,
    shared_postgres,
    store,
    url,
    world,
)

__all__ = [
    "emptied_postgres",
    "house",
    "log",
    "migrated_sqlite",
    "opening",
    "pytest_generate_tests",
    "shared_postgres",
    "store",
    "url",
    "world",
]
