"""What production serves: the languages that a person has released and no others, in the questions too (SAFETY 12)."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace

from flows.authoring.dump import revision
from flows.engine.model import Ask, Branch, Choice, Flow, Route, Step
from flows.engine.programme import Programme
from flows.engine.record import LEADS_ON

LANGUAGE = "contact.language"
FEWEST = 2  # a question with one answer is none


def released(programme: Programme) -> Programme:
    """Without drafts: who is asked for her language is offered only those in which she will then be answered."""
    catalogues = programme.catalogues.released()
    flows = {name: _offering(flow, catalogues.languages.keys()) for name, flow in programme.flows.items()}
    directory, console = programme.directory.released(), programme.console.released()
    return replace(programme, catalogues=catalogues, console=console, directory=directory, flows=flows)


def _offering(flow: Flow, served: Set[str]) -> Flow:
    steps = {name: _asked(step, flow, served) for name, step in flow.steps.items()}
    if steps == flow.steps:
        return flow
    changed = replace(flow, steps=steps)
    return replace(changed, revision=revision(changed))


def _asked(step: Step, flow: Flow, served: Set[str]) -> Step:
    """The question with what is served of its own choices and of those that stand behind LEADS_ON, in one list."""
    if not isinstance(step, Ask) or step.into != LANGUAGE:
        return step
    offered = {choice.name: choice for choice in (*step.choices, *_behind(step, flow)) if choice.name != LEADS_ON}
    kept = [choice for name, choice in offered.items() if name in served]
    if len(kept) == len(offered):
        return step
    routes = tuple(route for route in step.next if route.answer is None or route.answer in served)
    if len(kept) < FEWEST:
        return Branch(step.name, tuple(Route(route.go) for route in routes[-1:]))
    choices = tuple(Choice(str(number), each.name, each.english) for number, each in enumerate(kept, start=1))
    return replace(step, choices=choices, next=routes)


def _behind(step: Ask, flow: Flow) -> Iterator[Choice]:
    for route in step.next:
        asks_on = flow.steps.get(route.go)
        if route.answer == LEADS_ON and isinstance(asks_on, Ask):
            yield from asks_on.choices
