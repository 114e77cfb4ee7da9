"""What a person can do where she stands, and the line of a transcript that does it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from flows.authoring.playing import CODE, SIGNAL, Phone
from flows.authoring.transcripts import LineFile
from flows.engine.conversation import Conversation
from flows.engine.her_words import AGAIN as AGAIN_IN
from flows.engine.her_words import ANEW as WORDS_ANEW
from flows.engine.her_words import NOW
from flows.engine.model import Ask, Flow, Question
from flows.engine.programme import Programme
from flows.engine.record import WORDS
from flows.safety.recorded import VALUES

WORDS_OF_HERS = "lemon tree"  # is no choice, no word of a list and no danger word in any language
NONSENSE = "qzvx"  # neither a choice nor a number
CHOSEN = {"contact.signal": "bluebird", "contact.duress": "lanterns", "contact.exit": "teapots", NOW: SIGNAL}
ANEW = {"signal": "paperclip", "other": "driftwood"}  # by the step that asks for it, and again


class Act(NamedTuple):
    """`what`: choice, skip, number, beyond (a number), words, unfit (a word), nonsense, photo, said, listed (the first
    word of a list), worker, joins, waits, withdrawn (a worker takes back what stands on record)."""

    what: str
    value: str = ""


OPENS = Act("said", SIGNAL)
BY_CODE = Act("said", CODE)
EXITS = Act("said", "x")
AGAIN = Act("said", "1")
ANYTHING = Act("said", WORDS_OF_HERS)
MENU = Act("listed", "words/menu")
LEAVES = Act("worker", "leaves")
ASIDE = frozenset({"nonsense", "photo", "beyond", "unfit"})  # the question is asked again: nothing new lies behind


def standing(conversation: Conversation, programme: Programme) -> tuple[Flow, Question] | None:
    """The question that waits for her answer."""
    session = conversation.session
    if session is None or not session.stack or conversation.mode != "open":
        return None
    frame = session.stack[-1]
    flow = programme.flows[frame.flow]
    step = flow.steps[frame.step]
    return (flow, step) if isinstance(step, Question) else None


def acts_at(conversation: Conversation, programme: Programme) -> tuple[Act, ...]:
    """All that is tried here. Nothing in a closed chat: what the cover does there has its own tests."""
    if conversation.mode == "worker":
        return (ANYTHING, MENU, LEAVES)
    if conversation.mode != "open":
        return ()
    here = standing(conversation, programme)
    if here is None:
        return (ANYTHING,)
    flow, step = here
    taken_back = (Act("withdrawn", flow.name),) if flow.name in VALUES else ()
    return (*answers_of(flow, step), *taken_back)


def answers_of(flow: Flow, step: Question) -> Iterator[Act]:
    for choice in step.choices:
        yield Act("choice", choice.token)
    yield Act("skip")
    if isinstance(step, Ask) and step.kind == "number":
        yield from _numbers(flow, step)
    if isinstance(step, Ask) and step.kind == "text":
        yield Act("words", _chosen(step))
        if step.into in WORDS:
            yield Act("unfit", "ab")
    elif isinstance(step, Ask) and step.kind == "time":
        yield Act("words", "21:30")
        yield Act("nonsense")
    else:
        yield Act("nonsense")
    yield Act("photo")


def _chosen(step: Ask) -> str:
    if step.into in (*WORDS_ANEW, AGAIN_IN):
        return ANEW[step.name.removesuffix("_again")]
    return CHOSEN.get(step.into or "", WORDS_OF_HERS)


def _numbers(flow: Flow, step: Ask) -> Iterator[Act]:
    """Both ends, both sides of every number that a condition compares it with, and one beyond each end."""
    sources = [r.when.source for s in flow.steps.values() for r in getattr(s, "next", ()) if r.when is not None]
    told = {int(n) for source in sources for n in re.findall(rf"\b{step.name}\b[ <>=!]+(\d+)", source)}
    near = {n + by for n in told for by in (-1, 0, 1)} | {step.low, step.high}
    for number in sorted(n for n in near if step.low <= n <= step.high):
        yield Act("number", str(number))
    for number in (step.low - 1, step.high + 1):
        if number >= 0:
            yield Act("beyond", str(number))


def line_of(act: Act, phone: Phone) -> LineFile:
    """On Telegram a choice is a button, by SMS its number."""
    match act.what:
        case "choice" if phone.channel == "telegram":
            return _line("press", act.value)
        case "worker":
            return _line("worker", act.value)
        case "joins":
            return _line("joins", act.value)
        case "waits":
            return _line("wait", act.value)
        case "withdrawn":
            return LineFile.model_validate({"records": {act.value: "none"}})
        case "photo":
            return _line("sends", "photo")
        case "skip":
            return _line("they", "-")
        case "nonsense":
            return _line("they", NONSENSE)
        case "listed":
            return _line("they", first_word(phone.programme, phone.conversation.contact.language, act.value))
        case _:
            return _line("they", act.value)


def first_word(programme: Programme, language: str, listed: str) -> str:
    """The word of a list that recipients are told of."""
    return programme.catalogues.text(language, listed, programme.own[listed]).split("|")[0]


@lru_cache(maxsize=1024)
def _line(key: str, value: str) -> LineFile:
    return LineFile.model_validate({key: value})
