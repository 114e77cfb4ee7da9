"""Writing the key ring: all of the new file or all of the old one, whatever happens in between."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MODE = 0o600


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """One writer at a time: two rotations at once would each drop the other's new epoch, and all wrapped under it."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def replace_durably(path: Path, text: str) -> None:
    """Write beside, flush to disk, rename over, flush the folder. The file's mode is 0600 from its first byte."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write_new(beside, text.encode())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _write_new(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
