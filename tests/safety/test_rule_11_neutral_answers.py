"""SAFETY 11: every question can be answered with a neutral token, so that her own sent texts tell nothing."""

from __future__ import annotations

import pytest

from flows.engine.conversation import replace
from tests.properties.test_fine_path import QUESTIONS, standing
from tests.properties.walks import programme
from tests.safety.phone import Phone

NOT_UNDERSTOOD = {"engine/again", "engine/lost_step", "engine/no_media", "engine/word_unfit"}


def understood(phone: Phone, answer: str) -> bool:
    phone.says(answer)
    return bool(phone.sends) and not {send.message for send in phone.sends} & NOT_UNDERSTOOD


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize("flow", sorted({flow for flow, *_ in QUESTIONS}))
def test_a_figure_or_a_dash_answers_every_question(flow: str, channel: str) -> None:
    for name in (name for each, name, _ in QUESTIONS if each == flow):
        tokens = [choice.token for choice in getattr(programme().flows[flow].steps[name], "choices", ())]
        assert tokens == [str(number) for number in range(1, len(tokens) + 1)]
        for answer in (*tokens, "-"):
            phone = Phone()
            at_it = standing(flow, name, "en")
            phone.now = replace(at_it, contact=replace(at_it.contact, channel=channel))
            assert understood(phone, answer), (name, answer)
