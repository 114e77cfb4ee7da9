"""What the stories of the cryptography share: a ring made in November, its database's keys, one person, one place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from storage.crypto.keys import Keys
from storage.crypto.place import Place
from storage.crypto.ring import Ring, new_ring
from storage.crypto.system import SystemKeys, new_system_keys, open_system_keys


@pytest.fixture
def november() -> datetime:
    return datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def ring(november: datetime) -> Ring:
    return new_ring(november)


@pytest.fixture
def system_rows(ring: Ring) -> dict[str, bytes]:
    return new_system_keys(ring)


@pytest.fixture
def system_keys(ring: Ring, system_rows: dict[str, bytes]) -> SystemKeys:
    return open_system_keys(ring, system_rows)


@pytest.fixture
def keys(ring: Ring, system_keys: SystemKeys) -> Keys:
    return Keys(ring, system_keys)


@pytest.fixture
def person() -> str:
    return "01JCQ0000000000000000PERSN"


@pytest.fixture
def place(person: str) -> Place:
    return Place("event", "body", "01JCQ0000000000000000EVENT", person, 1)
