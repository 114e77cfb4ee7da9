"""SAFETY 14: while somebody else may hold the phone, the chat runs on a made-up person who has nothing stored.

From a duress word until a worker clears it, whatever comes from the phone reads and changes the stand-in: what is shown
is nothing of hers, what is answered is not true of her, and what was set looks set. Her own record waits underneath,
where her timers and her workers go on with it. So no step of a flow need ask who is writing.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from flows.engine.conversation import Contact, Kept, Memory
from flows.engine.effects import Answered, Cancel, CancelSends, CodeMade, Effect, Noted, Raise, Schedule, Send, Wipe
from flows.safety.gate import WORDS
from flows.safety.hours import PRESETS, is_safe

# What the phone itself shows, and the words by which the gate knows her: all else of the record is hers.
SEEN = (
    "channel", "language", "cover", "zone", *WORDS,
    "exit_silent", "lock_says", "blank_signal", "duress_opens", "consent", "opted_out",
)  # fmt: skip
# What is true whoever writes: what her carrier does, and how often and by whom the chat was used.
OF_THE_PHONE = ("opted_out",)
OF_THE_CHAT = ("cover_turn", "ping_turn", "tries", "verify_first", "worker_waits")
SESSION_TIMER = "lock"
UNFILLED = Contact()


def blank(her: Kept, at: datetime) -> Kept:
    """Somebody who joined just now and agreed to nothing beyond it. What the phone itself shows is the same as before.

    Any hour is safe for her: the messages of the real rhythm go on, and none may prove a setting untrue.
    """
    seen = {name: getattr(her.contact, name) for name in SEEN}
    contact = Contact(**seen, windows=PRESETS["always"], programme_news="no")
    return with_what_is_shared(Kept(contact, (), (), Memory(joined_at=at)), her)


def with_what_is_shared(one: Kept, other: Kept) -> Kept:
    """`one`, with what is true whoever writes as `other` has it."""
    contact = replace(one.contact, **{name: getattr(other.contact, name) for name in OF_THE_PHONE})
    memory = replace(one.memory, **{name: getattr(other.memory, name) for name in OF_THE_CHAT})
    return Kept(contact, one.plan, one.goals, memory)


def leaves(effect: Effect, quiet: bool) -> bool:
    """Whether an effect of a turn on the stand-in is carried out: none that is about her record or her rhythm.

    `quiet`: it was ended, so that nothing is sent, as the last door of the storage has it for who really ended it.
    """
    if isinstance(effect, Schedule | Cancel):
        return effect.kind == SESSION_TIMER
    if isinstance(effect, Send):
        return not quiet
    return isinstance(effect, CancelSends | Wipe | Raise | Answered | Noted | CodeMade)


def was_told_silence(stand_in: Kept, at: datetime) -> bool:
    """Whether the phone was told that nothing comes by itself now. That is kept, for whoever made her ask for it."""
    contact = stand_in.contact
    paused = contact.paused_until is not None and at < contact.paused_until
    fewer = contact.rhythm_days > UNFILLED.rhythm_days
    return not contact.consent or paused or fewer or not is_safe(contact, at)
