"""One person, more than one phone: the chat moves by a code, and a phone that she has left is cover and nothing else.

SAFETY 13 to 15: what comes from a phone that is not hers now may be anybody's. It shows nothing, opens nothing and
takes nothing back; a worker hears of it.
"""

from __future__ import annotations

from msgspec.structs import replace

from flows.engine import due
from flows.engine.conversation import Left
from flows.engine.covering import cover, cover_there
from flows.engine.draft import Draft
from flows.engine.effects import CancelSends, CodeMade, PhoneMoved, Raise
from flows.engine.events import Heard, Moved
from flows.engine.rhythm import schedule_checkin
from flows.safety import gate
from flows.safety.risk import Fired, worst

ASKED_SUSPECT = "Asked for a code for another phone while somebody else may write: it moves nothing. Verify first."
MOVED = "Her chat has moved to another phone by a code. Verify first that it is her, and agree safe contact anew."
NOT_MOVED = "A code was used on another phone while somebody else may write: nothing moved. Verify, then make one."
WORD_THERE = "Her signal word came from a phone that she has left. Nothing opened there. Who has it now is not known."
DURESS = "Duress word: assume the aggressor is reading"
OLD_PHONE = "It came from a phone that she has left"


def code_made(draft: Draft, value: str) -> None:
    """She asked for a code in this session: it is in `draft.code`, for the message that shows it."""
    draft.effects.append(CodeMade(draft.code, good=not draft.suspect))
    draft.note("code_made")
    if draft.suspect:
        draft.task("task.move", ASKED_SUSPECT, "P2")


# a code was used


def moved(draft: Draft, event: Moved) -> None:
    """The session of before hides and is wiped, what waited for that phone is taken back, the new one is all cover.

    While somebody else may be writing it looks the same on the new phone, and nothing has moved.
    """
    draft.in_truth()
    draft.hide = "(code for another phone)"
    draft.note("code_used", event.staff)
    if draft.suspect or not event.good or not draft.contact.consent:
        _looks_moved(draft, event)
        return
    if draft.session is not None:
        due.hide(draft)
    else:
        draft.effects.append(CancelSends())
    _leave_behind(draft, event)
    draft.task("task.moved", MOVED, "P2")
    cover(draft)


def _leave_behind(draft: Draft, event: Moved) -> None:
    memory, was = draft.memory, draft.contact
    before = Left(was.channel, was.cover, was.language, memory.cover_turn, was.opted_out)
    left = {phone: one for phone, one in memory.left.items() if phone != event.phone} | {event.old: before}
    draft.memory = replace(memory, left=left, verify_first=True)
    # Who else reads the new phone is not known, nor is its carrier's word that of the old one.
    draft.contact = replace(was, channel=event.channel, opted_out=False, shared_phone="unknown", confirmed_at=None)
    draft.effects.append(PhoneMoved())
    if was.opted_out:
        schedule_checkin(draft)


def _looks_moved(draft: Draft, event: Moved) -> None:
    shown = draft.shown
    there = draft.memory.left.get(event.phone) or Left(event.channel, shown.cover, shown.language)
    draft.task("task.moved", NOT_MOVED, "P2")
    if draft.contact.consent:
        cover_there(draft, event.phone, there)


# what is written on a phone that she has left


def heard_there(draft: Draft, event: Heard) -> None:
    """Covered, and told to a worker where it is a word of hers or one of danger (SAFETY 14, 27, 28)."""
    draft.in_truth()
    rules, shown = draft.programme.rules, draft.shown
    left = draft.memory.left.get(event.left) or Left(shown.channel, shown.cover, shown.language)
    verdict = gate.judge_left(draft.contact, left, event, rules)
    draft.note("old_phone")
    for kind in event.media:
        draft.note("media", kind)
    if verdict in ("stopped", "started"):
        left = replace(left, stopped=verdict == "stopped")
        draft.memory = replace(draft.memory, left=draft.memory.left | {event.left: left})
    if verdict not in ("exit", "duress", "opens"):
        _danger(draft, event, left.language)
    _tell(draft, event, verdict)
    silent = verdict in ("ignored", "called") or (verdict == "exit" and draft.contact.exit_silent)
    if not (silent or left.stopped or gate.late(event, rules)):
        cover_there(draft, event.left, left)


def _danger(draft: Draft, event: Heard, language: str) -> None:
    seen = draft.programme.reader.read(event.text, language)
    if seen:
        draft.note("danger_words", " ".join(match.entry for match in seen))
        fired = (*(Fired(m.entry, m.tier, m.says) for m in seen),)
        where = Fired("old_phone", worst(*(m.tier for m in seen)) or "P2", OLD_PHONE)
        draft.alarm((*fired, where), tuple(m.words for m in seen))


def _tell(draft: Draft, event: Heard, verdict: gate.Verdict) -> None:
    if verdict == "duress":
        draft.hide = "(duress word)"
        draft.effects.append(Raise("P0", "duress", "duress", ("duress", "old_phone"), (DURESS, OLD_PHONE)))
        draft.memory = replace(draft.memory, verify_first=True)
    elif verdict == "opens":
        draft.hide = "(signal word)"
        draft.task("task.old_phone", WORD_THERE, "P2")
    elif verdict == "blank_signal":
        draft.alarm((Fired("blank_signal", "P1", "Sent the agreed blank text"), Fired("old_phone", "P1", OLD_PHONE)))
    elif verdict == "called":
        draft.alarm((Fired("missed_call", "P1", "Called and rang off, as agreed"), Fired("old_phone", "P1", OLD_PHONE)))
