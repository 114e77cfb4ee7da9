"""Where the key ring is read from at start: a file, a secret of the environment, or a command such as a KMS client."""

from __future__ import annotations

import base64
import binascii
import os
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from storage.crypto.epoch import RESTORE
from storage.crypto.errors import BadRing, MissingRing, UnsafeRing
from storage.crypto.secrecy import Secret

LARGEST = 256 * 1024  # characters; a thousand epochs, eighty years of months. More is not a ring
COMMAND_SECONDS = 30.0  # a KMS answers in one; a start that hangs for ever is worse than one that says why


class Source(Protocol):
    """Gives the ring's JSON text; raises a `KeyProblem` where it cannot."""

    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RingFile:
    """A file of mode 0400 or 0600 that belongs to the service's user or to root (a mounted secret may be a link)."""

    path: Path

    def text(self) -> str:
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe must not hang the start
        except FileNotFoundError:
            raise MissingRing(
                f"There is no key ring at {self.path}.",
                "restore it from its custodians; only for a new service, make one with `rowan init`.",
            ) from None
        except OSError as refused:
            raise MissingRing(
                f"The key ring at {self.path} cannot be opened: {refused.strerror}.",
                "let the service's own user, and nobody else, read it.",
            ) from None
        try:
            _refuse_unsafe(self.path, os.fstat(handle), os.geteuid())
            return _text(os.read(handle, LARGEST + 1), str(self.path))
        finally:
            os.close(handle)


@dataclass(frozen=True, slots=True, repr=False)
class RingSecret(Secret):
    """The ring's JSON, plain or in base64, as a secret setting holds it; `called` is the setting's name."""

    value: str
    called: str = "ROWAN_KEY_RING"

    def text(self) -> str:
        if not self.value.strip():
            raise MissingRing(f"{self.called} is empty.", "set it to the key ring, as JSON or its base64.")
        if self.value.lstrip().startswith("{"):
            return self.value
        try:
            return _text(base64.b64decode("".join(self.value.split()), validate=True), self.called)
        except (binascii.Error, ValueError):
            pass
        raise BadRing(
            f"{self.called} is neither JSON nor whole base64.", "set it to the key ring, as JSON or its base64."
        )


@dataclass(frozen=True, slots=True)
class RingCommand:
    """A command run once, without a shell, whose output is the ring's JSON. Its error stream is let through."""

    argv: tuple[str, ...]
    seconds: float = COMMAND_SECONDS

    def text(self) -> str:
        if not self.argv:
            raise MissingRing("The key command is empty.", "name the command that prints the key ring.")
        name = self.argv[0]
        try:
            done = _run(self.argv, self.seconds)
        except OSError as refused:
            fault = f"cannot be run: {refused.strerror}"
        except subprocess.TimeoutExpired:
            fault = f"gave no answer within {self.seconds:g} seconds"
        else:
            if done.returncode == 0:
                return _text(done.stdout, f"the key command {name}")
            fault = f"ended with exit code {done.returncode}"
        raise MissingRing(f"The key command {name} {fault}.", "run it by hand and see what it says.")


def _run(argv: tuple[str, ...], seconds: float) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=seconds, check=False)


def _text(content: bytes, where: str) -> str:
    if len(content) > LARGEST:
        raise BadRing(f"What comes from {where} is far larger than a key ring.", "point the setting at the ring.")
    if not content.strip():
        raise BadRing(f"The key ring from {where} is empty.", RESTORE)
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass
    raise BadRing(f"The key ring from {where} is not text.", RESTORE)


def _refuse_unsafe(path: Path, status: os.stat_result, me: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise BadRing(f"{path} is not a file.", "point the setting at the key ring.")
    if status.st_mode & 0o077:
        raise UnsafeRing(
            f"The key ring at {path} can be reached by others (mode {stat.S_IMODE(status.st_mode):04o}).",
            f"chmod 0400 {path}, and think of its keys as seen: rotate them.",
        )
    if status.st_uid not in (0, me):
        raise UnsafeRing(f"The key ring at {path} belongs to another user ({status.st_uid}).", "chown it.")
