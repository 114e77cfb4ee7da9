"""What can happen to a conversation. Time, ids and keyed hashes come in with the event: the core asks for nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from flows.engine.conversation import Fact, Stage, Status
from flows.engine.model import Tier


class Heard(msgspec.Struct, frozen=True):
    """A message from her phone. `mac` is the keyed hash of its canonical form; `fresh` is a random id of this turn.

    `said` is when she wrote it, where the provider tells: it may be hours before `at`, when it was taken. `carrier` is
    what her carrier took the text for, shutting or opening the door to her phone. `left` is the storage's id of the
    phone that wrote, where that is one of `Memory.left`. `code` is a fresh one-time code, should she ask for one.
    """

    at: datetime
    text: str = ""
    mac: str = ""
    fresh: str = ""
    button: str | None = None
    media: tuple[str, ...] = ()
    edited: bool = False
    said: datetime | None = None
    carrier: Literal["", "stop", "start"] = ""
    call: bool = False  # she called, and nobody took the call: there are no words
    left: str = ""
    code: str = ""


class Due(msgspec.Struct, frozen=True):
    """A timer of hers fired: 'checkin', 'missed', 'watch', 'lock', 'confirm' or 'stopped', by her provider's word.

    `key` tells which one it was meant for.
    """

    at: datetime
    kind: str
    key: str = ""
    fresh: str = ""


class Joined(msgspec.Struct, frozen=True):
    """A stranger wrote a joining code or the self-referral keyword: consent to be answered, nothing more yet."""

    at: datetime
    basis: str
    channel: str
    language: str
    zone: str
    fresh: str = ""


class Moved(msgspec.Struct, frozen=True):
    """An open code of hers was written on another phone. `phone` and `old` are the storage's ids of the two.

    `good`: the code was not asked for while somebody else may have been writing. `staff`: who made it, or ''.
    """

    at: datetime
    channel: str
    phone: str
    old: str
    good: bool
    staff: str = ""
    fresh: str = ""


class WorkerJoined(msgspec.Struct, frozen=True):
    """`confirmed`: the worker knows that somebody else may read, and her phone may say that a worker is there."""

    at: datetime
    staff: str
    fresh: str = ""
    confirmed: bool = False


class WorkerSaid(msgspec.Struct, frozen=True):
    """`confirmed`: the worker knows that somebody else may read it."""

    at: datetime
    staff: str
    text: str
    fresh: str = ""
    confirmed: bool = False


class WorkerLeft(msgspec.Struct, frozen=True):
    """Hand back to the bot."""

    at: datetime
    staff: str
    fresh: str = ""


class WorkerGone(msgspec.Struct, frozen=True):
    """The worker holds nothing of hers any more and did not hand back. `asked`: the next one is being paged for her."""

    at: datetime
    staff: str
    asked: bool
    fresh: str = ""


class WorkerCleared(msgspec.Struct, frozen=True):
    """A worker verified with the agreed question that it is her: the plan may be shown again."""

    at: datetime
    staff: str
    fresh: str = ""


class WorkerJudged(msgspec.Struct, frozen=True):
    """A worker sets another tier than the last assessment by an instrument gave. Nothing of it reaches the phone."""

    at: datetime
    staff: str
    instrument: str
    tier: Tier
    reason: str = ""
    fresh: str = ""


class WorkerPlanned(msgspec.Struct, frozen=True):
    """A worker changes an item of her crisis plan. `seen`: when it was last changed, as the worker's page had it."""

    at: datetime
    staff: str
    item: str
    status: Status
    words: str = ""
    review_on: datetime | None = None
    seen: datetime | None = None
    fresh: str = ""


class WorkerStaged(msgspec.Struct, frozen=True):
    """A worker records the stage of change at a goal. `set_at`: which one, should another stand under that name now."""

    at: datetime
    staff: str
    goal: str
    set_at: datetime
    stage: Stage
    fresh: str = ""


class WorkerRecorded(msgspec.Struct, frozen=True):
    """A worker records a fact of the two of them; `value` '' withdraws it. Nothing is sent for it."""

    at: datetime
    staff: str
    fact: Fact
    value: str
    fresh: str = ""


class WorkerSetContact(msgspec.Struct, frozen=True):
    """A worker changes fields of her safe-contact record (`flows.engine.safe_contact.FIELDS`), or confirms it with her.

    `values`: by field, as a form writes it. `seen`: the mark of the record that the worker's page had.
    """

    at: datetime
    staff: str
    values: dict[str, str] = msgspec.field(default_factory=dict)
    seen: str = ""
    confirmed: bool = False
    fresh: str = ""


class WorkerResetWords(msgspec.Struct, frozen=True):
    """A worker knows that it is her, and gives her a code by which she comes in and chooses her words anew.

    `mac`: the code's keyed hash, of the same kind as those of her words. It is good once, until `until`.
    """

    at: datetime
    staff: str
    mac: str
    until: datetime
    fresh: str = ""


class WorkerAsked(msgspec.Struct, frozen=True):
    """A worker asked the agreed question, and it was not answered right, or could not ask. It may not be her."""

    at: datetime
    staff: str
    outcome: Literal["wrong", "not_asked"]
    fresh: str = ""


class SheetBegun(msgspec.Struct, frozen=True):
    """A worker begins to fill an instrument in. `fresh` becomes the sheet's id."""

    at: datetime
    staff: str
    instrument: str
    fresh: str = ""


class SheetAnswered(msgspec.Struct, frozen=True):
    """A worker answers one item. `before`: how many answers to it the worker has seen, so that the later is told."""

    at: datetime
    staff: str
    instrument: str
    sheet: str
    item: str
    value: str | None
    origin: str = ""
    before: int = 0
    fresh: str = ""


class SheetFinished(msgspec.Struct, frozen=True):
    """Weigh what is on the sheet."""

    at: datetime
    staff: str
    instrument: str
    sheet: str
    fresh: str = ""


SheetEvent = SheetBegun | SheetAnswered | SheetFinished
WorkerChanged = (  # her record, not her chat
    WorkerJudged
    | WorkerPlanned
    | WorkerStaged
    | WorkerRecorded
    | WorkerSetContact
    | WorkerAsked
    | WorkerResetWords
    | SheetEvent
)
WorkerActed = WorkerJoined | WorkerSaid | WorkerLeft | WorkerCleared | WorkerChanged
Event = Heard | Due | Joined | Moved | WorkerGone | WorkerActed
