"""Fields of her record that an answer may fill (`into:`) and that a flow may set (`set:`): one closed table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from flows.engine import confirming, crisis_plan, goals
from flows.engine.conversation import Contact, Value
from flows.engine.draft import Draft
from flows.engine.effects import Cancel, Recorded
from flows.engine.events import Heard
from flows.engine.matching import Answer
from flows.engine.rhythm import schedule_checkin
from flows.safety.gate import fit_word
from flows.safety.hours import PRESETS
from flows.safety.recorded import VALUES
from flows.text.canonical import canonical

YES = frozenset({"yes", "true", "on"})
SHOWN = "plan.shown"  # the item of her plan that the flow showed last; `set` to RIGHT: looked at, and it stands
RIGHT = "right"
LEADS_ON = "more"  # a choice that asks on in a second question, where the first has no room: it fills nothing
ENOUGH = "enough"  # a choice that leaves: it fills nothing either
FILLS_NOTHING = (LEADS_ON, ENOUGH)
LEFT = "Asked for everything to stop. Nothing is sent any more."
LEFT_SUSPECT = "Asked for everything to stop while somebody else may write. Her phone is quiet, her record stands."
Fill = Callable[[Contact, str, datetime], Contact]  # the record, what was answered, now
MOST_PAUSE = 90  # days: a longer silence is agreed with a worker
MOST_DAYS = 31  # the slowest rhythm: contact is confirmed again every 30 days (SAFETY 3)


class Unfit(ValueError):
    """The answer cannot stand in that field; the question is asked again."""


def _with(contact: Contact, field: str, value: Any) -> Contact:
    return replace(contact, **{field: value})


def _text(field: str) -> Fill:
    return lambda contact, value, at: _with(contact, field, value[:200])


def _flag(field: str) -> Fill:
    return lambda contact, value, at: _with(contact, field, value in YES)


def _count(field: str, most: int) -> Fill:
    def fill(contact: Contact, value: str, at: datetime) -> Contact:
        if not value.isdecimal() or not 1 <= int(value) <= most:
            raise Unfit(field)
        return _with(contact, field, int(value))

    return fill


def _hours(contact: Contact, value: str, at: datetime) -> Contact:
    if value not in PRESETS:
        raise Unfit("hours")
    return replace(contact, windows=PRESETS[value])


def _pause(contact: Contact, value: str, at: datetime) -> Contact:
    """So many days without a cover message from now on; 0 ends a pause."""
    if not value.isdecimal() or int(value) > MOST_PAUSE:
        raise Unfit("pause_days")
    return replace(contact, paused_until=at + timedelta(days=int(value)) if int(value) else None)


FIELDS: dict[str, Fill] = {
    "contact.language": _text("language"),
    "contact.cover": _text("cover"),
    "contact.hours": _hours,
    "contact.shared_phone": _text("shared_phone"),
    "contact.may_read": _text("may_read"),
    "contact.voicemail": _text("voicemail"),
    "contact.rhythm_days": _count("rhythm_days", MOST_DAYS),
    "contact.missed_rule": _text("missed_rule"),
    "contact.missed_after_hours": _count("missed_after_hours", 24 * 14),
    "contact.exit_silent": _flag("exit_silent"),
    "contact.blank_signal": _flag("blank_signal"),
    "contact.duress_opens": _flag("duress_opens"),
    "contact.verify_question": _text("verify_question"),
    "contact.pause_days": _pause,
    "contact.programme_news": _text("programme_news"),
    "contact.consent": lambda contact, value, at: replace(contact, consent="" if value == "none" else value),
}
WORDS = ("contact.signal", "contact.duress", "contact.exit")
TARGETS = frozenset(FIELDS) | frozenset(WORDS) | goals.TARGETS | {SHOWN}  # and plan.<item>


def fill(draft: Draft, target: str, answer: Answer, event: Heard) -> None:
    """Put an answer where the step wants it. Skipped fills nothing, nor does FILLS_NOTHING. Raises Unfit."""
    if answer.value is None or answer.name in FILLS_NOTHING:
        return
    if target == SHOWN:
        item = crisis_plan.shown(draft)
        if item is not None:
            crisis_plan.answered(draft, item.name, answer)
    elif target.startswith("plan."):
        crisis_plan.answered(draft, target.removeprefix("plan."), answer)
    elif target in goals.TARGETS:
        goals.fill(draft, target.removeprefix("goal."), answer)
    elif target in WORDS:
        _word(draft, target.removeprefix("contact."), event)
    else:
        put(draft, target, answer.value)


def put(draft: Draft, target: str, value: Value) -> None:
    """Fill one field with a fixed value. Raises Unfit."""
    before = draft.contact
    draft.contact = FIELDS[target](before, str(value), draft.at)
    if draft.contact == before:
        return
    if target in ("contact.hours", "contact.rhythm_days", "contact.pause_days"):
        schedule_checkin(draft)
    if target == "contact.programme_news" and value != "yes":
        _forget_news(draft)
    if target == "contact.pause_days" or not draft.contact.consent:  # no answer is waited for any more
        draft.memory = replace(draft.memory, pinged_at=None, retried=False)
        draft.effects.append(Cancel("missed"))
    if before.consent and not draft.contact.consent and draft.memory.joined_at is not None:
        draft.task("task.left", LEFT_SUSPECT if draft.suspect else LEFT, "P2")


def news_read(draft: Draft, value: str) -> None:
    """She has answered the message that told it. What a worker recorded in place of it meanwhile still waits."""
    waits = draft.memory.recorded.get("programme_news")
    if waits is None or waits.value != value:
        return
    _forget_news(draft)
    draft.effects.append(Recorded("programme_news", "read"))


def _forget_news(draft: Draft) -> None:
    standing = {fact: one for fact, one in draft.memory.recorded.items() if fact != "programme_news"}
    draft.memory = replace(draft.memory, recorded=standing)


# What a flow says has happened: news was read, she was asked whether her record still holds, another number is wanted.
READ: dict[str, Callable[[Draft, str], None]] = {
    "read.programme_news": news_read,
    "contact.still_good": confirming.asked,
    "contact.number": confirming.another_number,
}


NEWS_READ, STILL_GOOD, NUMBER = READ
SAID: dict[str, tuple[str, ...]] = {
    NEWS_READ: VALUES["programme_news"],
    STILL_GOOD: confirming.ANSWERS,
    NUMBER: ("another",),
}  # what each of READ may be set to


def _word(draft: Draft, which: str, event: Heard) -> None:
    """Signal and duress words are kept as keyed hashes only, and never stand in the transcript."""
    word = canonical(event.text)
    contact = draft.contact
    others = (contact.signal, contact.duress)
    if not fit_word(word, (contact.exit,) if which != "exit" and contact.exit else ()) or event.mac in others:
        raise Unfit(which)
    draft.contact = _with(contact, which, word if which == "exit" else event.mac)
    draft.hide = f"({which} word)"
