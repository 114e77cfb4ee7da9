"""What ships is read once for many tests: in this process, and in a warm one from which commands are forked.

The warm process reads one request a line (JSON: words, folder, settings, and the files of its three streams),
runs each as the `rowan` command in a fork of itself, and answers with the exit code. A fork is a process of its own
with its own folder, surroundings and end; it only need not import the libraries and read the danger words again.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import polib
import pytest

from flows.authoring import catalogues, load, signals
from flows.safety.danger import Reader
from flows.safety.danger_hints import PERCENT

HOUSE = Path(__file__).resolve().parents[1]
LOCALES = HOUSE / "locales"
PATIENCE = 120  # seconds for one command

Rowan = Callable[..., subprocess.CompletedProcess[str]]


def read_once(patch: pytest.MonkeyPatch) -> None:
    """Danger words and catalogues of what ships; those of another folder, and files that changed, are read as ever."""
    readers: dict[tuple[object, ...], Reader] = {}
    files: dict[tuple[object, ...], polib.POFile] = {}
    read_signals, read_po = signals.read_signals, catalogues.read_po

    def signals_once(folder: Path, percent: int = PERCENT) -> Reader:
        if folder != signals.SIGNALS:
            return read_signals(folder, percent)
        key = (percent, *(_state(path) for path in sorted(folder.iterdir())))
        if key not in readers:
            readers[key] = read_signals(folder, percent)
        return readers[key]

    def po_once(path: Path) -> polib.POFile:
        if not path.is_relative_to(LOCALES):
            return read_po(path)
        key = _state(path)
        if key not in files:
            files[key] = read_po(path)
        return files[key]

    patch.setattr(load, "read_signals", signals_once)
    patch.setattr(catalogues, "read_po", po_once)


def _state(path: Path) -> tuple[str, int, int]:
    state = path.stat()
    return str(path), state.st_mtime_ns, state.st_size


class Warm:
    """The warm process; `run` is one command. Stopped by closing its standard input."""

    def __init__(self, folder: Path) -> None:
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("ROWAN_")}
        self._folder = folder
        self._runs = 0
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from tests.warm import answer; answer()"],
            cwd=HOUSE,
            env=surroundings | {"PYTHONPATH": str(HOUSE), "PYTHONUTF8": "1", "COLUMNS": "120"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, words: tuple[object, ...], says: str, folder: Path, settings: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """`rowan *words` in `folder`."""
        self._runs += 1
        streams = [self._folder / f"{self._runs}.{name}" for name in ("in", "out", "err")]
        streams[0].write_text(says, encoding="utf-8")
        request = {
            "words": [str(word) for word in words],
            "folder": str(folder),
            "settings": settings,
            "streams": [str(path) for path in streams],
        }
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(request) + "\n")
        stdin.flush()
        answer = stdout.readline()
        assert answer, "the warm process is gone"
        said = (path.read_text(encoding="utf-8") for path in streams[1:])
        return subprocess.CompletedProcess(["rowan", *request["words"]], json.loads(answer), *said)

    def stop(self) -> None:
        self._process.communicate(timeout=PATIENCE)


def answer() -> None:
    """Run one command a line of standard input, until its end."""
    from bot.cli import main  # before the module of the same name takes its place

    import_module("bot.cli.main")

    read_once(pytest.MonkeyPatch())
    load.load_programme([load.SHIPPED], LOCALES)
    gc.collect()
    gc.freeze()  # or each fork's first collection would copy all of it
    for line in sys.stdin:
        fork = os.fork()
        if not fork:
            _become(json.loads(line))
            main()
            return
        print(json.dumps(os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])), flush=True)


def _become(request: dict[str, Any]) -> None:
    """This fork is the command now: its words, its folder, its surroundings, its streams."""
    signal.alarm(PATIENCE)
    for number, path in enumerate(request["streams"]):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), number)
    os.chdir(request["folder"])
    os.environ.update(request["settings"])
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - it lives as long as the process
    sys.argv = ["rowan", *request["words"]]
