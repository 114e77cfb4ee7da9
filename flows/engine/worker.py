"""A worker in the chat. The bot is quiet; exit, duress and danger words work as everywhere (SAFETY 25)."""

from __future__ import annotations

from msgspec.structs import replace

from flows.engine import crisis_plan, goals
from flows.engine.conversation import PlanItem, Session, Standing
from flows.engine.draft import Draft
from flows.engine.effects import Judged, Raise, Recorded, Send
from flows.engine.events import (
    Heard,
    WorkerCleared,
    WorkerGone,
    WorkerJoined,
    WorkerJudged,
    WorkerLeft,
    WorkerPlanned,
    WorkerRecorded,
    WorkerSaid,
    WorkerStaged,
)
from flows.engine.matching import words
from flows.engine.walk import walk
from flows.safety import recorded as facts
from flows.safety.judgement import refuses
from flows.safety.risk import worse, worst
from flows.text.canonical import canonical

LONGEST_SAID = 1000  # characters of a worker's message: seven SMS segments


def joined(draft: Draft, event: WorkerJoined) -> None:
    """Into the open session, or waiting for her to open it: a worker never opens her phone's chat.

    After a duress word the phone says that a worker is there only when the worker has confirmed it (SAFETY 14).
    """
    if draft.session is None or (draft.suspect and not event.confirmed):
        draft.memory = replace(draft.memory, worker_waits=event.staff)
        draft.note("worker_waits", event.staff)
        return
    enter(draft, event.staff)


def enter(draft: Draft, staff: str) -> None:
    draft.session = replace(draft.here, worker=staff, waiting=False)
    draft.memory = replace(draft.memory, worker_waits="")
    draft.note("worker_joined", staff)
    draft.own("engine/worker_here", kind="notice")


def said(draft: Draft, event: WorkerSaid) -> None:
    """A worker's own words, inside an open session only; the desk has refused everything else before."""
    session = draft.session
    if session is None or session.worker != event.staff or (draft.suspect and not event.confirmed):
        draft.note("worker_unheard", event.staff)
        return
    language = draft.shown.language
    version = draft.programme.catalogues.version(language)
    send = Send("worker/words", "", "session", language, words=event.text[:LONGEST_SAID], catalogue=version)
    draft.effects.append(send)


def left(draft: Draft, event: WorkerLeft) -> None:
    """Hand back to the bot: the flow goes on where it stood, or the menu comes."""
    draft.memory = replace(draft.memory, worker_waits="")
    draft.note("worker_left", event.staff)
    if draft.session is None or not (draft.session.worker or draft.session.waiting):
        return
    if draft.suspect and not draft.session.worker:
        return  # the phone never said that somebody was there
    _by_itself(draft, draft.session)


def _by_itself(draft: Draft, session: Session) -> None:
    draft.session = replace(session, worker="", waiting=False)
    draft.own("engine/worker_left", kind="notice")
    if draft.stack:
        walk(draft)


def gone(draft: Draft, event: WorkerGone) -> None:
    """Nobody reads her chat any more. She is told where it is open; else nobody is left over for when she opens it."""
    session = draft.session
    if draft.memory.worker_waits == event.staff:
        draft.memory = replace(draft.memory, worker_waits="")
    if session is None or session.worker != event.staff:
        return
    draft.note("worker_gone", event.staff)
    if not event.asked:
        _by_itself(draft, session)
        return
    draft.session = replace(session, worker="", waiting=True)
    draft.own("engine/worker_gone", kind="notice")


def cleared(draft: Draft, event: WorkerCleared) -> None:
    """It is her: what was done on her phone in the meantime is forgotten, and her own record is used again."""
    draft.memory, draft.stand_in = replace(draft.memory, verify_first=False), None
    if draft.session is not None:
        if draft.session.duress:  # what stands there as answered was never said
            draft.stack = [replace(frame, answers={}) for frame in draft.stack]
        draft.session = replace(draft.session, duress=False)
    draft.note("verified", event.staff)


def judged(draft: Draft, event: WorkerJudged) -> None:
    """Upward raises an alert as a rule would. Downward is kept beside the assessment; no alert closes by it."""
    instrument, tiers = draft.programme.instruments.get(event.instrument), draft.memory.tiers
    found = tiers.get(event.instrument)
    refused = refuses(instrument, found, event.instrument in tiers, event.tier, event.reason)
    if refused or instrument is None:  # the desk has said so to the worker
        draft.note("not_judged", event.staff)
        return
    name, tier = instrument.name, event.tier
    draft.effects.append(Judged(name, instrument.version, found, tier, event.reason.strip(), event.staff))
    draft.memory = replace(draft.memory, tiers=tiers | {name: tier})
    if worse(tier, found) and tier != "P3":
        said = (f"A worker judges {name} as {tier}", event.reason.strip())  # the first is the alert's title
        reasons = tuple(filter(None, said))
        draft.effects.append(Raise(tier, "risk", "risk", (f"judged.{name}",), reasons))
        draft.memory = replace(draft.memory, tier=worst(draft.memory.tier, tier))
        if draft.session is not None:
            draft.session = replace(draft.session, tier=worst(draft.session.tier, tier))


def planned(draft: Draft, event: WorkerPlanned) -> None:
    """An item of her plan, changed by a worker. Nothing of it reaches the phone."""
    item = crisis_plan.named(draft.plan, event.item)
    if item is None or crisis_plan.refuses(item, event):  # the desk has said so to the worker
        draft.note("not_planned", event.staff)
        return
    words = event.words.strip()
    crisis_plan.put(draft, PlanItem(item.name, event.status, words, draft.at, event.review_on), event.staff)


def staged(draft: Draft, event: WorkerStaged) -> None:
    """A stage of change beside her goal, for staff. Nothing of it reaches the phone or any condition of a flow."""
    if goals.refuses(draft.goals, event):  # the desk has said so to the worker
        draft.note("not_staged", event.staff)
        return
    goals.stage(draft, event)


def recorded(draft: Draft, event: WorkerRecorded) -> None:
    """For her next session: nothing reaches the phone now. What an order forbids does not come back when it ends."""
    if facts.refuses(draft.contact, draft.memory, event.fact, event.value):  # the desk has said so to the worker
        draft.note("not_recorded", event.staff)
        return
    gone = {event.fact, "negotiated_exit"} if event.fact == "no_contact_order" else {event.fact}
    standing = {fact: one for fact, one in draft.memory.recorded.items() if fact not in gone}
    if event.value:
        standing[event.fact] = Standing(event.value, event.staff, event.at)
    draft.memory = replace(draft.memory, recorded=standing)
    draft.effects.append(Recorded(event.fact, event.value, event.staff))


def heard(draft: Draft, event: Heard) -> None:
    """Her message to a worker. While nobody has joined the truth is told each time, and the menu is a way back."""
    if draft.session is None or draft.session.worker:
        return
    if canonical(event.text) in words(draft.programme, draft.contact.language, "words/menu"):
        draft.session = replace(draft.session, waiting=False)
        draft.leave_all()
        draft.start(draft.menu)
        walk(draft)
        return
    waiting(draft)


def waiting(draft: Draft) -> None:
    """The same line for every message, a duress word too, as long as no worker is there."""
    if draft.session is not None and not draft.session.worker:
        draft.own("engine/not_read_yet", kind="notice")
