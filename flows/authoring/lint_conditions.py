"""Faults in conditions: names that nobody answers, words that no answer is, comparisons that fail or never hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flows.authoring.compile import offset_place
from flows.authoring.content import Authored, Content
from flows.authoring.domains import Domains, compared, flow_domains, score_domains, weigh_all
from flows.authoring.findings import Finding
from flows.authoring.fit import did_you_mean
from flows.authoring.nodes import Document
from flows.authoring.routes import backwards, edges, next_steps, reached
from flows.engine.hers import VALUES
from flows.engine.model import Ask, Condition, Flow, Instrument, Set
from flows.engine.record import WORDS
from flows.text.render import placeholders

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class _Written:
    """A condition and where it stands; `step`: in which step of a flow, if it is one's."""

    document: Document
    path: tuple[str | int, ...]
    condition: Condition
    step: str = ""

    def finding(self, offset: int, problem: str, hint: str) -> Finding:
        return self.document.finding(offset_place(self.document, self.path, offset), problem, hint)

    def offset(self, name: str) -> int:
        found = re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", self.condition.source)
        return found.start() if found else 0


def _of_flow(flow: Authored[Flow]) -> Iterator[_Written]:
    for edge in edges(flow):
        if edge.route.when is not None:
            yield _Written(flow.document, (*edge.path[:-1], "when"), edge.route.when, edge.step)


def _of_instrument(instrument: Authored[Instrument]) -> Iterator[_Written]:
    for number, rule in enumerate(instrument.value.rules):
        yield _Written(instrument.document, ("rules", number, "when"), rule.when)


def _all(content: Content) -> Iterator[tuple[_Written, Domains]]:
    for flow in content.flows.values():
        domains = flow_domains(flow.value, content)
        yield from ((written, domains) for written in _of_flow(flow))
    for instrument in content.instruments.values():
        weighed = content.flows.get(instrument.value.flow)
        if weighed is not None:
            domains = flow_domains(weighed.value, content) | score_domains(instrument.value)
            yield from ((written, domains) for written in _of_instrument(instrument))


def conditions(content: Content) -> Iterator[Finding]:
    """Every condition reads names that can be known, compares them with what they can be, and holds at some time."""
    for written, domains in _all(content):
        unknown = sorted(written.condition.names - domains.keys())
        for name in unknown:
            yield written.finding(written.offset(name), _unknown(name), did_you_mean(name, domains))
        if not unknown:
            yield from _strange(written, domains)


def _unknown(name: str) -> str:
    return f"nothing answers {name}" + (" here: her secret words are not kept" if name in WORDS else "")


def _strange(written: _Written, domains: Domains) -> Iterator[Finding]:
    wrong = [
        (offset, word, name)
        for name, word, offset in compared(written.condition.source)
        if name in domains and not domains[name].open and word not in domains[name].texts()
    ]
    for offset, word, name in wrong:
        hint = did_you_mean(word, domains[name].texts()) if domains[name].texts() else f"Compare {name} with a number"
        yield written.finding(offset, f"`{name}` is never '{word}'", hint)
    if not wrong:
        yield from _never(written, domains)


def _never(written: _Written, domains: Domains) -> Iterator[Finding]:
    weighed = weigh_all(written.condition, domains)
    if weighed.failing is not None:
        example = " and ".join(f"{name} is {value!r}" for name, value in weighed.failing.items())
        hint = "Compare numbers with numbers and words with words"
        yield written.finding(0, f"this cannot be computed when {example}", hint)
    elif not weighed.ever_true:
        yield written.finding(0, "this is never true", "Compare it with what the questions can be answered with")


def answered_before(content: Content) -> Iterator[Finding]:
    """A condition reads only what some step before it can have answered."""
    for flow in content.flows.values():
        ways = backwards(next_steps(flow.value))
        own = {name for step in flow.value.steps.values() for name in _answers(step)}
        for written in _of_flow(flow):
            steps = reached([written.step], ways)
            before = {name for step in steps for name in _answers(flow.value.steps[step])}
            for name in sorted(written.condition.names & own - before):
                hint = "Ask it on a way that leads here, or leave it out"
                yield written.finding(written.offset(name), f"nothing before this step answers {name}", hint)


def _answers(step: object) -> tuple[str, ...]:
    if isinstance(step, Ask):
        return (step.name,)
    return tuple(name for name, _ in step.values if "." not in name) if isinstance(step, Set) else ()


def instruments(content: Content) -> Iterator[Finding]:
    """An instrument weighs a flow that there is; its rules have one id each and say only what they read."""
    rules = content.rules
    for each in content.instruments.values():
        document, instrument = each.document, each.value
        if instrument.flow not in content.flows:
            hint = did_you_mean(instrument.flow, content.flows)
            yield document.finding(document.at("flow"), f"there is no flow {instrument.flow}", hint)
        if instrument.licence.holder and instrument.flow in (rules.opening, rules.joining, rules.menu):
            problem = f"`{instrument.flow}` would stop with this licence, and the chat begins there"
            hint = "Ask the licensed items in a flow of their own"
            yield document.finding(document.key("licence"), problem, hint)
        yield from _rules(each)
        weighed = content.flows.get(instrument.flow)
        if weighed is not None and weighed.value.independent:
            yield from _quotes(each)


def _quotes(instrument: Authored[Instrument]) -> Iterator[Finding]:
    """A reason is read by the worker of the case, who does not read what was answered to someone independent."""
    for number, rule in enumerate(instrument.value.rules):
        for name in sorted(set(_PLACEHOLDER.findall(rule.says))):
            place = offset_place(instrument.document, ("rules", number, "says"), rule.says.find(f"{{{name}}}"))
            problem = f"{{{name}}} would quote an answer that was given to someone independent"
            yield instrument.document.finding(place, problem, "Say what a worker has to do, without the answer")


def _rules(instrument: Authored[Instrument]) -> Iterator[Finding]:
    document = instrument.document
    seen: set[str] = set()
    for number, rule in enumerate(instrument.value.rules):
        if rule.id in seen:
            hint = "Give each rule an id of its own: alerts are told apart by it"
            yield document.finding(document.at("rules", number, "id"), f"the id {rule.id} is here a second time", hint)
        seen.add(rule.id)
        for name in sorted(set(_PLACEHOLDER.findall(rule.says)) - rule.when.names):
            offset = rule.says.find(f"{{{name}}}")
            place = offset_place(document, ("rules", number, "says"), offset)
            hint = f"Name one of {', '.join(sorted(rule.when.names))}, which it reads"
            yield document.finding(place, f"{{{name}}} is not read by this rule, so it may be unknown", hint)


def placed(flow: Authored[Flow]) -> Iterator[Finding]:
    """A plan item has {item}, and {words} if wanted; what is said and asked may show her own record."""
    for step in flow.value.steps.values():
        english, allowed = getattr(step, "english", ""), _FILLABLE.get(step.verb, frozenset())
        path = ("steps", step.name, step.verb)
        for name in sorted(placeholders(english) - allowed):
            place = offset_place(flow.document, path, english.find(f"{{{name}}}"))
            known = ", ".join(f"{{{each}}}" for each in sorted(allowed))
            hint = f"Here can be used: {known}" if known else "Write the words out"
            yield flow.document.finding(place, f"nobody gives {{{name}}}", hint)
        if step.verb == "offer_plan" and "item" not in placeholders(english):
            yield flow.document.finding(
                flow.document.at(*path), "this does not say which item it shows", "Write {item} in it"
            )


_FILLABLE = {
    "offer_plan": frozenset({"item", "words"}),
    "find": frozenset({"name", "what", "number", "notes"}),
    "ask": VALUES.keys(),
    "say": VALUES.keys(),
}


CONTENT_FAULTS = (conditions,)
CONTENT_ADVICE = (answered_before,)
FLOW_FAULTS = (placed,)
