"""Who comes, moves and goes: joining and moving codes, what she is given of hers, erasure and its receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

Authority = Literal["in_person", "by_phone", "in_writing", "in_chat", "rule"]  # who asks for it, and how; or a law's

Wish = Literal["in_person", "by_phone", "in_writing", "in_chat"]  # how she asked for what is kept about her
Sure = Literal["asked", "in_person"]  # how a worker knows that it is her: by the agreed question, or face to face
LONGEST_AGO = timedelta(days=366)  # of her asking: a longer time ago she may want something else by now
NO_DAY = "Say on which day she asked: today, or a day of the year before."


@dataclass(frozen=True, slots=True)
class Asking:
    """Her authority: how she asked for it and when, on the worker's calendar."""

    how: Wish
    on: date

    def refuses(self, now: datetime) -> str:
        """Why it is none, as a sentence for the worker; '' when it is. Where the day has begun already it is today."""
        ahead = timedelta(days=1)
        return "" if now.date() - LONGEST_AGO <= self.on <= now.date() + ahead else NO_DAY


@dataclass(frozen=True, slots=True)
class Consent:
    """One answer of hers: on what `basis` she agreed and since when; `ended` where she took it back, or declined.

    Both are the midnights of days, UTC.
    """

    basis: str
    since: datetime
    ended: datetime | None = None


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

    async def moving_code(self, person: str, staff: str, sure: Sure, now: datetime, reason: str = "") -> str:
        """A one-time code (shown once, good for a day) that moves her chat to the phone that it is sent from.

        `reason`: why the case is opened, where the worker holds no alert of hers. Raises Refused where it is not
        verified that it is her, or where she has ended it all.
        """

    async def look_up(self, typed: str, staff: str, now: datetime) -> str:
        """The case ref that a reference of hers, or of an alert of hers, leads to, however it was typed; '' where there
        is none, or this worker may not know of it. Audited as a look-up, without what was looked for."""

    async def hands_over(
        self, person: str, staff: str, asking: Asking, now: datetime, reason: str = ""
    ) -> Sequence[Consent]:
        """All that is hers is about to be given to her: audited with her authority, before it is read.

        Returns the days of her answers, oldest first. `reason` as for a moving code. Raises Refused where she asked in
        a chat that somebody else may be writing in.
        """

    async def erase(self, person: str, staff: str, authority: Authority, reason: str, now: datetime) -> str:
        """Destroys her key and rows; audited with the reason, told to a supervisor. Returns a receipt's id.

        Raises Refused without a reason, or where it was asked in a chat that somebody else may be writing in.
        """

    async def receipt(self, receipt: str) -> Receipt:
        """What became of an erasure. Raises Unknown."""
