"""What the checker judges: what the phones and providers saw, and what the database holds at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Phone = tuple[str, str]  # channel, address


@dataclass(frozen=True, slots=True)
class Said:
    """A message that came from a phone. Not `posted`: it was only in Twilio's list."""

    phone: Phone
    provider_id: str
    text: str
    acked: bool
    posted: bool = True


@dataclass(frozen=True, slots=True)
class Landed:
    """A message that a provider accepted, in the order of acceptance."""

    phone: Phone
    provider_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """What a worker wrote to her in the console. `taken`: the console has said that it goes out."""

    text: str
    taken: bool


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One talk row of `events`, opened: its number, what kind of event it was, and what was heard.

    `sent`: the ids of messages to her; a worker's words stand for themselves. `notes`: what and who, in their order.
    """

    seq: int
    event: str
    heard: str | None
    at: float = 0.0  # seconds since 1970: when that came which it takes
    sent: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """An alert of hers as it stands from then on: who holds it, None for nobody, until when (seconds since 1970)."""

    person: str
    alert: str
    holder: str | None
    until: float


@dataclass(frozen=True, slots=True)
class Commit:
    """What one transaction wrote of claims, and which turns: ids of people and numbers of theirs."""

    claims: tuple[Claimed, ...] = ()
    turns: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """A recipient of aggression in the database."""

    id: str
    phone: Phone
    ver: int
    turns: tuple[TurnRow, ...]
    duress_reasons: int = 0
    risk_tiers: tuple[str, ...] = ()  # of her stored assessments
    alerts: tuple[str, ...] = ()  # ids


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the outbox, opened. `provider_id` is the message it was marked with, if the provider has it."""

    id: str
    phone: Phone
    line: str
    seq: int
    kind: str
    policy: str
    status: str
    text: str
    expires_at: float  # seconds since 1970
    attempts: int
    provider_id: str | None = None
    alert: str = ""
    told: bool = False  # a worker has an alert about this person's undelivered message
    message: str = ""  # of one to a worker: its id, such as page/yours
    ref: str = ""  # and which alert it names


@dataclass(frozen=True, slots=True)
class Stand:
    """How an alert stands: who has it until when, when its next step is due, and what led there."""

    ref: str
    tier: str
    state: str
    holder: str | None
    claim: int
    claim_until: float | None  # seconds since 1970
    due: float | None  # of its next step; None without one, or with more than one
    repeat: float  # seconds between two steps behind the last
    claimed_by: tuple[str, ...] = ()  # the audit's rows, in order


@dataclass(frozen=True, slots=True)
class Code:
    """What a page to one phone was good for: this alert, in the paging of this number."""

    phone: str
    code: str
    alert: str
    paging: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A campaign's end. `inbox` holds the ids of the provider's messages that have an inbox row."""

    said: tuple[Said, ...]
    landed: tuple[Landed, ...]
    kills: int
    inbox: frozenset[str]
    inbox_rows: int
    people: tuple[Person, ...]
    rows: tuple[Row, ...]
    alerts: tuple[str, ...]
    ended_at: float
    duress_word: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)  # what is stored in place of which words: '(signal word)'
    integrity: str = "ok"
    broken_audit_row: int | None = None
    silent: tuple[str, ...] = ()  # ids of open or claimed alerts that have not just one paging timer
    stands: tuple[Stand, ...] = ()
    codes: tuple[Code, ...] = ()
    commits: tuple[Commit, ...] = ()
    to_tell: Mapping[tuple[str, str], float] = field(default_factory=dict)  # person and worker to when she is told
    wrote: tuple[Wrote, ...] = ()
    cut_off: Mapping[str, int] = field(default_factory=dict)  # by outbox row: of its leases, those that a kill cut off
