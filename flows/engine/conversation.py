"""All that Rowan knows of one recipient of aggression while it talks with her: frozen, written out after each turn.

The codec is JSON by msgspec: a value written by an older release lacks new fields and gets their defaults. The values
are msgspec's structs because a turn copies about eight of them, and a dataclass takes ten times as long to copy.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

from flows.engine.model import Tier

Mode = Literal["closed", "open", "worker", "paused"]
Value = str | int | None
Status = Literal["todo", "done", "unsafe", "unneeded", "worker"]  # of an item of the plan
Fact = Literal["negotiated_exit", "no_contact_order", "programme_news"]  # what a worker may record
WayKind = Literal["message", "call", "other", "trusted", "police"]  # to look for her, each by a worker's hand
Writer = Literal["", "her", "worker"]  # of words in her record; '' is not known
# Of change, after Prochaska and DiClemente: where a worker sees her with a goal of hers (IFST).
Stage = Literal["precontemplation", "contemplation", "preparation", "action", "maintenance", "relapse"]


class Window(msgspec.Struct, frozen=True):
    """Safe hours on some days, in minutes after local midnight; `end` <= `start` crosses midnight. Days: 0 Monday."""

    days: tuple[int, ...]
    start: int
    end: int


class Today(msgspec.Struct, frozen=True):
    """Only today, other hours: safe in all of [since, until) where `open`, else in none of it."""

    since: datetime
    until: datetime
    open: bool


class Way(msgspec.Struct, frozen=True):
    """One step of a worker who looks for her, and what is never to be done at it. `by`: who wrote that."""

    kind: WayKind
    never: str = ""
    by: Writer = ""


class Contact(msgspec.Struct, frozen=True):
    """The safe-contact record (SAFETY 2). Words are keyed hashes, save the exit word, which is no secret.

    Her ladder for a missed check-in: `missed_rule` (retry_then_worker, worker or nothing), `missed_retries` quiet
    messages where it is the first, `missed_after_hours` for each step, and for the worker at its end `ways` in their
    order, `may_know` and `to_try`. `wrote`: (field, by whom) of fields of words. `today`: an exception of hers.
    `other_channel`: another way than this phone, or 'nowhere'; `other_safe`: yes, no or unknown.
    `duress_before`: the duress word that she had until she chose another; it warns as well, whoever writes it.
    `programme_news`: may she be told of the partner's programme? 'yes', 'no', or '' while she was not asked.
    `lock_says`: a cover message when it locks.
    """

    channel: str = "sms"
    language: str = "en"
    cover: str = "recipes"
    zone: str = "Europe/London"
    windows: tuple[Window, ...] = ()
    signal: str = ""
    duress: str = ""
    exit: str = ""
    shared_phone: str = "unknown"
    may_read: str = ""
    voicemail: str = "never"
    rhythm_days: int = 7
    missed_rule: str = "worker"
    missed_after_hours: int = 24
    exit_silent: bool = False
    blank_signal: bool = False
    duress_opens: bool = False
    confirmed_at: datetime | None = None
    consent: str = ""
    paused_until: datetime | None = None
    opted_out: bool = False
    verify_question: str = ""
    programme_news: str = ""
    today: Today | None = None
    may_know: str = ""
    to_try: str = ""
    lock_says: bool = False
    duress_before: str = ""
    missed_retries: int = 1
    ways: tuple[Way, ...] = ()
    other_channel: str = "nowhere"
    other_whose: str = ""
    other_safe: str = "unknown"
    wrote: tuple[tuple[str, Writer], ...] = ()


class PlanItem(msgspec.Struct, frozen=True):
    """One item of the crisis plan. With status 'worker' its words are never kept in her conversation (SAFETY 15).

    They stand only in the history that staff read: in the version that a worker wrote, or the one before she gave it.
    """

    name: str
    status: Status
    words: str = ""
    at: datetime | None = None
    review_on: datetime | None = None


class Score(msgspec.Struct, frozen=True):
    """Where she said she stood with a goal, 0 (not at all) to 10 (all there). Never shown back to her."""

    value: int
    at: datetime


class Staged(msgspec.Struct, frozen=True):
    """The stage of change that a worker saw, by staff id and when. For staff only: no message can show it."""

    stage: Stage
    staff: str
    at: datetime


class Goal(msgspec.Struct, frozen=True):
    """What she wants, in her words. `name`: one, two or three. `ended`: taken out, or other words took its place."""

    name: str
    words: str
    at: datetime
    scores: tuple[Score, ...] = ()  # oldest first
    ended: datetime | None = None
    stages: tuple[Staged, ...] = ()  # oldest first


class Standing(msgspec.Struct, frozen=True):
    """What a worker has recorded and not withdrawn: `value` of the fact, by whom (a staff id) and when."""

    value: str
    staff: str
    at: datetime


class Frame(msgspec.Struct, frozen=True):
    """Where she is in one flow. `answers` by step name; None is skipped, which is not 'no'. `fired`: their rules."""

    flow: str
    revision: str
    step: str
    answers: dict[str, Value] = msgspec.field(default_factory=dict)
    shown: tuple[str, ...] = ()
    tries: int = 0
    fired: tuple[str, ...] = ()


class Session(msgspec.Struct, frozen=True):
    """The time between a right signal word and the next exit, lock or end. `duress`: nothing here is taken as true.

    `words`: that she may choose her words anew here, since she came by a worker's code or wrote the one that stands.
    `chosen`: one that is to be written once more, as `signal:hash`.
    """

    id: str
    opened_at: datetime
    heard_at: datetime
    stack: tuple[Frame, ...] = ()
    asked: int = 0
    tier: Tier | None = None
    duress: bool = False
    worker: str = ""
    waiting: bool = False
    words: Literal["", "code", "known"] = ""
    chosen: str = ""


class SheetAnswer(msgspec.Struct, frozen=True):
    """What a worker wrote down for one item: an answer's name, 'unsure' (not known) or None (skipped).

    `origin`: where it came from, '' for a skipped one. `number` counts the answers given to this item.
    """

    value: str | None
    origin: str
    staff: str
    at: datetime
    number: int = 1


class Sheet(msgspec.Struct, frozen=True):
    """An instrument that workers fill in, item by item, over days; gone from here once it is weighed.

    `answers` by item. `fired`: the rules that its answers have raised by already.
    """

    id: str
    instrument: str
    version: str
    begun_at: datetime
    begun_by: str
    answers: dict[str, SheetAnswer] = msgspec.field(default_factory=dict)
    fired: tuple[str, ...] = ()


class Left(msgspec.Struct, frozen=True):
    """A phone that is not hers to open any more: what its cover is from then on, and how many replies it has given.

    `stopped`: its carrier lets nothing of ours through.
    """

    channel: str
    cover: str
    language: str
    turn: int = 0
    stopped: bool = False


class Reset(msgspec.Struct, frozen=True):
    """A worker's code, by which she may come in once until `until` and choose words anew. `mac`: its keyed hash."""

    mac: str
    until: datetime
    staff: str


class Watch(msgspec.Struct, frozen=True):
    """Until when she asked to be looked out for, and her own words of where and with whom.

    `asked_at`: the quiet ping went out, or would have; `told`: a worker was, so that only her word is waited for.
    """

    until: datetime
    words: str = ""
    asked_at: datetime | None = None
    told: bool = False


class Memory(msgspec.Struct, frozen=True):
    """What the last contacts left behind: for change rules, for rhythm, for guessing.

    `checkin`, and `last` by flow for other assessed ones: what each question was last answered with, also in a sitting
    that was stopped in the middle. `checked_at`: the last check-in that was finished. `not_before`: by scheduled flow,
    when it may come again after it was done or put off. `tiers`: by instrument, what its last assessment gave or a
    worker judged. `sheets`: by instrument, the one that workers are filling in. `cover_turn` and `ping_turn`: replies
    and pings of the cover so far, counted apart, or a rhythm of replies could bring the same ping each time.
    `recorded`: by fact, what a worker has recorded of the two of them. `left`: by the storage's id, phones of before.
    `watch`: the one time at which she is expected. `checkin_due`: when the next one is due by her rhythm, before her
    hours are looked at. `confirm_due`: when her record is to be confirmed; `ask_confirm`: she is to be asked in her
    next session. `opened_at`: when she last opened the chat. While a ping of `pinged_at` is unanswered,
    `retries` more were sent (`retried`: at least one, as older releases have it), and `missed_due` is when the next
    step comes. `reset`: the open code of a worker for new words.
    """

    checkin: dict[str, Value] = msgspec.field(default_factory=dict)
    checked_at: datetime | None = None
    tier: Tier | None = None
    pinged_at: datetime | None = None
    retried: bool = False
    tries: tuple[datetime, ...] = ()
    cover_turn: int = 0
    ping_turn: int = 0
    verify_first: bool = False
    worker_waits: str = ""
    next_flow: str = ""
    joined_at: datetime | None = None
    last: dict[str, dict[str, Value]] = msgspec.field(default_factory=dict)
    not_before: dict[str, datetime] = msgspec.field(default_factory=dict)
    tiers: dict[str, Tier | None] = msgspec.field(default_factory=dict)
    sheets: dict[str, Sheet] = msgspec.field(default_factory=dict)
    recorded: dict[Fact, Standing] = msgspec.field(default_factory=dict)
    left: dict[str, Left] = msgspec.field(default_factory=dict)
    watch: Watch | None = None
    checkin_due: datetime | None = None
    confirm_due: datetime | None = None
    ask_confirm: bool = False
    opened_at: datetime | None = None
    retries: int = 0
    missed_due: datetime | None = None
    reset: Reset | None = None

    def answered(self) -> Memory:
        """Nothing is waited for any more."""
        return replace(self, pinged_at=None, retried=False, retries=0, missed_due=None)


class Kept(msgspec.Struct, frozen=True):
    """All that outlives a session of hers."""

    contact: Contact
    plan: tuple[PlanItem, ...]
    goals: tuple[Goal, ...]
    memory: Memory


class Conversation(msgspec.Struct, frozen=True):
    """`turns` counts the turns taken; it is the number of the next event row, so that a lost write is seen.

    `goals`: those that stand and the latest that ended, in order of their setting. `stand_in`: from a duress word until
    a worker clears it, the made-up person whom her phone shows and changes in her place (flows.engine.stand_in).
    """

    person: str
    contact: Contact = Contact()
    session: Session | None = None
    plan: tuple[PlanItem, ...] = ()
    memory: Memory = Memory()
    turns: int = 0
    goals: tuple[Goal, ...] = ()
    stand_in: Kept | None = None

    @property
    def suspect(self) -> bool:
        """Whether somebody else may be writing, so that nothing that is said counts as true (SAFETY 14)."""
        return self.stand_in is not None or (self.session is not None and self.session.duress)

    @property
    def mode(self) -> Mode:
        if self.session is None:
            return "paused" if self.contact.paused_until else "closed"
        return "worker" if self.session.worker or self.session.waiting else "open"


__all__ = [
    "Contact",
    "Conversation",
    "Fact",
    "Frame",
    "Goal",
    "Kept",
    "Left",
    "Memory",
    "Mode",
    "PlanItem",
    "Reset",
    "Score",
    "Session",
    "Sheet",
    "SheetAnswer",
    "Stage",
    "Staged",
    "Standing",
    "Status",
    "Today",
    "Value",
    "Watch",
    "Way",
    "WayKind",
    "Window",
    "Writer",
    "read",
    "replace",
    "write",
]

_decoder = msgspec.json.Decoder(Conversation)
_encoder = msgspec.json.Encoder()


def write(conversation: Conversation) -> bytes:
    return _encoder.encode(conversation)


def read(data: bytes) -> Conversation:
    """Raises `msgspec.DecodeError` when the bytes are no conversation (the storage says which row)."""
    return _decoder.decode(data)
