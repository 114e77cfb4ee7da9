"""What may wait for a turn: a message from a phone, a timer that fired, an act of a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flows.engine.conversation import Conversation
from flows.engine.effects import CancelSends, Turn
from flows.engine.events import Due, Event, Heard, WorkerActed, WorkerGone
from storage import presence
from storage.ids import new_code, new_id
from storage.inbox import Inbound
from storage.phones import Phone
from storage.raising import Raised
from storage.schema import stamp
from storage.vault import Vault


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A row of `timers` that fired. The turn deletes the row: whoever deletes it first has fired it."""

    id: str
    person: str
    kind: str
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """What a worker does in the chat, puts on record or writes on a sheet. `nonce` makes a double click one act."""

    person: str
    event: WorkerActed
    nonce: str

    @property
    def at(self) -> datetime:
        return self.event.at


Arrival = Inbound | DueTimer | Act

Outcome = Literal["done", "duplicate", "stranger", "staff", "failed", "gone"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an arrival. `raised` know the ids of their alerts once the group is written."""

    outcome: Outcome
    person: str = ""
    turn: Turn | None = None
    raised: tuple[Raised, ...] = ()
    error: BaseException | None = None

    @property
    def left(self) -> bool:
        """Whether the turn took back what waited for her: an exit, a lock, a carrier's stop."""
        return self.turn is not None and any(isinstance(effect, CancelSends) for effect in self.turn.effects)


def event_of(vault: Vault, arrival: Arrival, person: str, before: Conversation, phone: Phone | None) -> Event:
    """What it is to the engine. `phone`: the one that a message came from."""
    match arrival:
        case Inbound():
            return Heard(
                arrival.at,
                arrival.text,
                vault.word(person, arrival.text),
                new_id(stamp(arrival.at)),
                arrival.button,
                arrival.media,
                arrival.edited,
                arrival.said,
                arrival.carrier,
                arrival.call,
                phone.id if phone is not None and phone.state != "active" else "",
                new_code() if before.session is not None else "",
            )
        case DueTimer() if arrival.kind in presence.KINDS:
            asked = arrival.kind == presence.GONE
            return WorkerGone(arrival.at, arrival.key, asked, new_id(stamp(arrival.at)))
        case DueTimer():
            return Due(arrival.at, arrival.kind, arrival.key, new_id(stamp(arrival.at)))
        case Act():
            return arrival.event
