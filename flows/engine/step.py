"""The one entry of the core: what has happened, to what is to be done. Pure: no clock, no random, no I/O.

gate → flow → effects. Everything that may be shown on her phone comes out of here as a message id.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from msgspec.structs import replace

from flows.engine import confirming, due, her_words, moving, safe_contact, sheets, worker
from flows.engine.answer import answer, calm, invite, once_more, picks, writes
from flows.engine.conversation import Contact, Conversation, Session
from flows.engine.covering import cover
from flows.engine.draft import Draft
from flows.engine.effects import CancelSends, Raise, Schedule, Turn
from flows.engine.events import (
    Due,
    Event,
    Heard,
    Joined,
    Moved,
    SheetAnswered,
    SheetBegun,
    SheetFinished,
    WorkerAsked,
    WorkerChanged,
    WorkerCleared,
    WorkerGone,
    WorkerJoined,
    WorkerJudged,
    WorkerLeft,
    WorkerPlanned,
    WorkerRecorded,
    WorkerResetWords,
    WorkerSaid,
    WorkerSetContact,
    WorkerStaged,
)
from flows.engine.matching import words
from flows.engine.programme import Programme
from flows.engine.rhythm import schedule_checkin
from flows.engine.walk import walk
from flows.safety import gate
from flows.safety.danger import HINT, Match
from flows.safety.risk import Fired, worst
from flows.text.canonical import canonical

LONGEST_HEARD = 1600  # characters kept of a message; all of it is read for danger words


def step(programme: Programme, conversation: Conversation, event: Event) -> Turn:  # noqa: C901 - one line a kind
    """Take one event. Never raises on any input of hers; an author's error lands on a safe message and a task."""
    draft = Draft(programme, conversation, event.at, event.fresh)
    if isinstance(event, WorkerCleared | WorkerChanged):  # what a worker does with her record, not on her phone
        draft.in_truth()
    match event:
        case Heard() if event.left:
            moving.heard_there(draft, event)
        case Heard():
            draft.code = event.code
            _heard(draft, event)
        case Moved():
            moving.moved(draft, event)
        case Due():
            due.fired(draft, event)
        case Joined():
            _joined(draft, event)
        case WorkerJoined():
            worker.joined(draft, event)
        case WorkerSaid():
            worker.said(draft, event)
        case WorkerLeft():
            worker.left(draft, event)
        case WorkerGone():
            _worker_gone(draft, event)
        case WorkerCleared():
            worker.cleared(draft, event)
        case WorkerJudged():
            worker.judged(draft, event)
        case WorkerPlanned():
            worker.planned(draft, event)
        case SheetBegun() | SheetAnswered() | SheetFinished():
            sheets.worked(draft, event)
        case WorkerRecorded():
            worker.recorded(draft, event)
        case WorkerStaged():
            worker.staged(draft, event)
        case WorkerSetContact():
            safe_contact.worker_set(draft, event)
        case WorkerResetWords():
            her_words.reset(draft, event)
        case WorkerAsked():
            confirming.worker_asked(draft, event)
        case _:
            assert_never(event)
    return draft.turn()


def _heard(draft: Draft, event: Heard) -> None:
    seen = draft.programme.reader.read(event.text, draft.contact.language)
    event = replace(event, text=event.text[:LONGEST_HEARD]) if len(event.text) > LONGEST_HEARD else event
    now, rules = _now(draft), draft.programme.rules
    if event.call:
        draft.hide = "(missed call)"
    if gate.idle(now, draft.at, rules):
        due.lock(draft)
        now = _now(draft)
    draft.mute = gate.late(event, rules)
    verdict = gate.judge(now, event, rules, draft.underneath)
    draft.apart = verdict in ("session", "edited", "late") and draft.independent
    if seen:
        hers = verdict in ("exit", "duress", "opens", "code") or (draft.mute and _is_signal(draft, event))
        if hers or (verdict == "session" and picks(draft, event)):
            seen = ()  # a word of hers, or a choice typed out: the rules weigh what it answers
        if verdict == "worker" or (verdict == "session" and writes(draft)):
            seen = tuple(match for match in seen if match.entry != HINT.id)  # a hint needs an unasked message
        _danger(draft, seen)
    for kind in event.media:
        draft.note("media", kind)
    if draft.session is not None and not draft.mute and not event.call:
        draft.session = replace(draft.session, heard_at=draft.at)
    if verdict != "duress" and any(gate.is_duress(each, event) for each in _records(draft)):
        _warn(draft)  # it shows as what it was made to mean since, and warns all the same
    VERDICTS[verdict](draft, event, seen)


def _records(draft: Draft) -> tuple[Contact, ...]:
    """Those by whose words a message is read."""
    return (draft.contact,) if draft.underneath is None else (draft.contact, draft.underneath.contact)


def _is_signal(draft: Draft, event: Heard) -> bool:
    return any(gate.is_signal(each, event, draft.programme.rules) for each in _records(draft))


def _now(draft: Draft) -> Conversation:
    plan, memory = draft.plan, draft.memory
    return Conversation(draft.person, draft.contact, draft.session, plan, memory, draft.turns, draft.goals)


def _danger(draft: Draft, seen: tuple[Match, ...]) -> None:
    """Danger words raise in every state and never lower (SAFETY 28)."""
    if seen:
        draft.note("danger_words", " ".join(match.entry for match in seen))
        fired = tuple(Fired(m.entry, m.tier, m.says) for m in seen)
        draft.alarm(fired, () if draft.apart else tuple(m.words for m in seen))


# what each verdict of the gate does


def _exit(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    """SAFETY 18: in the same turn everything of the session is gone, and nothing is asked afterwards."""
    if draft.session is None:
        draft.effects.append(CancelSends())
    else:
        due.hide(draft)
    draft.note("exit")
    if not draft.contact.exit_silent:
        cover(draft)


def _duress(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    """SAFETY 14: staff see everything, the phone shows nothing. What follows is what 'all is fine' would give."""
    _warn(draft)
    draft.doubt()
    if draft.session is None:
        _duress_closed(draft)
        return
    draft.session = replace(draft.session, duress=True)
    calm(draft)
    if draft.mute:
        return
    if draft.session.worker or draft.session.waiting:
        worker.waiting(draft)
        return
    answer(draft, event, fine=True)


def _warn(draft: Draft) -> None:
    draft.hide = "(duress word)"
    reasons = ("Duress word: assume the aggressor is reading",)
    draft.effects.append(Raise("P0", "duress", "duress", ("duress",), reasons))
    draft.note("duress")
    draft.memory = replace(draft.memory, verify_first=True)


def _duress_closed(draft: Draft) -> None:
    if draft.mute or not draft.contact.duress_opens or draft.contact.opted_out:
        cover(draft)
        return
    _open(draft)
    invite(draft)


def _opens(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    draft.hide = "(signal word)"
    draft.memory = replace(draft.memory, tries=gate.forgive(draft.memory.tries, draft.at))
    if not draft.consented and draft.suspect:
        draft.task(
            "task.back_suspect", "Asked to be let in again, but somebody else may be writing: verify first", "P2"
        )
        return
    if gate.by_keyword(draft.contact, event) and draft.has_stored:
        draft.memory = replace(draft.memory, verify_first=True)
    if not draft.contact.consent:
        draft.contact = replace(draft.contact, consent="self")
    _open(draft)
    if draft.memory.worker_waits and not draft.suspect:
        worker.enter(draft, draft.memory.worker_waits)
        return
    invite(draft)


def _open(draft: Draft) -> None:
    confirming.opened(draft)
    draft.session = Session(draft.fresh, draft.at, draft.at, duress=draft.suspect)
    lock_at = draft.at + draft.programme.rules.idle_lock
    draft.effects.append(Schedule("lock", lock_at, draft.fresh))
    draft.note("opened")


def _covered(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    """Closed: the cover keeps going, whatever came. Wrong words are counted without any sign (SAFETY 13, 17)."""
    her_words.count_try(draft)
    cover(draft)


def _deaf(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    """Her signal word, too soon after many wrong ones. It is no wrong one itself: her patience must count."""
    draft.hide = "(signal word)" if _is_signal(draft, event) else her_words.CODE
    cover(draft)


def _code(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    """A worker's code for new words: she comes in and chooses them. While it may not be her: a cover, and a task."""
    draft.hide = her_words.CODE
    if draft.suspect:
        draft.task("task.words", her_words.CODE_SUSPECT, "P2")
        cover(draft)
        return
    draft.memory = replace(draft.memory, tries=gate.forgive(draft.memory.tries, draft.at))
    _open(draft)
    her_words.came_by_code(draft)
    draft.start(her_words.FLOW if her_words.FLOW in draft.programme.flows else draft.menu)
    walk(draft)


def _blank_signal(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    """SAFETY 16: an empty text is the signal that she agreed with her worker."""
    draft.alarm((Fired("blank_signal", "P1", "Sent the agreed blank text"),))
    cover(draft)


def _called(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    """SAFETY 16: a call that nobody takes, in any state. No text follows it, so whoever calls to try learns nothing."""
    draft.alarm((Fired("missed_call", "P1", "Called and rang off, as agreed"),))


def _stopped(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    due.stopped(draft)


def _started(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    draft.in_truth()  # her carrier says so, whoever wrote it
    draft.changer = ("carrier", "")
    draft.contact = replace(draft.contact, opted_out=False)
    draft.note("started")
    schedule_checkin(draft)
    cover(draft)


def _late(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    """Taken long after she wrote it: kept for a worker, who hears sooner where she had asked for somebody."""
    signal = _is_signal(draft, event)
    if signal:
        draft.hide = "(signal word)"
    said = f"{event.said or draft.at:%d %b %H:%M} UTC"
    draft.note("late", said)
    talk = canonical(event.text) in words(draft.programme, draft.contact.language, "words/talk")
    what = " It was her signal word." if signal else " She asked for a person." if talk else ""
    reason = f"Wrote at {said} while the service was down; nothing was answered.{what}"
    draft.task("task.wrote_late", reason, "P1" if what else "P2")


def _ignored(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    draft.note("ignored")


def _session(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    worst_seen = worst(*(m.tier for m in seen))
    answer(draft, event, heard=worst_seen in ("P0", "P1"))


def _edited(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    """Which answer she corrects cannot be known, so it answers nothing here and a worker looks (SAFETY 27)."""
    draft.task("task.edited", "Changed a message that was sent before: it may be the correction of an answer", "P2")
    once_more(draft, "engine/again")


def _with_worker(draft: Draft, event: Heard, seen: tuple[Match, ...]) -> None:
    worker.heard(draft, event)


VERDICTS: dict[gate.Verdict, Callable[[Draft, Heard, tuple[Match, ...]], None]] = {
    "stopped": _stopped,
    "started": _started,
    "exit": _exit,
    "duress": _duress,
    "opens": _opens,
    "deaf": _deaf,
    "code": _code,
    "edited": _edited,
    "blank_signal": _blank_signal,
    "called": _called,
    "cover": _covered,
    "late": _late,
    "ignored": _ignored,
    "session": _session,
    "worker": _with_worker,
}


def _worker_gone(draft: Draft, event: WorkerGone) -> None:
    """A chat that should have hidden itself by now, while the service was down, hides: then nothing is said."""
    if gate.idle(_now(draft), draft.at, draft.programme.rules):
        due.lock(draft)
    worker.gone(draft, event)


def _joined(draft: Draft, event: Joined) -> None:
    """A stranger's first right word: she may be answered from here on, in one session, by the joining flow."""
    rules = draft.programme.rules
    draft.contact = replace(
        draft.contact,
        channel=event.channel,
        language=event.language,
        zone=event.zone,
        cover=rules.cover,
        consent=event.basis,
    )
    draft.hide = "(joining code)"
    _open(draft)
    draft.start(rules.joining)
    walk(draft)
