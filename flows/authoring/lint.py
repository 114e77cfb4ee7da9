"""What is wrong with content. `faults`: the engine cannot run on it. `advice`: it runs, but not as it should.

What is wrong with words (length, carriers' words, covers, clashing answers) is found in every language at once by
`flows.authoring.locales.check`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flows.authoring import lint_answers, lint_conditions, lint_find, lint_routes, traces
from flows.authoring.content import Authored, Content
from flows.authoring.findings import Finding
from flows.authoring.fit import did_you_mean
from flows.authoring.nodes import Place, fault
from flows.engine.model import Ask, Assess, Flow
from flows.engine.programme import Rules
from flows.engine.record import LEADS_ON

FLOW_FAULTS = (
    *lint_routes.FLOW_FAULTS,
    *lint_answers.FLOW_FAULTS,
    *lint_conditions.FLOW_FAULTS,
    *lint_find.FLOW_FAULTS,
)
FLOW_ADVICE = (*lint_routes.FLOW_ADVICE, *lint_answers.FLOW_ADVICE)


def faults(content: Content, own: Mapping[str, str]) -> list[Finding]:
    """`own`: the engine's own texts by id, which name the items of a plan."""
    found = [finding for flow in content.flows.values() for rule in FLOW_FAULTS for finding in rule(flow)]
    found += lint_answers.plan_items(content, own)
    found += weighed(content)
    found += lint_conditions.instruments(content)
    found += settings(content)
    found += offered_covers(content)
    if not found:  # these walk along routes and names that the others have found sound
        found += [f for rule in (*lint_routes.CONTENT_FAULTS, *lint_conditions.CONTENT_FAULTS) for f in rule(content)]
    return sorted(found)


def advice(content: Content, languages: Collection[str]) -> list[Finding]:
    found = [finding for flow in content.flows.values() for rule in FLOW_ADVICE for finding in rule(flow)]
    found += [finding for rule in lint_conditions.CONTENT_ADVICE for finding in rule(content)]
    found += traces.unasked_numbers(content)
    found += _languages(content, languages)
    return sorted(found)


def weighed(content: Content) -> Iterator[Finding]:
    """A flow is watched and assessed by instruments that were made for it."""
    for flow in content.flows.values():
        if flow.value.watch is not None:
            yield from _instrument(flow, flow.value.watch, ("watch",), content)
        for step in flow.value.steps.values():
            if isinstance(step, Assess):
                yield from _instrument(flow, step.instrument, ("steps", step.name, "assess"), content)


def _instrument(flow: Authored[Flow], name: str, path: tuple[str, ...], content: Content) -> Iterator[Finding]:
    place, found = flow.document.at(*path), content.instruments.get(name)
    if found is None:
        hint = did_you_mean(name, content.instruments)
        yield flow.document.finding(place, f"there is no instrument {name}", hint)
    elif found.value.flow != flow.value.name:
        problem = f"the instrument {name} weighs the answers of {found.value.flow}, not of {flow.value.name}"
        yield flow.document.finding(place, problem, "Name the instrument that was made for this flow")


def settings(content: Content) -> Iterator[Finding]:
    """The flows and the cover that the engine starts with are there; the zone is one of the tz database."""
    rules = content.rules
    for key, name, known in (
        ("joining", rules.joining, content.flows),
        ("opening", rules.opening, content.flows),
        ("menu", rules.menu, content.flows),
        ("cover", rules.cover, content.covers),
        ("confirming", rules.confirming, content.flows),
    ):
        if name not in known and (key != "confirming" or name != Rules().confirming):
            yield _setting(content, key, f"there is no {key} {name}", did_you_mean(name, known))
    try:
        ZoneInfo(rules.zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield _setting(content, "zone", f"there is no time zone {rules.zone}", "Write one like Europe/London")


def offered_covers(content: Content) -> Iterator[Finding]:
    """A cover that is offered is there, else a choice of hers would show another one than she was told."""
    for flow in content.flows.values():
        for step in flow.value.steps.values():
            for choice in step.choices if isinstance(step, Ask) and step.into == "contact.cover" else ():
                if choice.name not in content.covers:
                    place = flow.document.key("steps", step.name, "choices", choice.name)
                    problem, hint = f"there is no cover {choice.name}", did_you_mean(choice.name, content.covers)
                    yield flow.document.finding(place, problem, hint)


def _setting(content: Content, key: str, problem: str, hint: str) -> Finding:
    if content.settings is None:
        return fault("programme.yaml", Place(), problem, hint)
    document = content.settings.document
    return document.finding(document.at(key), problem, hint)


def _languages(content: Content, languages: Collection[str]) -> Iterator[Finding]:
    """A language that is offered is one that is described."""
    hint = "Describe it in locales/languages.toml, or take the choice out"
    if content.rules.language not in languages:
        yield _setting(content, "language", f"there is no language {content.rules.language}", hint)
    for flow in content.flows.values():
        for step in flow.value.steps.values():
            for choice in step.choices if isinstance(step, Ask) and step.into == "contact.language" else ():
                if choice.name not in languages and choice.name != LEADS_ON:
                    place = flow.document.key("steps", step.name, "choices", choice.name)
                    yield flow.document.finding(place, f"there is no language {choice.name}", hint)
