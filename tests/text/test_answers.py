"""What people write on a scale from 0 (fine) to 10, and what is taken for yes or no, in the languages that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.authoring.kept import kept_programme
from flows.authoring.load import SHIPPED
from flows.engine.matching import match
from flows.engine.model import Ask, Choice
from flows.engine.programme import Programme

LOCALES = Path(__file__).parents[2] / "locales"
FEAR = Ask("fear", "How afraid?", "number", (), high=10, fine="0")
CHOICES = (Choice("1", "yes", "I was"), Choice("2", "no", "I was not"))
CHOKED = Ask("neck", "Were you choked?", "choice", (), CHOICES, fine="no")


@pytest.fixture(scope="module")
def programme() -> Programme:
    return kept_programme([SHIPPED], LOCALES)


@pytest.mark.parametrize(
    ("language", "said", "fear"),
    [
        ("en", "nine out of ten", 9),
        ("en", "9/10", 9),
        ("en", "2 last week, now 9", 9),
        ("en", "from 2 to 10", 10),
        ("es", "9 de 10", 9),
        ("es", "ha pasado de 2 a 10", 10),
        ("fr", "neuf sur dix", 9),
        ("fr", "de 2 à 10", 10),
        ("pt", "8 em 10", 8),
        ("pt", "foi de 2 para 10", 10),
        ("pl", "8 na 10", 8),
        ("pl", "strach osiem na dziesięć", 8),
        ("pl", "wzrósł z 2 na 10", 10),
        ("pl", "od 2 na 10", 10),
        ("ar", "٨ من ١٠", 8),
        ("ur", "دس میں سے آٹھ", 8),
        ("ur", "10 میں سے 3", 3),
        ("ur", "2 سے 10", 10),
        ("cy", "8 allan o 10", 8),
    ],
)
def test_a_number_on_its_scale_and_a_rise(programme: Programme, language: str, said: str, fear: int) -> None:
    found = match(FEAR, "checkin", said, programme, language)
    assert found is not None
    assert found.value == fear


@pytest.mark.parametrize(
    ("language", "said", "taken"),
    [
        ("en", "no", "no"),
        ("es", "no", "no"),
        ("pl", "nie", "no"),
        ("pl", "no tak", "yes"),
        ("pl", "no", None),  # Polish for "yeah", English for no: asked again
        ("pl", "NO.", None),
        ("pl", "2", "no"),
        ("pl", "y", None),  # "er"
        ("pl", "pewnie", None),  # "sure", and "probably"
        ("pl", "no pewnie", "yes"),
        ("es", "y", None),  # "and": half a message
        ("es", "bueno", None),  # "well ..."
        ("es", "sí", "yes"),
        ("pt", "pode ser", None),  # "maybe"
        ("pt", "nao", "no"),
        ("fr", "si", None),  # yes, but only against a no
        ("fr", "o", None),  # oui, and the letter for a nought, which skips
        ("ar", "طيب", None),  # "well, all right"
        ("ar", "ايه", None),  # yes in the Gulf, "what?" in Egypt
        ("ar", "la", "no"),
        ("ar", "na3am", "yes"),
        ("ar", "na", None),
        ("ur", "na", "no"),
        ("ur", "han", "yes"),
        ("cy", "na", "no"),
        ("en", "na", None),
        ("en", "la", None),
    ],
)
def test_a_word_of_two_meanings_is_asked_again(
    programme: Programme, language: str, said: str, taken: str | None
) -> None:
    found = match(CHOKED, "danger_screen", said, programme, language)
    assert (None if found is None else found.value) == taken


@pytest.mark.parametrize(
    ("language", "said", "taken"),
    [
        ("fr", "insécurité", None),
        ("fr", "Insecurite!", None),
        ("fr", "en securité", "yes"),
        ("pl", "niebezpiecznie", None),
        ("es", "insegura", None),
        ("pt", "em insegurança", None),
    ],
)
def test_unsafe_is_never_a_slip_of_the_word_for_safe(
    programme: Programme, language: str, said: str, taken: str | None
) -> None:
    safe = programme.flows["checkin"].steps["safe_now"]
    assert isinstance(safe, Ask)
    found = match(safe, "checkin", said, programme, language)
    assert (None if found is None else found.value) == taken


@pytest.mark.parametrize(
    ("language", "said", "fear"),
    [
        ("ur", "مجھے جانے دو", None),  # let me go
        ("ur", "مدد دو", None),  # give help
        ("ur", "دو", 2),
        ("ur", "chay pi rahi hoon", None),
        ("pl", "ten sam strach", None),  # the same fear
        ("pl", "ten tydzień 3", 3),
        ("es", "ten cuidado", None),
        ("fr", "rien de neuf", None),
        ("fr", "neuf", 9),
        ("fr", "9 ou neuf", 9),
        ("ur", "10 میں سے دو", 2),
        ("en", "ten", 10),
    ],
)
def test_a_word_that_is_a_number_elsewhere_is_no_fear(
    programme: Programme, language: str, said: str, fear: int | None
) -> None:
    found = match(FEAR, "checkin", said, programme, language)
    assert (None if found is None else found.value) == fear
