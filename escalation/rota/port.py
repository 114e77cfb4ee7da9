"""What the console asks of the storage about the rota: its shapes and its port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from escalation.ports import Duty
from escalation.rota.duty import CoverKind, Rota
from escalation.rota.reading import Reading

LONGEST_NAME = 60  # characters of a calendar's name
HIGHEST = 99  # layer
CHANGED = "The calendar was changed meanwhile. Look at it again."
WhyOff = Literal["shut", "failed"]  # every phone shut its door (a stop word, a block); page after page was lost


@dataclass(frozen=True, slots=True)
class Calendar:
    """One layer. `host`: of a feed, whose address itself is a secret; '' for a file. `failed_at`: since when the feed
    gives no calendar, None while it does. `findings`: sentences about what of it was not taken. `called`: names in it
    to usernames, beside those of the programme's `rota.yaml`."""

    id: str
    name: str
    layer: int
    duty: Duty
    zone: str
    host: str
    fetched_at: datetime | None
    failed_at: datetime | None
    findings: tuple[str, ...]
    called: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A calendar that is to be taken: `text` is iCal, `source` the address of the feed that gave it, '' for a file.

    Without text it is the one of this name that is to be changed; that one keeps its source, its zone and its text.
    `called`: names in it to usernames, '' for nobody; what was said of others in one of this name stays.
    """

    name: str
    duty: Duty
    layer: int
    zone: str
    source: str = ""
    text: str = ""
    called: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants changed: a `Cover` that is not there yet. `back`: of a swap, the time in which `instead`
    stands in for `staff` in return."""

    kind: CoverKind
    staff: str
    instead: str
    start: datetime
    end: datetime
    duty: Duty = "on_call"
    back: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class OffCover:
    since: datetime
    why: WhyOff


class Rotas(Protocol):
    """The rota and what staff may change of it. `by` is who does it. Each act is audited, and whom it concerns told."""

    async def rota(self, start: datetime, end: datetime) -> Rota:
        """All that touches this time, covers that nobody accepted yet among it."""

    async def calendars(self) -> Sequence[Calendar]:
        """The highest layer first."""

    async def read(self, proposed: Proposed, now: datetime) -> Reading:
        """What would come of it; nothing is kept. Raises Refused where it is no calendar, Unknown where none is."""

    async def take(self, proposed: Proposed, by: str, now: datetime) -> None:
        """In the place of one of the same name. Raises as `read`, and Refused where that one changed meanwhile."""

    async def remove(self, name: str, by: str, now: datetime) -> None:
        """A calendar with its shifts. Raises Unknown."""

    async def ask(self, asked: Asked, by: str, now: datetime) -> str:
        """A supervisor's counts at once, any other waits for the colleague whom it concerns. Returns its promise.

        Raises Refused with why not.
        """

    async def accept(self, promise: str, by: str, now: datetime) -> None:
        """By the other of the two, or by a supervisor for both. Raises Refused, Unknown."""

    async def end(self, promise: str, by: str, now: datetime) -> None:
        """Decline it, or take it back. One that counts already is a supervisor's to end. Raises Refused, Unknown."""

    async def off_cover(self) -> Mapping[str, OffCover]:
        """By staff id: whom no page reaches, so that nobody counts on them."""

    async def back(self, staff: str, by: str, now: datetime) -> None:
        """They can be paged again, say they or a supervisor. Raises Refused while no phone of theirs is open."""

    async def link(self, staff: str, now: datetime) -> str:
        """The secret part of a private link to their own shifts, shown once; one before ends."""

    async def linked_since(self, staff: str) -> datetime | None: ...

    async def revoke_link(self, staff: str, now: datetime) -> None: ...

    async def by_link(self, token: str) -> str:
        """Whose link it is, a staff id. Raises Unknown for one that is no good any more."""
