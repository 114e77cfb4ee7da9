"""Translators' files, read for service and checked; every fault is shown where it stands."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from escalation.console.extract import console_sources
from flows.authoring import locales
from flows.authoring.catalogues import CONSOLE, DOMAIN
from flows.authoring.content import read_content
from flows.authoring.extract import Source, own_sources, write_template
from flows.authoring.findings import AuthorError, Finding
from flows.authoring.merge import update
from flows.authoring.sources import sources
from flows.text.canonical import canonical

SHIPPED = Path(__file__).parents[2] / "locales"
FLOWS = SHIPPED.parent / "flows"
TOML = (SHIPPED / "languages.toml").read_text(encoding="utf-8")

SAFE = Source("checkin/safe_now", "Are things all right, {name}?", "flows/library/checkin.yaml", 6)
GOOD = Source("checkin/safe_now.good", "All right", "flows/library/checkin.yaml", 7)
BAD = Source("checkin/safe_now.bad", "Not all right", "flows/library/checkin.yaml", 8)
DAYS = Source("plan/days", "{n} day", "flows/library/plan.yaml", 3, plural="{n} days")
QUESTION = (SAFE, GOOD, BAD)

Write = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "languages.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


@pytest.fixture
def translate(folder: Path) -> Write:
    """Writes the PO file of one language: translations of `sources` by id, a list for plural forms."""

    def write(code: str, sources: tuple[Source, ...], texts: dict[str, str | list[str]], mend: str = "") -> Path:
        update(folder, sources, [code])
        path = folder / code / "LC_MESSAGES" / "rowan.po"
        import polib

        catalogue = polib.pofile(str(path), encoding="utf-8", wrapwidth=-1)
        for entry in catalogue:
            text = texts.get(entry.msgctxt, "")
            if isinstance(text, list):
                entry.msgstr_plural = dict(enumerate(text))
            else:
                entry.msgstr = text
            if entry.msgctxt == mend:
                entry.flags.append("fuzzy")
        catalogue.save(str(path))
        return path

    return write


def problems(folder: Path, *sources: Source, names: tuple[str, ...] = ()) -> list[str]:
    return [finding.problem for finding in locales.check(folder, sources, names)]


def test_a_finding_is_a_line_that_an_editor_can_jump_to() -> None:
    assert str(Finding("a.yaml", 3, 5, "This is wrong.", "Mend it.")) == "a.yaml:3:5: This is wrong. Mend it."


# Reading


def test_what_a_translator_saved_is_what_is_said(folder: Path, translate: Write) -> None:
    translate("es", QUESTION, {"checkin/safe_now": "¿Todo bien, {name}?"})
    read = locales.read(folder)
    assert read.text("es", "checkin/safe_now", SAFE.english) == "¿Todo bien, {name}?"
    assert read.text("es", "checkin/safe_now.good", GOOD.english) == "All right"
    assert read.text("ar", "checkin/safe_now", SAFE.english) == SAFE.english
    assert read.languages["ar"].own_name == "العربية"


def test_what_is_in_doubt_or_broken_is_not_said(folder: Path, translate: Write) -> None:
    translate(
        "es", QUESTION, {"checkin/safe_now": "¿Todo bien?", "checkin/safe_now.bad": "Mal"}, mend="checkin/safe_now.bad"
    )
    read = locales.read(folder)
    assert read.text("es", "checkin/safe_now", "EN") == "EN", "its {name} is lost"
    assert read.text("es", "checkin/safe_now.bad", "EN") == "EN", "it is fuzzy"


def test_arabic_says_six_forms(folder: Path, translate: Write) -> None:
    forms = ["لا أيام", "يوم", "يومان", "{n} أيام", "{n} يومًا", "{n} يوم"]
    translate("ar", (DAYS,), {"plan/days": list(forms)})
    read = locales.read(folder)
    assert [read.plural("ar", "plan/days", n, "", "") for n in (0, 1, 2, 3, 11, 100)] == forms


def test_a_plural_that_is_not_whole_is_not_said(folder: Path, translate: Write) -> None:
    translate("ar", (DAYS,), {"plan/days": ["لا أيام", "يوم", "يومان", "{n} أيام", "", "{n} يوم"]})
    assert locales.read(folder).plural("ar", "plan/days", 3, "one", "other") == "other"


def test_the_version_follows_the_words(folder: Path, translate: Write) -> None:
    translate("es", QUESTION, {"checkin/safe_now.good": "Bien"})
    first = locales.read(folder).version("es")
    assert locales.read(folder).version("es") == first
    translate("es", QUESTION, {"checkin/safe_now.good": "Muy bien"})
    assert locales.read(folder).version("es") != first
    english = locales.read(folder).version("en")
    write_template(folder, [SAFE])
    assert locales.read(folder).version("en") != english


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ('direction = "rtl"', 'direction = "up"', r"toml:\d+:1: ar.direction: "),
        ('fallback = ["en"]', 'fallback = ["xx"]', r"toml:27:1: es falls back on xx. Name"),
        ('fallback = ["en"]', 'fallback = ["es"]', r"toml:27:1: es falls back on es. Name"),
        ('own_name = "Cymraeg"', 'ownname = "Cymraeg"', r"toml:\d+:1: cy\.own_?name: "),
        ('plural = "nplurals=2; plural=(n > 1);"', 'plural = "nplurals=1; plural=(n > 1);"', r"fr.plural: .*n = 2"),
        ('plural = "nplurals=2; plural=(n > 1);"', 'plural = "nplurals=2; plural=1/n;"', r"fr.plural: "),
        ('plural = "nplurals=2; plural=(n > 1);"', 'plural = "two"', r"fr.plural: .*no plural rule"),
        ("[es]", "[es", r"toml:23:\d+: Expected"),
        ("[en]", "[eo]", r"toml:1:1: There is no \[en\]"),
    ],
)
def test_faults_of_languages_toml_are_shown_where_they_are(folder: Path, before: str, after: str, where: str) -> None:
    assert before in TOML
    (folder / "languages.toml").write_text(TOML.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(AuthorError, match=where):
        locales.read(folder)
    assert locales.check(folder, QUESTION), "the check says it too, and does not fail"


@pytest.mark.parametrize(
    ("written", "where"),
    [
        (b'msgid "a\n', "rowan.po:1:1: This line is no PO"),
        (b'msgctxt "a"\nmsgid "a"\nmsgstr "1\n', "rowan.po:3:1: This line is no PO"),
        (b'msgctxt "a"\nmsgid "a"\nmsgid "b"\nmsgstr "1"\n', "rowan.po:3:1: This line does not fit"),
        (b'msgid ""\nmsgstr ""\n\nnonsense\n', "rowan.po:4:1: This line is no PO"),
        (b'msgid "\xff"\n', "rowan.po:1:1: This is not UTF-8"),
        (
            b'msgctxt "a"\nmsgid "a"\nmsgstr "1"\n\nmsgctxt "a"\nmsgid "b"\nmsgstr "2"\n',
            "rowan.po:5:1: a is here a second",
        ),
        (b'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=evil(n);"\n', "rowan.po:1:1: .*Plural-Forms"),
    ],
)
def test_a_broken_file_stops_the_reading_and_says_where(folder: Path, written: bytes, where: str) -> None:
    path = folder / "es" / "LC_MESSAGES" / "rowan.po"
    path.parent.mkdir(parents=True)
    path.write_bytes(written)
    with pytest.raises(AuthorError, match=where):
        locales.read(folder)
    assert len(locales.check(folder, ())) == 1


def test_a_file_saved_with_a_byte_order_mark_is_read(folder: Path, translate: Write) -> None:
    path = translate("es", QUESTION, {"checkin/safe_now.good": "Bien"})
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert locales.read(folder).text("es", "checkin/safe_now.good", "") == "Bien"


# Coverage


def test_coverage_counts_what_is_sent_waits_and_lacks(folder: Path, translate: Write) -> None:
    translate("es", QUESTION, {"checkin/safe_now": "¿Bien, {name}?", "checkin/safe_now.good": "Bien"})
    reworded = (Source(SAFE.id, "How are things, {name}?", SAFE.file, 6), GOOD, BAD)
    by_code = {each.language: each for each in locales.status(folder, reworded)}
    assert (by_code["es"].translated, by_code["es"].fuzzy, by_code["es"].missing) == (1, 1, 1)
    assert (by_code["es"].percent, by_code["en"].percent, by_code["cy"].percent) == (33, 100, 0)


# Checking


def test_good_words_pass(folder: Path, translate: Write) -> None:
    texts: dict[str, str | list[str]] = {"checkin/safe_now": "¿Todo bien, {name}?", "checkin/safe_now.good": "Bien"}
    translate("es", QUESTION, texts | {"checkin/safe_now.bad": "Mal"})
    assert locales.check(folder, QUESTION) == ()


def test_a_placeholder_that_nobody_gives(folder: Path, translate: Write) -> None:
    path = translate("es", QUESTION, {"checkin/safe_now": "¿Bien, {nmae}?"})
    (finding,) = locales.check(folder, QUESTION)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[finding.line - 1] == 'msgstr "¿Bien, {nmae}?"'
    assert "lacks {name} and names {nmae}, which nobody gives" in finding.problem


def test_placeholders_of_every_plural_form(folder: Path, translate: Write) -> None:
    translate("es", (DAYS,), {"plan/days": ["un día", "{m} días"]})
    assert problems(folder, DAYS) == ["plan/days (es): '{m} días' names {m}, which nobody gives."]


def test_the_number_of_plural_forms(folder: Path, translate: Write) -> None:
    translate("cy", (DAYS,), {"plan/days": ["dim", "un", "dau", "tri", "", ""]})
    assert problems(folder, DAYS) == ["plan/days (cy): it has 4 plural forms, and Welsh needs 6."]


def test_a_header_with_another_plural_rule(folder: Path, translate: Write) -> None:
    path = translate("ar", (DAYS,), {})
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("n%100>=11 ? 4 : 5", "n%100>=11 ? 5 : 4").replace("Language: ar", "Language: fa"), encoding="utf-8"
    )
    said = problems(folder, DAYS)
    assert said == [
        "Its plural rule is not that of Arabic.",
        "The header says that this is fa, but the folder says ar.",
    ]


def test_too_long_for_its_segments_and_why(folder: Path, translate: Write) -> None:
    tip = Source("cover.recipes/reply.01", "Roast the carrots.", "covers/recipes.yaml", 4, max_length=1)
    translate(
        "es", (tip,), {tip.id: "Asa las zanahorias con un poco de miel y tomillo en el horno, mejor aún así: más."}
    )
    (problem,) = problems(folder, tip)
    assert problem.endswith("it takes 2 SMS segments, and 1 is the most. The letters ú í á leave only 70 to a segment.")


def test_a_question_is_counted_with_its_choices(folder: Path) -> None:
    question = Source("f/q", "a" * 150, "f.yaml", 1, max_length=1)
    assert problems(folder, question) == []
    choice = Source("f/q.one", "The first one", "f.yaml", 2)
    assert problems(folder, question, choice) == ["f/q (en): it takes 2 SMS segments, and 1 is the most."]


def test_other_alphabets_may_have_a_limit_of_their_own(folder: Path, translate: Write) -> None:
    hello = Source("f/hello", "Hello", "f.yaml", 1, max_length=1, max_ucs2=2)
    translate("ar", (hello,), {"f/hello": "م" * 134})
    assert problems(folder, hello) == []
    translate("ar", (hello,), {"f/hello": "م" * 135})
    assert problems(folder, hello)[0].startswith("f/hello (ar): it takes 3 SMS segments, and 2 is the most.")


def test_nothing_is_longer_than_the_provider_takes(folder: Path) -> None:
    assert problems(folder, Source("f/a", "a" * 1601, "f.yaml", 1)) == [
        "f/a (en): it has 1601 letters, and 1600 is the most."
    ]


@pytest.mark.parametrize("word", ["Yes", "STOP", " help ", "Info.", "e-n-d", "Ｑuit"])
def test_no_label_is_a_word_that_carriers_catch(folder: Path, word: str) -> None:
    assert problems(folder, SAFE, Source("checkin/safe_now.a", word, "f.yaml", 2)) == [
        f"checkin/safe_now.a (en): it offers {word!r}, which carriers catch."
    ]


@pytest.mark.parametrize(
    ("text", "caught"), [("Send STOP to end.", "STOP"), ("Send “stop” now", "stop"), ("In the end, stop.", "")]
)
def test_no_text_asks_for_a_word_that_carriers_catch(folder: Path, translate: Write, text: str, caught: str) -> None:
    hello = Source("f/hello", "Hello", "f.yaml", 1)
    translate("es", (hello,), {"f/hello": text})
    assert problems(folder, hello) == ([f"f/hello (es): it offers {caught!r}, which carriers catch."] if caught else [])


def test_carriers_words_may_be_understood(folder: Path) -> None:
    assert problems(folder, Source("words/yes", "yes|y", "m.yaml", 1)) == []


def test_two_choices_with_one_word(folder: Path, translate: Write) -> None:
    translate("es", QUESTION, {"checkin/safe_now.good": "¡Regular!", "checkin/safe_now.bad": "regular"})
    assert problems(folder, *QUESTION) == [
        "checkin/safe_now.bad (es): 'regular' answers both this and checkin/safe_now.good."
    ]


def test_a_choice_that_looks_like_anothers_number(folder: Path) -> None:
    two = Source("f/q.two", "1", "f.yaml", 3)
    assert problems(folder, Source("f/q", "Which?", "f.yaml", 1), Source("f/q.a", "None", "f.yaml", 2), two) == [
        "f/q.two (en): '1' answers both this and f/q.a."
    ]


def test_a_choice_that_would_be_taken_for_skip(folder: Path) -> None:
    skip = Source("words/skip", "skip|pass", "m.yaml", 1)
    choice = Source("f/q.over", "Pass", "f.yaml", 2)
    assert problems(folder, skip, Source("f/q", "Which?", "f.yaml", 1), choice) == [
        "f/q.over (en): it is also a word for skip."
    ]


def test_one_word_in_two_lists(folder: Path, translate: Write) -> None:
    lists = (Source("words/back", "back", "m.yaml", 1), Source("words/menu", "menu", "m.yaml", 2))
    translate("es", lists, {"words/back": "atrás|inicio", "words/menu": "menú|Inicio"})
    assert problems(folder, *lists) == ["words/menu (es): 'inicio' answers both this and words/back."]


def test_an_offered_word_must_be_understood(folder: Path, translate: Write) -> None:
    sources = (Source("words/skip", "skip", "m.yaml", 1), Source("engine/again", 'Again, or "skip".', "m.yaml", 2))
    translate("es", sources, {"words/skip": "saltar", "engine/again": 'Otra vez, o "omitir".'})
    assert problems(folder, *sources) == ["engine/again (es): it offers no word of words/skip."]


@pytest.mark.parametrize(
    ("code", "text", "word"),
    [
        ("es", "Guarda el azúcar en un sitio seguro.", "segur"),
        ("es", "Receta de la Policía local", "polici"),
        ("es", "Receta de Rowan House", "rowan house"),
        ("es", "Llama al 016", "016"),
        ("es", "Stay safe", "safe"),
        ("es", "Más en recetas.example.org", "example.org"),
        ("es", "Más en https://a.b", "https:"),
        ("es", "Llama al 07700 900 123", "07700 900 123"),
        ("ar", "وصفة من الشُّرطة", "شرطه"),
        ("ar", "بأمان", "امان"),
        ("cy", "Rysáit ddiogel", "ddiogel"),
        ("cy", "Gyda'ch phartner", "phartner"),
    ],
)
def test_what_a_cover_may_not_hold(folder: Path, translate: Write, code: str, text: str, word: str) -> None:
    tip = Source("cover.recipes/reply.01", "Roast the carrots.", "covers/recipes.yaml", 4)
    translate(code, (tip,), {tip.id: text})
    (problem,) = problems(folder, tip, names=("Rowan House",))
    found = problem.removeprefix(f"{tip.id} ({code}): a cover may not hold '").removesuffix("'.")
    assert canonical(found).endswith(canonical(word))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ar", "في الثامنة صباحًا، كوبان من الأرز"),
        ("cy", "Torrais y moron yn fân i'r sosban"),
        ("es", "Dos tazas de arroz, 180 grados"),
    ],
)
def test_harmless_words_with_the_same_letters_inside(folder: Path, translate: Write, code: str, text: str) -> None:
    tip = Source("cover.recipes/reply.01", "Roast the carrots.", "covers/recipes.yaml", 4)
    translate(code, (tip,), {tip.id: text})
    assert problems(folder, tip) == []


def test_a_file_that_was_not_updated(folder: Path, translate: Write) -> None:
    translate("es", QUESTION, {})
    assert problems(folder, SAFE, GOOD) == ["This is not up to date with the English."]


# What ships


def test_what_ships_is_read_and_the_engines_own_words_are_good() -> None:
    assert set(locales.read(SHIPPED).languages) == {"en", "es", "pt", "fr", "pl", "ar", "ur", "cy"}
    own = own_sources()
    assert {"words/yes", "words/skip", "engine/again", "engine/holding", "engine/lost_step"} <= {s.id for s in own}
    faults = [f for f in locales.check(SHIPPED, own) if f.file == "flows/text/messages.yaml"]
    assert faults == []


@pytest.mark.parametrize("domain", [DOMAIN, CONSOLE])
def test_what_ships_is_as_update_writes_it(domain: str, tmp_path: Path) -> None:
    """Else a translator's first update changes files in which nobody touched a word."""
    copy = shutil.copytree(SHIPPED, tmp_path / "locales")
    ours = console_sources() if domain == CONSOLE else (*own_sources(), *sources(read_content([FLOWS])))
    assert not write_template(copy, ours, domain)
    assert update(copy, ours, domain=domain) == ()


def test_own_messages_say_where_they_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("a/b:\n  english: Hello\n", encoding="utf-8")
    with pytest.raises(AuthorError, match=r"m.yaml:2:3: `comment`: Field required. An entry"):
        own_sources(tmp_path / "m.yaml")
    (tmp_path / "m.yaml").write_text("- a\n", encoding="utf-8")
    with pytest.raises(AuthorError, match="no table"):
        own_sources(tmp_path / "m.yaml")


def test_a_limit_in_letters_is_refused() -> None:
    with pytest.raises(ValueError, match="counted in segments"):
        Source("a", "Hello", "f.yaml", 1, max_length=160)
