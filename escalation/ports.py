"""What the desk asks of the storage and of the line. Every port has a fake in `storage.memory` and one contract suite.

Refs are the only names of people and alerts that leave the server: short, opaque, random. All times are aware UTC.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from escalation.contacted import Contacted
from escalation.safe_contact import ContactVersion
from flows.engine.conversation import Contact, Fact, Goal, Mode, PlanItem, Sheet, Stage, Status, Value
from flows.engine.model import Tier

AlertState = Literal["open", "claimed", "snoozed", "closing", "resolved"]
Role = Literal["worker", "supervisor", "partner_support", "editor", "auditor", "administrator"]
Duty = Literal["on_call", "backup", "supervisor", "off"]
Outcome = Literal[
    "spoke_safe", "spoke_plan_acted", "emergency_services_asked_by_her", "referred", "no_answer_followed_up",
    "false_alarm", "other",
]  # fmt: skip
Place = tuple[int, datetime, datetime, str]  # of an alert in the queue, the smallest first: `escalation.order`


class Refused(Exception):
    """The act did not happen. `why` is a sentence for the worker; `holder` who has it now, if that is the reason."""

    def __init__(self, why: str, holder: str = "") -> None:
        super().__init__(why)
        self.why, self.holder = why, holder


class Unknown(Refused):
    """There is no such person, alert or staff member. The console says 404 instead of 409."""


class Unconfirmed(Refused):
    """It happens when the worker says so once more: the words hold a link or number, and she asked for it
    (SAFETY 8), or somebody else may be reading (SAFETY 14)."""


UNCONFIRMED = (
    "Not sent: it holds a link, an address or a number, which others may find on her phone. "
    "If she asked for it in this chat, say so and send it again."
)

WATCHED = "Not done: somebody else may be reading her phone. To be seen there all the same, say so and do it again."
WATCHED_TRACES = "Not sent: somebody else may be reading her phone, and it holds a link, an address or a number."
LONGEST_NUMBER = 60  # characters of a programme's own case number


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as the queue shows it: nothing here tells who she is or what she wrote."""

    ref: str
    person: str  # her case ref
    tier: Tier
    kind: str
    state: AlertState
    raised_at: datetime
    breach_at: datetime  # by when somebody must have claimed it
    channel: str
    language: str
    title: str  # 'Fear 9, new threat': staff words only, never hers
    holder: str = ""  # staff id; of one that is closing, who closed it
    holder_name: str = ""
    claim: int = 0  # grows with every claim; an act under an old number is refused
    claim_until: datetime | None = None
    level: int = 0  # steps of the ladder already taken
    next_page_at: datetime | None = None
    writable_until: datetime | None = None  # end of her current safe window, None outside it
    offered_to: str = ""  # staff id; it stays with its holder until they accept
    offered_name: str = ""
    closed_at: datetime | None = None  # of one that waits for a second person, or is resolved
    claimed_at: datetime | None = None  # by the first worker who did
    answered_at: datetime | None = None  # when she first heard from a worker, in the chat or another way

    @property
    def asleep_until(self) -> datetime | None:
        return self.next_page_at if self.state == "snoozed" else None


@dataclass(frozen=True, slots=True)
class Why:
    """Why an alert stands: the rules that fired, their sentences, and her words that did it (shown under audit)."""

    at: datetime
    tier: Tier
    rules: tuple[str, ...]
    reasons: tuple[str, ...]
    saw: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the transcript. `by`: 'her', 'bot', 'worker', 'note'. Of a worker's note on an alert
    `state` is the alert's ref and `message` the outcome it was closed with, or one of `claims.SAID`.

    `apart`: said to or by somebody independent; whoever holds the case never gets it (`escalation.apart`).
    """

    at: datetime
    by: Literal["her", "bot", "worker", "note"]
    text: str
    message: str = ""  # message id of a bot line
    staff: str = ""
    state: str = ""  # delivery: due, sent, delivered, unknown, dead, cancelled
    danger: tuple[str, ...] = ()
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    """`score`: an instrument's points, `total` and by group, and how many items were `unanswered`; may be empty.

    `by`: the staff id of who filled it in, '' when she was asked in the chat; `origins`: where each answer came from
    then. `says`: the sentences of `rules`, where they were kept. `sheet`: the id of the sheet that it was.
    `apart`: answered to someone independent, so neither answers nor points are here.
    """

    at: datetime
    tier: Tier | None
    rules: tuple[str, ...]
    answers: Mapping[str, Value]
    change: str
    instrument: str = ""
    version: str = ""
    score: Mapping[str, int] = field(default_factory=dict)
    by: str = ""
    origins: Mapping[str, str] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    sheet: str = ""
    apart: bool = False


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """An item of her plan as it was from `at` on. `staff` is the id of who wrote it, '' for herself."""

    at: datetime
    item: PlanItem
    staff: str = ""


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What a worker writes into an item. `seen`: when the item was last changed, as the worker's page had it."""

    name: str
    status: Status
    words: str = ""
    review_on: datetime | None = None
    seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class StageSeen:
    """The stage of change that a worker sees at a goal. `set_at`: when she set it, so that it is the one meant."""

    goal: str
    set_at: datetime
    stage: Stage


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """What a worker answers to an item of a sheet. `value`: an answer's name, 'unsure', or None for skipped.

    `origin`: 'her', 'seen' or 'service'. `before`: the number of the answer that the worker saw there, 0 for none.
    """

    sheet: str
    item: str
    value: str | None
    origin: str = ""
    before: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """A worker set `tier` where an instrument's rules, or a judgement before, had `found`. `staff` is an id."""

    at: datetime
    instrument: str
    version: str
    found: Tier | None
    tier: Tier
    reason: str
    staff: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A fact that a worker recorded; `value` '' where it was withdrawn, 'read' (without `staff`) where she was told."""

    at: datetime
    fact: Fact
    value: str
    staff: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One recipient as a worker sees her on the case page. The transcript is apart: opening it is audited."""

    ref: str
    contact: Contact
    mode: Mode
    suspect: bool  # after a duress word, or to be verified first
    joined_at: datetime | None
    last_heard_at: datetime | None
    writable_until: datetime | None
    opens_next_at: datetime | None
    plan: tuple[PlanItem, ...]
    assessments: tuple[Assessment, ...]
    alerts: tuple[Alert, ...]
    why: Mapping[str, tuple[Why, ...]] = field(default_factory=dict)  # by alert ref
    notes: tuple[Line, ...] = ()
    worker_in: str = ""  # staff id of the worker in the chat
    worker_waits: str = ""  # of the one who will be in it when she opens it
    version: int = 0  # grows with every turn, for live pages
    watched: bool = False  # after a duress word, until a worker clears it: what is said is not taken as true
    judgements: tuple[Judgement, ...] = ()  # oldest first
    goals: tuple[Goal, ...] = ()  # those that stand and those that ended, in order of their setting
    plan_versions: tuple[PlanVersion, ...] = ()  # oldest first
    sheets: Mapping[str, Sheet] = field(default_factory=dict)  # by instrument, those that are being filled in
    recorded: tuple[Recording, ...] = ()  # what stands now
    recordings: tuple[Recording, ...] = ()  # and how it came to that, oldest first
    number: str | None = None  # the programme's case number, '' without one; None where this worker may not know it
    linked: tuple[str, ...] = ()  # refs of other recipients under it; each is a case of its own to open
    contact_versions: tuple[ContactVersion, ...] = ()  # oldest first
    contacts: tuple[Contacted, ...] = ()  # oldest first


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody opened a case that they did not hold: `staff` an id, `person` the case's ref."""

    at: datetime
    staff: str
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class Staff:
    id: str
    username: str
    name: str
    role: Role
    duty: Duty = "off"
    active: bool = True
    version: int = 0
    totp: bool = False
    language: str = ""  # in which they read the console; '' as long as none was chosen
    cues: tuple[str, ...] = ("keys",)  # of `escalation.accounts.CUES`, which they want


@dataclass(frozen=True, slots=True)
class Account:
    """What signing in needs. `password` is an Argon2id string; `totp` the decrypted seed; `last_step` the last used."""

    staff: Staff
    password: str
    totp: bytes | None
    last_step: int


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. Only the hash of its token is stored."""

    staff: Staff
    csrf: str
    created_at: datetime
    seen_at: datetime


class Desk(Protocol):
    """The queue and the cases."""

    async def queue(self, now: datetime, limit: int = 200) -> Sequence[Alert]:
        """All that is not resolved, the most urgent first: `limit` of those that wait, and as many others."""

    async def further(self, edge: Place, now: datetime, most: int, back: bool = False) -> Sequence[Alert]:
        """`most` of those that wait, the nearest behind this place, `back` before it; the most urgent first."""

    async def alert(self, ref: str, now: datetime) -> Alert | None: ...

    async def claim(self, ref: str, staff: str, now: datetime, reason: str = "") -> Alert:
        """One winner. Raises Refused, naming who was first; `TooMany` where a third urgent one wants a `reason`."""

    async def renew(self, ref: str, staff: str, claim: int, now: datetime) -> Alert: ...

    async def release(self, ref: str, staff: str, claim: int, now: datetime) -> Alert: ...

    async def resolve(self, ref: str, staff: str, claim: int, outcome: str, note: str, now: datetime) -> Alert:
        """P0 and P1 want an outcome and a note; Refused without. They wait for a second person then."""

    async def case(self, person: str, staff: str, reason: str, now: datetime, over_time: bool = False) -> Case:
        """Audited, `over_time` as a timeline. Raises Refused when the worker holds no alert of hers and gives no
        reason (break glass)."""

    async def transcript(self, person: str, staff: str, reason: str, now: datetime) -> Sequence[Line]:
        """Decrypts; audited in the same transaction.

        What she said to somebody independent is in it for a supervisor who holds no alert of hers, audited once more.
        """

    async def note(self, person: str, staff: str, text: str, now: datetime, reason: str = "") -> None:
        """Writing opens the case: `reason` as for `case`, where the worker holds no alert of hers."""

    async def timeline(
        self, person: str, staff: str, now: datetime, reason: str = ""
    ) -> Sequence[Mapping[str, object]]:
        """Alerts, assessments and contacts by time, without any text of hers. `reason` as for `case`."""

    async def number(self, person: str, staff: str, number: str, now: datetime, reason: str = "") -> None:
        """The programme's own case number of hers from now on; '' takes it away. Nobody outside the staff hears of it.

        For supervisors (with a `reason`, as for `case`) and for who holds an alert of hers. Raises Refused.
        """

    async def under_number(self, number: str, staff: str, now: datetime) -> Sequence[str]:
        """Refs of the cases under just this number: for supervisors, and for who holds one of them. Audited."""

    async def opened_by_reason(self, most: int = 20) -> Sequence[Reading]:
        """Cases that were opened by somebody who did not hold them, latest first: for supervisors."""

    async def changes(self) -> AsyncIterator[str]:
        """Yields a word whenever a queue or case may have changed: 'alerts' or a person's ref."""
        yield ""


class Chat(Protocol):
    """The live line to her phone, through the gate. Each raises Refused when the gate does not allow it now."""

    async def join(self, person: str, staff: str, confirmed: bool = False) -> None:
        """Into her open chat, or into the next one that she opens.

        Raises Unconfirmed after a duress word: the phone would say that somebody is there."""

    async def say(self, person: str, staff: str, text: str, nonce: str, confirmed: bool = False) -> None:
        """`nonce` makes a double click one message. Links, addresses and numbers want `confirmed`: she asked for it.
        After a duress word all words do, and none of those goes out at all.

        Raises Unconfirmed without."""

    async def hand_back(self, person: str, staff: str) -> None: ...

    async def verified(self, person: str, staff: str) -> None:
        """The worker verified with the agreed question that it is her."""

    async def judge(self, person: str, staff: str, instrument: str, tier: Tier, reason: str, opening: str = "") -> None:
        """Professional judgement on the last assessment: upward raises an alert, downward needs a reason.

        `opening`: why the case is opened, where the worker holds no alert of hers.

        Raises Refused where the instrument has no `judgement: true`, was not answered yet, or no reason is given.
        """

    async def plan(self, person: str, staff: str, change: PlanChange, nonce: str) -> None:
        """Write into an item of her plan; her phone hears nothing of it. `nonce` makes a double click one change.

        Raises Refused without a claim, or where she or a colleague changed the item since it was read.
        """

    async def stage(self, person: str, staff: str, seen: StageSeen, reason: str = "") -> None:
        """Put a stage of change beside her goal. For staff only. `reason`: why the case is opened, as for `record`.

        Raises Refused with why it cannot be recorded.
        """

    async def record(self, person: str, staff: str, fact: Fact, value: str, reason: str = "") -> None:
        """Put a fact on record, or withdraw it with ''. Nothing is sent to her; it counts from her next session on.

        `reason`: why the case is opened, where the worker holds no alert of hers. Raises Refused with why it cannot be
        recorded (`flows.safety.recorded.refuses`).
        """


class Sheets(Protocol):
    """Instruments that workers fill in, item by item, over days. Whoever may open the case may, and gives the same
    `reason` for a case that they do not hold. Each raises Refused with why not, and is audited."""

    async def begin(self, person: str, staff: str, instrument: str, reason: str) -> None:
        """One that was begun with another version of the instrument is set aside."""

    async def answer(self, person: str, staff: str, instrument: str, given: ItemAnswer, reason: str) -> None:
        """Keep one answer, and raise by it as by hers. The same again is no second answer.

        When another came meanwhile (`before`) the later is refused.
        """

    async def finish(self, person: str, staff: str, instrument: str, sheet: str, reason: str) -> None:
        """Weigh it: an assessment from then on, which is never changed. The same again is no second one."""
