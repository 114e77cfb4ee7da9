"""What only authors need is not loaded by the service."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.warm import HOUSE, Rowan

PATIENCE = 60.0  # seconds; a loaded machine with two cores needs many
AUTHORS = ("flows.authoring.reading", "syllapy")
TELLS = f"""\
import json, sys, threading
def tell():
    sys.stdin.readline()
    print(json.dumps([name in sys.modules for name in ("bot.serving", *{AUTHORS})]), flush=True)
threading.Thread(target=tell, daemon=True).start()
sys.argv[1:] = ["serve"]
from bot.cli import main
main()
"""


def test_rowan_serve_does_without_the_counting_of_syllables(rowan: Rowan, tmp_path: Path) -> None:
    """`rowan serve` itself is asked what it has loaded, once it has answered."""
    assert rowan("init", "var").returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("ROWAN_")} | {
        "PYTHONPATH": str(HOUSE),
        "ROWAN_PORT": str(port),
        "ROWAN_DATABASE_URL": f"sqlite:///{tmp_path}/var/rowan.db",
        "ROWAN_KEY_RING_FILE": str(tmp_path / "var" / "keyring.json"),
    }
    command = [sys.executable, "-c", TELLS]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=surroundings, stdin=pipe, stdout=pipe, text=True) as service:
        try:
            _wait_until_serving(service, port)
            assert service.stdin is not None
            assert service.stdout is not None
            service.stdin.write("?\n")
            service.stdin.flush()
            loaded = next(line for line in service.stdout if line.startswith("["))
        finally:
            service.kill()
    assert json.loads(loaded) == [True, False, False]


def _wait_until_serving(service: subprocess.Popen[str], port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert service.poll() is None, f"the service ended with {service.returncode}"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    pytest.fail("the service never served")
