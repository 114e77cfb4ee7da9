"""Faults in steps that show a service: needs that nobody answers, categories that are none, numbers sent unasked."""

from __future__ import annotations

from collections.abc import Iterator

from flows.authoring.content import Authored
from flows.authoring.findings import Finding
from flows.authoring.fit import did_you_mean
from flows.directory.categories import CATEGORIES, PEOPLE
from flows.directory.place import chosen_place
from flows.engine.finding import WRITE
from flows.engine.model import Ask, Find, Flow, Set
from flows.text.render import placeholders


def finds(flow: Authored[Flow]) -> Iterator[Finding]:
    """What a `find` needs is asked in its flow, and answered with words that it knows."""
    for step in flow.value.steps.values():
        if isinstance(step, Find):
            yield from _needs(flow, step)
            yield from _questions(flow, step)
            yield from _shown(flow, step)


def _needs(flow: Authored[Flow], step: Find) -> Iterator[Finding]:
    document, path = flow.document, ("steps", step.name)
    for need, categories in step.needs:
        for number, category in enumerate(categories):
            if category not in CATEGORIES:
                place = document.at(*path, "needs", need, number)
                yield document.finding(place, f"there is no category {category}", did_you_mean(category, CATEGORIES))
    known, given = {need for need, _ in step.needs}, _answers(flow.value, step.by)
    if not given:
        yield document.finding(document.at(*path, "by"), f"nothing answers {step.by} here", "Ask it, or set it")
    for answer in sorted(known - given):
        yield document.finding(document.key(*path, "needs", answer), f"`{step.by}` is never {answer}", "Take it out")
    if any(isinstance(each, Set) and step.by in dict(each.values) for each in flow.value.steps.values()):
        for answer in sorted(given - known):  # of a question's choices some may lead elsewhere
            place = document.key(*path, "needs")
            yield document.finding(place, f"`{step.by}` can be {answer}, which needs nothing", f"Add `{answer}: [...]`")


def _answers(flow: Flow, name: str) -> frozenset[str]:
    """Everything that `name` can be in this flow."""
    found: set[str] = set()
    for step in flow.steps.values():
        if isinstance(step, Ask) and step.name == name:
            found |= {choice.name for choice in step.choices}
        if isinstance(step, Set):
            found |= {value for target, value in step.values if target == name}
    return frozenset(found)


def _questions(flow: Authored[Flow], step: Find) -> Iterator[Finding]:
    """`may`, `where`, `how` and `who` are questions of this flow with at least one answer that means something."""
    for key, name, means in (
        ("may", step.may, lambda answer: answer == "yes"),
        ("where", step.where, lambda answer: chosen_place(answer) is not None),
        ("how", step.how, lambda answer: answer == WRITE),
        ("who", step.who, lambda answer: answer in PEOPLE),
    ):
        asked = flow.value.steps.get(name)
        if name and not (isinstance(asked, Ask) and any(means(choice.name) for choice in asked.choices)):
            place = flow.document.at("steps", step.name, key)
            yield flow.document.finding(place, f"`{name}` is no question that answers `{key}`", _HINTS[key])


_HINTS = {
    "may": "Ask whether numbers may be written on this phone, with a choice `yes`: none is sent unasked (SAFETY 8)",
    "where": "Name its choices for places: gb_eng, ie, us_ct",
    "how": f"Give it a choice `{WRITE}`, for those who cannot speak",
    "who": "Name its choices " + ", ".join(PEOPLE),
}


def _shown(flow: Authored[Flow], step: Find) -> Iterator[Finding]:
    for name in sorted({"name", "number", "notes"} - placeholders(step.english)):
        place = flow.document.at("steps", step.name, "find")
        yield flow.document.finding(place, f"this does not show the {name}", f"Write {{{name}}} in it")


FLOW_FAULTS = (finds,)
