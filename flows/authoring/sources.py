"""Every text of the content that a recipient may read, for the translators."""

from __future__ import annotations

from collections.abc import Iterator

from flows.authoring.content import Authored, Content
from flows.authoring.extract import Source
from flows.engine.model import Ask, Choice, Cover, End, Find, Flow, HandToWorker, OfferPlan, Say, Step

COVER_SEGMENTS = 1  # SAFETY 10, in every script
# DESIGN.md, Speed and size: one segment. A translation of 160 letters that needs UCS-2 takes three of 67.
PROMPT_SEGMENTS, PROMPT_ELSEWHERE = 1, 3
LICENSED_SEGMENTS = 3  # a licence may not let a word be left out; more cannot be read on a small phone
FOUND_SEGMENTS, FOUND_ELSEWHERE = 2, 4  # a service's own name, number and notes come on top of the choices

_KINDS = {
    Ask: "A question.",
    Say: "Said without a question.",
    OfferPlan: "One item of her own plan. {item}: its name. {words}: what she wrote about it.",
    Find: "One service: {name}, {what} it is for, {number}, {notes} (sentences). Keep the number on a line of its own, "
    "and from right to left the name too.",
    HandToWorker: "Said when a worker was asked to come. It must stay true: nobody has read anything yet.",
    End: "The last words before the chat waits.",
}


def sources(content: Content) -> Iterator[Source]:
    """Flows, then covers. Each question is followed by its choices in the order of their numbers."""
    licensed = {each.value.flow for each in content.instruments.values() if each.value.licence.holder}
    for flow in content.flows.values():
        yield from _flow(flow, LICENSED_SEGMENTS if flow.value.name in licensed else PROMPT_SEGMENTS)
    for cover in content.covers.values():
        yield from _cover(cover)


def _flow(flow: Authored[Flow], most: int) -> Iterator[Source]:
    for step in flow.value.steps.values():
        english = getattr(step, "english", "")
        if english:
            yield from _step(flow, step, english, most)


def _step(flow: Authored[Flow], step: Step, english: str, most: int) -> Iterator[Source]:
    document, message = flow.document, f"{flow.value.name}/{step.name}"
    line = document.at("steps", step.name, step.verb).line
    elsewhere = max(most, PROMPT_ELSEWHERE)
    if isinstance(step, Find):
        most, elsewhere = max(most, FOUND_SEGMENTS), FOUND_ELSEWHERE
    yield Source(message, english, document.file, line, _comment(step), most, max_ucs2=elsewhere)
    for choice in getattr(step, "choices", ()):
        line = document.at("steps", step.name, "choices", choice.name).line
        yield Source(f"{message}.{choice.name}", choice.english, document.file, line, _label(english, choice))


def _comment(step: Step) -> str:
    said = _KINDS[type(step)]
    choices = getattr(step, "choices", ())
    if choices:
        said += " Below it stand, numbered: " + ", ".join(choice.english for choice in choices) + "."
    if isinstance(step, Ask) and step.kind == "number":
        said += f" Answered with a number from {step.low} to {step.high}."
    return said


def _label(question: str, choice: Choice) -> str:
    return f"Answer {choice.token} to: {question}"


def _cover(cover: Authored[Cover]) -> Iterator[Source]:
    document = cover.document
    for kind, texts in (("replies", cover.value.replies), ("pings", cover.value.pings)):
        comment = _COVERS[kind].format(cover.value.label)
        for number, (message, english) in enumerate(texts):
            line = document.at(kind, number).line
            yield Source(message, english, document.file, line, comment, COVER_SEGMENTS)


_COVERS = {
    "replies": "{}: a harmless answer to any word at all. Nothing in it may hint at what this service is.",
    "pings": "{}: a harmless message that comes by itself. Nothing in it may hint at what this service is.",
}
