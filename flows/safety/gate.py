"""The gate: what a message from the phone may do. Every dangerous rule stands here, for one reviewer to read.

Closed is the rule. A session is the time between a right signal word and the next exit, lock or end (SAFETY 13 to 21).
Order matters: an exit works before anything else, a duress word before the signal word, both in every state.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from flows.engine.conversation import Conversation
from flows.engine.events import Heard
from flows.engine.programme import Rules
from flows.text.canonical import canonical, near

Verdict = Literal[
    "stopped", "started", "exit", "duress", "opens", "blank_signal", "cover", "ignored", "session", "worker"
]  # fmt: skip

# Words that carriers catch and block on (FACTS.md, Twilio): never offered, always understood.
STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START_WORDS = frozenset({"start", "unstop"})
# SAFETY 18. Canonical forms: case, spaces and punctuation are gone before the comparison.
EXITS = frozenset({"x", "xx", "xxx", "❌", "✖", "✕", "×", "❎", "х", "хх"})
GUESSES = 8  # wrong words in GUESSING before the signal word is deaf for QUIET; a recipient seldom errs three times
GUESSING = timedelta(minutes=10)
QUIET = timedelta(minutes=5)


def judge(conversation: Conversation, event: Heard, rules: Rules) -> Verdict:
    """What this message is. The conversation is as it stands now: call `idle` first and lock."""
    word = canonical(event.text)
    contact = conversation.contact
    if contact.channel == "sms" and word in STOP_WORDS:
        return "stopped"
    if contact.opted_out:
        return "started" if word in START_WORDS else "ignored"
    if is_exit(conversation, word):
        return "exit"
    if event.mac and event.mac == contact.duress:
        return "duress"
    if not contact.consent:  # she declined: nothing is sent any more, unless she asks again
        return "opens" if conversation.session is None and word == canonical(rules.keyword) else "ignored"
    if conversation.session is not None:
        return "worker" if conversation.mode == "worker" else "session"
    return _closed(conversation, event, word, rules)


def _closed(conversation: Conversation, event: Heard, word: str, rules: Rules) -> Verdict:
    contact = conversation.contact
    if event.edited:
        return "ignored"
    if event.mac and event.mac == contact.signal:
        return "cover" if deaf(conversation, event.at) else "opens"
    if not contact.signal and word == canonical(rules.keyword):
        return "opens"
    if contact.blank_signal and not event.text.strip() and not event.media and event.button is None:
        return "blank_signal"
    return "cover"


def is_exit(conversation: Conversation, word: str) -> bool:
    """Near misses of her own exit word exit too: leaving by mistake costs nothing, staying by mistake may."""
    own = conversation.contact.exit
    return word in EXITS or (bool(own) and (word == own or near(word, own)))


def idle(conversation: Conversation, at: datetime, rules: Rules) -> bool:
    """Whether the session has been silent so long that it must be locked."""
    session = conversation.session
    if session is None:
        return False
    return at - session.heard_at >= (rules.worker_lock if conversation.mode == "worker" else rules.idle_lock)


def deaf(conversation: Conversation, at: datetime) -> bool:
    """After GUESSES wrong words the signal word does nothing for a while, without any sign (SAFETY 17)."""
    tries = conversation.memory.tries
    return len(tries) >= GUESSES and at - tries[-1] < QUIET


def remember_try(tries: tuple[datetime, ...], at: datetime) -> tuple[datetime, ...]:
    """The wrong words that still count, this one included."""
    return (*(t for t in tries if at - t < GUESSING), at)[-GUESSES:]


def fit_word(word: str, others: tuple[str, ...]) -> bool:
    """Whether a canonical word may serve as signal, duress or exit word.

    At least four letters, no digits only (a menu answer), none that carriers catch, none of the built-in exits.
    """
    reserved = word in STOP_WORDS or word in START_WORDS or word in EXITS or word in {"yes", "help", "info"}
    clashes = any(word == other or near(word, other) for other in others)
    return len(word) >= 4 and not word.isdigit() and not reserved and not clashes
