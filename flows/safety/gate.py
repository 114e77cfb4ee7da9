"""The gate: what a message from the phone may do. Every dangerous rule stands here, for one reviewer to read.

Closed is the rule. A session is the time between a right signal word and the next exit, lock or end (SAFETY 13 to 21).
Order matters: an exit works before anything else, a duress word before the signal word, both in every state.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec.structs import replace

from flows.engine.conversation import Contact, Conversation, Kept, Left, Memory
from flows.engine.events import Heard
from flows.engine.programme import Rules
from flows.text.canonical import canonical, near

Verdict = Literal[
    "stopped", "started", "exit", "duress", "opens", "deaf", "blank_signal", "called", "cover", "late", "ignored",
    "edited", "session", "worker", "code",
]  # fmt: skip

Fit = Literal["fits", "unfit", "taken", "alike"]

# Words that carriers catch and block on, as the whole message (FACTS.md, Twilio): never offered, always understood.
STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START_WORDS = frozenset({"start", "unstop", "yes"})
HELP_WORDS = frozenset({"help", "info"})  # some carriers answer these themselves
# SAFETY 18. Canonical forms: case, spaces and punctuation are gone before the comparison.
CROSSES = frozenset("xх×✕✖✗✘❌❎")  # one or many of them, mixed as they come
GUESSES = 8  # wrong words in GUESSING before the signal word is deaf for QUIET; a recipient seldom errs three times
GUESSING = timedelta(minutes=10)
QUIET = timedelta(minutes=5)
SLOW_GUESSES = 20  # the same for who takes their time: no more than this many wrong words in SLOW_GUESSING
SLOW_GUESSING = timedelta(hours=24)
SLOW_QUIET = timedelta(minutes=30)  # longer, and still short enough for her to wait out
SHORTEST = 4  # letters of a word of hers: in shorter ones a slip is another word, and there are few of them to try


WORDS = ("signal", "duress", "duress_before", "exit")  # of a record: by these the gate knows her
# Where words of hers and words of a stand-in mean two things, the first of these: she is shut out by none.
CLOSED_FIRST: tuple[Verdict, ...] = ("opens", "deaf", "code", "duress", "exit")
OPEN_FIRST: tuple[Verdict, ...] = ("exit", "duress")


def judge(conversation: Conversation, event: Heard, rules: Rules, beneath: Kept | None = None) -> Verdict:
    """What this message is. The conversation is as it stands now: call `idle` first and lock.

    `beneath`: her own record, where the conversation is a stand-in's. Words that were chosen there work there, and
    beside them hers go on to work, for what opens now is the stand-in's chat in any case (SAFETY 14).
    """
    if event.call:
        return "called" if conversation.contact.blank_signal and conversation.contact.consent else "ignored"
    verdict = _read(conversation, event, rules)
    if beneath is None:
        return verdict
    contact = replace(conversation.contact, **{name: getattr(beneath.contact, name) for name in WORDS})
    memory = replace(conversation.memory, reset=beneath.memory.reset)
    hers = _read(replace(conversation, contact=contact, memory=memory), event, rules)
    first = CLOSED_FIRST if conversation.session is None else OPEN_FIRST
    return next((each for each in first if each in (verdict, hers)), verdict)


def _read(conversation: Conversation, event: Heard, rules: Rules) -> Verdict:
    word = canonical(event.text)
    contact = conversation.contact
    if event.carrier == "stop" or (contact.channel == "sms" and event.text.strip().lower() in STOP_WORDS):
        return "stopped"
    if contact.opted_out:
        return _opted_out(contact, event, word)
    if is_exit(contact, event, word):
        return "exit"
    if is_duress(contact, event):
        return "duress"
    if not contact.consent and word != canonical(rules.keyword):
        return "ignored"  # she declined: nothing is sent any more, unless she asks again
    if late(event, rules):
        return "blank_signal" if conversation.session is None and _is_blank_signal(contact, event) else "late"
    if not contact.consent:
        return "opens"
    if conversation.session is None:
        return _closed(conversation, event, rules)
    if conversation.mode == "worker":
        return "worker"
    return "edited" if event.edited else "session"


def _opted_out(contact: Contact, event: Heard, word: str) -> Verdict:
    """Nothing reaches her, but what she says must still reach a worker."""
    if is_duress(contact, event):
        return "duress"
    if _is_blank_signal(contact, event):
        return "blank_signal"
    return "started" if event.carrier == "start" or word in START_WORDS else "ignored"


def _closed(conversation: Conversation, event: Heard, rules: Rules) -> Verdict:
    contact = conversation.contact
    if event.edited:
        return "ignored"
    if is_signal(contact, event, rules):
        return "deaf" if contact.signal and deaf(conversation.memory.tries, event.at) else "opens"
    if is_code(conversation.memory, event):
        return "deaf" if deaf(conversation.memory.tries, event.at) else "code"
    return "blank_signal" if _is_blank_signal(contact, event) else "cover"


def judge_left(contact: Contact, left: Left, event: Heard, rules: Rules) -> Verdict:
    """What a message is that came from a phone which she has left: to be covered, whatever it says, and told.

    Nothing there opens, exits or ends anything: her carrier's words count for that phone alone.
    """
    word = canonical(event.text)
    if event.call:
        return "called" if contact.blank_signal and contact.consent else "ignored"
    if event.carrier == "stop" or (left.channel == "sms" and event.text.strip().lower() in STOP_WORDS):
        return "stopped"
    if left.stopped and (event.carrier == "start" or word in START_WORDS):
        return "started"
    if is_duress(contact, event):
        return "duress"
    if is_exit(contact, event, word):
        return "exit"
    if not contact.consent:
        return "ignored"
    if is_signal(contact, event, rules):
        return "opens"
    if event.edited:
        return "ignored"
    return "blank_signal" if _is_blank_signal(contact, event) else "cover"


def _is(event: Heard, word: str) -> bool:
    """`word` is a keyed hash of hers, '' where she chose none."""
    return bool(event.mac) and event.mac == word


def _is_blank_signal(contact: Contact, event: Heard) -> bool:
    return contact.blank_signal and not event.text.strip() and not event.media and event.button is None


def late(event: Heard, rules: Rules) -> bool:
    """Written so long before it was taken that the session it was meant for would have locked itself.

    The phone may be in other hands by now: it is weighed and kept, opens and answers nothing, and nothing is sent.
    """
    return event.said is not None and event.at - event.said >= rules.idle_lock


def is_signal(contact: Contact, event: Heard, rules: Rules) -> bool:
    """Her signal word, or the keyword that opens as long as she has chosen none."""
    return _is(event, contact.signal) or (not contact.signal and canonical(event.text) == canonical(rules.keyword))


def is_duress(contact: Contact, event: Heard) -> bool:
    """The one before as well: out of habit she may write it, and who else does has watched her."""
    return _is(event, contact.duress) or _is(event, contact.duress_before)


def is_code(memory: Memory, event: Heard) -> bool:
    """A worker's code for new words, while it is open."""
    return memory.reset is not None and _is(event, memory.reset.mac) and event.at <= memory.reset.until


def by_keyword(contact: Contact, event: Heard) -> bool:
    """Whether what opened was no word of hers, but the public one: anybody may know it."""
    return not _is(event, contact.signal)


def is_exit(contact: Contact, event: Heard, word: str) -> bool:
    """Near misses of her own exit word exit too: leaving by mistake costs nothing, staying by mistake may.

    Not where they are her signal or duress word: those she chose to mean something else.
    """
    if is_cross(word) or (contact.exit and word == contact.exit):
        return True
    if _is(event, contact.signal) or is_duress(contact, event):
        return False
    # "stop!!" is no word that a carrier acts on; whoever writes it wants this to be over.
    return near(word, contact.exit) or (contact.channel == "sms" and word in STOP_WORDS)


def is_cross(word: str) -> bool:
    return bool(word) and CROSSES.issuperset(word)


def idle(conversation: Conversation, at: datetime, rules: Rules) -> bool:
    """Whether the session has been silent so long that it must be locked."""
    session = conversation.session
    if session is None:
        return False
    return at - session.heard_at >= (rules.worker_lock if conversation.mode == "worker" else rules.idle_lock)


def deaf(tries: tuple[datetime, ...], at: datetime) -> bool:
    """After too many wrong words the signal word does nothing for a while, without any sign (SAFETY 17)."""
    if not tries:
        return False
    quiet = SLOW_QUIET if guessing_slowly(tries) else QUIET if guessing(tries) else timedelta()
    return at - tries[-1] < quiet


def remember_try(tries: tuple[datetime, ...], at: datetime) -> tuple[datetime, ...]:
    """The wrong words that still count, this one included, oldest first."""
    return (*(t for t in tries if at - t < SLOW_GUESSING), at)[-SLOW_GUESSES:]


def forgive(tries: tuple[datetime, ...], at: datetime) -> tuple[datetime, ...]:
    """What still counts once the right word came: what was slipped on the way to it does not."""
    return tuple(t for t in tries if at - t >= GUESSING)


def guessing(tries: tuple[datetime, ...]) -> bool:
    return sum(tries[-1] - t < GUESSING for t in tries) >= GUESSES if tries else False


def guessing_slowly(tries: tuple[datetime, ...]) -> bool:
    return sum(tries[-1] - t < SLOW_GUESSING for t in tries) >= SLOW_GUESSES if tries else False


def fit_word(
    word: str, others: tuple[str, ...] = (), listed: frozenset[str] = frozenset(), known: frozenset[str] = frozenset()
) -> Fit:
    """Whether a canonical word may serve as signal, duress or exit word, and if not which way to mend it.

    `unfit`: under SHORTEST letters, or digits only, which answer menus. `taken`: what carriers catch, the built-in
    exits, what is `listed` as meaning something in an open chat, and what others may `known`ly try. `alike`: one of
    her `others`, or a slip away from one.
    """
    if len(word) < SHORTEST or word.isdigit():
        return "unfit"
    meant = listed | HELP_WORDS
    if (
        is_cross(word)
        or word in STOP_WORDS | START_WORDS | known
        or any(word == each or near(word, each) for each in meant)
    ):
        return "taken"
    return "alike" if any(word == other or near(word, other) for other in others) else "fits"
