"""The audit chain: each row's MAC covers the row and the MAC before it.

Somebody who can write the database but has no key cannot change, add, drop or reorder rows unseen. Dropping the newest
rows leaves a shorter chain that is whole in itself: only a `Head` kept elsewhere shows that.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from storage.crypto.framing import framed

MAC_BYTES = 32
GENESIS = bytes(MAC_BYTES)
"""What stands before the first row."""

Row = Mapping[str, str | int | None]

_LINE = re.compile(r"rowan-audit-head v1 (\d{4}-\d\d-\d\d) (\d{1,18}) ([0-9a-f]{64}) ([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain at the close of a day, to be kept off the machine: `count` rows, `mac` of the last."""

    day: date
    count: int
    mac: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"rowan-audit-head v1 {self.day.isoformat()} {self.count} {self.mac.hex()} {self.signature.hex()}"

    @classmethod
    def read(cls, line: str) -> Head:
        """The head that was written as this line. Raises ValueError where it is none."""
        found = _LINE.fullmatch(line.strip())
        if not found:
            raise ValueError("not a line that `rowan audit verify` wrote")
        day, count, mac, signature = found.groups()
        return cls(date.fromisoformat(day), int(count), bytes.fromhex(mac), bytes.fromhex(signature))


def next_mac(key: bytes, previous: bytes, row: Row) -> bytes:
    """32 bytes under K_audit. The order of the row's columns does not matter; names, values and their types do."""
    parts = [part for name in sorted(row) for part in (name, _typed(row[name]))]
    return hmac.digest(key, framed("v1", "audit", previous, *parts), "sha256")


def verify(key: bytes, rows: Iterable[tuple[Row, bytes]], previous: bytes = GENESIS) -> int | None:
    """Number (from 0) of the first row whose MAC does not fit, or None. Rows in order, each with its stored MAC."""
    for number, (row, stored) in enumerate(rows):
        if not hmac.compare_digest(next_mac(key, previous, row), stored):
            return number
        previous = stored
    return None


def head(key: bytes, day: date, count: int, mac: bytes) -> Head:
    """The signed end of the chain. The signature is an HMAC under K_audit: it proves the line to this service only."""
    return Head(day, count, mac, _signature(key, day, count, mac))


def is_signed(key: bytes, kept: Head) -> bool:
    """Whether this service made that head."""
    return hmac.compare_digest(_signature(key, kept.day, kept.count, kept.mac), kept.signature)


def _signature(key: bytes, day: date, count: int, mac: bytes) -> bytes:
    return hmac.digest(key, framed("v1", "audit-head", day.isoformat(), str(count), mac), "sha256")


def _typed(value: str | int | None) -> str:
    match value:
        case None:
            return "n"
        case int():
            return f"i{int(value)}"  # a database may give True back as 1
        case _:
            return f"s{value}"
