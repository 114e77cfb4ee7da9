"""What happens when one of her timers fires: the cover ping of a check-in, a missed one, the idle lock."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from flows.engine import confirming, looking, watching
from flows.engine.conversation import Contact, Watch
from flows.engine.draft import Draft
from flows.engine.effects import Cancel, CancelSends, Raise, Schedule, Wipe
from flows.engine.events import Due
from flows.engine.model import Tier
from flows.engine.persona import pick
from flows.engine.rhythm import schedule_checkin
from flows.engine.stand_in import was_told_silence
from flows.safety.hours import is_safe, next_safe

SOONEST = timedelta(seconds=1)  # before the same timer may fire again, whatever was rounded on the way
BUSY = timedelta(hours=1)  # a ping that falls into an open session waits this long
STOPPED = "Texted a carrier's stop word: no text reaches her now. Use another agreed way."
TOLD_SILENCE = (
    "A check-in is due, but her phone was told under duress that nothing comes, so nothing was sent. "
    "Reach her in another agreed way."
)


def fired(draft: Draft, event: Due) -> None:
    """A timer of an unknown kind is an operator's matter: the storage refuses to write one."""
    draft.changer = ("clock", "")
    if event.kind != "lock":
        draft.in_truth()  # her rhythm goes on, whatever was done on her phone under duress
    if event.kind == "checkin":
        _checkin(draft)
    elif event.kind == "missed":
        _missed(draft)
    elif event.kind == watching.TIMER:
        _watch(draft)
    elif event.kind == "lock":
        _lock(draft, event)
    elif event.kind == "stopped" and not draft.contact.opted_out:
        stopped(draft)
    elif event.kind == confirming.TIMER:
        confirming.fell_due(draft, event.key)


# the check-in


def _checkin(draft: Draft) -> None:
    contact = draft.contact
    if not contact.consent or contact.opted_out:
        return
    confirming.begin(draft)
    later = _not_now(draft)
    if later is not None:
        draft.effects.append(Schedule("checkin", later))
        return
    if not contact.windows or not is_safe(contact, draft.at):
        draft.task(
            "task.no_safe_hours", "A check-in is due but there are no safe hours to send its cover message in", "P2"
        )
        return
    if contact.paused_until is not None:
        draft.contact = replace(contact, paused_until=None)
    schedule_checkin(draft)
    if draft.memory.pinged_at is not None:
        return  # the last one is unanswered: her rule for a missed one runs, and a new ping must not reset it
    ping(draft)
    draft.memory = replace(draft.memory.answered(), pinged_at=draft.at)
    wait(draft, draft.at + timedelta(hours=contact.missed_after_hours))


def _not_now(draft: Draft) -> datetime | None:
    """When to try again: after a pause, after this session, or when her window opens."""
    contact = draft.contact
    if contact.paused_until is not None and contact.paused_until > draft.at:
        return next_safe(contact, contact.paused_until)
    if draft.session is not None:
        return next_safe(contact, draft.at + BUSY)
    return None if is_safe(contact, draft.at) else next_safe(contact, draft.at)


def ping(draft: Draft) -> None:
    """An unasked cover message: harmless, of the reviewed set of her cover, inside her safe hours only (SAFETY 6).

    None where whoever made her ask for silence under duress was told that there is: a worker reaches her otherwise.
    """
    if draft.stand_in is not None and was_told_silence(draft.stand_in, draft.at):
        draft.task("task.told_silence", TOLD_SILENCE, "P2")
        return
    _unasked_cover(draft)


def _unasked_cover(draft: Draft) -> None:
    pings = draft.programme.cover(draft.shown).pings
    message, english = pick(pings, draft.person, draft.memory.ping_turn)
    draft.memory = replace(draft.memory, ping_turn=draft.memory.ping_turn + 1)
    draft.say(message, english, "cover", asked_for=False)


# the missed check-in


def _missed(draft: Draft) -> None:
    """Her own ladder: quiet retries in her safe windows, then a worker. Nothing is said on the phone (SAFETY 23)."""
    memory, contact = draft.memory, draft.contact
    if memory.pinged_at is None:
        return
    if memory.missed_due is not None and draft.at < memory.missed_due:
        wait(draft, memory.missed_due)  # the clock was put back, or the timer is of what was agreed before
        return
    sent = max(memory.retries, int(memory.retried))
    if contact.missed_rule == "retry_then_worker" and sent < contact.missed_retries and _retry(draft, memory.pinged_at):
        return
    tier: Tier = "P1" if memory.tier in ("P0", "P1") else "P2"
    reason = f"No answer to the check-in of {memory.pinged_at:%d %b %H:%M} UTC. Her rule: {contact.missed_rule}"
    quiet = contact.missed_rule == "nothing" and tier == "P2"
    reasons = (reason, *looking.wishes(contact))
    draft.effects.append(Raise("P3" if quiet else tier, "missed", "missed", ("missed_checkin",), reasons))
    draft.note("missed_checkin")
    draft.memory = replace(memory.answered(), verify_first=True)


def wait(draft: Draft, until: datetime) -> None:
    """The next step of her ladder, in whole seconds: no rounding on the way makes its timer fire before it."""
    until = until.replace(microsecond=0)
    draft.memory = replace(draft.memory, missed_due=until)
    draft.effects.append(Schedule("missed", until))


def _retry(draft: Draft, pinged: datetime) -> bool:
    """One more quiet message, now or in her next window. False where none may go before a worker must look."""
    contact, last = draft.contact, pinged + looking.LONGEST_WAIT
    if contact.opted_out or not contact.windows or draft.at >= last:
        return False
    later = _not_now(draft)
    if later is not None and later < last:
        wait(draft, later)
        return True
    if not is_safe(contact, draft.at):
        return False
    ping(draft)
    memory = draft.memory
    draft.memory = replace(memory, retried=True, retries=max(memory.retries, int(memory.retried)) + 1)
    wait(draft, min(draft.at + timedelta(hours=contact.missed_after_hours), last))
    return True


# her carrier's stop


def stopped(draft: Draft) -> None:
    """Her carrier blocks us from here on: nothing can be sent, so a worker must find another way."""
    if draft.session is not None:
        hide(draft)
    draft.effects.append(CancelSends())
    draft.changer = ("carrier", "")
    draft.contact = replace(draft.contact, opted_out=True)
    draft.note("stopped")
    reasons = (STOPPED, looking.other_way(draft.contact))
    draft.effects.append(Raise("P2", "task", "task.stopped", ("task.stopped",), reasons))


# a time that she set herself


def _watch(draft: Draft) -> None:
    """A quiet ping, a while of grace, then a worker. At once where no ping may go, or where it comes too late.

    Neither an exit, an end nor a stop takes it back: only her own word does, and not while somebody else may write.
    """
    watch, grace = draft.memory.watch, draft.programme.rules.watch_grace
    if watch is None or watch.told:
        return
    waits_till = watch.until if watch.asked_at is None else watch.asked_at + grace
    if draft.at < waits_till:  # the clock was put back, or the timer is of a time that she has changed since
        draft.effects.append(Schedule(watching.TIMER, waits_till))
        return
    if watch.asked_at is None and draft.at - watch.until < grace and _may_ask(draft):
        if draft.session is None:
            ping(draft)
        asked = replace(watch, asked_at=draft.at.replace(microsecond=0))
        draft.memory = replace(draft.memory, watch=asked)
        draft.effects.append(Schedule(watching.TIMER, draft.at.replace(microsecond=0) + grace))
        return
    _not_back(draft, watch)


def _may_ask(draft: Draft) -> bool:
    """Whether a ping may go now. In an open chat none is needed: she was asked there when she opened it."""
    if draft.suspect:
        return False
    return draft.session is not None or _may_ping(draft.contact, draft.at)


def _may_ping(contact: Contact, at: datetime) -> bool:
    paused = contact.paused_until is not None and contact.paused_until > at
    return bool(contact.consent) and not (contact.opted_out or paused) and is_safe(contact, at)


def _not_back(draft: Draft, watch: Watch) -> None:
    reason = f"Asked to be looked out for until {watch.until:%d %b %H:%M} UTC, and has not said that she is back."
    saw = (watch.words,) if watch.words else ()
    reasons = (reason, *looking.wishes(draft.contact))
    draft.effects.append(Raise("P1", "missed", "watch", ("watch.not_back",), reasons, saw))
    draft.note("not_back")
    draft.memory = replace(draft.memory, watch=replace(watch, told=True), verify_first=True)


# the idle lock


def _lock(draft: Draft, event: Due) -> None:
    """The timer is set once a session: when it fires early, because she wrote since, it is set again."""
    session = draft.session
    if session is None or session.id != event.key:
        return
    rules = draft.programme.rules
    wait = rules.worker_lock if session.worker or session.waiting else rules.idle_lock
    if draft.at - session.heard_at < wait:
        again = max(session.heard_at + wait, draft.at + SOONEST)
        draft.effects.append(Schedule("lock", again, session.id))
        return
    lock(draft)
    if draft.contact.lock_says:
        _unasked_cover(draft)  # unasked: the last door keeps it inside her safe hours


def lock(draft: Draft) -> None:
    """An idle session hides by itself and sends nothing (SAFETY 21)."""
    hide(draft)
    draft.note("locked")


def hide(draft: Draft) -> None:
    """Close the session: what waits is cancelled, what was said is wiped where that is possible."""
    session = draft.here
    draft.leave_all()
    draft.effects += [CancelSends(), Cancel("lock", session.id), Wipe(session.id)]
    if session.worker:
        draft.memory = replace(draft.memory, worker_waits=session.worker)
    draft.session = None
