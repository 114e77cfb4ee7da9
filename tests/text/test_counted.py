"""What counts something is said in the form that the language has for the number."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.app import read_content
from flows.engine.conversation import Contact, Conversation
from flows.engine.draft import Draft
from flows.engine.hers import hers
from flows.engine.programme import Programme

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
SLOTS = "{rhythm_days}|{missed_after_hours}"


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read_content()


def said(programme: Programme, language: str, days: int, hours: int) -> tuple[str, str]:
    contact = Contact(language=language, rhythm_days=days, missed_after_hours=hours)
    values = hers(Draft(programme, Conversation("p", contact), NOW, "f"), "none/here", SLOTS)
    return values["rhythm_days"], values["missed_after_hours"]


@pytest.mark.parametrize(
    ("language", "days", "hours", "wanted"),
    [
        ("en", 1, 1, ("every day", "1 hour")),
        ("en", 7, 24, ("every 7 days", "24 hours")),
        ("es", 1, 2, ("cada día", "2 horas")),
        ("pl", 2, 1, ("co 2 dni", "1 godzinie")),
        ("pl", 22, 5, ("co 22 dni", "5 godzinach")),
        ("ar", 1, 1, ("كل يوم", "ساعة واحدة")),
        ("ar", 2, 2, ("كل يومين", "ساعتين")),
        ("ar", 7, 6, ("كل 7 أيام", "6 ساعات")),
        ("ar", 14, 24, ("كل 14 يومًا", "24 ساعة")),
        ("cy", 1, 24, ("bob dydd", "24 awr")),
        ("cy", 2, 6, ("bob 2 ddiwrnod", "6 awr")),
        ("fr", 1, 1, ("tous les jours", "1 heure")),
        ("ur", 1, 12, ("ہر روز", "12 گھنٹے")),
        ("pt", 7, 1, ("a cada 7 dias", "1 hora")),
        ("tlh", 1, 2, ("every day", "2 hours")),
    ],
)
def test_days_and_hours(programme: Programme, language: str, days: int, hours: int, wanted: tuple[str, str]) -> None:
    assert said(programme, language, days, hours) == wanted


def test_no_text_of_hers_has_one_thing_in_the_plural(programme: Programme) -> None:
    for language in programme.catalogues.languages:
        question = programme.catalogues.text(language, "my_data/rhythm", "")
        assert "{rhythm_days}" in question or language == "en"
        assert said(programme, language, 1, 1) != said(programme, language, 5, 5)
