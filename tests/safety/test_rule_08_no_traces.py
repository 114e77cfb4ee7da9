"""SAFETY 8: no link, phone number, name, date or address that she did not ask for in the session."""

from __future__ import annotations

import pytest

from flows.authoring.cover_words import LINK
from flows.authoring.traces import SHORT, numbers
from flows.engine.conversation import replace
from flows.safety.traces import leaves_traces
from flows.text.canonical import words
from tests.properties.walks import LANGUAGES, SIGNAL, programme
from tests.safety.phone import Phone
from tests.walk.heard import LIMITS, OWN_NAMES


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_is_written_for_her_holds_a_link_a_number_or_the_name_of_the_service(language: str) -> None:
    filled = programme().catalogues.filled.get(language)
    for message, source in LIMITS.items():
        if message.startswith("words/"):
            continue  # understood, never sent
        text = filled.messages.get(message, source.english) if filled else source.english
        assert not LINK.search(text.casefold()), message
        assert OWN_NAMES.isdisjoint(words(text)), message
        long = [number for number in numbers(text) if len(number) > SHORT and not number.startswith("116")]
        assert long == [], message


@pytest.mark.parametrize(("may", "shown"), [("1", True), ("2", False)])
def test_numbers_of_services_come_only_where_she_said_that_they_may_be_written(may: str, shown: bool) -> None:
    phone = Phone()
    phone.says(SIGNAL, "menu", "8")
    seen = [text for answer in (may, "1", "2", "1", "1", "1") for text in phone.says(answer)]
    assert seen
    assert any(len(number) > SHORT for text in seen for number in numbers(text)) is shown


def test_wherever_a_flow_leads_her_leave_is_looked_at_again_where_the_number_is_shown() -> None:
    phone = Phone()
    phone.says(SIGNAL, "menu", "8", "1", "1", "2")
    session = phone.now.session
    assert session is not None
    frame = session.stack[-1]
    assert (frame.step, frame.answers["may"]) == ("how", "yes")
    without = replace(session, stack=(*session.stack[:-1], replace(frame, answers=frame.answers | {"may": "no"})))
    phone.now = replace(phone.now, session=without)
    seen = phone.says("1")
    assert seen
    assert not any(len(number) > SHORT for text in seen for number in numbers(text))


@pytest.mark.parametrize("text", ["0808 2000 247", "see example.org", "on 20.11.2026", "٠٧٧٠٠٩٠٠١٢٣", "me@example.com"])
def test_a_worker_is_stopped_before_such_a_thing_goes_out(text: str) -> None:
    assert leaves_traces(f"Try {text}")
    assert not leaves_traces("I am here. Can you write for 5 minutes?")
