"""Instruments with items as a worker reads them: the questions in order, in the words of one language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flows.engine.model import Ask, Instrument, Item, Tier
from flows.engine.programme import Programme

# The answers of an item that has none of its own. A bare Yes is a word that carriers catch (SAFETY 10).
USUAL = {"yes": "Yes to this", "no": "No to this", "unsure": "Not sure"}
_BAND = re.compile(r"from_(\d+)")


@dataclass(frozen=True, slots=True)
class Question:
    """`answers`: name and words, in order. `usual`: yes, no and not sure, for which a reader may have better words."""

    item: Item
    words: str
    answers: tuple[tuple[str, str], ...]
    usual: bool

    @property
    def id(self) -> str:
        return self.item.id


@dataclass(frozen=True, slots=True)
class Form:
    """`about`: what it is for. `bands`: from so many points on, which tier; lowest first."""

    instrument: Instrument
    about: str
    questions: tuple[Question, ...]
    bands: tuple[tuple[int, Tier], ...]

    @property
    def most(self) -> int:
        """All points there are."""
        return sum(item.most for item in self.instrument.items)

    def triggered(self, rules: tuple[str, ...]) -> frozenset[str]:
        """Items that rules read by themselves, not by their points."""
        ids = {item.id for item in self.instrument.items}
        return frozenset(name for rule in self.instrument.rules if rule.id in rules for name in rule.when.names & ids)


def forms_of(programme: Programme, language: str) -> Mapping[str, Form]:
    """By name, those that have items, in alphabetical order."""
    with_items = sorted((each for each in programme.instruments.values() if each.items), key=lambda each: each.name)
    return {each.name: _form(programme, each, language) for each in with_items}


def _form(programme: Programme, instrument: Instrument, language: str) -> Form:
    flow = programme.flows[instrument.flow]
    asked = ((item, flow.steps.get(item.id)) for item in instrument.items)
    questions = (_question(programme, flow.name, item, step, language) for item, step in asked if isinstance(step, Ask))
    found = ((rule.tier, _BAND.fullmatch(rule.id.removeprefix(f"{instrument.name}."))) for rule in instrument.rules)
    bands = sorted((int(low[1]), tier) for tier, low in found if low is not None)
    return Form(instrument, flow.about, tuple(questions), tuple(bands))


def _question(programme: Programme, flow: str, item: Item, step: Ask, language: str) -> Question:
    def words(message: str, english: str) -> str:
        return programme.catalogues.text(language, f"{flow}/{message}", english)

    answers = tuple((choice.name, words(f"{step.name}.{choice.name}", choice.english)) for choice in step.choices)
    usual = {choice.name: choice.english for choice in step.choices} == USUAL
    return Question(item, words(step.name, step.english), answers, usual)
