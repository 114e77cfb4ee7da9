"""A step that finds: what she has said so far to what the directory has, and the words for one service of it."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from flows.directory.categories import PEOPLE, need_id
from flows.directory.place import chosen_place, read_place
from flows.directory.saying import Sentence, sentences
from flows.directory.search import Found, Wanted, search
from flows.engine.draft import Draft
from flows.engine.model import Find
from flows.text.render import in_order, render

WRITE = "write"  # the answer to the question `how` that asks for ways without a voice


def next_found(draft: Draft, step: Find) -> tuple[dict[str, str] | None, Literal["none", "last", ""]]:
    """The words of the next service, or why there is none. Marks it as shown."""
    found = _all(draft, step)
    frame = draft.stack[-1]
    fresh = next((each for each in found if each.service.id not in frame.shown), None)
    if fresh is None:
        ids = {each.service.id for each in found}
        draft.stack[-1] = replace(frame, shown=tuple(each for each in frame.shown if each not in ids))
        draft.note("signpost_none", str(frame.answers.get(step.by) or ""))
        return None, "last" if found else "none"
    draft.stack[-1] = replace(frame, shown=(*frame.shown, fresh.service.id))
    draft.note("signposted", f"{fresh.category} {fresh.service.id}")
    return _words(draft, fresh), ""


def _all(draft: Draft, step: Find) -> tuple[Found, ...]:
    """Nothing while somebody else may hold the phone, nor without her leave to write numbers on it (SAFETY 8, 15)."""
    answers = draft.stack[-1].answers
    if draft.suspect or draft.memory.verify_first or answers.get(step.may) != "yes":
        return ()
    categories = dict(step.needs).get(str(answers.get(step.by)), ())
    people = frozenset({str(answers.get(step.who))}) & frozenset(PEOPLE)
    here = chosen_place(str(answers.get(step.where) or "")) or read_place(draft.programme.rules.place)
    silent = answers.get(step.how) == WRITE
    wanted = Wanted(categories, here, draft.contact.language, people, silent)
    return search(draft.programme.directory, wanted, draft.at)


def _words(draft: Draft, found: Found) -> dict[str, str]:
    return {
        "name": found.service.name,
        "what": _said(draft, (need_id(found.category), {})),
        "number": _figures(draft, found.number.printed),
        "notes": " ".join(_said(draft, sentence) for sentence in sentences(found)),
    }


def _said(draft: Draft, sentence: Sentence) -> str:
    """What a sentence is filled with here is a number to call or to text, nothing else."""
    message, params = sentence
    text = draft.programme.catalogues.text(draft.contact.language, message, draft.programme.own[message])
    return render(text, {name: _figures(draft, figures) for name, figures in params.items()})


def _figures(draft: Draft, printed: str) -> str:
    return in_order(printed, _isolates(draft)) if _right_to_left(draft) else printed


def _right_to_left(draft: Draft) -> bool:
    return draft.programme.catalogues.direction(draft.contact.language) == "rtl"


def _isolates(draft: Draft) -> bool:
    """Not by SMS: old phones show the signs as boxes."""
    return draft.contact.channel == "telegram"
