"""Everything there is, in dictionaries, and what the line does by itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime

from escalation.belongings import Phone, Token
from escalation.ladder import LADDER, breach_after, page_due
from escalation.people import Receipt
from escalation.ports import (
    Account,
    Alert,
    Assessment,
    Judgement,
    Line,
    PlanVersion,
    Recording,
    Refused,
    Session,
    Unknown,
    Why,
)
from escalation.safe_contact import ContactVersion
from flows.engine.conversation import Contact, Fact, Goal, Mode, PlanItem, Sheet, Standing
from flows.engine.effects import Raise
from flows.safety.risk import worse
from flows.text.canonical import canonical
from storage.cases import GONE
from storage.ids import new_ref
from storage.reading import BY_REASON, NEEDS_REASON, ONE_READING
from storage.timeline import contact


@dataclass
class Known:
    """One recipient of aggression. `open_since` is None while her chat is closed; `waits` joins when she opens it."""

    ref: str
    contact: Contact
    joined_at: datetime
    open_since: datetime | None = None
    worker: str = ""
    waits: str = ""
    verify_first: bool = False
    watched: bool = False  # after a duress word
    heard_at: datetime | None = None
    version: int = 0
    lines: list[Line] = field(default_factory=list)
    notes: list[Line] = field(default_factory=list)
    plan: list[PlanItem] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    plan_versions: list[PlanVersion] = field(default_factory=list)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    recorded: dict[Fact, Standing] = field(default_factory=dict)
    recordings: list[Recording] = field(default_factory=list)
    contacts: list[dict[str, object]] = field(default_factory=list)  # of the timeline
    number: str = ""  # the programme's own
    contact_versions: list[ContactVersion] = field(default_factory=list)

    @property
    def mode(self) -> Mode:
        if self.open_since is None:
            return "paused" if self.contact.paused_until else "closed"
        return "worker" if self.worker else "open"


@dataclass(frozen=True)
class Audited:
    """One row of the audit log, with the reason in clear (the database seals it)."""

    actor: str
    action: str
    subject: str
    at: datetime
    detail: str = ""


@dataclass(frozen=True)
class Invitation:
    """What a joining code stands for."""

    staff: str
    until: datetime
    language: str
    case: str


@dataclass
class Memory:
    """People and alerts by ref, accounts by staff id, sessions by hash, tokens and codes as they are."""

    people: dict[str, Known] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)  # alert ref to the key it was raised under
    why: dict[str, tuple[Why, ...]] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    sessions: dict[bytes, Session] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Token] = field(default_factory=dict)  # by the token itself
    phones: dict[str, list[Phone]] = field(default_factory=dict)
    proofs: dict[str, tuple[str, int]] = field(default_factory=dict)  # by phone: its code, and wrong tries
    rings: list[str] = field(default_factory=list)  # phones that a test page went to
    buckets: dict[tuple[str, str], tuple[float, datetime]] = field(default_factory=dict)
    codes: dict[str, Invitation] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    audit: list[Audited] = field(default_factory=list)
    listeners: list[asyncio.Queue[str]] = field(default_factory=list)

    # what the line does

    def enrol(self, contact: Contact, now: datetime) -> str:
        """A recipient with her chat closed. Returns her case ref."""
        ref = new_ref(6)
        self.people[ref] = Known(ref, contact, now)
        return ref

    def join(self, text: str, channel: str, now: datetime) -> str:
        """A stranger wrote. Returns her new case ref, or '' when it is no open joining code."""
        code = canonical(text)
        invited = self.codes.get(code)
        if invited is None or invited.until < now:
            return ""
        del self.codes[code]
        ref = self.enrol(Contact(channel=channel, language=invited.language or "en", consent="code"), now)
        self.people[ref].number = invited.case
        return ref

    def hears(self, ref: str, text: str, now: datetime) -> None:
        """Her words, in a session that they open where it was closed."""
        person = self.person(ref)
        if person.open_since is None:
            person.open_since = now
            person.contacts.append(contact(now, "answered"))
            if not person.watched:  # nobody who waits is shown after a duress word
                person.worker, person.waits = person.waits, ""
        person.heard_at, person.version = now, person.version + 1
        person.lines.append(Line(now, "her", text))

    def leaves(self, ref: str) -> None:
        """Her chat is closed. The worker who was in it will be in it again when she opens it."""
        person = self.person(ref)
        person.waits = person.worker or person.waits
        person.open_since, person.worker, person.version = None, "", person.version + 1

    def raises(self, ref: str, effect: Raise, now: datetime) -> str:
        """One open alert per person and key: the same key adds what is new and may lift the tier. Returns its ref."""
        open_ = (a for a in self.alerts.values() if a.person == ref and a.state != "resolved")
        standing = next((a for a in open_ if self.keys[a.ref] == effect.key), None)
        if standing is not None and effect.kind != "duress" and self._has(standing, effect):
            return standing.ref
        alert = self._raised(ref, effect, now) if standing is None else _lifted(standing, effect, now)
        self.put(alert, effect.key, Why(now, effect.tier, effect.rules, effect.reasons, effect.saw))
        return alert.ref

    def _has(self, alert: Alert, effect: Raise) -> bool:
        if worse(effect.tier, alert.tier):
            return False
        why = self.why.get(alert.ref, ())
        said = {one for w in why for one in (*w.rules, *w.reasons, *w.saw)}
        return {*effect.rules, *effect.reasons, *effect.saw} <= said

    def put(self, alert: Alert, key: str, *why: Why) -> None:
        """The alert as it stands now; `why` is added to what raised it before."""
        self.alerts[alert.ref], self.keys[alert.ref] = alert, key
        self.why[alert.ref] = (*self.why.get(alert.ref, ()), *why)
        self.changed("alerts")

    def _raised(self, ref: str, effect: Raise, now: datetime) -> Alert:
        contact = self.person(ref).contact
        return Alert(
            ref=new_ref(4),
            person=ref,
            tier=effect.tier,
            kind=effect.kind,
            state="open",
            raised_at=now,
            breach_at=now + breach_after(effect.tier),
            channel=contact.channel,
            language=contact.language,
            title=effect.reasons[0] if effect.reasons else effect.kind,
            next_page_at=page_due(effect.tier, now, 0),
        )

    def tick(self, now: datetime) -> None:
        """What the ladder does by itself: a claim that ran out is open again."""
        for ref, alert in self.alerts.items():
            if alert.state == "claimed" and alert.claim_until is not None and alert.claim_until <= now:
                self.alerts[ref] = freed(alert, now)
                self.ended(alert)

    def ended(self, alert: Alert) -> None:
        """A claim on it ran out, was given back or done with: its holder is not there for her any more."""
        her, worker = self.person(alert.person), alert.holder
        if worker and not self.holds(worker, her.ref):
            her.worker = "" if her.worker == worker else her.worker
            her.waits = "" if her.waits == worker else her.waits

    # what the doors share

    def person(self, ref: str) -> Known:
        found = self.people.get(ref.upper())
        if found is None:
            raise Unknown(GONE)
        return found

    def account(self, worker: str) -> Account:
        found = self.accounts.get(worker)
        if found is None:
            raise Unknown("There is no such member of staff.")
        return found

    def holds(self, worker: str, person: str) -> list[Alert]:
        return [a for a in self.alerts.values() if (a.person, a.holder, a.state) == (person, worker, "claimed")]

    def may_read(self, worker: str, her: Known, reason: str, what: str, now: datetime) -> None:
        """With a claim of hers, or for a reason. Raises Refused."""
        holds, reason = bool(self.holds(worker, her.ref)), reason.strip()
        if not holds and not reason:
            raise Refused(NEEDS_REASON)
        action, detail = (what, "") if holds else (f"{what}{BY_REASON}", reason)
        self.record_once(worker, action, her.ref, now, detail)
        self.renew_all(worker, her.ref, now)

    def record_once(self, worker: str, action: str, ref: str, now: datetime, detail: str = "") -> None:
        """A page that refreshes itself is read once."""
        lately = (a for a in self.audit if a.at >= now - ONE_READING)
        if (worker, action, ref, detail) not in ((a.actor, a.action, a.subject, a.detail) for a in lately):
            self.record(worker, action, ref, now, detail)

    def changed(self, word: str) -> None:
        for listener in self.listeners:
            listener.put_nowait(word)

    def record(self, actor: str, action: str, subject: str, now: datetime, detail: str = "") -> None:
        self.audit.append(Audited(actor, action, subject, now, detail))

    def renew_all(self, worker: str, person: str, now: datetime) -> None:
        for alert in self.holds(worker, person):
            self.alerts[alert.ref] = held(alert, worker, alert.holder_name, alert.claim, now)


def _lifted(alert: Alert, effect: Raise, now: datetime) -> Alert:
    if not worse(effect.tier, alert.tier):
        return alert
    breach = min(alert.breach_at, now + breach_after(effect.tier))
    until = alert.claim_until and min(alert.claim_until, now + LADDER[effect.tier].lease)
    title, first = effect.reasons[0] if effect.reasons else effect.kind, page_due(effect.tier, now, 0)
    lifted = replace(alert, tier=effect.tier, title=title, breach_at=breach, level=0)
    return replace(lifted, claim_until=until, next_page_at=first)


def held(alert: Alert, worker: str, name: str, claim: int, now: datetime) -> Alert:
    until = now + LADDER[alert.tier].lease
    return replace(
        alert, state="claimed", holder=worker, holder_name=name, claim=claim, claim_until=until, next_page_at=until
    )


def freed(alert: Alert, now: datetime) -> Alert:
    return replace(alert, state="open", holder="", holder_name="", claim_until=None, next_page_at=now)
