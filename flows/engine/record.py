"""Fields of her record that an answer may fill (`into:`) and that a flow may set (`set:`): one closed table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from flows.engine import confirming, crisis_plan, goals, her_words, looking, told, watching
from flows.engine.conversation import Contact, Today, Value, WayKind
from flows.engine.draft import Draft
from flows.engine.effects import Cancel, Recorded
from flows.engine.events import Heard
from flows.engine.her_words import UnfitAnswer, choose
from flows.engine.matching import Answer
from flows.engine.moving import code_made
from flows.engine.rhythm import not_now, schedule_checkin
from flows.safety.hours import PRESETS, evening, midnight, zone
from flows.safety.recorded import VALUES

YES = frozenset({"yes", "true", "on"})
SHOWN = "plan.shown"  # the item of her plan that the flow showed last; `set` to RIGHT: looked at, and it stands
RIGHT = "right"
LEADS_ON = "more"  # a choice that asks on in a second question, where the first has no room: it fills nothing
ENOUGH = "enough"  # a choice that leaves: it fills nothing either
FILLS_NOTHING = (LEADS_ON, ENOUGH)
LEFT = "Asked for everything to stop. Nothing is sent any more."
LEFT_SUSPECT = "Asked for everything to stop while somebody else may write. Her phone is quiet, her record stands."
ERASE = "Asks that everything about her be erased. Make sure that it is her and that she wants it, then erase her case."
ERASE_SUSPECT = "Asked for everything to be erased while somebody else may write. Nothing is erased. Verify first."
Fill = Callable[[Contact, str, datetime], Contact]  # the record, what was answered, now
PAUSES = ("contact.pause_days", "contact.pause_until_day")
MOST_PAUSE = 90  # days: a longer silence is agreed with a worker
MOST_DAYS = 31  # the slowest rhythm: contact is confirmed again every 30 days (SAFETY 3)


def _with(contact: Contact, field: str, value: Any) -> Contact:
    return replace(contact, **{field: value})


def _text(field: str) -> Fill:
    return lambda contact, value, at: _with(contact, field, value[:200])


def _words_for_a_worker(field: str, none: str) -> Fill:
    return lambda contact, value, at: _with(contact, field, "" if value == none else value[:200])


def _first_way(contact: Contact, value: str, at: datetime) -> Contact:
    return looking.first(contact, None if value == "nothing" else _way(value))


def _police(contact: Contact, value: str, at: datetime) -> Contact:
    """Only her own yes puts it there."""
    return looking.following(contact, looking.LAST) if value == "yes" else looking.without(contact, looking.LAST)


def _way(value: str) -> WayKind:
    found = next((kind for kind in looking.WAYS if kind == value and kind != looking.LAST), None)
    if found is None:
        raise UnfitAnswer("way")
    return found


def _flag(field: str) -> Fill:
    return lambda contact, value, at: _with(contact, field, value in YES)


def _count(field: str, most: int) -> Fill:
    def fill(contact: Contact, value: str, at: datetime) -> Contact:
        if not value.isdecimal() or not 1 <= int(value) <= most:
            raise UnfitAnswer(field)
        return _with(contact, field, int(value))

    return fill


def _hours(contact: Contact, value: str, at: datetime) -> Contact:
    if value not in PRESETS:
        raise UnfitAnswer("hours")
    return replace(contact, windows=PRESETS[value])


def _pause(contact: Contact, value: str, at: datetime) -> Contact:
    """So many days without a cover message from now on; 0 ends a pause."""
    if not value.isdecimal() or int(value) > MOST_PAUSE:
        raise UnfitAnswer("pause_days")
    return replace(contact, paused_until=at + timedelta(days=int(value)) if int(value) else None)


def _pause_until(contact: Contact, value: str, at: datetime) -> Contact:
    """Until that day of the month comes next on her clock: no month need be said, in any language."""
    if not value.isdecimal() or not 1 <= int(value) <= 31:
        raise UnfitAnswer("pause_until_day")
    days = (midnight(contact, at, ahead) for ahead in range(1, 63))  # the 31st may be two months away
    here = zone(contact.zone)
    return replace(contact, paused_until=next(day for day in days if day.astimezone(here).day == int(value)))


def _today(contact: Contact, value: str, at: datetime) -> Contact:
    """`quiet`: nothing more today. `open`: also from now on till the evening. `usual`: neither any more."""
    if value == "quiet":
        return replace(contact, today=Today(at, midnight(contact, at), open=False))
    if value == "open" and at < evening(contact, at):
        return replace(contact, today=Today(at, evening(contact, at), open=True))
    return replace(contact, today=None)


FIELDS: dict[str, Fill] = {
    "contact.language": _text("language"),
    "contact.cover": _text("cover"),
    "contact.hours": _hours,
    "contact.shared_phone": _text("shared_phone"),
    "contact.may_read": _text("may_read"),
    "contact.voicemail": _text("voicemail"),
    "contact.rhythm_days": _count("rhythm_days", MOST_DAYS),
    "contact.missed_rule": _text("missed_rule"),
    "contact.missed_retries": _count("missed_retries", looking.MOST_RETRIES),
    "contact.missed_after_hours": _count("missed_after_hours", looking.MOST_HOURS),
    "contact.way_first": _first_way,
    "contact.way_next": lambda contact, value, at: looking.following(contact, _way(value)),
    "contact.way_never": lambda contact, value, at: looking.never(contact, None, value[:200]),
    "contact.police": _police,
    "contact.police_never": lambda contact, value, at: looking.never(contact, looking.LAST, value[:200]),
    "contact.other_channel": lambda contact, value, at: looking.other_channel(contact, value),
    "contact.other_whose": _text("other_whose"),
    "contact.other_safe": _text("other_safe"),
    "contact.may_know": _words_for_a_worker("may_know", "nobody"),
    "contact.to_try": _words_for_a_worker("to_try", "nothing"),
    "contact.exit_silent": _flag("exit_silent"),
    "contact.blank_signal": _flag("blank_signal"),
    "contact.duress_opens": _flag("duress_opens"),
    "contact.verify_question": _text("verify_question"),
    "contact.pause_days": _pause,
    "contact.pause_until_day": _pause_until,
    "contact.today": _today,
    "contact.programme_news": _text("programme_news"),
    "contact.consent": lambda contact, value, at: replace(contact, consent="" if value == "none" else value),
}
CHANGING = (her_words.NOW, *her_words.ANEW, her_words.AGAIN)
WORDS = ("contact.signal", "contact.duress", "contact.exit", *CHANGING)
TARGETS = frozenset(FIELDS) | frozenset(WORDS) | goals.TARGETS | watching.TARGETS | {SHOWN}  # and plan.<item>


def fill(draft: Draft, target: str, answer: Answer, event: Heard) -> None:
    """Put an answer where the step wants it. Skipped fills nothing, nor does FILLS_NOTHING. Raises UnfitAnswer."""
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
    elif target in watching.TARGETS:
        if not watching.fill(draft, target, answer, event):
            raise UnfitAnswer(target)
    elif target in CHANGING:
        her_words.fill(draft, target, event)
    elif target in WORDS:
        choose(draft, target.removeprefix("contact."), event)
    else:
        put(draft, target, answer.value)


def put(draft: Draft, target: str, value: Value) -> None:
    """Fill one field with a fixed value. Raises UnfitAnswer."""
    before = draft.contact
    draft.contact = looking.signed(before, FIELDS[target](before, str(value), draft.at), "her")
    if draft.contact == before:
        return
    if target in ("contact.hours", "contact.rhythm_days", *PAUSES):
        schedule_checkin(draft)
    if target == "contact.programme_news" and value != "yes":
        _forget_news(draft)
    if target in PAUSES or not draft.contact.consent:  # no answer is waited for any more
        draft.memory = draft.memory.answered()
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


def wants_erased(draft: Draft, value: str) -> None:
    """A worker does it with her: in the chat nobody can tell who asks (SAFETY 29)."""
    suspect = draft.suspect or draft.memory.verify_first
    draft.task("task.erase", ERASE_SUSPECT if suspect else ERASE, "P2")


# What a flow may say has happened, beside the fields that it sets: news was read, she is back, she cannot answer now,
# she was asked whether her record still holds, another number is wanted, she wants to be erased, the next bit of what
# she has told is to be shown.
NEWS_READ, NOT_NOW = "read.programme_news", "checkin.not_now"
STILL_GOOD, NUMBER, ERASED = "contact.still_good", "contact.number", "contact.erased"
HAPPENED: dict[str, Callable[[Draft, str], None]] = {
    NEWS_READ: news_read,
    watching.OVER: watching.over,
    NOT_NOW: lambda draft, value: not_now(draft),
    STILL_GOOD: confirming.asked,
    NUMBER: confirming.another_number,
    ERASED: wants_erased,
    told.ANSWER: lambda draft, value: told.show(draft, told.ANSWER),
    told.GOAL: lambda draft, value: told.show(draft, told.GOAL),
}
SAID: dict[str, tuple[str, ...]] = {
    NEWS_READ: VALUES["programme_news"],
    watching.OVER: (watching.BACK, watching.OFF),
    NOT_NOW: ("yes",),
    STILL_GOOD: confirming.ANSWERS,
    NUMBER: ("another",),
    ERASED: ("asked",),
    **dict.fromkeys(told.TARGETS, (told.NEXT,)),
}  # what each of them may be set to

MADE: dict[str, Callable[[Draft, str], None]] = {"move.code": code_made}  # what a flow has made, and its message shows
NEW = "new"
