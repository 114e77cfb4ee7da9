"""Where each step of a flow leads, and where in the file that is written."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flows.authoring.content import Authored
from flows.authoring.nodes import Listing, Place, Table
from flows.engine.hers import HER_OWN
from flows.engine.model import Ask, Branch, CallDue, End, Find, Flow, OfferPlan, Question, Route, Step
from flows.text.render import placeholders

_Here = TypeVar("_Here", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from `step` on; `path` is that of the word in the file that names the next step."""

    step: str
    route: Route
    path: tuple[str | int, ...]


def routes_of(step: Step) -> tuple[Route, ...]:
    return () if isinstance(step, End) else step.next


def routes_path(step: Step) -> tuple[str | int, ...]:
    """Where the routes of a step are written."""
    return ("steps", step.name, "branch" if isinstance(step, Branch) else "next")


def edges(flow: Authored[Flow]) -> Iterator[Edge]:
    for step in flow.value.steps.values():
        path = routes_path(step)
        written = flow.document.node(*path)
        for number, route in enumerate(routes_of(step)):
            match written:
                case Table():
                    yield Edge(step.name, route, (*path, route.answer or "else"))
                case Listing():
                    yield Edge(step.name, route, (*path, number, "go"))
                case _:
                    yield Edge(step.name, route, path)


def place_of(flow: Authored[Flow], edge: Edge) -> Place:
    return flow.document.at(*edge.path)


def name_place(flow: Authored[Flow], step: str) -> Place:
    """Where a step's name is written."""
    return flow.document.key("steps", step)


def answers_of(step: Step) -> tuple[str, ...]:
    """The names by which routes can know what was answered, skipped included; none where nothing is asked."""
    if isinstance(step, CallDue):
        return ("none",)
    if not isinstance(step, Question):
        return ()
    own = tuple(choice.name for choice in step.choices)
    shows = isinstance(step, Ask) and not placeholders(step.english).isdisjoint(HER_OWN)
    return (*own, "skip", *(("none",) if shows else _ENGINES.get(type(step), ())))


# What the engine answers itself, when there is nothing (more) to show.
_ENGINES: dict[type[Step], tuple[str, ...]] = {OfferPlan: ("none",), Find: ("none", "last")}


def reached(start: Iterable[_Here], ways: Mapping[_Here, Iterable[_Here]]) -> frozenset[_Here]:
    """All that can be come to from `start`, itself included."""
    found: set[_Here] = set()
    waiting = list(start)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += ways.get(here, ())
    return frozenset(found)


def next_steps(flow: Flow) -> dict[str, frozenset[str]]:
    """For each step those that it may lead to, as far as they exist."""
    known = flow.steps.keys()
    return {name: frozenset(r.go for r in routes_of(step) if r.go in known) for name, step in flow.steps.items()}


def backwards(forwards: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """The same ways, walked the other way round."""
    return {name: frozenset(before for before, after in forwards.items() if name in after) for name in forwards}
