"""Who comes and who goes: enrolment by a joining code, and erasure with the receipt that is left of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Authority = Literal["in_person", "by_phone", "in_writing", "in_chat", "rule"]  # who asks for it, and how; or a law's


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is left of somebody who was erased: an id that holds nothing, and what their phone was rid of.

    `waiting`: messages still being deleted there; `stays`: those that could not be; `copies`: the provider's own,
    queued to be deleted. `day` is its midnight, UTC.
    """

    id: str
    day: datetime
    waiting: int = 0
    stays: int = 0
    copies: int = 0


class People(Protocol):
    """A referral in, a joining code out; and the end of all that is kept of her."""

    async def invite(self, staff: str, now: datetime, language: str = "", case: str = "") -> str:
        """A one-time joining code (shown once), to be handed over face to face."""

    async def erase(self, person: str, staff: str, authority: Authority, reason: str, now: datetime) -> str:
        """Destroys her key and rows; audited with the reason, told to a supervisor. Returns a receipt's id.

        Raises Refused without a reason, or where it was asked in a chat that somebody else may be writing in.
        """

    async def receipt(self, receipt: str) -> Receipt:
        """What became of an erasure. Raises Unknown."""
