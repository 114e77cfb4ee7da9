"""The process closes its memory where the system lets it, and says so; elsewhere it starts all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from storage.crypto.process import Hardening, _close_memory, _swap_in_use, harden

ROOT = Path(__file__).parents[2]

LOOK_AT_ONESELF = """
import ctypes, resource
from storage.crypto.process import harden
done = harden()
print(done.core_dumps_off, resource.getrlimit(resource.RLIMIT_CORE), done.memory_closed, ctypes.CDLL(None).prctl(3))
"""  # 3: PR_GET_DUMPABLE


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux closes a process's memory")
def test_after_it_there_are_no_core_dumps_and_the_memory_is_closed() -> None:
    """In a process of its own, for it cannot be undone."""
    seen = subprocess.run([sys.executable, "-c", LOOK_AT_ONESELF], cwd=ROOT, capture_output=True, text=True, check=True)
    assert seen.stdout.split("\n")[0] == "True (0, 0) True 0"


def test_on_another_system_it_says_what_it_could_not_do() -> None:
    notes: list[str] = []
    assert _close_memory("darwin", notes) is None
    assert notes == ["Only Linux lets a process close its memory to others of the same user."]


def test_where_core_dumps_cannot_be_limited_the_start_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)  # as on systems without that module
    done = harden(platform="win32", swaps=tmp_path / "none")
    assert done == Hardening(None, None, None, done.notes)
    assert len(done.notes) == 2


def test_swap_is_reported(tmp_path: Path) -> None:
    notes: list[str] = []
    swaps = tmp_path / "swaps"

    swaps.write_text("Filename\tType\tSize\n")
    assert _swap_in_use(swaps, notes) is False
    assert notes == []

    swaps.write_text("Filename\tType\tSize\n/swapfile file 1048576\n")
    assert _swap_in_use(swaps, notes) is True
    assert "keys may reach the disk" in notes[0]
