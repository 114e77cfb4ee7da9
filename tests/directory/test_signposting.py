"""The signpost flow on a phone: what production shows, what fits into a text, what is never shown."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import pytest
from msgspec import structs

from bot.app import read_content
from flows.directory.categories import CATEGORIES, REFUGE
from flows.directory.service import Number
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
SPOKEN = ("en", "es", "cy", "ar", "ur", "pl")


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
    isolates = before.contact.channel == "telegram"
    shown = [(send.message, wording(programme, send, isolates=isolates)) for send in sends]
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


def shown_in(language: str, channel: str) -> str:
    """The first service of Wales, whose numbers are printed in groups; it is texted on another number."""
    before = standing(spaced(), "how", language, may="yes", need="helpline", where="gb_wls")
    before = structs.replace(before, contact=structs.replace(before.contact, channel=channel))
    [(_, text)] = texts(spaced(), before, "1")
    return text


@lru_cache(maxsize=1)
def spaced() -> Programme:
    """The shipped directory with every number printed in groups."""
    shipped = content()

    def grouped(number: Number) -> Number:
        return replace(number, printed=" ".join(re.findall(".{1,4}", number.printed.replace(" ", ""))))

    services = tuple(replace(s, numbers=tuple(map(grouped, s.numbers))) for s in shipped.directory.services)
    return replace(shipped, directory=replace(shipped.directory, services=services))


@pytest.mark.parametrize("language", ["ar", "ur"])
def test_right_to_left_numbers_are_isolated_on_telegram(language: str) -> None:
    text = shown_in(language, "telegram")
    assert "\u20660808 8010 800\u2069" in text.split("\n")
    assert "\u20660786 0077 333\u2069" in text, "and so is the one to text, inside the notes"
    assert text.startswith("\u2068Live Fear Free\u2069\n")
    assert text.count("\u2066") + text.count("\u2068") == text.count("\u2069")


@pytest.mark.parametrize("language", ["ar", "ur"])
def test_right_to_left_numbers_are_led_by_a_mark_by_sms(language: str) -> None:
    text = shown_in(language, "sms")
    assert "\u200e0808 8010 800" in text.split("\n")
    assert "\u200e0786 0077 333" in text
    assert not set("\u2066\u2067\u2068\u2069") & set(text)


@pytest.mark.parametrize("language", ["en", "cy", "pl"])
@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_left_to_right_numbers_need_nothing(language: str, channel: str) -> None:
    assert not [sign for sign in shown_in(language, channel) if unicodedata.category(sign) == "Cf"]


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
