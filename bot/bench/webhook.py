"""Signed webhook to durable, encrypted commit and answer, beside a bare form echo in the same run."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.bench.load import write_requests
from bot.bench.people import ACCOUNT, TOKEN, Seed, requests, town

CONNECTIONS = 64
PEOPLE = 400
RESTING = 10.0  # seconds after which a server that nobody talks to is at rest
FIRST = 1_000_000  # serial of a measured message: those of the warming lie below
STARTING = 30.0  # seconds a server may take to come up here


@dataclass(frozen=True, slots=True)
class Measured:
    """`per_second` posts; `p50` and `p99` in milliseconds."""

    per_second: float
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Posted:
    """What the load generator tells, in seconds; `posted` only where it kept a rate."""

    seconds: float
    latencies: list[float]
    posted: list[float]


NOBODY = "http://127.0.0.1:9"  # a provider that is not there


def _settings(folder: Path, port: int, provider: str) -> dict[str, str]:
    """SMS is set up."""
    return {
        "ROWAN_DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "ROWAN_KEY_RING_FILE": str(folder / "keyring.json"),
        "ROWAN_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ROWAN_PORT": str(port),
        "ROWAN_TWILIO_ACCOUNT_SID": ACCOUNT,
        "ROWAN_TWILIO_AUTH_TOKEN": TOKEN,
        "ROWAN_TWILIO_NUMBERS": "+447700900001",
        "ROWAN_TWILIO_BASE_URL": provider,
        "ROWAN_LOG_LEVEL": "error",
    }


class Server:
    """One measured process on loopback, stopped by its own id. `people` and `also` are what `serve` finds there."""

    def __init__(
        self, kind: str, folder: Path, provider: str = NOBODY, people: int = PEOPLE, also: Seed | None = None
    ) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.origin = f"http://127.0.0.1:{self.port}"
        own = Path(folder) / kind
        own.mkdir()
        if kind == "serve":
            town(own, people, also)
        command, settings = self._command(kind, own, provider)
        began = time.perf_counter()
        self._process = subprocess.Popen(command, env=settings)
        self._wait()
        self.start_seconds = time.perf_counter() - began
        self.pid = self._process.pid

    def _command(self, kind: str, folder: Path, provider: str) -> tuple[list[str], dict[str, str]]:
        # Byte code is kept, as it is on any server after its first start.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        if kind == "provider":
            return [sys.executable, "-m", "bot.bench.provider", str(self.port)], environment
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
        serve = [sys.executable, "-c", "from bot.cli import main; main()", "serve"]
        return serve, environment | _settings(folder, self.port, provider)

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
    told = post(folder, origin, made, connections, rate)
    latencies = sorted(told.latencies)
    middle, late = latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)]
    return Measured(len(latencies) / told.seconds, middle * 1000, late * 1000)


def post(folder: Path, origin: str, made: list[bytes], connections: int = CONNECTIONS, rate: float = 0.0) -> Posted:
    path = folder / "requests"
    write_requests(path, made)
    port = origin.rpartition(":")[2]
    arguments = [sys.executable, "-m", "bot.bench.load", str(path), "127.0.0.1", port, str(connections)]
    done = subprocess.run([*arguments, *([str(rate)] if rate else [])], capture_output=True, check=True)
    return Posted(**json.loads(done.stdout))


def resting() -> tuple[float, float]:
    """(seconds from `rowan serve` to an open door, megabytes of it at rest ten seconds later)."""
    with TemporaryDirectory(prefix="rowan-bench-", dir=".") as name:
        server = Server("serve", Path(name))
        try:
            time.sleep(RESTING)
            return server.start_seconds, _resident_mb(server.pid)
        finally:
            server.stop()


def side_by_side(rounds: Mapping[str, int], slices: int) -> list[dict[str, Measured]]:
    """One server of each kind, warmed, then `slices` times so many rounds on each in turn.

    A machine that others use too changes its speed within seconds: what is compared must stand close together.
    """
    with TemporaryDirectory(prefix="rowan-bench-", dir=".") as name, ExitStack() as stack:
        folder = Path(name)
        origins: dict[str, str] = {}
        for kind in rounds:
            server = Server(kind, folder)
            stack.callback(server.stop)
            origins[kind] = server.origin
            load(folder, server.origin, requests(server.origin, PEOPLE, 1))
        made = {kind: requests(origin, PEOPLE, slices * rounds[kind], FIRST) for kind, origin in origins.items()}
        sizes = {kind: len(all_of_it) // slices for kind, all_of_it in made.items()}
        return [
            {
                kind: load(folder, origin, made[kind][number * sizes[kind] : (number + 1) * sizes[kind]])
                for kind, origin in origins.items()
            }
            for number in range(slices)
        ]


def paced(kind: str, rate: float, rounds: int = 3) -> Measured:
    """One server, warmed, then so many messages a second."""
    with TemporaryDirectory(prefix="rowan-bench-", dir=".") as name:
        folder = Path(name)
        server = Server(kind, folder)
        try:
            load(folder, server.origin, requests(server.origin, PEOPLE, 1))
            return load(folder, server.origin, requests(server.origin, PEOPLE, rounds, FIRST), rate=rate)
        finally:
            server.stop()
