"""Keeping the process's memory out of core dumps and out of other processes' reach.

It does what the system offers and says what it did; nothing here stops a start. Python cannot wipe a key from memory,
so a dump that was prevented is worth more than a variable that was deleted.
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from pathlib import Path

_PR_SET_DUMPABLE = 4  # linux/prctl.h
_SWAPS = Path("/proc/swaps")


@dataclass(frozen=True, slots=True)
class Hardening:
    """What holds now. None: this system offers no way to do it, or to know."""

    core_dumps_off: bool | None
    memory_closed: bool | None  # neither dumpable nor readable through /proc by the same user
    swap_in_use: bool | None
    notes: tuple[str, ...] = ()  # why something does not hold, for `rowan doctor`


def harden(platform: str = sys.platform, swaps: Path = _SWAPS) -> Hardening:
    """Once, at start, before the key ring is read; started programs do not inherit the second part."""
    notes: list[str] = []
    return Hardening(_no_core_dumps(notes), _close_memory(platform, notes), _swap_in_use(swaps, notes), tuple(notes))


def _no_core_dumps(notes: list[str]) -> bool | None:
    try:
        import resource
    except ImportError:
        notes.append("This system has no core dump limit to set.")
        return None
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError) as refused:
        notes.append(f"Core dumps could not be switched off: {refused}.")
    return resource.getrlimit(resource.RLIMIT_CORE)[0] == 0


def _close_memory(platform: str, notes: list[str]) -> bool | None:
    if not platform.startswith("linux"):
        notes.append("Only Linux lets a process close its memory to others of the same user.")
        return None
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0:
        return True
    notes.append(f"The memory could not be closed to others of the same user: {os.strerror(ctypes.get_errno())}.")
    return False


def _swap_in_use(swaps: Path, notes: list[str]) -> bool | None:
    try:
        areas = swaps.read_text().splitlines()[1:]
    except OSError:
        return None
    if areas:
        notes.append("Swap is on: keys may reach the disk. Switch it off or encrypt it.")
    return bool(areas)
