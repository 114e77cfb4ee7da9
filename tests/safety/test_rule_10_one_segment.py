"""SAFETY 10: a cover fits one SMS in every script, and no answer that is offered is a word that carriers catch."""

from __future__ import annotations

import pytest

from flows.engine.effects import Send
from flows.engine.model import Question
from flows.engine.wording import wording
from flows.text.canonical import canonical
from flows.text.segments import count
from tests.properties.walks import LANGUAGES, programme

CAUGHT = "stop stopall unsubscribe cancel end quit revoke optout start yes unstop help info".split()  # noqa: SIM905


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_every_cover_is_one_segment(language: str) -> None:
    for cover in programme().covers.values():
        for message, english in (*cover.replies, *cover.pings):
            said = wording(programme(), Send(message, english, "cover", language)).text
            assert count(said).segments == 1, (message, said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_choice_of_any_question_is_a_carriers_word(language: str) -> None:
    offered = 0
    for flow in programme().flows.values():
        for name, found in flow.steps.items():
            if isinstance(found, Question):
                for choice in getattr(found, "choices", ()):
                    label = Send(f"{flow.name}/{name}.{choice.name}", choice.english, "session", language)
                    assert canonical(wording(programme(), label).text) not in CAUGHT, label.message
                    offered += 1
    assert offered > 100
