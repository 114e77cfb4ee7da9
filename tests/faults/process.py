"""The real service as a process of its own, started, watched, killed and stopped by its pid."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START = 60.0  # seconds until it serves; a loaded machine with two cores needs many
LOOK = 0.02


def surroundings(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process: ours without any ROWAN_ setting, and these."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("ROWAN_")}
    return {**outside, "PYTHONPATH": str(ROOT), **settings}


class Life:
    """One process that runs `rowan serve`, from its start to its end."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid, self.port = pid, port
        self.began = time.monotonic()

    @property
    def code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        raise NotImplementedError

    def serving(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def wait_until_serving(self) -> float:
        """Seconds it took. Raises AssertionError when it ended instead."""
        while not self.serving():
            assert self.code is None, f"the service ended with {self.code}"
            assert time.monotonic() - self.began < START, "the service never served"
            time.sleep(LOOK)
        return time.monotonic() - self.began

    def wait(self, seconds: float) -> int | None:
        end = time.monotonic() + seconds
        while self.code is None and time.monotonic() < end:
            time.sleep(LOOK)
        return self.code

    def kill(self) -> None:
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
        assert self.wait(10) is not None

    def terminate(self) -> float:
        """Ask it to stop; seconds until it had. Kills it after a minute."""
        began = time.monotonic()
        if self.code is None:
            os.kill(self.pid, signal.SIGTERM)
        if self.wait(60) is None:
            self.kill()
        return time.monotonic() - began


class Running(Life):
    """Started from nothing, as an operator does. Output goes to the end of `log`."""

    def __init__(self, settings: Mapping[str, str], log: Path, folder: Path, before: str = "") -> None:
        """`before` is a line of Python that is run first, in the process itself."""
        lines = f"{before}\nfrom tests.faults.serve import main\nmain()"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-c", lines],
                cwd=folder,  # no .env of a developer's is found there
                env=surroundings(settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        super().__init__(self._process.pid, int(settings.get("ROWAN_PORT", "0")))

    @property
    def code(self) -> int | None:
        return self._process.poll()


class Nursery:
    """Gives life quickly: a process that has imported everything and read the content, and forks for each start.

    Importing is most of a start and has nothing to lose. What can be lost is not shared: each life reads the
    settings and the key ring, and opens the database, for itself.
    """

    def __init__(self, log: Path, folder: Path) -> None:
        self._log = log
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=folder,
            env=surroundings({}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._heard = b""
        self.said()  # it is ready

    def start(self, settings: Mapping[str, str]) -> Life:
        """One at a time: the one before must have ended."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"log": str(self._log), "settings": settings}).encode() + b"\n")
        self._process.stdin.flush()
        return _Forked(self, int(self.said() or "none"), int(settings["ROWAN_PORT"]))

    def said(self, seconds: float | None = None) -> str | None:
        """The nursery's next line; None when there is none in so many seconds."""
        assert self._process.stdout is not None
        while b"\n" not in self._heard:
            ready, _, _ = select.select([self._process.stdout], [], [], seconds)
            if not ready:
                return None
            more = os.read(self._process.stdout.fileno(), 64)
            assert more, "the nursery is gone"
            self._heard += more
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class _Forked(Life):
    def __init__(self, nursery: Nursery, pid: int, port: int) -> None:
        super().__init__(pid, port)
        self._nursery = nursery
        self._code: int | None = None

    @property
    def code(self) -> int | None:
        if self._code is None:
            said = self._nursery.said(0)
            self._code = int(said) if said else None
        return self._code
