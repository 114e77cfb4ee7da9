"""Everything there is, in dictionaries, and what the line does by itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime

from escalation.access import Act, Assignment, Relation, Stance
from escalation.belongings import Phone, Token
from escalation.case_audit import Sample
from escalation.casefile import Kept
from escalation.claims import Apart
from escalation.contacted import Contacted
from escalation.decisions import Entry
from escalation.ladder import URGENT
from escalation.ladder.file import shipped
from escalation.news import Went
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
    Staff,
    Unknown,
    Why,
)
from escalation.rota import Cover, Rota, Shift
from escalation.rota.port import Calendar, OffCover
from escalation.safe_contact import ContactVersion
from escalation.supervision import Debrief
from escalation.tasks import DUE, Task
from flows.engine import confirming
from flows.engine.conversation import Contact, Fact, Goal, Mode, PlanItem, Sheet, Standing
from flows.engine.effects import Raise
from flows.safety.risk import worse
from flows.text.canonical import canonical
from storage.calendars import Given
from storage.cases import GONE
from storage.ids import new_ref
from storage.reading import BY_REASON, ONE_READING
from storage.team import CASEWORK
from storage.who_next import ON_DUTY


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
    contacts: list[Contacted] = field(default_factory=list)
    number: str = ""  # the programme's own
    contact_versions: list[ContactVersion] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)  # of the record of decisions
    words_code: str = ""  # the last one that was made for new words

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
    over: list[Alert] = field(default_factory=list)  # incidents that were resolved since the last tick
    nonces: set[str] = field(default_factory=set)
    apart: dict[str, dict[str, Apart]] = field(default_factory=dict)  # by case ref and staff id
    assigned: dict[str, list[Assignment]] = field(default_factory=dict)  # by case ref, those that stand
    debriefs: dict[tuple[str, str], Debrief] = field(default_factory=dict)  # by alert ref and staff id
    samples: dict[str, tuple[Sample, dict[str, str]]] = field(default_factory=dict)  # with what was answered
    audit: list[Audited] = field(default_factory=list)
    listeners: list[asyncio.Queue[str]] = field(default_factory=list)
    calendars: list[Calendar] = field(default_factory=list)
    given: dict[str, Given] = field(default_factory=dict)  # by a calendar's name
    shifts: list[Shift] = field(default_factory=list)
    covers: list[Cover] = field(default_factory=list)
    off_cover: dict[str, OffCover] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)  # by id
    casefile: dict[str, dict[str, Kept]] = field(default_factory=dict)  # by case ref and id
    about: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # a kind and what ends it: ids of tasks
    went: dict[str, tuple[Went, str]] = field(default_factory=dict)  # by message to an agency: its fate, the code
    due: set[str] = field(default_factory=set)  # ids of tasks that have raised
    links: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # staff id to token and since when

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
            person.contacts.append(Contacted(now, "answered"))
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
        if standing is not None and standing.state in ("snoozed", "closing"):
            standing = self.alerts[standing.ref] = woken(standing, now)
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
            breach_at=shipped().breach(effect.tier, now),
            channel=contact.channel,
            language=contact.language,
            title=effect.reasons[0] if effect.reasons else effect.kind,
            next_page_at=shipped().first(effect.tier, now),
        )

    def tick(self, now: datetime) -> None:
        """What comes by itself: her record is to be confirmed after an incident, a claim that ran out is open again."""
        while self.over:
            self._confirm_again(self.over.pop(), now)
        for ref, alert in self.alerts.items():
            if alert.state == "claimed" and alert.claim_until is not None and alert.claim_until <= now:
                self.alerts[ref] = freed(alert, now)
                self.ended(alert)
            if alert.state == "snoozed" and alert.next_page_at is not None and alert.next_page_at <= now:
                self.alerts[ref] = woken(alert, now)

        for task in self.tasks.values():
            if task.person and task.done_at is None and task.due_at <= now and task.id not in self.due:
                self._fall_due(task, now)

    def _fall_due(self, task: Task, now: datetime) -> None:
        self.due.add(task.id)
        effect = Raise("P2", "task", f"task.{task.id}", (f"task.{task.kind}",), (DUE[task.kind],))
        ref = self.raises(task.person, effect, now)
        who = self.accounts.get(task.staff)
        if who is not None and self.stance(task.staff, task.person, now).may("take"):
            self.alerts[ref] = replace(self.alerts[ref], offered_to=task.staff, offered_name=who.staff.name)

    def _confirm_again(self, alert: Alert, now: datetime) -> None:
        contact = self.person(alert.person).contact
        if not contact.consent or (contact.confirmed_at is not None and contact.confirmed_at >= alert.raised_at):
            return
        rules, reasons = ("task.confirm",), (confirming.AFTER_INCIDENT,)
        self.raises(alert.person, Raise("P3", "task", "task.confirm", rules, reasons), now)

    def ended(self, alert: Alert) -> None:
        """A claim on it ran out, was given back or done with: its holder is not there for her any more."""
        her, worker = self.person(alert.person), alert.holder
        if worker and not self.holds(worker, her.ref):
            her.worker = "" if her.worker == worker else her.worker
            her.waits = "" if her.waits == worker else her.waits

    def rota(self, start: datetime, end: datetime) -> Rota:
        staff = [account.staff for account in self.accounts.values() if account.staff.active]
        here = {one.id for one in staff if one.role in ("worker", "supervisor")}
        shifts = tuple(s for s in self.shifts if s.start <= end and s.end > start and s.staff in here)
        touching = (c for c in self.covers if c.start <= end and c.end > start)
        covers = tuple(c for c in touching if {c.staff, c.instead} <= here | {""})
        by_hand = {one.id: one.duty for one in staff if one.duty != "off"}
        return Rota(shifts, covers, by_hand, frozenset(), frozenset(self.off_cover))

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

    def holds(self, worker: str, person: str, now: datetime | None = None) -> list[Alert]:
        """`now`: without those whose time has run out."""
        mine = [a for a in self.alerts.values() if (a.person, a.holder, a.state) == (person, worker, "claimed")]
        return [a for a in mine if now is None or (a.claim_until is not None and a.claim_until > now)]

    def reached(self, person: str, now: datetime) -> None:
        """A worker has spoken with her."""
        for ref, alert in self.alerts.items():
            if (alert.person, alert.answered_at) == (person, None) and alert.state != "resolved":
                self.alerts[ref] = replace(alert, answered_at=now)

    def is_apart(self, worker: str, person: str) -> bool:
        return worker in self.apart.get(person, {})

    def is_own(self, worker: str, person: str) -> bool:
        return any(one.staff == worker for one in self.assigned.get(person, ()))

    def end_all(self, worker: str, person: str = "") -> None:
        """Nothing is a case of theirs any more, or not this one."""
        for ref, standing in self.assigned.items():
            if person in ("", ref):
                standing[:] = [one for one in standing if one.staff != worker]

    def stance(self, worker: str, person: str, now: datetime) -> Stance:
        account = self.accounts.get(worker)
        relation: Relation = "own" if self.is_own(worker, person) else "other"
        if self.is_apart(worker, person):
            relation = "apart"
        elif self.holds(worker, person, now):
            relation = "held"
        return Stance(account.staff.role if account and account.staff.active else None, relation)

    def require(self, worker: str, person: str, act: Act, now: datetime, why: str = "") -> None:
        """Raises Refused with why they may not, or in these words."""
        refused = self.stance(worker, person, now).refuses(act)
        if refused:
            raise Refused(why or refused)

    def load(self, worker: str, now: datetime, but: str = "") -> int:
        """How many P0 and P1 they hold now, without the alert `but`."""
        mine = (a for a in self.alerts.values() if (a.holder, a.state) == (worker, "claimed") and a.ref != but)
        return sum(a.tier in URGENT and a.claim_until is not None and a.claim_until > now for a in mine)

    def who_next(self, person: str, but: str, now: datetime, less: int = 10**9) -> list[Staff]:
        """On duty, with an open phone, not kept apart; those who hold fewer than `less` urgent ones."""
        could = [a.staff for a in self.accounts.values() if a.staff.id != but and not self.is_apart(a.staff.id, person)]
        could = [s for s in could if s.active and s.role in CASEWORK and s.duty in ON_DUTY]
        could = [s for s in could if any(phone.open for phone in self.phones.get(s.id, ()))]
        load = {s.id: self.load(s.id, now) for s in could}
        free = [s for s in could if load[s.id] < less]
        return sorted(free, key=lambda s: (ON_DUTY.index(s.duty), load[s.id]))

    def said(self, alert: Alert, outcome: str, note: str, worker: str, now: datetime) -> None:
        """A note on an alert."""
        self.person(alert.person).notes.append(Line(now, "note", note.strip(), outcome, worker, alert.ref))

    def may_read(self, worker: str, her: Known, reason: str, what: str, now: datetime) -> None:
        """As one's own, or for a reason. Raises Refused."""
        stands, reason = self.stance(worker, her.ref, now), reason.strip()
        by_right = stands.may("read")
        if not by_right and not (reason and stands.may("break_glass")):
            raise Refused(stands.refuses("read"))
        action, detail = (what, "") if by_right else (f"{what}{BY_REASON}", reason)
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
        for alert in self.holds(worker, person, now):
            self.alerts[alert.ref] = held(alert, worker, alert.holder_name, alert.claim, now)


def _lifted(alert: Alert, effect: Raise, now: datetime) -> Alert:
    if not worse(effect.tier, alert.tier):
        return alert
    breach = min(alert.breach_at, shipped().breach(effect.tier, now))
    until = alert.claim_until and min(alert.claim_until, now + shipped().lease(effect.tier, now))
    title, first = effect.reasons[0] if effect.reasons else effect.kind, shipped().first(effect.tier, now)
    lifted = replace(alert, tier=effect.tier, title=title, breach_at=breach, level=0, answered_at=None)
    return replace(lifted, claim_until=until, next_page_at=first)


def held(alert: Alert, worker: str, name: str, claim: int, now: datetime) -> Alert:
    until = now + shipped().lease(alert.tier, now)
    stays = alert.holder == worker and alert.offered_to != worker
    kept = alert if stays else unoffered(alert)
    taken = replace(kept, state="claimed", holder=worker, holder_name=name, claim=claim, claim_until=until)
    return replace(taken, next_page_at=until, closed_at=None, claimed_at=alert.claimed_at or now)


def unoffered(alert: Alert) -> Alert:
    return replace(alert, offered_to="", offered_name="")


def freed(alert: Alert, now: datetime) -> Alert:
    free = replace(alert, state="open", holder="", holder_name="", claim_until=None, next_page_at=now)
    return replace(unoffered(free), closed_at=None)


def woken(alert: Alert, now: datetime) -> Alert:
    first, breach = shipped().first(alert.tier, now), shipped().breach(alert.tier, now)
    fresh = replace(freed(alert, now), claimed_at=None, answered_at=None)
    return replace(fresh, level=0, breach_at=breach, next_page_at=first)
