"""What a turn wants done. Described here, committed by the storage, performed afterwards by the loops."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from flows.engine.conversation import Contact, Conversation, Fact, Goal, PlanItem, Value
from flows.engine.model import Tier

Kind = Literal["cover", "session", "notice"]
Changer = Literal["her", "worker", "carrier", "clock"]  # who changed the safe-contact record


class Option(msgspec.Struct, frozen=True):
    """`token` is what she sends; `label` is a message id and `english` its source."""

    token: str
    label: str
    english: str


class Send(msgspec.Struct, frozen=True):
    """One message to her phone, by id: the text is made at delivery from the catalogue (SAFETY 12).

    `flow`, `revision` and `catalogue` say which version of which words it was. `words` is literal text, and is set
    only for a worker's own message. `tag` marks the question, so that a button of an old one is known for what it is.
    `apart`: part of an independent flow, which the worker of the case does not read.
    """

    message: str
    english: str
    kind: Kind
    language: str
    params: dict[str, str] = msgspec.field(default_factory=dict)
    options: tuple[Option, ...] = ()
    tag: str = ""
    words: str = ""
    flow: str = ""
    revision: str = ""
    catalogue: str = ""
    asked_for: bool = True
    apart: bool = False


class CancelSends(msgspec.Struct, frozen=True):
    """Forget everything of this person that has not left yet."""


class Wipe(msgspec.Struct, frozen=True):
    """Delete the session's messages on both sides where the channel can (SAFETY 19)."""

    session: str


class Raise(msgspec.Struct, frozen=True):
    """An alert. One open alert per person and `key`: the same key again lifts its tier and adds its rules.

    `rules` are ids, `reasons` the sentences a worker reads, `saw` her own words that did it.
    """

    tier: Tier
    kind: Literal["risk", "duress", "talk", "missed", "task", "fault"]
    key: str
    rules: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    saw: tuple[str, ...] = ()


class Schedule(msgspec.Struct, frozen=True):
    """One timer per person, kind and key: scheduling it again moves it."""

    kind: str
    due: datetime
    key: str = ""


class Cancel(msgspec.Struct, frozen=True):
    kind: str
    key: str = ""


class Answered(msgspec.Struct, frozen=True):
    """An answer for the record. `suspect`: given under duress, not to be taken as true."""

    flow: str
    step: str
    value: Value
    suspect: bool = False


class Assessed(msgspec.Struct, frozen=True):
    """`score`: points of an instrument with items, for staff only: `total`, its groups, and at the end `unanswered`.

    `by`: the worker who filled it in, with `origins`, where each answer came from; '' when she was asked in the chat.
    `says`: the sentences of `rules`, in their order. `sheet`: which sheet it was.
    `apart`: its answers were given to someone independent.
    """

    instrument: str
    version: str
    tier: Tier | None
    rules: tuple[str, ...]
    answers: dict[str, Value]
    change: Literal["first", "up", "same", "down"]
    score: dict[str, int] = msgspec.field(default_factory=dict)
    by: str = ""
    origins: dict[str, str] = msgspec.field(default_factory=dict)
    says: tuple[str, ...] = ()
    sheet: str = ""
    apart: bool = False


class SheetKept(msgspec.Struct, frozen=True):
    """An item that a worker answered, or with an empty `item` a sheet that was begun. The history keeps every one."""

    sheet: str
    instrument: str
    version: str
    staff: str
    item: str = ""
    value: str | None = None
    origin: str = ""
    number: int = 0


class Judged(msgspec.Struct, frozen=True):
    """A worker's judgement beside the rules: `found` stood before. The assessment itself stays as it was."""

    instrument: str
    version: str
    found: Tier | None
    tier: Tier
    reason: str
    staff: str


class Recorded(msgspec.Struct, frozen=True):
    """A fact that a worker recorded; `value` '' when withdrawn, 'read' (and no `staff`) when she was told of it."""

    fact: Fact
    value: str
    staff: str = ""


class PlanChanged(msgspec.Struct, frozen=True):
    """An item as it is now; the history keeps every one. `staff`: the worker who changed it, '' when she did.

    The words of an item that a worker keeps are here and not in her conversation.
    """

    item: PlanItem
    staff: str = ""


class GoalChanged(msgspec.Struct, frozen=True):
    """A goal as it is now, with its scores and stages. `staff`: who recorded a stage, '' when she spoke."""

    goal: Goal
    staff: str = ""


class ContactChanged(msgspec.Struct, frozen=True):
    """The safe-contact record as it is now; the history keeps every one. `staff`: an id, where `by` is a worker.

    `changed`: the fields that differ from the record before.
    """

    contact: Contact
    by: Changer = "her"
    staff: str = ""
    changed: tuple[str, ...] = ()

    @classmethod
    def between(cls, before: Contact, after: Contact, by: Changer, staff: str = "") -> ContactChanged:
        names = (name for name in after.__struct_fields__ if getattr(before, name) != getattr(after, name))
        return cls(after, by, staff, tuple(names))


class CodeMade(msgspec.Struct, frozen=True):
    """A one-time code was told to her that moves her chat to another phone. `good`: false, and it never will."""

    code: str
    good: bool


class PhoneMoved(msgspec.Struct, frozen=True):
    """The phone that wrote is hers from now on, and what was hers before gets the cover alone."""


class Noted(msgspec.Struct, frozen=True):
    """For staff only: 'opened', 'exit', 'locked', 'duress', 'media', 'danger_words', 'wrong_words', 'stopped', …"""

    what: str
    detail: str = ""


Effect = (
    Send
    | CancelSends
    | Wipe
    | Raise
    | Schedule
    | Cancel
    | Answered
    | Assessed
    | Judged
    | SheetKept
    | Recorded
    | PlanChanged
    | GoalChanged
    | ContactChanged
    | CodeMade
    | PhoneMoved
    | Noted
)


class Turn(msgspec.Struct, frozen=True):
    """`hide` stands in the transcript in place of her text, when that was one of her words.

    `apart`: her text answered someone independent, so that the worker of the case does not read it.
    """

    conversation: Conversation
    effects: tuple[Effect, ...] = ()
    hide: str = ""
    apart: bool = False
