"""The signpost flow on a phone: what production shows, what fits into a text, what is never shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import pytest

from bot.app import read_content
from flows.directory.categories import CATEGORIES, REFUGE
from flows.engine.conversation import Contact, Conversation, Frame, Memory, Session
from flows.engine.effects import Send
from flows.engine.events import Heard
from flows.engine.programme import Programme
from flows.engine.step import step
from flows.engine.wording import wording
from flows.safety.hours import PRESETS
from flows.text.render import numbered
from flows.text.segments import count

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
PLACES = ("gb_eng", "gb_sct", "gb_wls", "gb_nir", "ie", "us_ct", "us")
SPOKEN = ("en", "es", "cy", "ar")


@lru_cache(maxsize=2)
def content(drafts: bool = True) -> Programme:
    return read_content(drafts=drafts)


def standing(
    programme: Programme, at: str, language: str = "en", verify_first: bool = False, **answers: str
) -> Conversation:
    """Somebody at a question of the flow, with what was answered before it."""
    frame = Frame("signpost", programme.flows["signpost"].revision, at, dict(answers))
    session = Session("s" * 28, NOW, NOW, (frame,), asked=3)
    contact = Contact(language=language, windows=PRESETS["always"], signal="m", duress="d", consent="worker")
    return Conversation("p", contact, session, (), Memory(joined_at=NOW, verify_first=verify_first))


def texts(programme: Programme, before: Conversation, said: str) -> list[tuple[str, str]]:
    """Message ids and what the phone shows, choices below as by SMS."""
    turn = step(programme, before, Heard(NOW, said, f"mac:{said}", "f" * 28))
    sends = [effect for effect in turn.effects if isinstance(effect, Send)]
    shown = [(send.message, wording(programme, send)) for send in sends]
    return [(m, numbered(w.text, [label for _, label in w.options]) if w.options else w.text) for m, w in shown]


def test_production_says_honestly_that_a_worker_can_find_it() -> None:
    production = content(drafts=False)
    for place in PLACES:
        before = standing(production, "how", may="yes", need="helpline", where=place)
        [(message, text)] = texts(production, before, "1")
        assert message == "signpost/nothing"
        assert "no checked number" in text
        assert "1 A worker finds it with me" in text


def test_production_shows_what_was_checked() -> None:
    production = content(drafts=False)
    services = tuple(replace(each, verified_on=NOW.date()) for each in production.directory.services)
    checked = replace(production, directory=replace(production.directory, services=services))
    [(message, text)] = texts(checked, standing(checked, "how", may="yes", need="helpline", where="gb_wls"), "1")
    assert message == "signpost/show"
    assert text.startswith("Live Fear Free: someone to talk to\n0808 80 10 800\nFree. It may show on the bill.")
    assert "Text: 07860077333" in text
    assert "checked" not in text


def test_the_demo_says_that_it_is_not_checked() -> None:
    [(_, text)] = texts(content(), standing(content(), "how", may="yes", need="helpline", where="ie"), "1")
    assert "Not checked yet." in text


@pytest.mark.parametrize("answers", [{}, {"may": "no"}, {"may": "yes", "verify_first": True}])
def test_no_number_without_leave_or_while_somebody_else_may_read(answers: dict[str, object]) -> None:
    before = standing(content(), "how", need="helpline", where="gb_wls", **answers)  # type: ignore[arg-type]
    assert [message for message, _ in texts(content(), before, "1")] == ["signpost/nothing"]


def test_a_programme_that_says_where_it_works_does_not_ask() -> None:
    local = replace(content(), rules=replace(content().rules, place="GB-SCT"))
    assert [m for m, _ in texts(local, standing(local, "kind", may="yes"), "1")] == ["signpost/how"]
    [(_, text)] = texts(local, standing(local, "how", may="yes", need="helpline"), "1")
    assert text.startswith("Scotland Domestic Abuse Helpline")


@pytest.mark.parametrize("language", SPOKEN)
def test_every_service_fits_into_few_segments(language: str) -> None:
    """Two in GSM-7, four where letters need UCS-2; every service that ships, called or written to."""
    seen = set()
    for place in PLACES:
        for need in CATEGORIES:
            for answer in ("1", "2"):
                before = standing(content(), "how", language, may="yes", need=need, where=place)
                [(message, text)] = texts(content(), before, answer)
                while message == "signpost/show":
                    counted = count(text)
                    assert counted.segments <= (2 if counted.encoding == "GSM-7" else 4), text
                    assert "http" not in text
                    seen.add(text.partition("\n")[0].partition(":")[0])  # Arabic has the name on a line of its own
                    turn = step(content(), before, Heard(NOW, answer, "m2", "f" * 28))
                    before, answer = turn.conversation, "1"
                    [(message, text)] = texts(content(), before, answer)
    assert seen == {each.name for each in content().directory.services}


def test_every_category_has_its_words_and_its_way_in() -> None:
    flow = content().flows["signpost"]
    found = {
        category
        for each in flow.steps.values()
        if each.verb == "find"
        for _, listed in each.needs
        for category in listed
    }  # type: ignore[union-attr]
    assert found == set(CATEGORIES)
    assert {f"need/{category}" for category in CATEGORIES} == {own for own in content().own if own.startswith("need/")}
    assert set(CATEGORIES) > REFUGE
