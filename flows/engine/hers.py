"""What her own record says, in her language, for the placeholders of messages that show it to her; and whom to call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from flows.engine import goals, told
from flows.engine.draft import Draft
from flows.engine.effects import CodeMade
from flows.engine.emergency import emergency
from flows.engine.model import Ask
from flows.safety.hours import PRESETS, zone
from flows.safety.recorded import EXIT_ITEMS
from flows.text.render import placeholders, render


def hers(draft: Draft, message: str, english: str) -> dict[str, str]:
    """A value for each placeholder of the text that is one of VALUES.

    Of its translation too: the English of a flow that was changed since she came into it may have had none.
    """
    said = draft.programme.catalogues.text(draft.contact.language, message, english)
    if "{" not in said and "{" not in english:
        return {}
    return {name: VALUES[name](draft) for name in placeholders(english) | placeholders(said) if name in VALUES}


def _hours(draft: Draft) -> str:
    return _chosen(draft, "hours", next((n for n, preset in PRESETS.items() if preset == draft.contact.windows), ""))


def _language(draft: Draft) -> str:
    language = draft.programme.catalogues.languages.get(draft.contact.language)
    return language.own_name if language else draft.contact.language


def _cover(draft: Draft) -> str:
    cover = draft.programme.cover(draft.contact)
    return _label(draft, "cover", cover.name) or cover.label


def _chosen(draft: Draft, step: str, name: str) -> str:
    """The label that she once chose in the joining flow; other values were agreed with a worker."""
    agreed = draft.programme.own["engine/agreed"]
    return _label(draft, step, name) or draft.programme.catalogues.text(draft.contact.language, "engine/agreed", agreed)


def _missed(draft: Draft) -> str:
    rule, more = draft.contact.missed_rule, draft.contact.missed_retries
    if rule == "retry_then_worker" and more > 1:
        return _counted(draft, "engine/more_then_worker", more)
    return _chosen(draft, "missed", rule)


def _counted(draft: Draft, message: str, n: int) -> str:
    """So many of something, in the form that her language has for the number."""
    one, other = draft.programme.own[message], draft.programme.several[message]
    return render(draft.programme.catalogues.plural(draft.contact.language, message, n, one, other), {"n": n})


def _emergency(draft: Draft) -> str:
    message, params = emergency(draft.programme.rules)
    text = draft.programme.catalogues.text(draft.contact.language, message, draft.programme.own[message])
    return render(text, params)


def _label(draft: Draft, step: str, name: str) -> str:
    """What the joining flow calls that choice, in her language; '' when it does not offer it."""
    text, rules = draft.programme.catalogues.text, draft.programme.rules
    flow = draft.programme.flows.get(rules.joining)
    asked = flow.steps.get(step) if flow else None
    labels = {c.name: c.english for c in asked.choices} if isinstance(asked, Ask) else {}
    if name in labels:
        return text(draft.contact.language, f"{rules.joining}/{step}.{name}", labels[name])
    return ""


def _watch_until(draft: Draft) -> str:
    """By her wall clock; '' where she set no time."""
    watch, here = draft.memory.watch, zone(draft.contact.zone)
    if watch is None:
        return ""
    until, now = watch.until.astimezone(here), draft.at.astimezone(here)
    if until.date() == now.date():
        return f"{until:%H:%M}"
    english = draft.programme.own["engine/tomorrow"]
    text = draft.programme.catalogues.text(draft.contact.language, "engine/tomorrow", english)
    return render(text, {"time": f"{until:%H:%M}"})


def withheld(draft: Draft, template: str) -> bool:
    """Whether it shows something that she has not told, or that may not be shown now: then it is left out."""
    return "{" in template and any(not VALUES[n](draft) for n in placeholders(template) if n in HER_OWN)


def _told(draft: Draft, what: Literal["asked", "said"]) -> str:
    bit = told.shown(draft)
    return getattr(bit, what) if bit is not None else ""


def _own_words(draft: Draft, words: str) -> str:
    return words if draft.may_show else ""


GOALS = {f"goal_{name}": name for name in goals.NAMES}
HER_OWN = frozenset(GOALS) | {"told_said", "may_know", "to_try"}
VALUES: dict[str, Callable[[Draft], str]] = {
    "cover": _cover,
    "emergency": _emergency,
    "hours": _hours,
    "language": _language,
    "missed": _missed,
    "missed_after_hours": lambda draft: _counted(draft, "engine/hours", draft.contact.missed_after_hours),
    "goal_one": lambda draft: goals.words(draft, "one"),
    "goal_two": lambda draft: goals.words(draft, "two"),
    "goal_three": lambda draft: goals.words(draft, "three"),
    "keep_talk": lambda draft: _counted(draft, "engine/days", draft.programme.rules.keep.talk),
    "keep_words": lambda draft: _counted(draft, "engine/days", draft.programme.rules.keep.words),
    "may_know": lambda draft: _own_words(draft, draft.contact.may_know),
    "to_try": lambda draft: _own_words(draft, draft.contact.to_try),
    "told_asked": lambda draft: _told(draft, "asked"),
    "told_said": lambda draft: _told(draft, "said"),
    "shared_phone": lambda draft: _chosen(draft, "shared", draft.contact.shared_phone),
    "plan_count": lambda draft: str(sum(item.name not in EXIT_ITEMS for item in draft.plan)),
    "move_code": lambda draft: draft.code if any(isinstance(each, CodeMade) for each in draft.effects) else "",
    "watch_until": _watch_until,
    "rhythm_days": lambda draft: _counted(draft, "engine/every_days", draft.contact.rhythm_days),
}
