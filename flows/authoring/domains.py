"""What each name in a condition can be, so that a typing error, a rule that never fires or one that fails is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import get_args

from flows.authoring.content import Content
from flows.engine import goals
from flows.engine.conditions import ConditionFailed, holds
from flows.engine.her_words import Way
from flows.engine.model import Ask, Assess, Condition, Flow, Instrument, Set, Tier
from flows.engine.record import WORDS
from flows.engine.watching import State
from flows.safety.recorded import NO_NEWS, VALUES

MOST_TRIED = (
    4_000  # combinations of answers weighed for one condition: some 20 ms; beyond that only numbers near literals
)
DAY_MINUTES = range(24 * 60)
MANY = range(100)  # plan items, days: enough on both sides of every sensible bound

_LITERAL = re.compile(r"(?<![\w.'])-?\d+(?![\w.'])")


@dataclass(frozen=True, slots=True)
class Domain:
    """The values that a name can have; `open`: others too, words of her own."""

    values: tuple[str | int, ...] = ()
    open: bool = False

    def __or__(self, other: Domain) -> Domain:
        return Domain(tuple(dict.fromkeys((*self.values, *other.values))), self.open or other.open)

    def texts(self) -> tuple[str, ...]:
        return tuple(value for value in self.values if isinstance(value, str))


Domains = Mapping[str, Domain]


def flow_domains(flow: Flow, content: Content) -> dict[str, Domain]:
    """Every name that conditions in this flow, or rules about it, may read."""
    return _answers(flow) | _previous(content) | _around()


def score_domains(instrument: Instrument) -> dict[str, Domain]:
    """What rules may read of an instrument with items (`flows.safety.risk.score`)."""
    if not instrument.items:
        return {}
    most = {"total": sum(item.most for item in instrument.items), "unanswered": len(instrument.items)}
    for item in instrument.items:
        if item.group:
            most[item.group] = most.get(item.group, 0) + item.most
    return {f"score.{name}": Domain(tuple(range(points + 1))) for name, points in most.items()}


def _answers(flow: Flow) -> dict[str, Domain]:
    found: dict[str, Domain] = {}
    for name, domain in _given(flow):
        found[name] = found.get(name, Domain()) | domain
    return found


def _given(flow: Flow) -> Iterator[tuple[str, Domain]]:
    for step in flow.steps.values():
        if isinstance(step, Ask) and step.into not in WORDS:  # her secret words are never kept as answers
            yield step.name, _of(step)
        if isinstance(step, Set):
            yield from ((name, Domain((value,))) for name, value in step.values if "." not in name)


def _of(step: Ask) -> Domain:
    names = tuple(choice.name for choice in step.choices)
    match step.kind:
        case "number":
            return Domain(tuple(range(step.low, step.high + 1)))
        case "time":
            return Domain((*names, *DAY_MINUTES))
        case "text":
            return Domain(names, open=True)
        case _:
            return Domain(names)


def _previous(content: Content) -> dict[str, Domain]:
    """The answers of the last check-in: of any flow that is assessed."""
    assessed = [
        flow.value for flow in content.flows.values() if any(isinstance(s, Assess) for s in flow.value.steps.values())
    ]
    found: dict[str, Domain] = {}
    for flow in assessed:
        for name, domain in _answers(flow).items():
            found[f"previous.{name}"] = found.get(f"previous.{name}", Domain()) | domain
    return found


def _around() -> dict[str, Domain]:
    """Names that are there in every flow: those of `flows.engine.walk.names`."""
    return {
        "risk.tier": Domain(get_args(Tier)),
        "chat.words": Domain(get_args(Way)),
        "plan.count": Domain(tuple(MANY)),
        "plan.todo": Domain(tuple(MANY)),
        "goals.count": Domain(tuple(range(len(goals.NAMES) + 1))),
        "days.joined": Domain(tuple(MANY), open=True),
        "contact.channel": Domain(("sms", "telegram"), open=True),
        "contact.language": Domain(open=True),
        "contact.shared_phone": Domain(("yes", "no", "unknown")),
        "contact.consent": Domain(open=True),
        "contact.programme_news": Domain(("yes", "no", "")),
        "recorded.negotiated_exit": Domain(("yes", "no")),
        "recorded.programme_news": Domain((NO_NEWS, *VALUES["programme_news"])),
        "programme.place": Domain(("",), open=True),
        "watch.state": Domain(get_args(State)),
    }


# what a condition makes of them


@dataclass(frozen=True, slots=True)
class Weighed:
    """What became of a condition over all that its names can be. `failing`: an example that cannot be computed."""

    ever_true: bool
    failing: Mapping[str, object] | None


def weigh_all(condition: Condition, domains: Domains) -> Weighed:
    """Try every combination; an open name is tried with words that nobody would compare with, too."""
    names = sorted(condition.names)
    tried = [_tried(condition, domains[name], len(names)) for name in names]
    ever_true, failing = any(domains[name].open for name in names), None
    for values in product(*tried):
        known = _nested(dict(zip(names, values, strict=True)))
        try:
            ever_true = holds(condition, known) or ever_true
        except ConditionFailed:
            failing = failing or dict(zip(names, values, strict=True))
    return Weighed(ever_true, failing)


def _tried(condition: Condition, domain: Domain, many: int) -> tuple[str | int, ...]:
    values = (*domain.values, "words of her own") if domain.open and not _is_number(domain) else domain.values
    if len(values) ** many <= MOST_TRIED:
        return values
    literals = [int(found) for found in _LITERAL.findall(condition.source)]
    near = {literal + step for literal in (0, *literals) for step in (-1, 0, 1)}
    ends = (values[0], values[-1])
    return tuple(v for v in values if isinstance(v, str) or v in near or v in ends)


def _is_number(domain: Domain) -> bool:
    return bool(domain.values) and all(isinstance(value, int) for value in domain.values)


def _nested(flat: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in flat.items():
        outer, dot, inner = name.partition(".")
        if dot:
            table = found.setdefault(outer, {})
            if isinstance(table, dict):
                table[inner] = value
        else:
            found[outer] = value
    return found


# comparisons with words


_SIDES = re.compile(r"(?<![\w.'])([a-z][\w.]*)\s*(?:[!=]=\s*'([^'\\]*)'|in\s*\[([^\]]*)\])")
_TEXT = re.compile(r"'([^'\\]*)'")


def compared(source: str) -> Iterator[tuple[str, str, int]]:
    """Each word that a name is compared with: name, word, and the word's offset in the source."""
    for found in _SIDES.finditer(source):
        if found[2] is not None:
            yield found[1], found[2], found.start(2)
        else:
            start = found.start(3)
            yield from ((found[1], word[1], start + word.start(1)) for word in _TEXT.finditer(found[3]))
