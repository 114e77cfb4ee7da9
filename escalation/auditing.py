"""The audit log as an auditor reads it: who did what to what, and when. No word about a recipient is in it.

A reason is somebody's own words and stays sealed; that there was one is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

MOST_ROWS = 100  # on one page
MOST_EXPORTED = 50_000  # rows of one file


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for, each '' or None for anything. `actions` are beginnings of acts; `before` a row's number.

    `actor` is a staff id, or NOBODY for the operator and the service; `subject` a ref or a staff id.
    """

    actor: str = ""
    actions: tuple[str, ...] = ()
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


NOBODY = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """`actor` a staff id, '' for the operator or the service itself; `subject` refs and staff ids, by spaces."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    reasoned: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """`broken`: the first row that does not follow from the one before, None where the whole chain holds."""

    rows: int
    broken: int | None


class Auditing(Protocol):
    async def rows(self, wanted: Wanted, most: int = MOST_ROWS) -> Sequence[Row]:
        """Latest first."""

    async def verify(self, staff: str, now: datetime) -> Chain:
        """Every row of the log is counted through. Recorded."""

    async def export(self, wanted: Wanted, staff: str, now: datetime) -> Sequence[Row]:
        """Up to MOST_EXPORTED rows, latest first. Recorded, and so itself the next row of the log."""
