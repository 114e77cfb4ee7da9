"""Commands as a person or a program runs them: each a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Rowan = Callable[..., subprocess.CompletedProcess[str]]
HOUSE = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def rowan(tmp_path: Path) -> Rowan:
    """`rowan("chat", "--json", says="hi\\n")`: its exit code, standard output and standard error."""

    def run(*words: str, says: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        surroundings = {k: v for k, v in os.environ.items() if not k.startswith("ROWAN_")}
        surroundings |= {"PYTHONPATH": str(HOUSE), "PYTHONUTF8": "1", "COLUMNS": "120"} | settings
        command = [sys.executable, "-c", "from bot.cli import main; main()", *words]
        return subprocess.run(  # noqa: PLW1510 - the exit code is what is looked at
            command, input=says, capture_output=True, encoding="utf-8", cwd=tmp_path, env=surroundings, timeout=120
        )

    return run
