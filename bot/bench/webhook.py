"""Signed webhook to durable, encrypted commit and answer, beside a bare form echo in the same run."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.bench.load import write_requests
from bot.bench.people import requests

CONNECTIONS = 64
PEOPLE = 400
STARTING = 30.0  # seconds a server may take to come up here


@dataclass(frozen=True, slots=True)
class Measured:
    """`per_second` posts; `p50` and `p99` in milliseconds; `idle_mb` and `start_seconds` of the server's process."""

    per_second: float
    p50: float
    p99: float
    idle_mb: float = 0.0
    start_seconds: float = 0.0


class Server:
    """One measured process on loopback, stopped by its own id."""

    def __init__(self, kind: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.origin = f"http://127.0.0.1:{self.port}"
        own = Path(folder) / kind
        own.mkdir()
        arguments = [sys.executable, "-m", "bot.bench.serve", kind, str(self.port), str(own), str(PEOPLE)]
        began = time.perf_counter()
        self._process = subprocess.Popen(arguments)
        self._wait()
        self.start_seconds = time.perf_counter() - began
        self.idle_mb = _resident_mb(self._process.pid)

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


def measure(kind: str, rounds: int = 3, rate: float = 0.0) -> Measured:
    """One server, warmed by a round, then measured."""
    with TemporaryDirectory(prefix="rowan-bench-", dir=".") as name:
        folder = Path(name)
        server = Server(kind, folder)
        try:
            load(folder, server.origin, requests(server.origin, PEOPLE, 1))
            made = requests(server.origin, PEOPLE, rounds, first=1_000_000)
            found = load(folder, server.origin, made, rate=rate)
        finally:
            server.stop()
    return Measured(found.per_second, found.p50, found.p99, server.idle_mb, server.start_seconds)
