"""Signed webhook to durable, encrypted commit and answer, beside a bare form echo in the same run."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.bench.load import write_requests
from bot.bench.people import ACCOUNT, TOKEN, requests, town

CONNECTIONS = 64
PEOPLE = 400
RESTING = 10.0  # seconds after which a server that nobody talks to is at rest
STARTING = 30.0  # seconds a server may take to come up here


@dataclass(frozen=True, slots=True)
class Measured:
    """`per_second` posts; `p50` and `p99` in milliseconds."""

    per_second: float
    p50: float
    p99: float


def _settings(folder: Path, port: int) -> dict[str, str]:
    """SMS is set up, towards a provider that is not there."""
    return {
        "ROWAN_DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "ROWAN_KEY_RING_FILE": str(folder / "keyring.json"),
        "ROWAN_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ROWAN_PORT": str(port),
        "ROWAN_TWILIO_ACCOUNT_SID": ACCOUNT,
        "ROWAN_TWILIO_AUTH_TOKEN": TOKEN,
        "ROWAN_TWILIO_NUMBERS": "+447700900001",
        "ROWAN_TWILIO_BASE_URL": "http://127.0.0.1:9",
        "ROWAN_LOG_LEVEL": "error",
    }


class Server:
    """One measured process on loopback, stopped by its own id."""

    def __init__(self, kind: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.origin = f"http://127.0.0.1:{self.port}"
        own = Path(folder) / kind
        own.mkdir()
        command, settings = self._command(kind, own)
        began = time.perf_counter()
        self._process = subprocess.Popen(command, env=settings)
        self._wait()
        self.start_seconds = time.perf_counter() - began
        self.pid = self._process.pid

    def _command(self, kind: str, folder: Path) -> tuple[list[str], dict[str, str]]:
        # Byte code is kept, as it is on any server after its first start.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        if kind != "serve":
            return [
                sys.executable,
                "-m",
                "bot.bench.serve",
                kind,
                str(self.port),
                str(folder),
                str(PEOPLE),
            ], environment
        town(folder, PEOPLE)
        return [sys.executable, "-c", "from bot.cli import main; main()", "serve"], environment | _settings(
            folder, self.port
        )

    def _wait(self) -> None:
        end = time.perf_counter() + STARTING
        while time.perf_counter() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("the measured server did not come up")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def load(folder: Path, origin: str, made: list[bytes], connections: int = CONNECTIONS, rate: float = 0.0) -> Measured:
    """Post them from a process of its own."""
    path = folder / "requests"
    write_requests(path, made)
    port = origin.rpartition(":")[2]
    arguments = [sys.executable, "-m", "bot.bench.load", str(path), "127.0.0.1", port, str(connections)]
    done = subprocess.run([*arguments, *([str(rate)] if rate else [])], capture_output=True, check=True)
    told = json.loads(done.stdout)
    latencies, seconds = sorted(told["latencies"]), told["seconds"]
    middle, late = latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)]
    return Measured(len(latencies) / seconds, middle * 1000, late * 1000)


def resting() -> tuple[float, float]:
    """(seconds from `rowan serve` to an open door, megabytes of it at rest ten seconds later)."""
    with TemporaryDirectory(prefix="rowan-bench-", dir=".") as name:
        server = Server("serve", Path(name))
        try:
            time.sleep(RESTING)
            return server.start_seconds, _resident_mb(server.pid)
        finally:
            server.stop()


def measure(kind: str, rounds: int = 3, rate: float = 0.0) -> Measured:
    """One server, warmed by a round, then measured."""
    with TemporaryDirectory(prefix="rowan-bench-", dir=".") as name:
        folder = Path(name)
        server = Server(kind, folder)
        try:
            load(folder, server.origin, requests(server.origin, PEOPLE, 1))
            made = requests(server.origin, PEOPLE, rounds, first=1_000_000)
            return load(folder, server.origin, made, rate=rate)
        finally:
            server.stop()
