"""A text is said in her language, else in the nearest one that has it, else in English; never not at all."""

from hypothesis import given
from hypothesis import strategies as st

from flows.text.catalogue import Catalogue, Catalogues, Plural
from flows.text.languages import ENGLISH, ENGLISH_RULE, Language, PluralRule

WELSH = PluralRule.parse("nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n==3 ? 3 : n==6 ? 4 : 5);")
CY = Language("cy", "Welsh", "Cymraeg", plural=WELSH)
PT = Language("pt", "Portuguese", "Português")
GL = Language("gl", "Galician", "Galego", fallback=("pt", "en"))
AR = Language("ar", "Arabic", "العربية", direction="rtl")

DAYS = Plural(("dim dydd", "{n} dydd", "dau ddydd", "tri diwrnod", "chwe diwrnod", "{n} diwrnod"), WELSH)


def spoken() -> Catalogues:
    return Catalogues.of(
        [ENGLISH, CY, PT, GL, AR],
        [
            Catalogue.of(CY, {"checkin/safe_now": "Ydych chi'n ddiogel?"}, {"plan/days": DAYS}),
            Catalogue.of(PT, {"a": "pt a", "b": "pt b"}, {}),
            Catalogue.of(GL, {"a": "gl a"}, {}),
        ],
    )


def test_each_language_says_its_own() -> None:
    assert spoken().text("cy", "checkin/safe_now", "Are you safe?") == "Ydych chi'n ddiogel?"


def test_a_missing_text_comes_from_the_fallbacks_in_order() -> None:
    assert spoken().text("gl", "a", "en a") == "gl a"
    assert spoken().text("gl", "b", "en b") == "pt b"
    assert spoken().text("gl", "c", "en c") == "en c"


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_there_is_always_an_answer(language: str, message_id: str, english: str) -> None:
    assert spoken().text(language, message_id, english) in (english, "gl a", "pt a", "pt b", "Ydych chi'n ddiogel?")
    assert spoken().direction(language) in ("ltr", "rtl")


def test_welsh_has_a_form_for_none_one_two_three_six_and_more() -> None:
    said = [spoken().plural("cy", "plan/days", n, "{n} day", "{n} days") for n in (0, 1, 2, 3, 6, 7)]
    assert said == list(DAYS.forms)


def test_a_missing_plural_is_said_in_english() -> None:
    assert [spoken().plural("ar", "plan/days", n, "{n} day", "{n} days") for n in (0, 1, 2)] == [
        "{n} days",
        "{n} day",
        "{n} days",
    ]


def test_the_version_changes_with_any_word_and_with_nothing_else() -> None:
    first, again = spoken(), spoken()
    assert first.version("gl") == again.version("gl") != ""
    changed = Catalogues.of(
        [PT, GL], [Catalogue.of(PT, {"a": "pt a", "b": "pt B"}, {}), Catalogue.of(GL, {"a": "gl a"}, {})]
    )
    assert changed.version("gl") != first.version("gl"), "a fallback's word is a word that is said"
    assert first.version("xx") == ""


def test_a_phone_that_says_mexican_spanish_gets_what_is_nearest() -> None:
    assert spoken().nearest("pt-BR") == "pt"
    assert spoken().nearest("cy_GB") == "cy"
    assert spoken().nearest("zz") == "en"
    assert spoken().nearest("") == "en"


def test_direction_goes_with_the_language() -> None:
    assert (spoken().direction("ar"), spoken().direction("cy"), spoken().direction("zz")) == ("rtl", "ltr", "ltr")


def test_a_plural_rule_can_be_written_in_two_ways() -> None:
    assert PluralRule.parse("nplurals=2; plural=n!=1").agrees(ENGLISH_RULE)
    assert not PluralRule.parse("nplurals=2; plural=n>1;").agrees(ENGLISH_RULE)
