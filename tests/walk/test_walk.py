"""Every path of every flow, by machine, in every language and on both channels, each message looked at.

The ways are found once a channel (`ways`), then walked in each language (`walking`) under the rules of `heard`.
"""

from __future__ import annotations

from functools import lru_cache, partial

import pytest

from bot.app import read_content
from flows.authoring.routes import routes_of
from flows.engine.matching import SKIPPED, match
from flows.engine.model import Ask, Question
from flows.engine.programme import Programme
from tests.walk.acts import answers_of, first_word
from tests.walk.openings import openings
from tests.walk.walking import Walk
from tests.walk.ways import Explorer, Given, routes_on

CHANNELS = ("sms", "telegram")


@lru_cache(maxsize=1)
def programme() -> Programme:
    return read_content()


LANGUAGES = tuple(programme().catalogues.languages)


@lru_cache(maxsize=2)
def explored(channel: str) -> Explorer:
    explorer = Explorer(programme(), openings(programme()), channel)
    explorer.explore()
    return explorer


@lru_cache(maxsize=2)
def in_english(channel: str) -> Walk:
    walk = Walk(explored(channel), "en")
    walk.run()
    return walk


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_route_of_every_step_is_taken(channel: str) -> None:
    """Conditions both ways, calls there and back, lists to their end: there is none that no answers lead over."""
    assert explored(channel).unreached() == []
    assert explored(channel).problems == set()


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_answer_of_every_question_is_given(channel: str) -> None:
    """Each choice, skip, both ends of a scale and what lies beyond, a picture, an answer that cannot be read."""
    reached = {(taken.flow, taken.step) for taken in routes_on(channel, programme())}
    wanted = {
        Given(flow.name, step.name, act)
        for flow in programme().flows.values()
        for step in flow.steps.values()
        if isinstance(step, Question) and (flow.name, step.name) in reached
        for act in answers_of(flow, step)
    }
    assert len(wanted) > 2_000
    assert sorted(wanted - explored(channel).answers) == []


def test_no_route_is_left_out_on_both_channels() -> None:
    everything = {
        (flow.name, step.name, number)
        for flow in programme().flows.values()
        for step in flow.steps.values()
        for number in range(len(routes_of(step)))
    }
    assert everything == {tuple(taken) for channel in CHANNELS for taken in explored(channel).routes}


def test_every_service_of_the_directory_is_shown() -> None:
    shown = {service[0] for service in explored("sms").services if isinstance(service, tuple)}
    there = {service.name for service in programme().directory.services}
    assert sorted(there - shown) == []


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_message_keeps_the_rules_of_safety(language: str, channel: str) -> None:
    walk = in_english(channel) if language == "en" else Walk(explored(channel), language)
    if language != "en":
        walk.run()
    assert walk.sends > 8_000
    assert sorted(walk.problems) == []
    assert walk.said == in_english(channel).said, "another conversation than in English"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_choice_can_be_written_out_and_each_question_skipped(language: str) -> None:
    """What stands beside the number is read as the number is; the word for skip leaves out."""
    text, skip = programme().catalogues.text, first_word(programme(), language, "words/skip")
    wrong = []
    for flow in programme().flows.values():
        for step in flow.steps.values():
            if isinstance(step, Question):
                read = partial(match, step, flow.name, programme=programme(), language=language)
                labels = {c: text(language, f"{flow.name}/{step.name}.{c.name}", c.english) for c in step.choices}
                wrong += [
                    f"{flow.name}/{step.name}: {w}" for c, w in labels.items() if read(text=w) != read(text=c.token)
                ]
                skips = ("-", skip) if _takes_zero(step) else ("-", skip, "0")
                wrong += [f"{flow.name}/{step.name}: {w} does not skip" for w in skips if read(text=w) != SKIPPED]
    assert wrong == []


def _takes_zero(step: Question) -> bool:
    return isinstance(step, Ask) and step.kind in ("number", "text", "time")
