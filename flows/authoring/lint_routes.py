"""Faults in where steps lead: nowhere, to nothing, round in circles, or on without an answer that may come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flows.authoring.content import Authored, Content
from flows.authoring.findings import Finding
from flows.authoring.fit import did_you_mean
from flows.authoring.routes import (
    answers_of,
    backwards,
    edges,
    name_place,
    next_steps,
    place_of,
    reached,
    routes_of,
    routes_path,
)
from flows.engine.model import Ask, Call, CallDue, End, Find, Flow, HandToWorker, OfferPlan, Route, Step
from flows.engine.walk import DEEPEST

_Here = tuple[str, str]  # flow and step


def dangling(flow: Authored[Flow]) -> Iterator[Finding]:
    """Every route names a step of this flow."""
    steps = flow.value.steps
    if flow.value.start not in steps:
        hint = did_you_mean(flow.value.start, steps)
        yield flow.document.finding(flow.document.at("start"), f"there is no step {flow.value.start}", hint)
    for edge in edges(flow):
        if edge.route.go not in steps:
            hint = did_you_mean(edge.route.go, steps)
            yield flow.document.finding(place_of(flow, edge), f"there is no step {edge.route.go}", hint)


def goes_on(flow: Authored[Flow]) -> Iterator[Finding]:
    """Whatever is answered, skipped included, one route fits; and no route stands behind one that always fits."""
    for step in flow.value.steps.values():
        if isinstance(step, End):
            continue
        yield from _uncovered(flow, step)
        always = [number for number, route in enumerate(step.next) if _always(route)]
        if always and always[0] < len(step.next) - 1:
            place = flow.document.at(*routes_path(step), always[0] + 1)
            yield flow.document.finding(place, "this is never come to", "Put the entry without `when` last")


def _uncovered(flow: Authored[Flow], step: Step) -> Iterator[Finding]:
    routes = routes_of(step)
    if any(_always(route) for route in routes):
        return
    place = flow.document.key(*routes_path(step))
    by_answer = {route.answer for route in routes if route.answer is not None}
    missing = [answer for answer in answers_of(step) if answer not in by_answer]
    if isinstance(step, Ask) and step.kind != "choices":
        missing.append("any other answer")
    if not by_answer:
        yield flow.document.finding(place, "nothing is said for when no condition holds", "Add a last `- {go: step}`")
    elif missing:
        problem = f"nothing is said for {', '.join(missing)}"
        yield flow.document.finding(place, problem, "Add `else: step`. Every question can be skipped")


def _always(route: Route) -> bool:
    return route.answer is None and route.when is None


def known_answers(flow: Authored[Flow]) -> Iterator[Finding]:
    """A route by answer names an answer of its own question."""
    for edge in edges(flow):
        step, answer = flow.value.steps[edge.step], edge.route.answer
        if answer is None or answer in answers_of(step):
            continue
        place = flow.document.key(*edge.path)
        if answers_of(step):
            hint = did_you_mean(answer, (*answers_of(step), "else"))
            yield flow.document.finding(place, f"`{answer}` is no answer to {step.name}", hint)
        else:
            hint = "Write `next: step`, or a list of `{when, go}`"
            yield flow.document.finding(place, f"`{step.name}` asks nothing, so there is no answer {answer}", hint)


def unreachable(flow: Authored[Flow]) -> Iterator[Finding]:
    """Every step can be come to from the start."""
    there = reached([flow.value.start], next_steps(flow.value))
    for name in flow.value.steps:
        if name not in there and flow.value.start in flow.value.steps:
            hint = "Lead a step to it, or delete it"
            yield flow.document.finding(name_place(flow, name), f"no step leads to {name}", hint)


def comes_to_an_end(flow: Authored[Flow]) -> Iterator[Finding]:
    """From every step an `end` can be come to."""
    if any(dangling(flow)):
        return
    ends = [name for name, step in flow.value.steps.items() if isinstance(step, End)]
    there = reached(ends, backwards(next_steps(flow.value)))
    for name in flow.value.steps:
        if name not in there:
            hint = "Lead it, sooner or later, to a step with `end:`"
            yield flow.document.finding(name_place(flow, name), f"there is no way from {name} to an end", hint)


# between flows


def calls(content: Content) -> Iterator[Finding]:
    """A call names a flow, none calls itself through others, and they are not nested deeper than the engine goes."""
    called = {name: _called(flow.value, content) for name, flow in content.flows.items()}
    for name, flow in content.flows.items():
        for step in flow.value.steps.values():
            if isinstance(step, Call):
                yield from _call(flow, step, content, called)
        if name not in reached(called[name], called) and (depth := _depth(name, called)) > DEEPEST:
            problem = f"flows are nested {depth} deep from here, and {DEEPEST} is the most"
            yield flow.document.finding(flow.document.at("flow"), problem, "Call fewer flows from flows")


def _called(flow: Flow, content: Content) -> frozenset[str]:
    return frozenset(name for step in flow.steps.values() for name in _runs(step, content))


def _runs(step: Step, content: Content) -> frozenset[str]:
    """The flows that a step may run."""
    match step:
        case Call():
            return frozenset({step.flow} & content.flows.keys())
        case CallDue():
            return frozenset(name for name, flow in content.flows.items() if flow.value.schedule is not None)
        case _:
            return frozenset()


def _call(
    flow: Authored[Flow], step: Call, content: Content, called: Mapping[str, frozenset[str]]
) -> Iterator[Finding]:
    place = flow.document.at("steps", step.name, "call")
    if step.flow not in content.flows:
        yield flow.document.finding(place, f"there is no flow {step.flow}", did_you_mean(step.flow, content.flows))
    elif flow.value.name in reached([step.flow], called):
        problem = f"`{step.flow}` leads back into {flow.value.name}, which is still waiting for it"
        yield flow.document.finding(place, problem, "End this flow and let the menu offer the other")


def _depth(name: str, called: Mapping[str, frozenset[str]]) -> int:
    """Of flows that do not call themselves; those that do are told of by `_call`."""
    inner = [other for other in called[name] if other not in reached(called[other], called)]
    return 1 + max((_depth(other, called) for other in inner), default=0)


def silent_loops(content: Content) -> Iterator[Finding]:
    """No circle without a question in it: the engine would run round it and then give up."""
    ways = _silent_ways(content)
    for here in sorted(ways):
        if here in reached(ways[here], ways):
            flow = content.flows[here[0]]
            problem = f"from {here[1]} one comes back to it without being asked anything"
            yield flow.document.finding(name_place(flow, here[1]), problem, "Put a question into the circle")


def _silent_ways(content: Content) -> dict[_Here, frozenset[_Here]]:
    """From each step to those that may come in the same turn, flows that it calls included."""
    silent = _silent_flows(content)
    ways: dict[_Here, frozenset[_Here]] = {}
    for name, flow in content.flows.items():
        for step in flow.value.steps.values():
            after = {(name, go) for go in _without_answer(step, silent) if go in flow.value.steps}
            after |= {(flow, content.flows[flow].value.start) for flow in _runs(step, content)}
            ways[name, step.name] = frozenset(after)
    return ways


def _silent_flows(content: Content) -> frozenset[str]:
    """Flows that may run from start to end in one turn. Each round finds those that need one call more."""
    silent: frozenset[str] = frozenset()
    while True:
        more = frozenset(name for name, flow in content.flows.items() if _may_pass(flow.value, silent))
        if more == silent:
            return silent
        silent = more


def _may_pass(flow: Flow, silent: frozenset[str]) -> bool:
    ways = {name: _without_answer(step, silent) for name, step in flow.steps.items()}
    return any(isinstance(flow.steps.get(name), End) for name in reached([flow.start], ways))


def _without_answer(step: Step, silent: frozenset[str]) -> frozenset[str]:
    """Where a step leads in the same turn."""
    match step:
        case HandToWorker() | End():
            return frozenset()
        case OfferPlan():
            return _by_answer(step.next, "none")  # nothing to show
        case Find():
            return _by_answer(step.next, "none") | _by_answer(step.next, "last")
        case Ask():
            planned = step.into is not None and step.into.startswith("plan.")
            return _by_answer(step.next, "done") if planned else frozenset()  # what stands is not asked again
        case Call():
            return frozenset(route.go for route in step.next) if step.flow in silent else frozenset()
        case CallDue():
            return frozenset(route.go for route in step.next)
        case _:
            return frozenset(route.go for route in step.next)


def _by_answer(routes: tuple[Route, ...], answer: str) -> frozenset[str]:
    """Where routes may lead for one answer: those for others do not count, nor any after the first that must fit."""
    found: set[str] = set()
    for route in routes:
        if route.answer in (None, answer):
            found.add(route.go)
            if route.when is None:
                break
    return frozenset(found)


FLOW_FAULTS = (dangling, goes_on, known_answers, comes_to_an_end)
FLOW_ADVICE = (unreachable,)
CONTENT_FAULTS = (calls, silent_loops)
