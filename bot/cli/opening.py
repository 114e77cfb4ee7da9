"""What most commands need first: the settings, the key ring, the database."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from bot.settings import Settings, read_settings
from storage.beside import Beside, beside
from storage.crypto.ring import Ring
from storage.crypto.ring_source import RingCommand, RingFile, RingSecret, Source
from storage.database import Database
from storage.migrating import upgrade
from storage.vault import Vault, open_vault, refuse_wrong_ring


def ring_source(settings: Settings) -> Source:
    """Where this installation's key ring comes from."""
    if settings.key_ring is not None:
        return RingSecret(settings.key_ring.get_secret_value())
    if settings.key_ring_command:
        return RingCommand(tuple(shlex.split(settings.key_ring_command)))
    return RingFile(settings.key_ring_file)


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[tuple[Database, Vault]]:
    """The database, brought up to date, and its keys; closed again at the end. Raises what a command shows."""
    settings = settings or read_settings()
    ring = Ring.read(ring_source(settings))
    database = Database(settings.database_url.get_secret_value())
    try:
        database.read_now(refuse_wrong_ring, ring)
        upgrade(database.engine)
        yield database, database.write_now(open_vault, ring)
    finally:
        database.close()


@contextmanager
def opened_beside(settings: Settings | None = None) -> Iterator[tuple[Database | Beside, Vault]]:
    """The same for a command that looks, or writes one small transaction: it works while the service runs."""
    settings = settings or read_settings()
    standing = beside(settings.database_url.get_secret_value())
    if standing is None:
        with opened(settings) as database_and_vault:
            yield database_and_vault
        return
    try:
        ring = Ring.read(ring_source(settings))
        yield standing, standing.read_now(open_vault, ring)
    finally:
        standing.close()
