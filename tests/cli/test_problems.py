"""What an operator got wrong, or what is away, is one sentence that says what to do: never a trace, never an exit 3."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from tests.warm import Rowan

JUNK = "this is a shopping list and no database at all\n" * 40


@pytest.fixture
def made(rowan: Rowan, tmp_path: Path) -> dict[str, str]:
    """The settings of an installation whose key ring is made."""
    assert rowan("init", "var").returncode == 0
    url = f"sqlite:///{tmp_path}/var/rowan.db"
    return {"ROWAN_KEY_RING_FILE": str(tmp_path / "var" / "keyring.json"), "ROWAN_DATABASE_URL": url}


def says(done: subprocess.CompletedProcess[str], *parts: str, code: int = 1) -> None:
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert '"event"' not in done.stderr
    for part in parts:
        assert part in done.stderr


def test_a_port_in_use(rowan: Rowan, made: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = rowan("serve", ROWAN_PORT=port, **made)
    says(done, f"Port {port} of 127.0.0.1 cannot be used", "ROWAN_PORT")
    assert len(done.stderr.splitlines()) == 1


def test_a_host_that_is_none_of_ours(rowan: Rowan, made: dict[str, str]) -> None:
    says(rowan("serve", ROWAN_HOST="203.0.113.7", **made), "Port 8000 of 203.0.113.7 cannot be used")


def test_a_ladder_that_would_leave_somebody_unheard(rowan: Rowan, made: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "ladder.yaml").write_text("tiers:\n  P0:\n    repeat: 2h\n")
    asked = made | {"ROWAN_PROGRAMME": str(tmp_path), "ROWAN_PORT": "18763"}
    says(rowan("serve", **asked), "ladder.yaml:3:13: `repeat` is 2h.", "For a P0 from 10s to 30m")


@pytest.mark.parametrize("command", [("serve",), ("db", "verify"), ("staff", "list")])
def test_postgresql_that_does_not_answer(rowan: Rowan, made: dict[str, str], command: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    away = made | {"ROWAN_DATABASE_URL": f"postgresql://rowan:canary@127.0.0.1:{port}/rowan", "ROWAN_PORT": "18761"}
    done = rowan(*command, **away)
    says(done, "The database does not answer", "ROWAN_DATABASE_URL")
    assert "canary" not in done.stderr


@pytest.mark.parametrize("command", [("serve",), ("db", "verify"), ("audit", "verify"), ("db", "upgrade")])
def test_a_database_that_is_none(rowan: Rowan, made: dict[str, str], tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "junk.db").write_text(JUNK)
    junk = made | {"ROWAN_DATABASE_URL": f"sqlite:///{tmp_path}/junk.db", "ROWAN_PORT": "18762"}
    says(rowan(*command, **junk), "no SQLite database", "rowan db restore")
    assert (tmp_path / "junk.db").read_text() == JUNK


def test_the_doctor_tells_of_it_among_all_else(rowan: Rowan, made: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "junk.db").write_text(JUNK)
    done = rowan("doctor", **made | {"ROWAN_DATABASE_URL": f"sqlite:///{tmp_path}/junk.db"})
    says(done)
    assert "bad   database   The database's file is no SQLite database" in done.stdout
    assert "content" in done.stdout


def test_a_talk_kept_in_a_strange_place(rowan: Rowan, tmp_path: Path) -> None:
    says(rowan("chat", "--db", str(tmp_path)), "--db", code=2)
    says(rowan("chat", "--db", "no/such/folder.db"), "there is no folder no/such", code=2)
    (tmp_path / "junk.db").write_text(JUNK)
    says(rowan("chat", "--db", "junk.db"), "no SQLite database")


def test_files_and_folders_that_cannot_be(rowan: Rowan, made: dict[str, str], tmp_path: Path) -> None:
    says(rowan("init", "/proc/nope"), "/proc/nope: No such file or directory", "Look at the path")
    says(rowan("signals", "--evaluate", "missing.csv"), "missing.csv", "does not exist", code=2)
    (tmp_path / "bad.csv").write_bytes(b"text,tier\n\xff\xfe,P1\n")
    says(rowan("signals", "--evaluate", "bad.csv"), "This is no CSV")
    assert rowan("db", "upgrade", **made).returncode == 0
    says(rowan("db", "backup", "/proc/nope/copy.db", **made), "/proc/nope: No such file or directory")


def test_weights_are_not_learned_from_nothing(rowan: Rowan, tmp_path: Path) -> None:
    (tmp_path / "hints.csv").write_text("words,weight\ndoor,1.0\n")
    says(rowan("signals", "--learn", str(tmp_path / "."), "--keep", str(tmp_path)), "nothing to learn from")
    assert "door" in (tmp_path / "hints.csv").read_text()


def test_a_folder_in_the_place_of_a_flow_is_a_finding(rowan: Rowan, tmp_path: Path) -> None:
    (tmp_path / "ours" / "library" / "x.yaml").mkdir(parents=True)
    done = rowan("check", "--programme", "ours")
    says(done)
    assert "x.yaml:1:1: This cannot be read: Is a directory" in done.stdout
